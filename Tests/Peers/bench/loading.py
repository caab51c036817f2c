"""Reading VGG16's 553 MB from a file in Keras's legacy layout.

    python loading.py --peer make FILE      writes the file with random weights, if it is not there
    python loading.py --peer keras FILE     times Keras's load_weights into a model that is built already
    python loading.py --peer bytes FILE     times reading the bytes into one buffer, over and over

What Keras takes to build its model and to draw weights that are then replaced is not counted; ours counts.
"""

import sys

import measure

file = sys.argv.pop()
options = measure.arguments(peer="keras")

import os
import time

LAYERS = [
    *((f"block{block}_conv{index}", (3, 3, inputs if index == 1 else outputs, outputs))
      for block, inputs, outputs, count in [(1, 3, 64, 2), (2, 64, 128, 2), (3, 128, 256, 3), (4, 256, 512, 3),
                                            (5, 512, 512, 3)] for index in range(1, count + 1)),
    ("fc1", (25088, 4096)), ("fc2", (4096, 4096)), ("predictions", (4096, 1000))]


def make():
    import h5py
    import numpy as np
    random = np.random.default_rng(0)
    with h5py.File(file + ".partial", "w") as target:
        # Layers without weights are listed as Keras lists them.
        names = ["input_1"]
        for name, _ in LAYERS:
            if name == "fc1":
                names.append("flatten")
            names.append(name)
            if name in ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"):
                names.append(name[:6] + "_pool")
        target.attrs["layer_names"] = [name.encode() for name in names]
        target.attrs["backend"], target.attrs["keras_version"] = b"tensorflow", b"2.15.0"
        shapes = dict(LAYERS)
        for name in names:
            group = target.create_group(name)
            parts = [f"{name}/kernel:0", f"{name}/bias:0"] if name in shapes else []
            group.attrs["weight_names"] = [part.encode() for part in parts]
            for part, shape in zip(parts, [shapes.get(name), shapes.get(name, ())[-1:]]):
                values = random.standard_normal(shape, dtype=np.float32)
                group[part] = values * np.float32(0.01)
    os.rename(file + ".partial", file)
    measure.report([0], "h5py " + h5py.__version__)


def by_keras():
    import keras
    model = keras.applications.VGG16(weights=None)
    start = time.perf_counter()
    model.load_weights(file)
    milliseconds = [(time.perf_counter() - start) * 1000]
    last = model.get_layer("predictions").kernel.numpy()
    assert 0.009 < last.std() < 0.011, "the model does not have the file's weights"
    measure.report(milliseconds, f"keras {keras.__version__}")


def by_bytes():
    buffer = memoryview(bytearray(1 << 20))
    start = time.perf_counter()
    with open(file, "rb", buffering=0) as source:
        while source.readinto(buffer):
            pass
    measure.report([(time.perf_counter() - start) * 1000], "read(2), 1 MiB at a time")


if options.peer != "make" or not os.path.exists(file):
    {"make": make, "keras": by_keras, "bytes": by_bytes}[options.peer]()
