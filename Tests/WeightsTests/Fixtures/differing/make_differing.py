#!/usr/bin/env python3
"""Writes files that differ from the network they are loaded into in ways that shapes do not show, and differing.json, which
says what each must give.

Run in this folder with KERAS_BACKEND=torch; needs h5py, numpy, torch, safetensors, keras 3, onnx and onnxruntime. Outputs are
those of Keras, onnxruntime and torch.
"""
import json
import logging
import os

logging.disable(logging.WARNING)
os.environ.setdefault("KERAS_BACKEND", "torch")
import h5py
import keras
import numpy as np
import onnx
import onnx.helper as helper
import onnx.numpy_helper as numpy_helper
import onnxruntime
import safetensors.torch
import torch
import torch.nn.functional as functional

L, F = keras.layers, np.float32
random = np.random.default_rng(20261129)
images = random.normal(size=(3, 6, 4, 2)).astype(F)
cases = []


def draw(*shape):
    """Numbers that 16 bits hold."""
    return torch.tensor(random.normal(size=shape) * 0.5).to(torch.bfloat16).to(torch.float32).numpy()


# Ours: a convolution, a residual block of one convolution, the mean of each map, a fully connected layer.
state = {"k0.weight": draw(4, 2, 3, 3), "k0.bias": draw(4), "k1.weight": draw(4, 4, 3, 3), "k1.bias": draw(4),
         "ko.weight": draw(3, 4), "ko.bias": draw(3)}
tensors = {k: torch.tensor(v) for k, v in state.items()}


def layer(kind, name, **settings):
    return dict(kind=kind, name=name, **settings)


def conv(name, **settings):
    return layer("convolution", name, outputs=4, kernel=3, padding=1, **settings)


def network(*middle, first=None):
    return [first or conv("f.k0"), layer("relu", "f.r0"), *middle, layer("global-average-pooling", "h.pool"),
            layer("linear", "h.ko")]


plain = network()
residual = network(layer("residual", "f.res", layers=[conv("k1")]), layer("relu", "f.r1"))
chain = network(conv("f.k1"), layer("relu", "f.r1"))


def case(file, layers=None, outputs=None, refusal=None, says=(), silent=False, rename=None, layout=None):
    """What a file gives: outputs, or the words of its refusal. layers: None for the model in the file. says: parts of the
    table. silent: whether the table has no word on the file's network. layout: the layout that is given by hand."""
    entry = dict(file=file, says=list(says), silent=silent, rename=rename or {})
    for key, value in [("layers", layers), ("refusal", refusal), ("layout", layout)]:
        if value is not None:
            entry[key] = value
    if outputs is not None:
        entry["outputs"] = [round(float(v), 7) for v in np.asarray(outputs).ravel()]
    cases.append(entry)


# --- Keras
def filled(model):
    for own in model._flatten_layers(include_self=False, recursive=True):
        kernel = state.get(own.name + ".weight")
        if kernel is None or not own.weights:
            continue
        kernel = kernel.transpose(2, 3, 1, 0) if kernel.ndim == 4 else kernel.T
        own.set_weights([kernel, state[own.name + ".bias"]])
    return model


def of_keras(model, pick=None):
    outputs = model(images, training=False)
    return keras.ops.convert_to_numpy(outputs if pick is None else outputs[pick])


def convolution(name, **settings):
    return L.Conv2D(4, 3, padding="same", name=name, **settings)


def end(x, name="ko"):
    return L.Dense(3, name=name)(L.GlobalAveragePooling2D()(x))


def joined(join):
    i = L.Input((6, 4, 2))
    a = convolution("k0", activation="relu")(i)
    return filled(keras.Model(i, end(L.ReLU()(join(a, convolution("k1")(a))))))


model = joined(lambda a, b: L.Add()([a, b]))
model.save("sum.keras")
case("sum.keras", residual, of_keras(model), silent=True)
for name, join, words in [
    ("difference", lambda a, b: L.Subtract()([a, b]), "sum here and difference of k0, k1 there"),
    ("product", lambda a, b: L.Multiply()([a, b]), "sum here and product there"),
    ("average", lambda a, b: L.Average()([a, b]), "sum here and average there"),
    ("maximum", lambda a, b: L.Maximum()([a, b]), "sum here and maximum there"),
    ("scaled", lambda a, b: L.Add()([a, b * 0.5]), "after k1 nothing here and Multiply with a constant there"),
]:
    joined(join).save(name + ".keras")
    case(name + ".keras", residual, says=["differs from the network in the file in 1 place", words])

