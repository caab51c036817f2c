#!/usr/bin/env python3
"""Writes the files of this folder and matrix.json, which says what each must give.

Run in this folder with KERAS_BACKEND=torch; needs h5py, numpy, torch, keras 3, safetensors, onnx and onnxruntime.
Outputs are those of the library that made a file (Keras's predict, torch, onnxruntime), or for Caffe's files those of the
forward pass in numpy below. Networks have fewer than 500 numbers.
"""
import io
import json
import logging
import os
import pathlib
import struct
import zipfile

logging.disable(logging.WARNING)
os.environ.setdefault("KERAS_BACKEND", "torch")
import h5py
import keras
import numpy as np
import onnx
import onnx.helper as helper
import onnx.numpy_helper as numpy_helper
import onnxruntime
import torch
from safetensors.numpy import save_file

L, nn = keras.layers, torch.nn
F = np.float32
cases = []
random = np.random.default_rng(20260214)
images = {"flat": random.normal(size=(3, 4, 4, 1)).astype(F), "maps": random.normal(size=(3, 10, 8, 2)).astype(F)}


def draw(*shape):
    """Numbers that 16 bits hold."""
    values = torch.tensor(random.normal(size=shape) * 0.5)
    return values.to(torch.bfloat16).to(torch.float32).numpy()


# --- the networks, in Bulkhead's words ------------------------------------------------------------------------------
def layer(kind, name, **settings):
    return dict(kind=kind, name=name, **settings)


def chain(names):
    """fc1 16-6, fc2 6-6, fc3 6-3 on images of 4 x 4, under the names given."""
    sizes = [6, 6, 3]
    layers = [layer("flatten", "head.flat")]
    for index, (name, size) in enumerate(zip(names, sizes)):
        layers.append(layer("linear", "head." + name, outputs=size))
        if index < 2:
            layers.append(layer("relu", f"head.relu{index}"))
    return layers


def maps(names, top=("fc6", "out")):
    """Two 3 x 3 convolutions 2-4-4 with normalization, pooling 2, flatten 3 x 2 x 4, 5, 3 on images of 10 x 8."""
    first, second, norm = names
    return [
        layer("convolution", "features." + first, outputs=4, kernel=3), layer("relu", "features.r1"),
        layer("convolution", "features." + second, outputs=4, kernel=3),
        layer("batch-normalization", "features." + norm, epsilon=0.001), layer("relu", "features.r2"),
        layer("max-pooling", "features.pool"), layer("flatten", "head.flatten"),
        layer("linear", "head." + top[0], outputs=5), layer("relu", "head.r3"),
        layer("linear", "head." + top[1], outputs=3)]


def case(file, network=None, outputs=None, image="maps", matching="names", refusal=None, rename=None, says=(),
         model=None, maps=None):
    """What a file gives: outputs, or the words of its refusal.

    network: layers, or None for the model that the file `model` holds. matching: names, order or shapes. says: parts of
    the table. maps: what the file says of flattened maps, as {layer: [height, width, channels]}.
    """
    entry = dict(file=file, image=image, matching=matching, rename=rename or {}, says=list(says))
    if network is not None:
        entry["layers"] = network
    if model is not None:
        entry["model"] = model
    if maps is not None:
        entry["maps"] = maps
    if refusal is not None:
        entry["refusal"] = refusal
    else:
        entry["outputs"] = [float(value) for value in np.asarray(outputs, F).reshape(-1)]
    cases.append(entry)


# --- Keras ---------------------------------------------------------------------------------------------------------
def fill(model):
    """Random weights; normalizations get variances above 0."""
    def visit(layers):
        for own in layers:
            if hasattr(own, "layers"):
                visit(own.layers)
            elif isinstance(own, L.BatchNormalization):
                for variable in own.weights:
                    value = draw(*variable.shape)
                    variable.assign(np.abs(value) + 0.5 if "variance" in variable.path or "gamma" in variable.path else value)
            elif own.weights:
                own.set_weights([draw(*w.shape) for w in own.get_weights()])
    visit(model.layers)
    return model


def save(model, stem, kinds=("h5", "keras", "weights.h5")):
    names = []
    for kind in kinds:
        names.append(f"{stem}.{kind}")
        if kind == "weights.h5":
            model.save_weights(names[-1])
        else:
            model.save(names[-1])
    return names


def predict(model, image):
    return model.predict(images[image], verbose=0)


def functional(inputs, layers, name):
    signal = start = keras.Input(inputs)
    for own in layers:
        signal = own(signal)
    return keras.Model(start, signal, name=name)


def sequential_chain(names):
    return fill(keras.Sequential(
        [keras.Input((4, 4, 1)), L.Flatten()] + [
            L.Dense(size, activation=None if size == 3 else "relu", name=name)
            for size, name in zip([6, 6, 3], names)], name="net"))


