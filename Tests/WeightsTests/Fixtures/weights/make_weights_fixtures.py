#!/usr/bin/env python3
"""Writes one small network's weights in every layout, and its outputs, as Keras, torch and ONNX have them.

Run in this folder; needs keras 3 with tensorflow, torch, safetensors, onnx, h5py, numpy.
The network: 3x3 convolution 2 -> 4 (conv1_1), ReLU, 3x3 convolution 4 -> 4 (conv1_2), batch normalisation (norm1_2,
epsilon 0.001), ReLU, 2x2 maximum pooling, flatten 4x3x4, dense 5 (fc6), ReLU, dense 3 (classifier), on maps of 12x10.
All weights are random and have 8 bits, so that every type of number holds them exactly. golden.h5 holds the weights in
Keras's layout, the input `x` [N, H, W, C] and the outputs `keras`, `torch` and `onnx`, made from the files written.
"""
import json
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import h5py
import keras
import numpy as np
import onnx
import onnx.helper as helper
import onnx.numpy_helper as numpy_helper
import torch
from onnx.reference import ReferenceEvaluator
from safetensors.torch import load_file, save_file

random = np.random.default_rng(20250601)


def draw(*shape, scale=1.0, offset=0.0):
    values = torch.tensor(random.normal(size=shape) * scale + offset)
    return values.to(torch.bfloat16).to(torch.float32).numpy()


W = {
    "conv1_1": [draw(3, 3, 2, 4, scale=0.3), draw(4)],
    "conv1_2": [draw(3, 3, 4, 4, scale=0.3), draw(4)],
    "norm1_2": [draw(4, offset=1.0, scale=0.2), draw(4), draw(4), np.abs(draw(4)) + 0.5],
    "fc6": [draw(48, 5, scale=0.3), draw(5)],
    "classifier": [draw(5, 3), draw(3)],
}
W["norm1_2"][3] = torch.tensor(W["norm1_2"][3]).to(torch.bfloat16).to(torch.float32).numpy()
x = draw(3, 12, 10, 2)

# Rows in (y, x, c) order to (c, y, x) order.
rows = np.arange(48).reshape(4, 3, 4).transpose(2, 0, 1).reshape(-1)
oihw = {name: np.ascontiguousarray(W[name][0].transpose(3, 2, 0, 1)) for name in ["conv1_1", "conv1_2"]}
fc6_oi = np.ascontiguousarray(W["fc6"][0][rows].T)


# --- Keras -------------------------------------------------------------------------------------------------------
def layers(prefix=True):
    return [
        keras.layers.Conv2D(4, 3, activation="relu", name="conv1_1"), keras.layers.Conv2D(4, 3, name="conv1_2"),
        keras.layers.BatchNormalization(epsilon=0.001, name="norm1_2"), keras.layers.ReLU(),
        keras.layers.MaxPooling2D(2)]


def top():
    return [keras.layers.Flatten(), keras.layers.Dense(5, activation="relu", name="fc6"),
            keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(3, name="classifier")]


def fill(model, nested=None):
    for name, values in W.items():
        owner = nested if nested is not None and name in [layer.name for layer in nested.layers] else model
        owner.get_layer(name).set_weights(values)


def check(model):
    return model.predict(x, verbose=0)


model = keras.Sequential([keras.Input((12, 10, 2))] + layers() + top())
fill(model)
y_keras = check(model)
model.save("keras3-model.h5")
model.save_weights("keras3.weights.h5")
model.save_weights("keras3-numbered.weights.h5")
with h5py.File("keras3-numbered.weights.h5", "a") as file:  # as versions before names wrote it
    def forget(name, item):
        if "name" in item.attrs:
            del item.attrs["name"]
    file.visititems(forget)

backbone_input = keras.Input((12, 10, 2))
signal = backbone_input
for layer in layers():
    signal = layer(signal)
backbone = keras.Model(backbone_input, signal, name="backbone")
outer = keras.Input((12, 10, 2))
signal = backbone(outer)
for layer in top():
    signal = layer(signal)
nested = keras.Model(outer, signal)
fill(nested, backbone)
assert np.allclose(check(nested), y_keras, atol=1e-5)
nested.save_weights("keras3-nested.weights.h5")

