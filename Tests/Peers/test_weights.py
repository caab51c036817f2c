"""Weights in and out, against the real Keras, torch, safetensors and onnx.

    python3 test_weights.py [--quick]

One small network is made by Keras or torch with random weights, its outputs are recorded, and its file goes through
`bulkhead convert` into every layout; the libraries load the results, and their outputs must be equal within 1e-4. Files
that hold a network (Keras models, ONNX) are converted without being told what is flattened too. The
negative control flattens another map of as many cells: the outputs must differ. Then a VGG16 of full size, 553 MB, made
by Keras (without --quick): the peak memory of loading it must stay under 1.2 times the size of the file, and torch
must give Keras's outputs. A library that is missing is one line; a comparison that fails is exit code 1.
"""

import collections
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
os.environ.update(KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="")

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"
TOLERANCE = 1e-4
failures = []


def missing(name, error):
    print(f"missing: {name} ({error}); what needs it was not run")


try:
    import h5py
    import numpy as np
except ImportError as error:
    missing("h5py and numpy", error)
    sys.exit(0)
try:
    import keras
except ImportError as error:
    missing("keras", error)
    keras = None
try:
    import torch
except ImportError as error:
    missing("torch", error)
    torch = None
try:
    import safetensors.numpy
except ImportError as error:
    missing("safetensors", error)
    safetensors = None
try:
    import onnx
    import onnx.reference
except ImportError as error:
    missing("onnx", error)
    onnx = None

SUFFIXES = {"keras": ".h5", "keras-archive": ".keras", "keras3": ".weights.h5", "caffe": ".caffemodel.h5", "torch": ".h5",
            "safetensors": ".safetensors", "onnx": ".onnx"}


# --- the network in each library -----------------------------------------------------------------------------------
class Net:
    """3x3 convolutions 3-8-8 with normalization, pool, flatten 5x4x8, dense 16, dense 6, on maps of 10x8."""

    shape = (10, 8, 3)
    flatten = "fc6=5x4x8"
    # Keras loads by order, which some files do not tell.
    order = "conv*,norm1_2,fc6,classifier"
    # Another map of as many cells.
    wrong = "fc6=2x5x16"

    @staticmethod
    def keras_model():
        layers = keras.layers
        return keras.Sequential([
            keras.Input(Net.shape), layers.Conv2D(8, 3, padding="same", activation="relu", name="conv1_1"),
            layers.Conv2D(8, 3, padding="same", name="conv1_2"),
            layers.BatchNormalization(epsilon=0.001, name="norm1_2"), layers.ReLU(), layers.MaxPooling2D(2),
            layers.Flatten(), layers.Dense(16, activation="relu", name="fc6"), layers.Dense(6, name="classifier")])

    @staticmethod
    def torch_model():
        nn = torch.nn
        return nn.Sequential(collections.OrderedDict(
            conv1_1=nn.Conv2d(3, 8, 3, padding=1), relu1_1=nn.ReLU(), conv1_2=nn.Conv2d(8, 8, 3, padding=1),
            norm1_2=nn.BatchNorm2d(8, eps=0.001), relu1_2=nn.ReLU(), pool=nn.MaxPool2d(2), flatten=nn.Flatten(),
            fc6=nn.Linear(160, 16), relu6=nn.ReLU(), classifier=nn.Linear(16, 6))).eval()

    @staticmethod
    def onnx_model(state):
        node, float32 = onnx.helper.make_node, onnx.TensorProto.FLOAT
        norm = [f"norm1_2.{kind}" for kind in ["weight", "bias", "running_mean", "running_var"]]
        nodes = [
            node("Conv", ["x", "conv1_1.weight", "conv1_1.bias"], ["a"], pads=[1] * 4), node("Relu", ["a"], ["b"]),
            node("Conv", ["b", "conv1_2.weight", "conv1_2.bias"], ["c"], pads=[1] * 4),
            node("BatchNormalization", ["c"] + norm, ["d"], epsilon=0.001), node("Relu", ["d"], ["e"]),
            node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2]), node("Flatten", ["f"], ["g"]),
            node("Gemm", ["g", "fc6.weight", "fc6.bias"], ["h"], transB=1), node("Relu", ["h"], ["i"]),
            node("Gemm", ["i", "classifier.weight", "classifier.bias"], ["y"], transB=1)]
        graph = onnx.helper.make_graph(
            nodes, "net", [onnx.helper.make_tensor_value_info("x", float32, ["N", 3, 10, 8])],
            [onnx.helper.make_tensor_value_info("y", float32, ["N", 6])],
            [onnx.numpy_helper.from_array(value, key) for key, value in state.items()])
        return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)


def channels_first(x):
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def state_of(model):
    return {key: value.numpy() for key, value in model.state_dict().items() if "tracked" not in key}