model = sequential_chain(["fc1", "fc2", "fc3"])
for file in save(model, "k-names"):
    case(file, chain(["fc1", "fc2", "fc3"]), predict(model, "flat"), "flat")
# Other names: layer_names and the model's own list are an order, which the network is in too.
model = sequential_chain(["zebra", "yak", "ape"])
for file in save(model, "k-order"):
    case(file, chain(["fc1", "fc2", "fc3"]), predict(model, "flat"), "flat", matching="order",
         says=["matched by the order of layers"])
case("k-order.keras", model="k-order.keras", outputs=predict(model, "flat"), image="flat")


def convolutions():
    return [L.Conv2D(4, 3, activation="relu", name="conv1"), L.Conv2D(4, 3, name="conv2"),
            L.BatchNormalization(epsilon=0.001, name="norm"), L.ReLU(name="r2"), L.MaxPooling2D(2, name="pool")]


def top():
    return [L.Flatten(name="flatten"), L.Dense(5, activation="relu", name="fc6"), L.Dense(3, name="out")]


flattened = {"fc6": [3, 2, 4]}
model = fill(keras.Sequential([keras.Input((10, 8, 2))] + convolutions() + top(), name="net"))
for file in save(model, "k-maps"):
    case(file, maps(["conv1", "conv2", "norm"]), predict(model, "maps"),
         maps=None if file.endswith("weights.h5") else flattened)
case("k-maps.h5", model="k-maps.h5", outputs=predict(model, "maps"))
case("k-maps.keras", model="k-maps.keras", outputs=predict(model, "maps"))

# A model within the model: full paths are the names, the last part will do.
model = fill(functional((10, 8, 2), [functional((10, 8, 2), convolutions(), "backbone")] + top(), "net"))
for file in save(model, "k-nested"):
    case(file, maps(["conv1", "conv2", "norm"]), predict(model, "maps"),
         maps=None if file.endswith("weights.h5") else flattened)
    case(file, maps(["backbone.conv1", "backbone.conv2", "backbone.norm"]), predict(model, "maps"),
         says=["backbone/conv2.weight"])
case("k-nested.keras", model="k-nested.keras", outputs=predict(model, "maps"))
case("k-nested.h5", model="k-nested.h5", outputs=predict(model, "maps"))


def tower(name, size, end, activation="relu"):
    return keras.Sequential([keras.Input((size,)), L.Dense(6, activation="relu", name="dense"),
                             L.Dense(end, activation=activation, name="dense_1")], name=name)


def towers(kind):
    model = keras.Sequential([keras.Input((4, 4, 1)), L.Flatten(name="flat"), tower("tower_a", 16, 6),
                              tower("tower_b", 6, 3, None)], name="net")
    return fill(model)


# Two models with layers of equal names, one after the other.
model = towers("sequential")
network = [layer("flatten", "head.flat"), layer("linear", "head.tower_a.dense", outputs=6), layer("relu", "head.r1"),
           layer("linear", "head.tower_a.dense_1", outputs=6), layer("relu", "head.r2"),
           layer("linear", "head.tower_b.dense_0", outputs=6), layer("relu", "head.r3"),
           layer("linear", "head.tower_b.dense_2", outputs=3)]
rename = {"dense": "tower_a/dense", "dense_1": "tower_a/dense_1", "dense_0": "tower_b/dense", "dense_2": "tower_b/dense_1"}
for file in save(model, "k-towers"):
    case(file, network, predict(model, "flat"), "flat", rename=rename)
    # Two layers of the network against four in the file.
    short = [layer("flatten", "head.flat"), layer("linear", "head.a", outputs=6), layer("relu", "head.r1"),
             layer("linear", "head.b", outputs=3)]
    case(file, short, image="flat", refusal=["the file has 4 linear layers and the network 2"])
    # No names, and two layers of one shape in no certain order.
    four = [dict(own, name=own["name"].split(".")[0] + ".x" + str(index)) for index, own in enumerate(network)]
    if file.endswith("weights.h5"):
        case(file, four, image="flat",
             refusal=["x3, x5 of shape [6, 6] may be tower_a/dense_1 or tower_b/dense", "    x3: tower_a/dense_1"])
    else:
        case(file, four, predict(model, "flat"), "flat", matching="order")

# Three levels, and one layer of each kind in a model.
inner = functional((8, 6, 4), [L.BatchNormalization(epsilon=0.001, name="norm"), L.ReLU(name="r2")], "inner")
middle = functional((10, 8, 2), [L.Conv2D(4, 3, name="conv"), inner], "middle")
model = fill(functional(
    (10, 8, 2), [middle, L.MaxPooling2D(2, name="pool"), L.Flatten(name="flatten"), L.Dense(3, name="out")], "net"))