for name, settings, words in [("stride", dict(strides=2), "at k0 stride 1 here and stride 2 there"),
                              ("dilation", dict(dilation_rate=2), "at k0 dilation 1 here and dilation 2 there")]:
    model = filled(keras.Sequential([
        L.Input((6, 4, 2)), L.ZeroPadding2D(1), L.Conv2D(4, 3, activation="relu", name="k0", **settings),
        L.GlobalAveragePooling2D(), L.Dense(3, name="ko")]))
    model.save(name + ".keras")
    case(name + ".keras", plain, says=["in 1 place: " + words])
    case(name + ".keras", network(first=conv("f.k0", **{name: 2})), of_keras(model), silent=True)

i = L.Input((6, 4, 2))
norm = L.BatchNormalization(name="bn")
model = filled(keras.Model(i, end(L.ReLU()(convolution("k1")(L.ReLU()(norm(convolution("k0")(i))))))))
norm.set_weights([draw(4) + 1, draw(4), draw(4), np.array([0.5, 0.25, 2, 1], F)])
model.save("normalized.keras")
case("normalized.keras", chain, says=[
    "in 1 place: after k0 nothing here and batch normalization there", "not in the network: 1 normalization of the file (bn)"])
case("normalized.keras", chain[:1] + [layer("batch-normalization", "f.bn", epsilon=0.001)]
     + chain[1:], of_keras(model), silent=True)

# The model of the file itself.
i = L.Input((6, 4, 2))
a = convolution("k0", activation="relu")(i)
for ending in ["keras", "h5"]:
    filled(keras.Model(i, [end(a, "o1"), end(a, "o2")])).save("two-outputs." + ending)
    case("two-outputs." + ending, refusal=["its model has 2 outputs (o1, o2)"])
b = convolution("k1", activation="relu")(a)
inner = keras.Model(i, [a, b], name="inner")
o = L.Input((6, 4, 2))
for place, name in enumerate(["first", "second"]):
    model = filled(keras.Model(o, end(inner(o)[place])))
    model.save(f"inner-{name}.keras")
    case(f"inner-{name}.keras", refusal=["its model inner has 2 outputs (k0, k1)"])
    case(f"inner-{name}.keras", chain if place else plain, of_keras(model), silent=True)
    # The other one runs another convolution.
    if not place:
        case(f"inner-{name}.keras", chain, says=["differs from the network in the file"])


@keras.saving.register_keras_serializable(package="my", name="Conv2D")
class Conv2D(keras.layers.Conv2D):
    def call(self, x):
        return super().call(x) * 2


for ending in ["keras", "h5"]:
    model = filled(keras.Sequential([
        L.Input((6, 4, 2)), Conv2D(4, 3, padding="same", activation="relu", name="k0"), L.GlobalAveragePooling2D(),
        L.Dense(3, name="ko")]))
    model.save("custom." + ending)
    case("custom." + ending, refusal=["k0 is a my>Conv2D"])
    case("custom." + ending, plain, says=["after k0 relu here and my>Conv2D there"])

model = filled(keras.Sequential([
    L.Input((6, 4, 2)), L.ZeroPadding2D(1), L.ZeroPadding2D(((1, 0), (0, 2))), L.Conv2D(4, 3, activation="relu", name="k0"),
    L.GlobalAveragePooling2D(), L.Dense(3, name="ko")]))
model.save("padded.keras")
case("padded.keras", outputs=of_keras(model), silent=True)


def small(dtype=None):
    return filled(keras.Sequential([
        L.Input((6, 4, 2)), convolution("k0", activation="relu", dtype=dtype), L.GlobalAveragePooling2D(dtype=dtype),
        L.Dense(3, name="ko", dtype=dtype)]))


brief = small("bfloat16")
for ending in ["keras", "h5"]:
    brief.save("bfloat16." + ending)
    # The values are exact in 16 bits, the outputs those of the same network in 32.
    case("bfloat16." + ending, plain, of_keras(small()), silent=True)
