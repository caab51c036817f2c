"""Writes operations.h5: golden values of every differentiable operation, computed by torch.

    python3 -m venv VENV && VENV/bin/pip install numpy h5py torch
    VENV/bin/python make_fixtures.py

A group is a case. Its datasets are the operation's inputs, `output`, a random `output_gradient`, and the gradient of
sum(output * output_gradient) with respect to each input as `<name>_gradient`; its scalars are attributes.
All numbers are float32 (labels int32) and in the project's layouts, never in torch's:
feature maps [N, H, W, C], convolution weights [kh, kw, in, out], linear weights [in, out].
"""

import pathlib

import h5py
import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


class Case:
    """One group of the file: its inputs, made by a seeded generator, and what torch makes of them."""

    def __init__(self, file, name, seed, **attributes):
        self.group = file.create_group(name)
        self.generator = torch.Generator().manual_seed(seed)
        for key, value in attributes.items():
            self.group.attrs[key] = np.float32(value) if isinstance(value, float) else np.int32(value)

    def random(self, *shape, scale=1.0):
        """A leaf of torch's shape (maps [N, C, H, W], weights [out, in, …])."""
        return (torch.randn(*shape, generator=self.generator) * scale).requires_grad_()

    def write(self, name, tensor, kind=None):
        """Writes a tensor, permuted from torch's layout: `map`, `kernel`, `matrix`, or as it is."""
        order = {"map": (0, 2, 3, 1), "kernel": (2, 3, 1, 0), "matrix": (1, 0)}.get(kind)
        array = tensor.detach().numpy()
        if order is not None:
            array = array.transpose(order)
        dtype = np.int32 if array.dtype == np.int64 else np.float32
        self.group.create_dataset(name, data=np.ascontiguousarray(array, dtype=dtype), track_times=False)

    def finish(self, output, kind, **inputs):
        """Writes inputs (name = (tensor, layout)), output, a random upstream gradient and every input's gradient."""
        output_gradient = torch.randn(output.shape, generator=self.generator)
        output.backward(output_gradient)
        self.write("output", output, kind)
        self.write("output_gradient", output_gradient, kind)
        self.write_inputs(**inputs)

    def write_inputs(self, **inputs):
        for name, (tensor, layout) in inputs.items():
            self.write(name, tensor, layout)
            self.write(name + "_gradient", tensor.grad, layout)


def convolutions(file):
    cases = [  # images, height, width, in, out, kernel height, kernel width, stride, padding
        (1, 5, 7, 1, 3, 3, 3, 1, 0),
        (2, 6, 5, 3, 5, 3, 3, 1, 1),
        (2, 7, 9, 3, 16, 3, 3, 2, 1),
        (1, 8, 6, 16, 5, 3, 3, 2, 0),
        (2, 5, 4, 5, 16, 1, 1, 1, 0),
        (1, 7, 6, 16, 3, 1, 1, 2, 0),
        (1, 9, 7, 1, 16, 5, 5, 1, 2),
        (1, 10, 11, 3, 5, 5, 5, 2, 2),
        (1, 5, 6, 5, 5, 5, 5, 1, 1),
        (1, 4, 5, 16, 8, 3, 3, 1, 2),
        (2, 6, 9, 3, 5, 3, 5, 1, 1),
        (2, 5, 6, 16, 8, 3, 3, 1, 1),
    ]
    for index, (n, h, w, c, k, kh, kw, stride, padding) in enumerate(cases):
        case = Case(file, f"convolution_{index}", 100 + index, stride=stride, padding=padding)
        input, weight, bias = case.random(n, c, h, w), case.random(k, c, kh, kw, scale=0.3), case.random(k)
        output = F.conv2d(input, weight, bias, stride=stride, padding=padding)
        case.finish(output, "map", input=(input, "map"), weight=(weight, "kernel"), bias=(bias, None))
    # A fully connected layer as a 7x7 convolution, at its own size and slid over a larger map.
    for index, (h, w) in enumerate([(7, 7), (9, 8)]):
        case = Case(file, f"convolution_fully_connected_{index}", 150 + index, stride=1, padding=0)
        input, weight, bias = case.random(2, 2, h, w), case.random(5, 2, 7, 7, scale=0.1), case.random(5)
        output = F.conv2d(input, weight, bias)
        case.finish(output, "map", input=(input, "map"), weight=(weight, "kernel"), bias=(bias, None))