network = [layer("convolution", "features.middle.conv", outputs=4, kernel=3),
           layer("batch-normalization", "features.middle.inner.norm", epsilon=0.001), layer("relu", "features.r2"),
           layer("max-pooling", "features.pool"), layer("flatten", "head.flatten"),
           layer("linear", "head.out", outputs=3)]
for file in save(model, "k-levels"):
    case(file, network, predict(model, "maps"))
case("k-levels.keras", model="k-levels.keras", outputs=predict(model, "maps"))

# A frozen layer goes behind the trained ones of its model in a legacy file: names are right, the order is not.
own = [L.Dense(6, activation="relu", name="a"), L.Dense(6, activation="relu", name="b"), L.Dense(6, activation="relu", name="c")]
own[1].trainable = False
model = fill(functional((4, 4, 1), [L.Flatten(name="flat"), functional((16,), own, "tower"), L.Dense(3, name="d")], "net"))
network = [layer("flatten", "head.flat")]
for index, name in enumerate("abcd"):
    network += [layer("linear", f"head.{name}", outputs=3 if name == "d" else 6)]
    network += [layer("relu", f"head.r{index}")] if name != "d" else []
other = [dict(own, name=own["name"].replace("head.", "head.x") if own["kind"] == "linear" else own["name"]) for own in network]
save(model, "k-frozen", ["h5"])
# The model in the file tells the order; without it, names alone do.
case("k-frozen.h5", network, predict(model, "flat"), "flat")
case("k-frozen.h5", other, predict(model, "flat"), "flat", matching="order")
with h5py.File("k-frozen.h5") as whole, h5py.File("k-frozen-weights.h5", "w") as file:
    for name in whole["model_weights"]:
        whole.copy(f"model_weights/{name}", file)
    for name, value in whole["model_weights"].attrs.items():
        file.attrs[name] = value
case("k-frozen-weights.h5", network, predict(model, "flat"), "flat")
case("k-frozen-weights.h5", other, image="flat", refusal=["may be", "keeps no order of layers", "rename:"])

# Normalization without gamma or beta.
for stem, settings, says in [
        ("k-no-gamma", dict(scale=False), ["the file has no scale (gamma) for features.norm: 1"]),
        ("k-no-beta", dict(center=False), ["the file has no offset (beta) for features.norm: 0"]),
        ("k-neither", dict(scale=False, center=False), ["no scale (gamma)", "no offset (beta)"])]:
    layers = convolutions()
    layers[2] = L.BatchNormalization(epsilon=0.001, name="norm", **settings)
    model = fill(keras.Sequential([keras.Input((10, 8, 2))] + layers + top(), name="net"))
    for file in save(model, stem, ["h5", "keras", "weights.h5"]):
        if file.endswith("weights.h5") and stem != "k-neither":
            case(file, maps(["conv1", "conv2", "norm"]), refusal=["norm.gamma-or-beta"])
        else:
            case(file, maps(["conv1", "conv2", "norm"]), predict(model, "maps"), says=says)
            if not file.endswith("weights.h5"):
                case(file, model=file, outputs=predict(model, "maps"), says=says)

# As Keras 2.13 wrote archives: containers of another name, and no names of layers in the weights.
model = fill(functional((10, 8, 2), [functional((10, 8, 2), convolutions(), "backbone")] + top(), "net"))
model.save("k-2.13.keras")
with zipfile.ZipFile("k-2.13.keras") as archive:
    members = {name: archive.read(name) for name in archive.namelist()}
old, new = h5py.File(io.BytesIO(members["model.weights.h5"])), io.BytesIO()
with h5py.File(new, "w") as file:
    def copy(name, item):
        if isinstance(item, h5py.Dataset):
            file[name.replace("layers/", "_layer_checkpoint_dependencies/")] = item[()]
    old.visititems(copy)
