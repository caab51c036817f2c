#!/usr/bin/env python3
"""Writes files whose networks say more than their tensors do, and networks.json, which says what each must give.

Run in this folder with KERAS_BACKEND=torch; needs h5py, numpy, torch, keras 3, onnx and onnxruntime. Outputs are those of
Keras, onnxruntime and torch.
"""
import argparse
import json
import logging
import os
import struct

logging.disable(logging.WARNING)
os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import onnx
import onnx.helper as helper
import onnx.numpy_helper as numpy_helper
import onnxruntime
import torch
import torch.nn.functional as functional

L, F = keras.layers, np.float32
random = np.random.default_rng(20261128)
images = random.normal(size=(3, 6, 4, 2)).astype(F)
cases = []


def draw(*shape, scale=0.5):
    return (random.normal(size=shape) * scale).astype(F)


# Ours: maps [N, H, W, C]; a convolution, pooling, and a square fully connected layer on a map of 3 x 2 x 3.
state = {
    "conv1.weight": draw(3, 2, 3, 3), "conv1.bias": draw(3), "fc1.weight": draw(18, 18), "fc1.bias": draw(18),
    "fc2.weight": draw(3, 18), "fc2.bias": draw(3),
}
bn = {
    "bn1.weight": draw(3) + 1, "bn1.bias": draw(3), "bn1.running_mean": draw(3),
    "bn1.running_var": np.array([0.01, 0.002, 0.3], F),
}


def layers(epsilon=None, bn=False):
    norm = {"kind": "batch-normalization", "name": "bn1"} | ({} if epsilon is None else {"epsilon": epsilon})
    return (
        [{"kind": "convolution", "name": "conv1", "outputs": 3, "kernel": 3, "padding": 1}]
        + ([norm] if bn else [])
        + [{"kind": "relu", "name": "relu1"}, {"kind": "max-pooling", "name": "pool1"}, {"kind": "flatten", "name": "flat"},
           {"kind": "linear", "name": "fc1", "outputs": 18}, {"kind": "relu", "name": "relu2"},
           {"kind": "linear", "name": "fc2"}])


def case(file, outputs=None, refusal=None, says=(), network=None, matching="names", silent=False):
    """What a file gives in a network: outputs, or the words of its refusal; says: parts of the table. silent: whether the
    table has no word on the file's network."""
    entry = dict(file=file, image="maps", matching=matching, rename={}, says=list(says), layers=network or layers(),
                 silent=silent)
    if refusal is not None:
        entry["refusal"] = refusal
    if outputs is not None:
        entry["outputs"] = [round(float(v), 7) for v in np.asarray(outputs).ravel()]
    cases.append(entry)


# --- Keras


def filled(model):
    for layer in model.layers:
        kernel = state.get(layer.name + ".weight")
        if isinstance(layer, L.Conv2D):
            layer.set_weights([kernel.transpose(2, 3, 1, 0), state[layer.name + ".bias"]])
        elif isinstance(layer, L.Dense):
            layer.set_weights([kernel.T, state[layer.name + ".bias"]])
        elif isinstance(layer, L.BatchNormalization):
            layer.set_weights(list(bn.values()))
    return model


def keras_model(*before, norm=None, activation="relu", pool=None, flatten=(), format="channels_last"):
    shape = (6, 4, 2) if format == "channels_last" else (2, 6, 4)
    return filled(keras.Sequential([
        L.Input(shape), *before,
        L.Conv2D(3, 3, padding="same", data_format=format, name="conv1"), *([norm] if norm else []),
        L.Activation(activation), (pool or L.MaxPooling2D)(2, data_format=format), *flatten, L.Flatten(),
        L.Dense(18, activation="relu", name="fc1"), L.Dense(3, name="fc2")]))


def of_keras(model, inputs=images):
    return keras.ops.convert_to_numpy(model(inputs, training=False))


for ending in ["keras", "h5"]:
    model = keras_model(flatten=[L.Permute((3, 1, 2))])
    model.save("permuted." + ending)
    case("permuted." + ending, of_keras(model), silent=True)
    model = keras_model(flatten=[L.Permute((2, 1, 3))])
    model.save("turned." + ending)
    case("turned." + ending, refusal=["permutes the axes of a map before its flattening into fc1", "weights.flattenOrder"])
    model = keras_model(format="channels_first")
    model.save("channels-first." + ending)
    case("channels-first." + ending, of_keras(model, np.ascontiguousarray(images.transpose(0, 3, 1, 2))), silent=True)
    model = keras_model(norm=L.BatchNormalization(name="bn1"))
    model.save("epsilon." + ending)
    case("epsilon." + ending, network=layers(bn=True), refusal=[
        "the epsilon of 1 batch normalization differs: bn1 has 0.001 in the file and 1e-05 in the network",
        "write epsilon: 0.001 at this layer"])
    case("epsilon." + ending, of_keras(model), network=layers(0.001, bn=True), silent=True)
