#!/usr/bin/env python3
"""Writes the names and shapes of torchvision's resnet18 with 10 classes, and its outputs for known weights.

Run in this folder; needs torch, torchvision, numpy. A line of resnet18.txt is a key and its shape, in the dictionary's
order; the last line has the logits of two images of 64x64. Every value is a function of its key and place, so that the
test can make the same 11 million. This function is `drawn` there too.
"""
import numpy as np
import torch
import torchvision


def drawn(key, shape):
    """Uniform in [-0.5, 0.5), by the place in the tensor and the sum of the key's bytes weighted by their places."""
    seed = sum(byte * (place + 1) for place, byte in enumerate(key.encode()))
    h = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 2654435761 + seed * 40503) & 0xFFFFFFFF
    for _ in range(2):
        h = ((h ^ (h >> np.uint64(16))) * 0x45D9F3B) & 0xFFFFFFFF
    h ^= h >> np.uint64(16)
    return (h / 2**32 - 0.5).reshape(shape)


def values(key, shape):
    u = drawn(key, shape)
    if len(shape) == 4:
        u = u * np.sqrt(24 / np.prod(shape[1:]))
    elif len(shape) == 2:
        u = u * np.sqrt(12 / shape[1])
    elif key.endswith("running_var") or key.endswith("weight"):
        u = 1 + 0.5 * u
    else:
        u = 0.2 * u
    return u.astype(np.float32)


model = torchvision.models.resnet18(num_classes=10).eval()
state = {key: value for key, value in model.state_dict().items() if "tracked" not in key}
model.load_state_dict({key: torch.tensor(values(key, tuple(value.shape))) for key, value in state.items()}, strict=False)
x = torch.tensor(values("image.input", (2, 3, 64, 64)))
with torch.no_grad():
    logits = model(x).numpy()
with open("resnet18.txt", "w") as file:
    for key, value in state.items():
        print(key, *value.shape, file=file)
    print("logits", *(f"{value:.7g}" for value in logits.flatten()), file=file)