members["model.weights.h5"] = new.getvalue()
with zipfile.ZipFile("k-2.13.keras", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, data in members.items():
        archive.writestr(name, data)
case("k-2.13.keras", maps(["backbone.conv1", "backbone.conv2", "backbone.norm"]), predict(model, "maps"), maps=flattened)
case("k-2.13.keras", model="k-2.13.keras", outputs=predict(model, "maps"))


# --- torch -----------------------------------------------------------------------------------------------------------
def torch_run(network, image):
    with torch.no_grad():
        return network.eval()(torch.tensor(np.ascontiguousarray(images[image].transpose(0, 3, 1, 2)))).numpy()


def named(**modules):
    network = nn.Sequential()
    for name, module in modules.items():
        network.add_module(name, module)
    for parameter in network.parameters():
        parameter.data = torch.tensor(draw(*parameter.shape))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.tensor(draw(*module.running_mean.shape))
            variance = torch.tensor(np.abs(draw(*module.running_var.shape)) + F(0.5))
            module.running_var = variance.to(torch.bfloat16).to(torch.float32)
    return network


def state(network):
    return {key: value.numpy() for key, value in network.state_dict().items()}


def torch_files(stem, network):
    save_file(state(network), stem + ".safetensors")
    with h5py.File(stem + ".h5", "w") as file:
        for key, value in state(network).items():
            file[key] = value
    return [stem + ".safetensors", stem + ".h5"]


# The alphabet puts three before two, which have one shape.
network = named(flat=nn.Flatten(), one=nn.Linear(16, 6), r1=nn.ReLU(), two=nn.Linear(6, 6), r2=nn.ReLU(),
                three=nn.Linear(6, 6), r3=nn.ReLU(), four=nn.Linear(6, 3))
four = [layer("flatten", "head.flat")]
for index, size in enumerate([6, 6, 6, 3], 1):
    four += [layer("linear", f"head.fc{index}", outputs=size)] + ([layer("relu", f"head.r{index}")] if index < 4 else [])
words = ["fc2, fc3 of shape [6, 6] may be three or two", "the file keeps no order of layers", "    fc1: one\n",
         "    fc2: three  # or two"]
rename = {"fc1": "one", "fc2": "two", "fc3": "three", "fc4": "four"}
for file in torch_files("t-trap", network):
    case(file, four, image="flat", refusal=words)
    case(file, four, torch_run(network, "flat"), "flat", rename=rename)
    # Those that shapes decide need no line.
    case(file, four, torch_run(network, "flat"), "flat", matching="shapes", rename={"fc2": "two", "fc3": "three"},
         says=["matched by shapes"])
with h5py.File("t-trap.caffemodel.h5", "w") as file:
    for name in ["one", "two", "three", "four"]:
        for index, kind in enumerate(["weight", "bias"]):
            file[f"data/{name}/{index}"] = state(network)[f"{name}.{kind}"]
case("t-trap.caffemodel.h5", four, image="flat", refusal=words)
case("t-trap.caffemodel.h5", four, torch_run(network, "flat"), "flat", rename=rename)
# Numbers of a container are names too.
network = nn.Sequential(*named(a=nn.Flatten(), b=nn.Linear(16, 6), c=nn.ReLU(), d=nn.Linear(6, 6), e=nn.ReLU(),
                               f=nn.Linear(6, 6), g=nn.ReLU(), h=nn.Linear(6, 3)))
save_file(state(network), "t-numbers.safetensors")
case("t-numbers.safetensors", four, image="flat", refusal=['    fc2: "3"  # or 5'])
case("t-numbers.safetensors", four, torch_run(network, "flat"), "flat",
     rename={"fc1": "1", "fc2": "3", "fc3": "5", "fc4": "7"})
network = named(x=nn.Flatten(), zz=nn.Linear(16, 6), r1=nn.ReLU(), aa=nn.Linear(6, 5), r2=nn.ReLU(), mm=nn.Linear(5, 3))
three = [layer("flatten", "head.flat"), layer("linear", "head.a", outputs=6), layer("relu", "head.r1"),
         layer("linear", "head.b", outputs=5), layer("relu", "head.r2"), layer("linear", "head.c", outputs=3)]
for file in torch_files("t-shapes", network):
    case(file, three, torch_run(network, "flat"), "flat", matching="shapes", says=["matched by shapes"])


def torch_maps(**settings):
    return named(conv1=nn.Conv2d(2, 4, 3), r1=nn.ReLU(), conv2=nn.Conv2d(4, 4, 3),
                 norm=nn.BatchNorm2d(4, eps=0.001, **settings), r2=nn.ReLU(), pool=nn.MaxPool2d(2),
                 flatten=nn.Flatten(), fc6=nn.Linear(24, 5), r3=nn.ReLU(), out=nn.Linear(5, 3))


network = torch_maps(affine=False)
for file in torch_files("t-not-affine", network):
    case(file, maps(["conv1", "conv2", "norm"]), torch_run(network, "maps"),
         says=["no scale (gamma) for features.norm: 1", "no offset (beta) for features.norm: 0",
               "not used: 1 counters of batches"])


# --- ONNX ------------------------------------------------------------------------------------------------------------
reference = torch_maps()
S = state(reference)
y_maps = torch_run(reference, "maps")
node = helper.make_node
T = onnx.TensorProto


def tensor(name, value, kind=None, packed=False):
    if kind is None:
        return numpy_helper.from_array(np.asarray(value, order="C"), name)
    bits = torch.tensor(value).to(torch.float16 if kind == T.FLOAT16 else torch.bfloat16).view(torch.int16).numpy()
    bits = bits.astype(np.uint16)
    proto = T(name=name, data_type=kind, dims=value.shape)
    if packed:
        proto.int32_data.extend(int(bit) for bit in bits.reshape(-1))
    else:
        proto.raw_data = bits.tobytes()
    return proto


def run_onnx(model, image="maps", name="x", channels_last=False):
    x = images[image] if channels_last else np.ascontiguousarray(images[image].transpose(0, 3, 1, 2))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {name: x})[0]