KINDS = {4: ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"], 2: ["kernel:0", "bias:0"]}


def legacy(path, weights, names, attributes, group=""):
    with h5py.File(path, "w") as file:
        root = file.require_group(group) if group else file
        for key, value in attributes.items():
            (file if key == "model_config" else root).attrs[key] = np.bytes_(value)
        root.attrs["layer_names"] = [name.encode() for name in weights]
        for name, values in weights.items():
            own = [f"{name}{text}" for text in names(values, name)]
            child = root.create_group(name)
            child.attrs["weight_names"] = [text.encode() for text in own]
            for text, value in zip(own, values):
                child[text] = value


legacy("keras2.h5", W, lambda values, name: ["/" + kind for kind in KINDS[len(values)]],
       {"backend": "tensorflow", "keras_version": "2.4.3"})
# Keras 2 with channels first: kernels as ever, and rows in (c, y, x) order, for Flatten knew nothing of channels then.
config = {"class_name": "Sequential", "config": [
    {"class_name": "Conv2D", "config": {"name": "conv1_1", "data_format": "channels_first"}},
    {"class_name": "Flatten", "config": {"name": "flatten"}}]}
first = dict(W, fc6=[W["fc6"][0][rows], W["fc6"][1]])
legacy("keras2-channels-first.h5", first, lambda values, name: ["/" + kind for kind in KINDS[len(values)]],
       {"backend": "tensorflow", "keras_version": "2.1.0", "model_config": json.dumps(config)}, "model_weights")
# Later, Flatten itself put channels last.
config["config"][1]["config"]["data_format"] = "channels_first"
legacy("keras2-flatten-last.h5", W, lambda values, name: ["/" + kind for kind in KINDS[len(values)]],
       {"backend": "tensorflow", "keras_version": "2.4.3", "model_config": json.dumps(config)}, "model_weights")
# Theano convolves truly: its kernels are mirrored.
theano = {name: [oihw[name][:, :, ::-1, ::-1], values[1]] if name in oihw else values for name, values in first.items()}
legacy("keras1-theano.h5", theano,
       lambda values, name: ["_gamma", "_beta", "_running_mean", "_running_std"] if len(values) == 4 else ["_W", "_b"],
       {"backend": "theano", "keras_version": "1.2.2"})
with h5py.File("keras0.h5", "w") as file:
    file.attrs["nb_layers"] = 9
    numbers = {"conv1_1": 0, "conv1_2": 2, "norm1_2": 3, "fc6": 6, "classifier": 8}
    for number in range(9):
        group = file.create_group(f"layer_{number}")
        values = next((theano[name] for name, own in numbers.items() if own == number), [])
        group.attrs["nb_params"] = len(values)
        for index, value in enumerate(values):
            group[f"param_{index}"] = value

# --- Caffe -------------------------------------------------------------------------------------------------------
with h5py.File("caffe.caffemodel.h5", "w") as file:
    for name in ["conv1_1", "conv1_2"]:
        file[f"data/{name}/0"], file[f"data/{name}/1"] = oihw[name], W[name][1]
    scale, offset, mean, variance = W["norm1_2"]
    file["data/norm1_2/0"], file["data/norm1_2/1"], file["data/norm1_2/2"] = mean * 2, variance * 2, np.float32([2])
    file["data/norm1_2_scale/0"], file["data/norm1_2_scale/1"] = scale, offset
    file["data/fc6/0"], file["data/fc6/1"] = fc6_oi, W["fc6"][1]
    file["data/classifier/0"] = W["classifier"][0].T.astype(np.float64)
    file["data/classifier/1"] = W["classifier"][1].astype(np.float64)
    file.create_group("data/relu1_1"), file.create_group("diff")
with h5py.File("caffe.solverstate.h5", "w") as file:
    file["iter"], file["current_step"] = np.int32(5000), np.int32(0)
    file["learned_net"] = "net_iter_5000.caffemodel.h5"
    file["history/0"] = oihw["conv1_1"]

# --- torch -------------------------------------------------------------------------------------------------------
nn = torch.nn
features = nn.Sequential(
    nn.Conv2d(2, 4, 3), nn.ReLU(), *[nn.Identity() for _ in range(8)], nn.Conv2d(4, 4, 3),
    nn.BatchNorm2d(4, eps=0.001), nn.ReLU(), nn.MaxPool2d(2))
classifier = nn.Sequential(nn.Linear(48, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 3))
network = nn.Sequential()
network.add_module("features", features), network.add_module("flatten", nn.Flatten())
network.add_module("classifier", classifier)
state = {
    "features.0.weight": oihw["conv1_1"], "features.0.bias": W["conv1_1"][1],
    "features.10.weight": oihw["conv1_2"], "features.10.bias": W["conv1_2"][1],
    "features.11.weight": W["norm1_2"][0], "features.11.bias": W["norm1_2"][1],
    "features.11.running_mean": W["norm1_2"][2], "features.11.running_var": W["norm1_2"][3],
    "features.11.num_batches_tracked": np.array(7),
    "classifier.0.weight": fc6_oi, "classifier.0.bias": W["fc6"][1],
    "classifier.3.weight": np.ascontiguousarray(W["classifier"][0].T), "classifier.3.bias": W["classifier"][1]}
state = {key: torch.tensor(value) for key, value in state.items()}
save_file(state, "torch.safetensors", metadata={"format": "pt"})
for name, kind in [("f64", torch.float64), ("f16", torch.float16), ("bf16", torch.bfloat16)]:
    save_file({k: v.to(kind) if v.is_floating_point() else v for k, v in state.items()}, f"torch-{name}.safetensors")
network.load_state_dict(load_file("torch.safetensors"))
network.eval()
nchw = torch.tensor(x.transpose(0, 3, 1, 2).copy())
y_torch = network(nchw).detach().numpy()
with h5py.File("torch.h5", "w") as file:
    for key, value in state.items():
        file[key] = value.numpy()


# --- ONNX --------------------------------------------------------------------------------------------------------
def tensor(name, value, floats=False):
    if floats:
        return helper.make_tensor(name, onnx.TensorProto.FLOAT, value.shape, value.flatten().tolist())
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


def save(path, nodes, initialisers, outputs="y"):
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 2, 12, 10])],
        [helper.make_tensor_value_info(outputs, onnx.TensorProto.FLOAT, ["N", 3])], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return model


