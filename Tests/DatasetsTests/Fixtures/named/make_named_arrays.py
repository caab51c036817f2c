#!/usr/bin/env python3
"""Writes images and labels as arrays with names: .npz, and pickles of several kinds.

Run in this folder; needs numpy. All hold the same 12 images of 4 x 4 x 3 in three classes; image i has the label i % 3 and the
samples (i * 17 + place * 5) % 256 in the order height, width, channels.
"""
import gzip
import importlib.util
import os
import pickle

import numpy as np

images = ((np.arange(12)[:, None] * 17 + np.arange(48) * 5) % 256).astype(np.uint8).reshape(12, 4, 4, 3)
labels = np.arange(12) % 3
np.savez("data.npz", x_train=images, y_train=labels, x_test=images[:3], y_test=labels[:3])
np.savez_compressed("compressed.npz", x_train=images, y_train=labels)
np.savez("single.npz", labels)
np.savez("fortran.npz", images=np.asfortranarray(images), labels=labels.astype(">i2"))
np.save("objects.npy", {"images": images, "labels": labels}, allow_pickle=True)

# CIFAR-10's batches: Python 2's bytes as keys, planes of red, green and blue one after another, labels as a list.
folder = "../../../WeightsTests/Fixtures/pickles/python2.py"
specification = importlib.util.spec_from_file_location("python2", os.path.join(os.path.dirname(__file__) or ".", folder))
python2 = importlib.util.module_from_spec(specification)
specification.loader.exec_module(python2)
rows = images.transpose(0, 3, 1, 2).reshape(12, 48)
batch = {"batch_label": "testing batch", "labels": labels.tolist(), "data": rows,
         "filenames": [f"image_{i}.png" for i in range(12)]}
data = python2.dumps(batch, 2)
again = pickle.loads(data, encoding="bytes")
assert np.array_equal(again[b"data"], rows) and again[b"labels"] == labels.tolist()
open("data_batch", "wb").write(data)
# MNIST in one file of sets, packed.
with gzip.GzipFile("sets.pkl.gz", "wb", mtime=0) as file:
    file.write(pickle.dumps(((images, labels), (images[:3], labels[:3])), 2))
# Permuted axes, which protocol 5 keeps as they are.
permuted = np.ascontiguousarray(images.transpose(1, 0, 3, 2)).transpose(1, 0, 3, 2)
open("permuted.pkl", "wb").write(pickle.dumps({"images": permuted, "labels": labels}, 5))