def onnx_file(file, nodes, initializers, network=None, shape=("N", 2, 10, 8), run=True, says=(), maps=None, refusal=None,
              matching="names", outputs=None, channels_last=False):
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", T.FLOAT, shape)],
        [helper.make_tensor_value_info("y", T.FLOAT, ["N", 3])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, file)
    if run:
        outputs = run_onnx(model, channels_last=channels_last)
    case(file, network or maps_network, outputs, says=says, maps=maps, refusal=refusal, matching=matching)


maps_network = maps(["conv1", "conv2", "norm"])
NORM = [f"norm.{kind}" for kind in ["weight", "bias", "running_mean", "running_var"]]


def nodes(conv1=None, conv2=None, fc6=None, out=None, flatten=None, extra=()):
    """The graph of torch_maps; each layer may be made by other nodes."""
    return list(extra) + (conv1 or [node("Conv", ["x", "conv1.weight", "conv1.bias"], ["a"])]) + [node("Relu", ["a"], ["b"])] \
        + (conv2 or [node("Conv", ["b", "conv2.weight", "conv2.bias"], ["c"])]) \
        + [node("BatchNormalization", ["c"] + NORM, ["d"], epsilon=0.001), node("Relu", ["d"], ["e"]),
           node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2])] \
        + (flatten or [node("Flatten", ["f"], ["g"])]) \
        + (fc6 or [node("Gemm", ["g", "fc6.weight", "fc6.bias"], ["h"], transB=1)]) + [node("Relu", ["h"], ["i"])] \
        + (out or [node("Gemm", ["i", "out.weight", "out.bias"], ["y"], transB=1)])


def weights(**changed):
    values = {key: value for key, value in S.items() if "tracked" not in key}
    values.update(changed)
    return [value if isinstance(value, T) else tensor(key, value) for key, value in values.items() if value is not None]


flattened_onnx = {"fc6": [3, 2, 4]}
onnx_file("o-plain.onnx", nodes(), weights(), maps=flattened_onnx)
for kind, word in [(T.FLOAT16, "float16"), (T.BFLOAT16, "bfloat16")]:
    for packed in [False, True]:
        # onnxruntime has no such convolutions: a Cast makes them float, the numbers fit into 16 bits.
        half = {f"{key}.weight": tensor(f"{key}.weight", S[f"{key}.weight"], kind, packed)
                for key in ["conv1", "conv2", "fc6", "out"]}
        casts = [node("Cast", [key], [key + ".float"], to=T.FLOAT) for key in half]
        onnx_file(
            f"o-{word}{'-packed' if packed else ''}.onnx",
            nodes(conv1=[node("Conv", ["x", "conv1.weight.float", "conv1.bias"], ["a"])],
                  conv2=[node("Conv", ["b", "conv2.weight.float", "conv2.bias"], ["c"])],
                  fc6=[node("Gemm", ["g", "fc6.weight.float", "fc6.bias"], ["h"], transB=1)],
                  out=[node("Gemm", ["i", "out.weight.float", "out.bias"], ["y"], transB=1)], extra=casts),
            weights(**half), maps=flattened_onnx)
# All of it in half precision, as a converter writes it: the values are torch's.
onnx_file("o-half.onnx", nodes(), [tensor(key, value, T.FLOAT16, packed=True) for key, value in S.items() if "tracked" not in key],
          run=False, outputs=y_maps)
onnx_file("o-gemm.onnx", nodes(
    fc6=[node("Gemm", ["g", "fc6.weight", "fc6.bias"], ["h"], transB=1, alpha=0.5, beta=2.0)],
    out=[node("Gemm", ["i", "out.weight", "out.bias"], ["y"], transB=0)]),
    weights(**{"out.weight": S["out.weight"].T, "out.bias": S["out.bias"].reshape(1, 3)}), maps=flattened_onnx)
onnx_file("o-gemm-transA.onnx", nodes(fc6=[
    node("Transpose", ["g"], ["g2"], perm=[1, 0]), node("Gemm", ["g2", "fc6.weight", "fc6.bias"], ["h"], transA=1, transB=1)]),
    weights(), maps=flattened_onnx)
onnx_file("o-gemm-columns.onnx", nodes(fc6=[
    node("Transpose", ["g"], ["g2"], perm=[1, 0]), node("MatMul", ["fc6.weight", "g2"], ["g3"]),
    node("Transpose", ["g3"], ["h"], perm=[1, 0])]), weights(), run=False, refusal=["has its weight before its features"])