def value(model):
    return ReferenceEvaluator(model).run(None, {"x": nchw.numpy()})[0]


node = helper.make_node
norm = [f"features.11.{kind}" for kind in ["weight", "bias", "running_mean", "running_var"]]
exported = save("torch.onnx", [
    node("Conv", ["x", "features.0.weight", "features.0.bias"], ["a"]), node("Relu", ["a"], ["b"]),
    node("Conv", ["b", "features.10.weight", "features.10.bias"], ["c"]),
    node("BatchNormalization", ["c"] + norm, ["d"], epsilon=0.001), node("Relu", ["d"], ["e"]),
    node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2]), node("Flatten", ["f"], ["g"], axis=1),
    node("Gemm", ["g", "classifier.0.weight", "classifier.0.bias"], ["h"], transB=1), node("Relu", ["h"], ["i"]),
    node("Gemm", ["i", "classifier.3.weight", "classifier.3.bias"], ["y"], transB=1, alpha=1.0)],
    [tensor(key, item.numpy(), floats="classifier.0" in key)
     for key, item in state.items() if "tracked" not in key])
y_onnx = value(exported)

# As tf2onnx writes a Keras model: names of TensorFlow, channels put last before the flattening, MatMul and Add.
name = "functional_1/{}_1/{}/ReadVariableOp:0".format
keras_model = save("keras.onnx", [
    node("Conv", ["x", name("conv1_1", "convolution"), name("conv1_1", "BiasAdd")], ["a"]), node("Relu", ["a"], ["b"]),
    node("Conv", ["b", name("conv1_2", "convolution"), name("conv1_2", "BiasAdd")], ["c"]),
    node("BatchNormalization", ["c"] + [name("norm1_2", str(i)) for i in range(4)], ["d"], epsilon=0.001),
    node("Relu", ["d"], ["e"]), node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2]),
    node("Transpose", ["f"], ["g"], perm=[0, 2, 3, 1]), node("Reshape", ["g", "shape"], ["h"]),
    node("MatMul", ["h", name("fc6", "MatMul")], ["i"]), node("Add", ["i", name("fc6", "Add")], ["j"]),
    node("Relu", ["j"], ["k"]),
    node("MatMul", ["k", name("classifier", "MatMul")], ["l"]),
    node("Add", [name("classifier", "Add"), "l"], ["y"])],
    [tensor(name("conv1_1", "convolution"), oihw["conv1_1"]), tensor(name("conv1_1", "BiasAdd"), W["conv1_1"][1]),
     tensor(name("conv1_2", "convolution"), oihw["conv1_2"]), tensor(name("conv1_2", "BiasAdd"), W["conv1_2"][1]),
     *[tensor(name("norm1_2", str(i)), W["norm1_2"][i]) for i in range(4)], tensor("shape", np.array([-1, 48])),
     tensor(name("fc6", "MatMul"), W["fc6"][0]), tensor(name("fc6", "Add"), W["fc6"][1]),
     tensor(name("classifier", "MatMul"), W["classifier"][0]), tensor(name("classifier", "Add"), W["classifier"][1])])
for item in keras_model.graph.initializer[:1]:
    item.data_location = onnx.TensorProto.EXTERNAL
    entry = item.external_data.add()
    entry.key, entry.value = "location", "/etc/hostname"
    item.ClearField("raw_data")
with open("external.onnx", "wb") as file:
    file.write(keras_model.SerializeToString())

for y in [y_torch, y_onnx, value(onnx.load("keras.onnx"))]:
    assert np.allclose(y, y_keras, rtol=1e-5, atol=1e-4), (y, y_keras)
with h5py.File("golden.h5", "w") as file:
    file["x"], file["keras"], file["torch"], file["onnx"] = x, y_keras, y_torch, y_onnx
    kinds = {4: ["scale", "offset", "mean", "variance"], 2: ["weight", "bias"]}
    for layer, values in W.items():
        for kind, item in zip(kinds[len(values)], values):
            file[f"weights/{layer}.{kind}"] = item
