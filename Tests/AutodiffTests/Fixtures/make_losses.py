"""Writes losses.h5: cross-entropies with class weights, label smoothing and mixed labels, computed by torch.

    VENV/bin/python make_losses.py        (numpy, h5py, torch)

A group is a case: logits [N, classes], labels and partners (int32), class weights, the share of a sample's own label and the
label smoothing as attributes, then the loss and its gradient with respect to the logits. A mixed loss is, as in the reference
implementation of mixup, share * criterion(logits, labels) + (1 - share) * criterion(logits, partners), where the partners are
the labels in another order.
"""

import pathlib

import h5py
import numpy as np
import torch

torch.set_num_threads(1)

CASES = [  # name, rows, classes, weighted, smoothing, share
    ("plain", 6, 4, False, 0.0, 1.0),
    ("weighted", 6, 4, True, 0.0, 1.0),
    ("smoothed", 7, 5, False, 0.1, 1.0),
    ("weighted_smoothed", 5, 3, True, 0.3, 1.0),
    ("mixed", 8, 5, False, 0.0, 0.7),
    ("mixed_half", 4, 6, False, 0.0, 0.5),
    ("mixed_weighted", 9, 4, True, 0.0, 0.25),
    ("mixed_weighted_smoothed", 9, 4, True, 0.2, 0.9),
    ("large_logits", 5, 3, True, 0.1, 0.6),
]

with h5py.File(pathlib.Path(__file__).parent / "losses.h5", "w") as file:
    for seed, (name, rows, classes, weighted, smoothing, share) in enumerate(CASES):
        generator = torch.Generator().manual_seed(seed)
        logits = torch.randn(rows, classes, generator=generator) * (40 if name == "large_logits" else 1.5)
        logits.requires_grad_()
        labels = torch.randint(classes, (rows,), generator=generator)
        partners = labels[torch.randperm(rows, generator=generator)]
        weights = torch.rand(classes, generator=generator) * 3 + 0.2 if weighted else torch.ones(classes)
        criterion = torch.nn.CrossEntropyLoss(weight=weights if weighted else None, label_smoothing=smoothing)
        loss = share * criterion(logits, labels) + (1 - share) * criterion(logits, partners)
        loss.backward()
        group = file.create_group(name)
        group.attrs["share"] = np.float32(share)
        group.attrs["smoothing"] = np.float32(smoothing)
        group["logits"] = logits.detach().numpy()
        group["labels"] = labels.numpy().astype(np.int32)
        group["partners"] = partners.numpy().astype(np.int32)
        group["weights"] = weights.numpy()
        group["loss"] = np.float32(loss.item())
        group["logits_gradient"] = logits.grad.numpy()