onnx_file("o-matmul.onnx", nodes(
    fc6=[node("MatMul", ["g", "fc6.weight"], ["h0"], name="fc6"), node("Add", ["h0", "fc6.bias"], ["h"])],
    out=[node("MatMul", ["i", "out.weight"], ["y0"]), node("Add", ["out.bias", "y0"], ["y"])]),
    weights(**{"fc6.weight": S["fc6.weight"].T, "out.weight": S["out.weight"].T,
               "fc6.bias": S["fc6.bias"].reshape(1, 5), "out.bias": S["out.bias"].reshape(1, 3)}), maps=flattened_onnx)
hwio = {f"{key}.weight": S[f"{key}.weight"].transpose(2, 3, 1, 0) for key in ["conv1", "conv2"]}
onnx_file("o-transpose.onnx", nodes(
    conv1=[node("Conv", ["x", "w1", "conv1.bias"], ["a"])], conv2=[node("Conv", ["b", "w2", "conv2.bias"], ["c"])],
    fc6=[node("MatMul", ["g", "w3"], ["h0"]), node("Add", ["h0", "fc6.bias"], ["h"])],
    extra=[node("Transpose", ["conv1.weight"], ["w1"], perm=[3, 2, 0, 1]),
           node("Transpose", ["conv2.weight"], ["w2"], perm=[0, 3, 1, 2]),
           node("Transpose", ["fc6.weight"], ["w3"])]),
    weights(**{"conv1.weight": hwio["conv1.weight"], "conv2.weight": S["conv2.weight"].transpose(0, 2, 3, 1)}),
    maps=flattened_onnx)
onnx_file("o-constant.onnx", nodes(
    conv1=[node("Constant", [], ["w1"], name="conv1", value=tensor("", S["conv1.weight"])),
           node("Constant", [], ["b1"], value_floats=[float(v) for v in S["conv1.bias"]]),
           node("Conv", ["x", "w1", "b1"], ["a"], name="conv1")],
    out=[node("Constant", [], ["w4"], value=tensor("", S["out.weight"])), node("Identity", ["out.bias"], ["b4"]),
         node("Identity", ["b4"], ["b5"]), node("Gemm", ["i", "w4", "b5"], ["y"], name="out", transB=1)]),
    weights(**{"conv1.weight": None, "conv1.bias": None, "out.weight": None}), maps=flattened_onnx)
onnx_file("o-reshape.onnx", nodes(
    conv1=[node("Conv", ["x", "w1"], ["a0"]), node("Add", ["a0", "b1"], ["a"])],
    fc6=[node("Gemm", ["g", "w3", "b3"], ["h"], transB=1)],
    extra=[node("Reshape", ["conv1.weight", "s1"], ["w1"]), node("Unsqueeze", ["conv1.bias", "s2"], ["b1"]),
           node("Squeeze", ["fc6.weight", "s3"], ["w3"]), node("Flatten", ["fc6.bias"], ["b3"], axis=0)]),
    weights(**{"conv1.weight": S["conv1.weight"].reshape(4, 18), "fc6.weight": S["fc6.weight"].reshape(5, 24, 1, 1),
               "s1": np.array([0, 2, 3, -1]), "s2": np.array([0, 2, 3]), "s3": np.array([2, 3])}),
    maps=flattened_onnx)
# As tf2onnx writes a Keras model: images with channels last, maps turned before they are flattened.
rows = np.arange(24).reshape(3, 2, 4).transpose(2, 0, 1).reshape(-1)
hwc = np.empty_like(S["fc6.weight"].T)
hwc[np.arange(24).reshape(4, 3, 2).transpose(1, 2, 0).reshape(-1).argsort()] = S["fc6.weight"].T
onnx_file("o-channels-last.onnx", nodes(
    conv1=[node("Transpose", ["x"], ["x0"], perm=[0, 3, 1, 2]), node("Conv", ["x0", "conv1.weight", "conv1.bias"], ["a"])],
    flatten=[node("Transpose", ["f"], ["f2"], perm=[0, 2, 3, 1]), node("Reshape", ["f2", "shape"], ["g"])],
    fc6=[node("MatMul", ["g", "fc6.weight"], ["h0"]), node("Add", ["h0", "fc6.bias"], ["h"])]),
    weights(**{"fc6.weight": hwc, "shape": np.array([-1, 24])}), shape=("N", 10, 8, 2), channels_last=True,
    maps=flattened_onnx)