# --- sources: a library makes a file and outputs ---------------------------------------------------------------------
def keras_source(layout, path, x):
    model = Net.keras_model()
    random = np.random.default_rng(7)
    model.set_weights([0.5 + random.random(w.shape).astype("f") if w.ndim == 1 and w.shape == (8,)
                       else 0.2 * random.normal(size=w.shape).astype("f") for w in model.get_weights()])
    (model.save_weights if layout == "keras3" else model.save)(path)
    return model.predict(x, verbose=0)


def torch_source(layout, path, x):
    torch.manual_seed(7)
    model = Net.torch_model()
    model.norm1_2.running_mean.normal_(), model.norm1_2.running_var.uniform_(0.5, 2)
    state = state_of(model)
    if layout == "torch":
        with h5py.File(path, "w") as file:
            for key, value in state.items():
                file[key] = value
    elif layout == "safetensors":
        safetensors.numpy.save_file(state, path)
    else:
        exported = Net.onnx_model(state)
        onnx.save(exported, path)
        return onnx.reference.ReferenceEvaluator(exported).run(None, {"x": channels_first(x)})[0]
    return model(torch.tensor(channels_first(x))).detach().numpy()


# --- targets: a library loads a file and gives outputs -----------------------------------------------------------------
def keras_target(layout, path, x, model=None):
    model = model or Net.keras_model()
    model.load_weights(path)
    return model.predict(x, verbose=0)


def torch_target(layout, path, x, model=None):
    model = model or Net.torch_model()
    if layout == "safetensors":
        state = safetensors.numpy.load_file(path)
    elif layout == "torch":
        with h5py.File(path) as file:
            state = {key: value[()] for key, value in file.items()}
    else:
        state = caffe_state(path)
    model.load_state_dict({key: torch.tensor(value) for key, value in state.items()}, strict=True)
    return model(torch.tensor(channels_first(x))).detach().numpy()


def caffe_state(path):
    """Caffe is in no registry: its blobs are what torch's tensors are, but for normalization in two layers."""
    state = {}
    with h5py.File(path) as file:
        for name, layer in file["data"].items():
            blobs = [layer[str(index)][()] for index in range(len(layer))]
            kinds = ["weight", "bias"]
            if len(blobs) == 3:
                blobs, kinds = [blobs[0] / blobs[2], blobs[1] / blobs[2]], ["running_mean", "running_var"]
            for kind, blob in zip(kinds, blobs):
                state[f"{name.removesuffix('_scale')}.{kind}"] = blob
    return state


SOURCES = {"keras": (keras_source, ["keras"]), "keras-archive": (keras_source, ["keras"]),
           "keras3": (keras_source, ["keras"]), "torch": (torch_source, ["torch"]),
           "safetensors": (torch_source, ["torch", "safetensors"]), "onnx": (torch_source, ["torch", "onnx"])}
TARGETS = {"keras": (keras_target, ["keras"]), "keras3": (keras_target, ["keras"]), "torch": (torch_target, ["torch"]),
           "safetensors": (torch_target, ["torch", "safetensors"]), "caffe": (torch_target, ["torch"])}


# --- the comparisons ---------------------------------------------------------------------------------------------------
def has(libraries):
    return all(globals()[library] is not None for library in libraries)


# A process begins with the peak memory of the one that it was forked from, so a small one must stand between.
MEASURE = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL); " \
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024); sys.exit(code)"


def measured(*arguments):
    """Runs bulkhead; returns its peak memory in bytes and its seconds."""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-S", "-c", MEASURE, BULKHEAD, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return int(done.stdout), time.monotonic() - started


def convert(source, target, layout, *options):
    return measured("convert", source, target, "--overwrite", "--layout", layout, *options)


def distance(a, b):
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b))) if a.shape == b.shape else float("inf")


def expect(condition, what):
    print(("ok    " if condition else "FAIL  ") + what)
    if not condition:
        failures.append(what)


def compare_layouts(folder):
    x = np.random.default_rng(1).normal(size=(4, *Net.shape)).astype("f")
    for first, (make, libraries) in SOURCES.items():
        if not has(libraries):
            continue
        source = folder / ("source-" + first + SUFFIXES[first])
        outputs = make(first, str(source), x)
        for second, (load, libraries) in TARGETS.items():
            if not has(libraries):
                continue
            target = folder / (f"{first}-{second}" + SUFFIXES[second])
            convert(source, target, second, "--flatten", Net.flatten, "--order", Net.order)
            d = distance(load(second, str(target), x), outputs)
            expect(d <= TOLERANCE, f"{first} to {second}: outputs differ by {d:.1e}")
            if first in ["keras", "keras-archive", "onnx"]:
                convert(source, target, second)
                d = distance(load(second, str(target), x), outputs)
                expect(d <= TOLERANCE, f"{first} to {second} by the network in the file: outputs differ by {d:.1e}")
            if first.startswith("keras") != second.startswith("keras"):
                convert(source, target, second, "--flatten", Net.wrong, "--order", Net.order)
                d = distance(load(second, str(target), x), outputs)
                expect(d > 0.01, f"{first} to {second}, wrong flatten order: outputs differ by {d:.1e}")