brief.save_weights("bfloat16.weights.h5")
case("bfloat16.weights.h5", plain, of_keras(small()), silent=True)
with h5py.File("opaque.h5", "w") as file:
    for key, value in state.items():
        if key == "k0.weight":
            file.create_dataset(key, data=np.zeros(value.shape, "V2"))
        else:
            file[key] = value
case("opaque.h5", plain, refusal=["it holds opaque, expected numbers"])

# --- ONNX
node = helper.make_node


def onnx_file(name, nodes, constants, change=None):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", 1, [None, 2, 6, 4])], [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if change:
        change(model.graph)
        onnx.save(model, name)
        return None
    onnx.save(model, name)
    session = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.ascontiguousarray(images.transpose(0, 3, 1, 2))})[0]


def conv_node(x, y, name, **settings):
    return node("Conv", [x, name + ".weight", name + ".bias"], [y], **({"pads": [1] * 4} | settings))


def top(x, y="y"):
    return [node("GlobalAveragePool", [x], ["p"]), node("Flatten", ["p"], ["q"]),
            node("Gemm", ["q", "ko.weight", "ko.bias"], [y], transB=1)]


begin = [conv_node("x", "a0", "k0"), node("Relu", ["a0"], ["a"])]
short = {k: v for k, v in state.items() if not k.startswith("k1")}
for name, operation, words in [
    ("sum", "Add", None), ("total", "Sum", None), ("difference", "Sub", "sum here and difference of k0, k1 there"),
    ("product", "Mul", "sum here and product there"),
]:
    outputs = onnx_file(name + ".onnx", begin + [conv_node("a", "b", "k1"), node(operation, ["a", "b"], ["c"]),
                                                  node("Relu", ["c"], ["d"])] + top("d"), state)
    if words:
        case(name + ".onnx", residual, says=["in 1 place: after k0 and k1 " + words])
    else:
        case(name + ".onnx", residual, outputs, silent=True)
wide = state | {"ko.weight": draw(3, 8)}
outputs = onnx_file("concatenated.onnx", begin + [conv_node("a", "b", "k1"), node("Concat", ["b", "a"], ["c"], axis=1)]
                    + top("c"), wide)


def concatenation(*branches):
    return network(layer("concatenation", "f.cat", branches=list(branches)))


case("concatenated.onnx", concatenation([conv("k1")], []), outputs, silent=True)
case("concatenated.onnx", concatenation([], [conv("k1")]),
     says=["in 1 place: after k0 and k1 concatenation of k0, k1 here and concatenation of k1, k0 there"])
for name, operation in [("doubled", "Add"), ("doubled-sum", "Sum")]:
    onnx_file(name + ".onnx", begin + top("a", "z") + [node(operation, ["z", "z"], ["y"])], short)
    case(name + ".onnx", plain, says=["in 1 place: after ko nothing here and sum there"])
