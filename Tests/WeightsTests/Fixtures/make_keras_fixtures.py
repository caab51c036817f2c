#!/usr/bin/env python3
"""Writes keras1.h5, keras2.h5 (in those versions' style, with h5py) and keras3.h5 (by Keras 3 itself).

Run in this folder with KERAS_BACKEND=jax; needs h5py, numpy, keras 3 and jax.
The values of the n-th tensor of a file are 100 n, 100 n + 1, ... in row-major order.
"""
import h5py
import keras
import numpy as np

shapes = {
    "conv1_1": [(3, 3, 2, 4), (4,)], "bn1_1": [(4,)] * 4, "flatten": [], "fc6": [(16, 5), (5,)]}


def tensors():
    index = 0
    for layer, of_layer in shapes.items():
        values = []
        for shape in of_layer:
            values.append((100 * index + np.arange(np.prod(shape))).reshape(shape).astype("<f4"))
            index += 1
        yield layer, values


def write(path, names, variable=False, split=None, rename=lambda layer: layer, version=None):
    kind = (lambda texts: list(texts)) if variable else (lambda texts: [text.encode() for text in texts])
    with h5py.File(path, "w") as file:
        layers = [rename(layer) for layer in shapes]
        if split:
            for number, start in enumerate(range(0, len(layers), split)):
                file.attrs[f"layer_names{number}"] = kind(layers[start:start + split])
        else:
            file.attrs["layer_names"] = kind(layers)
        if version:
            file.attrs["keras_version"] = np.bytes_(version)
            file.attrs["backend"] = np.bytes_("tensorflow")
        for layer, values in tensors():
            group = file.create_group(rename(layer))
            own = names(rename(layer), len(values))
            group.attrs["weight_names"] = kind(own)
            for name, value in zip(own, values):
                group[name] = value


def keras1(layer, count):
    stems = ["gamma", "beta", "running_mean", "running_std"] if count == 4 else ["W_1", "b_1"][:count]
    return [f"{layer}_{stem}:0" for stem in stems]


def keras2(layer, count):
    stems = ["gamma", "beta", "moving_mean", "moving_variance"] if count == 4 else ["kernel", "bias"][:count]
    return [f"{layer}/{stem}:0" for stem in stems]


write("keras1.h5", keras1, variable=True)
write("keras2.h5", keras2, split=3, version="2.4.3", rename=lambda layer: layer.replace("fc6", "top/fc6"))

model = keras.Sequential([
    keras.Input((4, 4, 2)), keras.layers.Conv2D(4, 3, name="conv1_1"),
    keras.layers.BatchNormalization(name="bn1_1"), keras.layers.Flatten(name="flatten"),
    keras.layers.Dense(5, name="fc6")], name="net")
for layer, values in tensors():
    model.get_layer(layer).set_weights(values)
model.save("keras3.h5")