keras_model(L.Rescaling(2.0, -1), activation="tanh", pool=L.AveragePooling2D).save("differing.keras")
case("differing.keras", says=[
    "the network in the file prepares its images (Rescaling (scale 2.0, offset -1.0)); here data.inputNormalization alone does",
    "differs from the network in the file in 1 place: after conv1 relu, max pooling 2 / 2 here and tanh, average pooling 2 / 2 "
    "there"])
inputs = L.Input((6, 4, 2))
maps = L.Flatten()(L.MaxPooling2D(2)(L.Conv2D(3, 3, padding="same", name="a")(inputs)))
joined = L.Add()([L.Dense(18, name="b")(maps), L.Dense(18, name="c")(maps)])
keras.Model(inputs, L.Dense(3, name="d")(joined)).save("branches.keras")
two = layers()
two[-1:-1] = [{"kind": "linear", "name": "fc0", "outputs": 18}]
case("branches.keras", network=two, refusal=["the network in the file has branches, so its layers have no one order"])

# --- ONNX
node = helper.make_node


def onnx_file(name, nodes, constants, shape=(None, 2, 6, 4)):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", 1, list(shape))], [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), name)
    session = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.ascontiguousarray(images.transpose(0, 3, 1, 2))})[0]


def constant(name, values):
    return node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(values, F)))


def convolution(x="x", y="a"):
    return [node("Conv", [x, "conv1.weight", "conv1.bias"], [y], pads=[1] * 4)]


def rest(x="a", relu="Relu", between=(), flat="c"):
    return [node(relu, [x], ["b"]), node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]), *between,
            node("Flatten", [flat], ["f"])]


def linear(y="y"):
    return [node("Gemm", ["f", "fc1.weight", "fc1.bias"], ["g"], transB=1), node("Relu", ["g"], ["h"]),
            node("Gemm", ["h", "fc2.weight", "fc2.bias"], [y], transB=1)]


case("plain.onnx", onnx_file("plain.onnx", convolution() + rest() + linear(), state), silent=True)
for order in [(0, 2, 3, 1), (0, 2, 1, 3), (0, 3, 2, 1), (0, 1, 3, 2)]:
    name = "transposed-%d%d%d%d.onnx" % order
    outputs = onnx_file(
        name, convolution() + rest(between=[node("Transpose", ["c"], ["t"], perm=order)], flat="t") + linear(), state)
    if order == (0, 2, 3, 1):
        case(name, outputs, silent=True)
    else:
        case(name, refusal=["permutes the axes of a map before its flattening into fc1"])
scale = np.full((1, 3, 1, 1), 2, F)
onnx_file("scaled.onnx", convolution(y="a0") + [node("Mul", ["a0", "s"], ["a"])] + rest() + linear(), state | {"s": scale})
onnx_file("scaled-constant.onnx",
          [constant("s", scale)] + convolution(y="a0") + [node("Mul", ["a0", "s"], ["a"])] + rest() + linear(), state)
onnx_file("added.onnx", convolution() + rest() + linear("y0") + [node("Add", ["y0", "s"], ["y"])],
          state | {"s": np.arange(3).astype(F)})
onnx_file("added-constant.onnx",
          [constant("s", [1, 2, 3])] + convolution() + rest() + linear("y0") + [node("Add", ["y0", "s"], ["y"])], state)
for name, what in [("scaled", "conv1 through Mul"), ("added", "fc2 through Add")]:
    for ending in ["", "-constant"]:
        case(name + ending + ".onnx", refusal=["the network in the file puts the output of " + what + " with a constant"])
onnx_file("subtracted.onnx",
          [constant("s", np.full((1, 2, 1, 1), 0.5)), node("Sub", ["x", "s"], ["x1"])] + convolution("x1") + rest() + linear(),
          state)
case("subtracted.onnx", says=["the network in the file prepares its images (Sub with a constant)"])
onnx_file("gathered.onnx", [node("Gather", ["x", "i"], ["x1"], axis=1)] + convolution("x1") + rest() + linear(),
          state | {"i": np.array([1, 0])})
