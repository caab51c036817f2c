#!/usr/bin/env python3
"""Writes the network of ../weights in the files that torch.save, pickle and NumPy make.

Run in this folder; needs torch, numpy, safetensors. All hold the weights of ../weights/torch.safetensors, whose values have
8 bits, so that every type of number holds them exactly; arrays in Keras's order hold those of ../weights/golden.h5. Each
file is read back by torch or pickle and compared before it counts.
"""
import collections
import pickle
import warnings
import zipfile

import numpy as np
import torch
from safetensors.torch import load_file

import python2

warnings.filterwarnings("ignore")
torch.manual_seed(0)
state = load_file("../weights/torch.safetensors")
# The order of the module's definition, which safetensors do not keep.
state = collections.OrderedDict(
    (key, state[key]) for key in sorted(state, key=lambda key: (key[0] == "c", int(key.split(".")[1]), key)))


def check(path, part=None, prefix=""):
    loaded = torch.load(path, weights_only=False)
    for key in part.split(".") if part else []:
        loaded = loaded[key]
    for key, value in state.items():
        assert torch.equal(loaded[prefix + key].to(value.dtype), value), (path, key)


def save(path, value, part=None, prefix="", **options):
    torch.save(value, path, **options)
    check(path, part, prefix)


old = {"_use_new_zipfile_serialization": False}
save("zip.pt", state)
save("protocol4.pt", state, pickle_protocol=4)
save("legacy.pt", state, **old)
for name, kind in [("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)]:
    typed = {key: value.to(kind) if value.is_floating_point() else value for key, value in state.items()}
    save(f"{name}.pt", typed)
    save(f"{name}-legacy.pt", typed, **old)

torch.serialization.set_crc32_options(False)
save("unchecked.pt", state)
torch.serialization.set_crc32_options(True)

# Views: transposed linear layers, kernels with channels last, biases one after another in one storage.
views = collections.OrderedDict(state)
flat = torch.cat([value.float() for key, value in state.items() if key.endswith("bias")])
place = 0
for key, value in state.items():
    if value.dim() == 2:
        views[key] = value.t().contiguous().t()
    elif value.dim() == 4:
        views[key] = value.contiguous(memory_format=torch.channels_last)
    elif key.endswith("bias"):
        views[key] = flat[place:place + len(value)]
        place += len(value)
assert not views["classifier.0.weight"].is_contiguous() and views["classifier.3.bias"].storage_offset() > 0
save("views.pt", views)
save("views-legacy.pt", views, **old)
# The same storage under two names, as tied weights have it.
save("tied.pt", collections.OrderedDict(state, **{"tied.weight": state["classifier.0.weight"]}))

for prefix in ["module.", "_orig_mod.", "module._orig_mod."]:
    save(f"prefix-{prefix.strip('.').replace('.', '-')}.pt", {prefix + key: value for key, value in state.items()},
         prefix=prefix)

nn = torch.nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.ReLU(), *[nn.Identity() for _ in range(8)], nn.Conv2d(4, 4, 3),
            nn.BatchNorm2d(4, eps=0.001), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Linear(48, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 3))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


network = Net()
network.load_state_dict(state)
optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [10, 20])
network(torch.randn(2, 2, 12, 10)).sum().backward()
optimizer.step()
network.load_state_dict(state)
checkpoint = {
    "epoch": 3, "arch": "net", "state_dict": network.state_dict(), "best_acc1": torch.tensor(61.5),
    "optimizer": optimizer.state_dict(), "scheduler": schedule.state_dict()}
save("checkpoint.pt", checkpoint, "state_dict")
save("checkpoint-legacy.pt", checkpoint, "state_dict", **old)
save("lightning.pt", {"state_dict": state, "hparams": {"lr": 0.1, "layers": [1, 2]}, "callbacks": {}}, "state_dict")
save("ema.pt", {"model": state, "ema": {key: value * 2 for key, value in state.items()}, "step": 9}, "model")
save("nested.pt", {"run": {"net": state}, "names": ["a", "b"]}, "run.net")
parameters = collections.OrderedDict(network.named_parameters())
parameters.update(network.named_buffers())
assert isinstance(parameters["features.0.weight"], nn.Parameter)
save("parameters.pt", parameters)
integers = collections.OrderedDict(state, **{
    "positions.ids": torch.arange(7), "positions.mask": torch.tensor([True, False]),
    "positions.small": torch.tensor([-3, 4], dtype=torch.int8)})
save("integers.pt", integers)