two, one = np.full((1, 4, 1, 1), 2, F), np.ones(3, F)
for name, nodes, words in [
    ("late", begin + [node("Mul", ["a", "s"], ["b"])] + top("b"), "k0 through Mul"),
    ("late-pooling", begin + [node("MaxPool", ["a"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
                              node("Div", ["m", "s"], ["b"])] + top("b"), "k0 through Div"),
    ("sum-constant", begin + top("a", "z") + [node("Sum", ["z", "t"], ["y"])], "ko through Sum"),
    ("unread-constant", begin + [node("Sqrt", ["s"], ["r"]), node("Mul", ["a", "r"], ["b"])] + top("b"), "k0 through Mul"),
]:
    onnx_file(name + ".onnx", nodes, short | {"s": two, "t": one})
    case(name + ".onnx", plain, refusal=["the network in the file puts the output of " + words + " with a constant"])
outputs = onnx_file("stride.onnx", [conv_node("x", "a0", "k0", strides=[2, 2]), node("Relu", ["a0"], ["a"])] + top("a"), short)
case("stride.onnx", plain, says=["in 1 place: at k0 stride 1 here and stride 2 there"])
case("stride.onnx", network(first=conv("f.k0", stride=2)), outputs, silent=True)
outputs = onnx_file("plain.onnx", begin + top("a"), short)
case("plain.onnx", plain, outputs, silent=True)
onnx_file("initializer-twice.onnx", begin + top("a"), short,
          lambda graph: graph.initializer.append(numpy_helper.from_array(2 * short["ko.weight"], "ko.weight")))
case("initializer-twice.onnx", plain, refusal=["the ONNX graph has two initializers ko.weight"])
onnx_file("value-twice.onnx", begin + top("a"), short, lambda graph: graph.node.insert(1, node("Neg", ["x"], ["a0"])))
case("value-twice.onnx", plain, refusal=["the ONNX graph makes the value a0 twice"])
with open("plain.onnx", "rb") as file:
    content = file.read()
with open("two.onnx", "wb") as file:
    file.write(content + content)
case("two.onnx", plain, refusal=["an ONNX model with 2 graphs"])


# --- torch, NumPy and HDF5
def logits(weights=None, chained=False):
    t = {**tensors, **(weights or {})}
    x = torch.relu(functional.conv2d(torch.tensor(images.transpose(0, 3, 1, 2).copy()), t["k0.weight"], t["k0.bias"], padding=1))
    if chained:
        x = torch.relu(functional.conv2d(x, t["k1.weight"], t["k1.bias"], padding=1))
    return functional.linear(x.mean((2, 3)), t["ko.weight"], t["ko.bias"]).numpy()


brief_state = {k: v for k, v in tensors.items() if not k.startswith("k1")}
for name in ["int8", "uint8", "bool", "int32"]:
    whole = (brief_state["ko.weight"] * 50).to(getattr(torch, name))
    torch.save(brief_state | {"ko.weight": whole, "ko.SCB": torch.ones(3)}, name + ".pt")
    case(name + ".pt", plain, refusal=[f"ko.weight holds whole numbers ({name}), as quantized weights do, beside SCB"])
with h5py.File("int32.h5", "w") as file:
    for key, value in brief_state.items():
        file[key] = value.numpy() if key != "ko.bias" else np.array([1, 2, 3], "i4")
case("int32.h5", plain, refusal=["/ko.bias holds whole numbers (int32), as quantized weights do"])
np.savez("int8.npz", **{k: v.numpy() if k != "ko.weight" else (v.numpy() * 50).astype("i1") for k, v in brief_state.items()})
case("int8.npz", plain, refusal=["ko.weight holds whole numbers (int8)"])
extra = {"ko.lora_A": torch.ones(2, 4), "ko.lora_B": torch.ones(3, 2), "k0.weight_mask": torch.ones(4, 2, 3, 3)}
torch.save(brief_state | extra, "lora.pt")
case("lora.pt", plain, logits(), silent=True, says=[
    "not used of layers that are loaded: k0.weight_mask, ko.lora_A, ko.lora_B; this network computes without them"])
safetensors.torch.save_file(brief_state, "biased.safetensors")
case("biased.safetensors", network(first=conv("f.k0", bias=False)), logits({"k0.bias": torch.zeros(4)}), silent=True,
     says=["not used of layers that are loaded: k0.bias; this network computes without them"])
safetensors.torch.save_file(brief_state | {"ko.weight": torch.zeros(3, 4)}, "zeros.safetensors")
case("zeros.safetensors", plain, logits({"ko.weight": torch.zeros(3, 4)}), silent=True,
     says=["every value of 1 loaded weight is 0 (h.ko.weight): was the file ever filled?"])
safetensors.torch.save_file(
    {**brief_state, "k0.weight": tensors["k0.weight"] * 2, "f.k0.weight": tensors["k0.weight"].clone(), "f.k0.bias": tensors["k0.bias"].clone()},
    "paths.safetensors")
case("paths.safetensors", plain, logits(), silent=True)
case("paths.safetensors", plain, logits({"k0.weight": tensors["k0.weight"] * 2}), silent=True, rename={"k0": "k0"})
case("paths.safetensors", chain, refusal=["k0 and k1 are both to be loaded from k0"], rename={"k0": "k0", "k1": "k0"})
np.savez("column.npz", **{"W1": state["k0.weight"], "b1": state["k0.bias"][:, None], "W2": state["ko.weight"],
                          "b2": state["ko.bias"][:, None]})
case("column.npz", plain, logits(), silent=True)
with h5py.File("unwritten.h5", "w") as file:
    for key, value in brief_state.items():
        if key == "ko.weight":
            file.create_dataset(key, shape=value.shape, dtype="f4")
        else:
            file[key] = value.numpy()
case("unwritten.h5", plain, refusal=["it was created and its values were never written"])
for name, count in [("half", 2), ("chunked", 3)]:
    with h5py.File(name + ".h5", "w") as file:
        for key, value in brief_state.items():
            if key == "ko.weight":
                file.create_dataset(key, shape=value.shape, dtype="f4", chunks=(1, 4), compression="gzip")[:count] = value[:count]
            else:
                file[key] = value.numpy()
case("half.h5", plain, refusal=["only 2 of its 3 chunks were ever written"])
case("chunked.h5", plain, logits(), silent=True)
# Names that a conversion must keep, of tensors that are no layer's usual ones.
torch.save({"normalize.mean": torch.tensor([0.5, 0.25]), "normalize.std": torch.ones(2), "ls.scale": torch.ones(4),
            "ls.gamma": torch.ones(4), "act.weight": torch.ones(4), "logit_scale": torch.tensor(2.0), "weight": torch.ones(3, 4),
            "bias": torch.ones(3), "bn.weight": torch.ones(4), "bn.running_mean": torch.ones(4), "bn.running_var": torch.ones(4)},
           "keys.pt")

# --- Caffe
mean, variance, gamma, beta = draw(4), np.array([0.5, 0.25, 2, 1], F), draw(4) + 1, draw(4)
x = functional.conv2d(torch.tensor(images.transpose(0, 3, 1, 2).copy()), tensors["k0.weight"], tensors["k0.bias"], padding=1)


def caffe_logits(scale, shift):
    y = functional.batch_norm(x, torch.tensor(mean), torch.tensor(variance), torch.tensor(scale), torch.tensor(shift), eps=1e-5)
    return functional.linear(torch.relu(y).mean((2, 3)), tensors["ko.weight"], tensors["ko.bias"]).numpy()


scales = []
for number, (norm, scale) in enumerate([("k0/bn", "k0/scale"), ("k0_bn", "k0_sc"), ("BatchNorm1", "Scale1")]):
    with h5py.File(f"scale{number}.caffemodel.h5", "w") as file:
        for key, blobs in [("k0", [state["k0.weight"], state["k0.bias"]]), (norm, [mean * 2, variance * 2, np.array([2], F)]),
                           (scale, [gamma, beta]), ("ko", [state["ko.weight"], state["ko.bias"]])]:
            for index, blob in enumerate(blobs):
                file[f"data/{key}/{index}"] = blob
    with open(f"scale{number}.prototxt", "w") as file:
        file.write(f"""name: "net"
input: "data" input_shape {{ dim: 1 dim: 2 dim: 6 dim: 4 }}
layer {{ name: "k0" type: "Convolution" bottom: "data" top: "k0" convolution_param {{ num_output: 4 kernel_size: 3 pad: 1 }} }}
layer {{ name: "{norm}" type: "BatchNorm" bottom: "k0" top: "k0" }}
layer {{ name: "{scale}" type: "Scale" bottom: "k0" top: "k0" scale_param {{ bias_term: true }} }}
layer {{ name: "r0" type: "ReLU" bottom: "k0" top: "k0" }}
layer {{ name: "pool" type: "Pooling" bottom: "k0" top: "pool" pooling_param {{ pool: AVE global_pooling: true }} }}
layer {{ name: "ko" type: "InnerProduct" bottom: "pool" top: "ko" inner_product_param {{ num_output: 3 }} }}
""")
    scales.append(dict(file=f"scale{number}", normalization=norm, scale=scale))

with open("differing.json", "w") as file:
    json.dump({"images": {"maps": {"shape": list(images.shape), "values": [float(v) for v in images.ravel()]}}, "cases": cases,
               "scales": scales, "scaled": [float(v) for v in caffe_logits(gamma, beta).ravel()],
               "unscaled": [float(v) for v in caffe_logits(np.ones(4, F), np.zeros(4, F)).ravel()]}, file, indent=0)