# As torch writes view(x.size(0), -1).
onnx_file("o-view.onnx", nodes(flatten=[
    node("Shape", ["f"], ["s"]), node("Gather", ["s", "zero"], ["n"], axis=0), node("Unsqueeze", ["n", "zero1"], ["n1"]),
    node("Concat", ["n1", "minus"], ["to"], axis=0), node("Reshape", ["f", "to"], ["g"])]),
    weights(zero=np.array(0), zero1=np.array([0]), minus=np.array([-1])), maps=flattened_onnx)
quantized = nodes(fc6=[node("DequantizeLinear", ["fc6.quantized", "fc6.scale"], ["w3"]),
                       node("Gemm", ["g", "w3", "fc6.bias"], ["h"], transB=1)])
onnx_file("o-quantized.onnx", quantized, weights(**{
    "fc6.weight": None, "fc6.quantized": np.zeros((5, 24), np.int8), "fc6.scale": np.array(0.1, F)}), run=False,
    refusal=["gets w3 from a DequantizeLinear"])
external = weights()
external[0].ClearField("raw_data")
external[0].data_location = T.EXTERNAL
external[0].external_data.add(key="location", value="weights.bin")
graph = helper.make_graph(nodes(), "net", [helper.make_tensor_value_info("x", T.FLOAT, ["N", 2, 10, 8])],
                          [helper.make_tensor_value_info("y", T.FLOAT, ["N", 3])], external)
pathlib.Path("o-external.onnx").write_bytes(helper.make_model(graph).SerializeToString())
case("o-external.onnx", maps_network, refusal=["the values of conv1.weight are in weights.bin"])
# Other names: the graph has an order.
other = [onnx.NodeProto.FromString(own.SerializeToString()) for own in nodes()]
for own in other:
    for index, name in enumerate(own.input):
        if name.split(".")[0] in ["conv1", "conv2", "fc6", "out", "norm"]:
            own.input[index] = "z" + name
onnx_file("o-order.onnx", other, [tensor("z" + key, value) for key, value in S.items() if "tracked" not in key],
          matching="order", maps={"zfc6": [3, 2, 4]})


# --- Caffe -----------------------------------------------------------------------------------------------------------
def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def blob(value, form="shape"):
    """A BlobProto (src/caffe/proto/caffe.proto)."""
    value = np.asarray(value, F)
    if form.startswith("legacy"):
        out = b"".join(field(i + 1, e) for i, e in enumerate([1] * (4 - value.ndim) + list(value.shape)))
    else:
        out = field(7, field(1, b"".join(varint(extent) for extent in value.shape)))
    if form == "double":
        return out + field(8, value.astype(np.float64).tobytes())
    if form == "half":
        return out + field(10, 2) + field(12, value.astype(np.float16).tobytes())
    if form == "legacy-single":
        return out + b"".join(varint(5 << 3 | 5) + struct.pack("<f", v) for v in value.reshape(-1))
    return out + field(5, value.tobytes())


OLD = {"Data": 5, "Convolution": 4, "InnerProduct": 14, "Pooling": 17, "ReLU": 18, "Softmax": 20}


def caffemodel(file, layers, form="shape", old=False):
    out = field(1, "net")
    for name, kind, bottoms, tops, blobs in layers:
        own = [blob(value, form) for value in blobs]
        if old:
            text = b"".join(field(2, b) for b in bottoms) + b"".join(field(3, t) for t in tops) + field(4, name)
            out += field(2, text + field(5, OLD[kind]) + b"".join(field(6, b) for b in own))
        else:
            text = field(1, name) + field(2, kind) + b"".join(field(3, b) for b in bottoms)
            out += field(100, text + b"".join(field(4, t) for t in tops) + b"".join(field(7, b) for b in own))
    pathlib.Path(file).write_bytes(out)


def convolve(x, weight, bias, pad=0):
    """x [N, C, H, W], weight [out, in, kh, kw]."""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, weight) + bias[:, None, None]


