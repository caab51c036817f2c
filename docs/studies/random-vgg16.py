#!/usr/bin/env python3
"""Writes a file of the form of Keras's official VGG16 with random numbers, to try docs/studies/imagenet.yaml without it.

    docs/studies/random-vgg16.py FILE

Needs h5py and numpy. The convolutions are those of checkpoints/vgg16-notop.h5 where that is there (make pretrained), so that
feature maps mean something; fc1, fc2 and predictions have normal numbers of deviation sqrt(2 / inputs).
"""
import pathlib
import sys

import h5py
import numpy as np

BLOCKS = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
CONVOLUTIONS = pathlib.Path(__file__).parents[2] / "checkpoints/vgg16-notop.h5"


def layers():
    """Names of layers with the shapes of their kernels; a pooling layer has none."""
    inputs = 3
    for block, (outputs, count) in enumerate(BLOCKS, 1):
        for index in range(1, count + 1):
            yield f"block{block}_conv{index}", (3, 3, inputs, outputs)
            inputs = outputs
        yield f"block{block}_pool", None
    yield "flatten", None
    yield "fc1", (7 * 7 * 512, 4096)
    yield "fc2", (4096, 4096)
    yield "predictions", (4096, 1000)


def known(name, given):
    """A published convolution's kernel and bias; None where there is none."""
    if given is None or name not in given:
        return None
    return [given[name][path][()] for path in given[name].attrs["weight_names"]]


def write(path):
    random = np.random.default_rng(16)
    given = h5py.File(CONVOLUTIONS) if CONVOLUTIONS.exists() else None
    with h5py.File(path, "x") as file:
        names = [name for name, _ in layers()]
        file.attrs["layer_names"] = np.array(names, dtype="S")
        for name, shape in layers():
            group = file.create_group(name)
            labels = [] if shape is None else [f"{name}_W_1:0", f"{name}_b_1:0"]
            group.attrs["weight_names"] = np.array(labels, dtype="S")
            if shape is None:
                continue
            values = known(name, given)
            if values is None:
                deviation = np.float32(np.sqrt(2 / np.prod(shape[:-1])))
                values = [random.standard_normal(shape, np.float32) * deviation, np.zeros(shape[-1], np.float32)]
            for label, value in zip(labels, values):
                assert value.dtype == np.float32 and value.shape in (shape, shape[-1:]), (name, value.shape)
                group.create_dataset(label, data=value)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1])