def maximum_poolings(file):
    cases = [  # images, height, width, channels, window, stride, padding, ties
        (2, 6, 8, 3, 2, 2, 0, False),
        (1, 7, 9, 5, 2, 2, 0, False),
        (2, 7, 9, 3, 3, 2, 0, False),
        (1, 8, 6, 4, 3, 2, 1, False),
        (1, 5, 7, 3, 3, 1, 1, False),
        (2, 6, 6, 5, 2, 2, 0, True),
        (1, 9, 7, 3, 3, 2, 1, True),
    ]
    for index, (n, h, w, c, window, stride, padding, ties) in enumerate(cases):
        case = Case(file, f"maximum_pooling_{index}", 200 + index, window=window, stride=stride, padding=padding)
        if ties:  # few distinct values, below zero too: the first in row-major order wins
            input = torch.randint(-2, 2, (n, c, h, w), generator=case.generator).float().requires_grad_()
        else:
            input = case.random(n, c, h, w)
        output = F.max_pool2d(input, window, stride=stride, padding=padding)
        case.finish(output, "map", input=(input, "map"))


def batch_normalisations(file):
    shapes = [(4, 5, 3, 3), (2, 3, 6, 7), (2, 16, 4, 5)]  # images, channels, height, width
    epsilon, momentum = 1e-5, 0.1
    for index, (n, c, h, w) in enumerate(shapes):
        for training in (True, False):
            kind = "training" if training else "frozen"
            case = Case(
                file, f"batch_normalisation_{kind}_{index}", 300 + 2 * index + training,
                epsilon=epsilon, momentum=momentum)
            input = (case.random(n, c, h, w) * 2 + 0.7).detach().requires_grad_()
            scale, offset = case.random(c), case.random(c)
            running_mean = torch.randn(c, generator=case.generator)
            running_variance = torch.rand(c, generator=case.generator) + 0.5
            case.write("running_mean", running_mean)
            case.write("running_variance", running_variance)
            updated_mean, updated_variance = running_mean.clone(), running_variance.clone()
            output = F.batch_norm(
                input, updated_mean, updated_variance, scale, offset, training=training, momentum=momentum, eps=epsilon)
            case.finish(output, "map", input=(input, "map"), scale=(scale, None), offset=(offset, None))
            if training:
                # torch puts the unbiased variance into the running one; the biased one is Keras's way.
                biased = input.detach().var(dim=(0, 2, 3), unbiased=False)
                case.write("batch_mean", input.detach().mean(dim=(0, 2, 3)))
                case.write("batch_variance_biased", biased)
                case.write("batch_variance_unbiased", input.detach().var(dim=(0, 2, 3), unbiased=True))
                case.write("updated_running_mean", updated_mean)
                case.write("updated_running_variance_unbiased", updated_variance)
                case.write("updated_running_variance_biased", (1 - momentum) * running_variance + momentum * biased)


def elementwise_and_dense(file):
    case = Case(file, "relu", 400)
    input = case.random(2, 5, 4, 6)
    with torch.no_grad():
        input[0, 0, 0, :3] = 0  # no gradient at exactly zero
    case.finish(F.relu(input), "map", input=(input, "map"))

    for index, (n, c, h, w) in enumerate([(2, 5, 4, 6), (3, 16, 1, 1), (1, 3, 9, 7)]):
        case = Case(file, f"global_average_pooling_{index}", 410 + index)
        input = case.random(n, c, h, w)
        case.finish(input.mean(dim=(2, 3)), None, input=(input, "map"))

    for index, (n, inputs, outputs) in enumerate([(1, 1, 1), (4, 7, 5), (9, 33, 17), (32, 16, 24)]):
        case = Case(file, f"linear_{index}", 420 + index)
        input, weight, bias = case.random(n, inputs), case.random(outputs, inputs, scale=0.3), case.random(outputs)
        output = F.linear(input, weight, bias)
        case.finish(output, None, input=(input, None), weight=(weight, "matrix"), bias=(bias, None))

    for index, (n, classes, scale) in enumerate([(1, 2, 1.0), (5, 10, 3.0), (8, 3, 40.0), (4, 1, 1.0), (16, 37, 1.0)]):
        case = Case(file, f"softmax_cross_entropy_{index}", 430 + index)
        logits = case.random(n, classes, scale=scale).detach().requires_grad_()
        labels = torch.randint(0, classes, (n,), generator=case.generator)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        case.write("labels", labels)
        case.write("probabilities", F.softmax(logits, dim=1))
        case.write("losses", F.cross_entropy(logits, labels, reduction="none"))
        case.write("loss", loss)
        case.write_inputs(logits=(logits, None))