def pool(x):
    """Caffe's max pooling of 2 by 2: extents are even here."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def relu(x):
    return np.maximum(x, 0)


C = {"conv1": [draw(4, 2, 3, 3), draw(4)], "conv2": [draw(4, 4, 3, 3), draw(4)], "fc6": [draw(5, 24), draw(5)],
     "out": [draw(3, 5), draw(3)]}
factor = F(4)
bn = [draw(4), np.abs(draw(4)) + F(0.5)]
gamma, beta = draw(4) + F(1), draw(4)
nchw = images["maps"].transpose(0, 3, 1, 2)


def normalize(x, scaled=True):
    x = (x - bn[0][:, None, None]) / np.sqrt(bn[1][:, None, None] + F(0.001))
    return gamma[:, None, None] * x + beta[:, None, None] if scaled else x


def caffe_outputs(normalization):
    x = relu(convolve(nchw, *C["conv1"]))
    x = convolve(x, *C["conv2"])
    x = pool(relu(normalization(x)))
    x = relu(x.reshape(len(x), -1) @ C["fc6"][0].T + C["fc6"][1])
    return x @ C["out"][0].T + C["out"][1]


def caffe_layers(norm=True, scaled=True):
    middle = [("norm", "BatchNorm", ["conv2"], ["conv2"], [bn[0] * factor, bn[1] * factor, [factor]])] if norm else []
    middle += [("norm_factors", "Scale", ["conv2"], ["conv2"], [gamma, beta])] if norm and scaled else []
    return [("conv1", "Convolution", ["data"], ["conv1"], C["conv1"]), ("relu1", "ReLU", ["conv1"], ["conv1"], []),
            ("conv2", "Convolution", ["conv1"], ["conv2"], C["conv2"])] + middle + [
            ("relu2", "ReLU", ["conv2"], ["conv2"], []), ("pool", "Pooling", ["conv2"], ["pool"], []),
            ("fc6", "InnerProduct", ["pool"], ["fc6"], C["fc6"]), ("relu3", "ReLU", ["fc6"], ["fc6"], []),
            ("out", "InnerProduct", ["fc6"], ["out"], C["out"]), ("prob", "Softmax", ["out"], ["prob"], [])]


def prototxt(file, layers, old=False, padding=0):
    settings = {
        "Convolution": "convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: \"xavier\" } }",
        "BatchNorm": "batch_norm_param { use_global_stats: true eps: 0.001 }", "Scale": "scale_param { bias_term: true }",
        "Pooling": "pooling_param { pool: MAX kernel_size: 2 stride: 2 }", "ReLU": "", "Softmax": ""}
    text = "name: \"net\"  # of these tests\ninput: \"data\"\n"
    text += "input_dim: 1\ninput_dim: 2\ninput_dim: 10\ninput_dim: 8\n" if old \
        else "input_shape { dim: 1 dim: 2 dim: 10 dim: 8 }\n"
    words = {"Convolution": "CONVOLUTION", "InnerProduct": "INNER_PRODUCT", "Pooling": "POOLING", "ReLU": "RELU",
             "Softmax": "SOFTMAX"}
    for name, kind, bottoms, tops, blobs in layers:
        own = f"inner_product_param {{ num_output: {len(blobs[1])} }}" if kind == "InnerProduct" else settings[kind]
        names = " ".join([f"bottom: '{b}'" for b in bottoms] + [f"top: \"{t}\"" for t in tops])
        text += (f"layers {{ name: \"{name}\" type: {words[kind]} {names} {own} }}\n" if old else
                 f"layer {{\n  name: \"{name}\"\n  type: \"{kind}\"\n  {names}\n  {own}\n}}\n")
    pathlib.Path(file).write_text(text)


plain = [own for own in maps_network if own["kind"] != "batch-normalization"]
y_norm, y_bare = caffe_outputs(normalize), caffe_outputs(lambda x: normalize(x, False))
y_none = caffe_outputs(lambda x: x)
prototxt("c-norm.prototxt", caffe_layers())
prototxt("c-bare.prototxt", caffe_layers(scaled=False))
prototxt("c-old.prototxt", caffe_layers(norm=False), old=True)
for form in ["shape", "legacy", "double", "half", "legacy-single"]:
    # Numbers of half precision alone are right in it.
    layers = caffe_layers(norm=form != "half")
    caffemodel(f"c-{form}.caffemodel", layers, form)
    network, model, y = (plain, "c-old.prototxt", y_none) if form == "half" else (maps_network, "c-norm.prototxt", y_norm)
    case(f"c-{form}.caffemodel", network, y)
    case(f"c-{form}.caffemodel", model=model, outputs=y)
caffemodel("c-old.caffemodel", caffe_layers(norm=False), "legacy", old=True)
case("c-old.caffemodel", plain, y_none)
case("c-old.caffemodel", model="c-old.prototxt", outputs=y_none)
caffemodel("c-bare.caffemodel", caffe_layers(scaled=False))
case("c-bare.caffemodel", model="c-bare.prototxt", outputs=y_bare, says=["no scale (gamma) for features.norm: 1"])
# Other names: the layers of a binary model have an order.
other = [dict(own, name=own["name"].replace(".", ".z")) for own in maps_network]
case("c-shape.caffemodel", other, y_norm, matching="order")

pathlib.Path("matrix.json").write_text(json.dumps(dict(
    images={name: dict(shape=list(x.shape), values=[float(v) for v in x.reshape(-1)]) for name, x in images.items()},
    cases=cases), indent=0) + "\n")
files = sorted({own["file"] for own in cases})
print(f"{len(files)} files, {len(cases)} cases, {sum(pathlib.Path(f).stat().st_size for f in os.listdir()) / 1e3:.0f} kB")