case("gathered.onnx", says=["the network in the file prepares its images (gather)"])
onnx_file("leaky.onnx", convolution() + rest(relu="LeakyRelu") + linear(), state)
case("leaky.onnx", says=["in 1 place: after conv1 relu here and leaky relu there"])
normalization = [node("BatchNormalization", ["a0", *bn], ["a"], epsilon=0.01)]
outputs = onnx_file("epsilon.onnx", convolution(y="a0") + normalization + rest() + linear(), state | bn)
case("epsilon.onnx", network=layers(bn=True), refusal=["bn1 has 0.01 in the file and 1e-05 in the network"])
case("epsilon.onnx", outputs, network=layers(0.01, bn=True), silent=True)

# --- Caffe


def varint(number):
    result = b""
    while True:
        number, low = number >> 7, number & 127
        result += bytes([low | (128 if number else 0)])
        if not number:
            return result


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def blob(values):
    values = np.ascontiguousarray(values, "<f4")
    return field(7, field(7, field(1, b"".join(varint(n) for n in values.shape))) + field(5, values.tobytes()))


def caffe_layer(name, kind, bottom, top, blobs=(), settings=b""):
    return field(100, field(1, name) + field(2, kind) + b"".join(field(3, b) for b in bottom) + field(4, top)
                 + b"".join(blob(b) for b in blobs) + settings)


one = np.array([1], F)
with open("net.caffemodel", "wb") as file:
    file.write(field(1, "net") + b"".join([
        caffe_layer("data", "Data", [], "data", settings=field(100, field(1, 0.5) + field(5, 104.0))),
        caffe_layer("conv1", "Convolution", ["data"], "conv1", [state["conv1.weight"], state["conv1.bias"]], field(106, b"")),
        caffe_layer("bn1", "BatchNorm", ["conv1"], "conv1", [bn["bn1.running_mean"], bn["bn1.running_var"], one],
                    field(139, field(3, 0.01))),
        caffe_layer("scale1", "Scale", ["conv1"], "conv1", [bn["bn1.weight"], bn["bn1.bias"]]),
        caffe_layer("relu1", "ReLU", ["conv1"], "conv1"),
        caffe_layer("pool1", "Pooling", ["conv1"], "pool1", settings=field(121, field(1, 1) + field(2, 2) + field(3, 2))),
        caffe_layer("fc1", "InnerProduct", ["pool1"], "fc1", [state["fc1.weight"].T, state["fc1.bias"]],
                    field(117, field(6, 1))),
        caffe_layer("relu2", "ReLU", ["fc1"], "fc1"),
        caffe_layer("fc2", "InnerProduct", ["fc1"], "fc2", [state["fc2.weight"], state["fc2.bias"]])]))
case("net.caffemodel", network=layers(bn=True), refusal=["bn1 has 0.01 in the file and 1e-05 in the network"])
case("net.caffemodel", network=layers(0.01, bn=True), says=[
    "the network in the file prepares its images (scale 0.5, mean value 104.0)",
    "in 1 place: after bn1 max pooling 2 / 2 here and average pooling 2 / 2 there"])

# --- Arrays and pickles
tensors = {k: torch.tensor(v) for k, v in state.items()}
x = torch.tensor(images.transpose(0, 3, 1, 2))
maps = functional.max_pool2d(functional.relu(functional.conv2d(x, tensors["conv1.weight"], tensors["conv1.bias"], padding=1)), 2)
torch_outputs = functional.linear(
    functional.relu(functional.linear(maps.flatten(1), tensors["fc1.weight"], tensors["fc1.bias"])), tensors["fc2.weight"],
    tensors["fc2.bias"])
np.savez("numbered.npz", **{"b3": state["fc2.bias"], "W3": state["fc2.weight"], "W1": state["conv1.weight"],
                            "b1": state["conv1.bias"], "W2": state["fc1.weight"], "b2": state["fc1.bias"]})
case("numbered.npz", torch_outputs, matching="order", silent=True)
checkpoint = {"model": tensors, "args": argparse.Namespace(rate=0.1, names=["a"]), "epoch": 3}
torch.save(checkpoint, "namespace.pt")
torch.save(checkpoint, "namespace-old.pt", _use_new_zipfile_serialization=False)
for name in ["namespace.pt", "namespace-old.pt"]:
    case(name, torch_outputs, silent=True)

with open("networks.json", "w") as file:
    json.dump({"images": {"maps": {"shape": list(images.shape), "values": [float(v) for v in images.ravel()]}},
               "cases": cases}, file, indent=0)