def network(file):
    """conv 3x3 pad 1, BN, ReLU, pool 2/2, conv 3x3 pad 1, BN, ReLU, ROIPool of the whole map to 7x7, flatten in
    (y, x, channel) order, linear, ReLU, linear, mean cross-entropy."""
    epsilon, momentum, images, height, width = 1e-5, 0.1, 3, 20, 18
    case = Case(file, "network", 500, epsilon=epsilon, momentum=momentum, pooled=7)
    channels, hidden, classes = (1, 3, 4), 6, 5
    leaves = {"input": (case.random(images, channels[0], height, width), "map")}
    for index in (1, 2):
        inputs, outputs = channels[index - 1], channels[index]
        leaves[f"conv{index}_weight"] = (case.random(outputs, inputs, 3, 3, scale=0.4), "kernel")
        leaves[f"conv{index}_bias"] = (case.random(outputs), None)
        leaves[f"bn{index}_scale"] = ((case.random(outputs, scale=0.3) + 1).detach().requires_grad_(), None)
        leaves[f"bn{index}_offset"] = (case.random(outputs, scale=0.3), None)
    leaves["fc6_weight"] = (case.random(hidden, 49 * channels[2], scale=0.1), "matrix")
    leaves["fc6_bias"] = (case.random(hidden, scale=0.1), None)
    leaves["fc7_weight"] = (case.random(classes, hidden, scale=0.5), "matrix")
    leaves["fc7_bias"] = (case.random(classes, scale=0.1), None)
    for name, (tensor, layout) in list(leaves.items()):
        leaves[name] = (tensor.detach().requires_grad_(), layout)
    value = {name: tensor for name, (tensor, _) in leaves.items()}
    labels = torch.randint(0, classes, (images,), generator=case.generator)

    map = value["input"]
    for index in (1, 2):
        map = F.conv2d(map, value[f"conv{index}_weight"], value[f"conv{index}_bias"], padding=1)
        mean, variance = torch.zeros(channels[index]), torch.ones(channels[index])
        map = F.batch_norm(
            map, mean, variance, value[f"bn{index}_scale"], value[f"bn{index}_offset"], training=True,
            momentum=momentum, eps=epsilon)
        case.write(f"bn{index}_updated_running_mean", mean)
        case.write(f"bn{index}_updated_running_variance_unbiased", variance)
        map = F.relu(map)
        if index == 1:
            map = F.max_pool2d(map, 2)
    # Over the exact extent of the map ROIPool and adaptive max pooling have the same bins.
    pooled = F.adaptive_max_pool2d(map, (7, 7))
    hidden_values = F.relu(F.linear(pooled.permute(0, 2, 3, 1).flatten(1), value["fc6_weight"], value["fc6_bias"]))
    logits = F.linear(hidden_values, value["fc7_weight"], value["fc7_bias"])
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    case.write("labels", labels)
    case.write("features", map, "map")
    case.write("pooled", pooled, "map")
    case.write("logits", logits)
    case.write("loss", loss)
    case.write_inputs(**leaves)


if __name__ == "__main__":
    path = pathlib.Path(__file__).parent / "operations.h5"
    with h5py.File(path, "w", libver=("v108", "v108")) as file:
        file.attrs["made_by"] = f"torch {torch.__version__}"
        convolutions(file)
        maximum_poolings(file)
        batch_normalisations(file)
        elementwise_and_dense(file)
        network(file)
        count = len(file)
    print(f"{path.name}: {count} cases, {path.stat().st_size} bytes")