# Packed with deflate, and with the bytes of a big-endian machine.
with zipfile.ZipFile("zip.pt") as source:
    root = source.namelist()[0].split("/")[0]
    with zipfile.ZipFile("deflated.pt", "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with zipfile.ZipFile("big-endian.pt", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in name:
                size = 8 if len(data) == 8 else 4
                data = np.frombuffer(data, f"<u{size}").byteswap().tobytes()
            target.writestr(name, data)
check("deflated.pt")
check("big-endian.pt")


# Refused.
torch.save(network, "module.pt")
torch.save(network, "module-legacy.pt", **old)
torch.jit.script(network).save("script.pt")
torch.save(collections.OrderedDict(state, weight=torch.eye(3).to_sparse()), "sparse.pt")
torch.save(collections.OrderedDict(state, weight=torch.quantize_per_tensor(torch.eye(3), 0.1, 0, torch.qint8)),
           "quantized.pt")
torch.save(collections.OrderedDict(state, weight=torch.zeros(2, dtype=torch.complex64)), "complex.pt")
torch.save(collections.OrderedDict(state, weight=torch.ones(3).expand(4, 3)), "expanded.pt")


class Tagged(torch.Tensor):
    pass


torch.save(collections.OrderedDict(state, weight=torch.eye(3).as_subclass(Tagged)), "subclass.pt")
with zipfile.ZipFile("zip.pt") as source, open("truncated.pt", "wb") as target:
    target.write(open("zip.pt", "rb").read()[:2000])
with open("legacy-truncated.pt", "wb") as target:
    target.write(open("legacy.pt", "rb").read()[:-9])

# NumPy: Keras's order in lists of weight and bias, normalisation by name.
oihw = {name: state[f"features.{number}.weight"].numpy() for name, number in [("conv1_1", 0), ("conv1_2", 10)]}
W = {name: [value.transpose(2, 3, 1, 0).copy(), state[f"features.{number}.bias"].numpy()]
     for (name, value), number in zip(oihw.items(), [0, 10])}
rows = np.arange(48).reshape(4, 3, 4).transpose(2, 0, 1).reshape(-1)
fc6 = np.zeros((48, 5), np.float32)
fc6[rows] = state["classifier.0.weight"].numpy().T
W["norm1_2"] = {
    "gamma": state["features.11.weight"].numpy(), "beta": state["features.11.bias"].numpy(),
    "moving_mean": state["features.11.running_mean"].numpy(), "moving_variance": state["features.11.running_var"].numpy()}
W["fc6"] = [fc6, state["classifier.0.bias"].numpy()]
W["classifier"] = [state["classifier.3.weight"].numpy().T.copy(), state["classifier.3.bias"].numpy()]


def leaves(value):
    if isinstance(value, np.ndarray):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [leaf for item in items for leaf in leaves(item)]


def same(left, right):
    assert len(leaves(left)) == len(leaves(right)) > 0
    assert all(np.array_equal(a, b) for a, b in zip(leaves(left), leaves(right)))


def converted(value, change):
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, dict):
        return {key: converted(item, change) for key, item in value.items()}
    return [converted(item, change) for item in value]


def pickled(path, data, **options):
    open(path, "wb").write(data)
    same(pickle.loads(data, **options), W)


for protocol in range(6):
    pickled(f"protocol{protocol}.pkl", pickle.dumps(W, protocol))
# NumPy before version 2 names its modules otherwise.
for protocol in [0, 2]:
    pickled(f"numpy1-protocol{protocol}.pkl", pickle.dumps(W, protocol).replace(b"numpy._core.", b"numpy.core."))
pickled("fortran.pkl", pickle.dumps(converted(W, np.asfortranarray), 4))
pickled("fortran5.pkl", pickle.dumps(converted(W, np.asfortranarray), 5))
pickled("permuted.pkl", pickle.dumps(converted(
    W, lambda a: np.ascontiguousarray(a.transpose(2, 0, 1, 3)).transpose(1, 2, 0, 3) if a.ndim == 4 else a), 5))
pickled("big-endian.pkl", pickle.dumps(converted(W, lambda a: a.astype(">f4")), 2))
pickled("half.pkl", pickle.dumps(converted(W, lambda a: a.astype(np.float16)), 4))
pickled("double.pkl", pickle.dumps(converted(W, lambda a: a.astype(np.float64)), 4))


for protocol in [0, 2]:
    pickled(f"python2-protocol{protocol}.pkl", python2.dumps(W, protocol), encoding="latin1")

# As get_weights of Keras gives them: every layer's weight and bias in one list, without normalizations.
values = [W["conv1_1"], W["conv1_2"], W["fc6"], W["classifier"]]
pickle.dump([array for pair in values for array in pair], open("list.pkl", "wb"), 4)
np.save("objects.npy", W, allow_pickle=True)
same(np.load("objects.npy", allow_pickle=True).item(), W)
keras = {}
for name, values in W.items():
    for kind, value in values.items() if isinstance(values, dict) else zip(["kernel", "bias"], values):
        keras[f"{name}/{kind}:0"] = value
np.savez("keras.npz", **keras)
np.savez_compressed("compressed.npz", **keras)
np.savez("underscores.npz", **{key.replace("/kernel:0", "_W").replace("/bias:0", "_b").replace("/", "_")
                               .replace(":0", ""): value for key, value in keras.items()})
names = {"features.0": "conv1_1", "features.10": "conv1_2", "features.11": "norm1_2", "classifier.0": "fc6",
         "classifier.3": "classifier"}
np.savez("torch.npz", **{names[key.rsplit(".", 1)[0]] + "." + key.rsplit(".", 1)[1]: value.numpy()
                         for key, value in state.items() if not key.endswith("tracked")})
# Of which no bias tells the order.
np.savez("square.npz", **{"a.w": np.arange(9.0).reshape(3, 3), "a.b": np.arange(3.0), "note": np.array("x")})
np.savez("contradictory.npz", a_w=np.zeros((3, 5)), a_b=np.zeros(3), b_w=np.zeros((5, 2)), b_b=np.zeros(2))