def vgg16_torch():
    nn, layers, inputs = torch.nn, collections.OrderedDict(), 3
    for block, (width, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for index in range(1, count + 1):
            layers[f"block{block}_conv{index}"] = nn.Conv2d(inputs, width, 3, padding=1)
            layers[f"block{block}_relu{index}"] = nn.ReLU()
            inputs = width
        layers[f"block{block}_pool"] = nn.MaxPool2d(2)
    layers.update(flatten=nn.Flatten(), fc1=nn.Linear(25088, 4096), relu6=nn.ReLU(), fc2=nn.Linear(4096, 4096),
                  relu7=nn.ReLU(), predictions=nn.Linear(4096, 1000), softmax=nn.Softmax(dim=1))
    return nn.Sequential(layers).eval()


def compare_vgg16(folder):
    keras.utils.set_random_seed(3)
    model = keras.applications.VGG16(weights=None)
    # Outputs of first weights are all but uniform; larger ones tell more.
    model.get_layer("predictions").set_weights(
        [w * 300 for w in model.get_layer("predictions").get_weights()])
    x = np.random.default_rng(2).normal(size=(1, 224, 224, 3)).astype("f") * 50
    outputs = model.predict(x, verbose=0)
    files = {"keras": folder / "vgg16.h5", "keras3": folder / "vgg16.weights.h5"}
    model.save(str(files["keras"]))
    files["safetensors"] = folder / "vgg16.safetensors"
    back = folder / "back.h5"
    steps = [("keras", "keras3"), ("keras", "safetensors"), ("safetensors", "keras")]
    for first, second in steps:
        source, target = files[first], back if first == "safetensors" else files[second]
        memory, seconds = convert(source, target, second, "--flatten", "fc1=7x7x512", "--order", "block*,fc1,fc2,predictions")
        size = source.stat().st_size
        line = (f"VGG16, {first} to {second}: {size / 1e6:.0f} MB in {seconds:.1f} s, "
                f"peak memory {memory / 1e6:.0f} MB, {memory / size:.2f} of the file")
        expect(memory < 1.2 * size, line)
    train_vgg16(folder, files["keras"])
    for name in ["keras3", None]:
        path = files[name] if name else back
        again = keras.applications.VGG16(weights=None)
        d = distance(keras_target(name, str(path), x, again), outputs)
        expect(d <= TOLERANCE, f"VGG16 in Keras from {path.name}: outputs differ by {d:.1e}")
        del again
    if has(["torch", "safetensors"]):
        d = distance(torch_target("safetensors", str(files["safetensors"]), x, vgg16_torch()), outputs)
        expect(d <= TOLERANCE, f"VGG16 in torch from {files['safetensors'].name}: outputs differ by {d:.1e}")


def train_vgg16(folder, weights):
    """A run that loads the file with its 1000 classes, makes a step of one bias and saves: what is trained is kept again
    for momentum and for saves, which is no part of loading."""
    random = np.random.default_rng(4)
    rows = [",".join(map(str, [*random.integers(0, 256, 1024), index % 2])) for index in range(6)]
    (folder / "pictures.csv").write_text("\n".join(rows))
    measured("prepare", "csv", folder / "pictures.csv", "--label", "last", "--classes", ",".join(map(str, range(1000))),
             "--test", "20%", "--validation", "20%", "--channels", "3", "--output", folder / "pictures.h5")
    (folder / "train.yaml").write_text(
        f"network: {{preset: vgg16}}\nweights: {{from: {weights}, use: continuation}}\n"
        f"data: {{path: {folder / 'pictures.h5'}, inputNormalization: caffe}}\n"
        'freeze: ["*.weight", "features.*", head.fc1.*, head.fc2.*]\nepochs: 1\n')
    size = weights.stat().st_size
    for what in [["inspect", weights], ["train", folder / "train.yaml", "--run", folder / "run"]]:
        memory, seconds = measured(*what)
        expect(memory < 1.2 * size, f"VGG16, {what[0]}: {seconds:.1f} s, peak memory {memory / 1e6:.0f} MB, "
               f"{memory / size:.2f} of the file")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="peers-", dir=ROOT / ".build"))
    try:
        compare_layouts(folder)
        if keras and "--quick" not in sys.argv:
            compare_vgg16(folder)
    finally:
        shutil.rmtree(folder)
    if failures:
        sys.exit(f"{len(failures)} comparisons failed")


main()
