"""Writes proposals/: files of proposals for pictures a, b and c of make_dataset_fixtures.py, 5 pixels wide and 5, 6 and 5 high
(needs numpy and h5py).

boxes.npz holds an array for each picture as numpy.savez does; boxes.mat the cell arrays images and boxes as MATLAB's format
7.3 does, with boxes of y1, x1, y2, x2 that count from 1, as selective search writes them (the order and the subtraction of 1
are those of fast-rcnn's lib/datasets/pascal_voc.py).
"""
from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent / "proposals"
here.mkdir(exist_ok=True)
np.savez(
    here / "boxes.npz", a=np.array([[0, 1, 2, 3], [1, 1, 4, 4]], np.float32),
    b=np.array([[0, 0, 4, 5, 0.25], [2, 2, 3, 3, 0.75]]), zebra=np.zeros((1, 4)))
np.savez(here / "shapes.npz", a=np.zeros((2, 3)))

with h5py.File(here / "boxes.mat", "w", userblock_size=512) as file:
    references = file.create_group("#refs#")

    def cells(name, items):
        made = []
        for place, (value, kind) in enumerate(items):
            item = references.create_dataset(f"{name}{place}", data=value)
            item.attrs["MATLAB_class"] = np.bytes_(kind)
            if value.ndim == 1:
                item.attrs["MATLAB_empty"] = np.uint8(1)
            made.append(item.ref)
        cell = file.create_dataset(name, data=np.array([made], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
        cell.attrs["MATLAB_class"] = np.bytes_("cell")

    cells("images", [(np.array([[ord(letter)] for letter in text], np.uint16), "char") for text in ["a", "b", "c"]])
    # MATLAB lists axes the other way round: [4, n] here is [n, 4] there. An empty array is stored as its extents.
    cells("boxes", [
        (np.array([[2, 1, 4, 3], [2, 2, 5, 5]], np.float64).T, "double"),
        (np.array([[1, 1, 6, 5]], np.float64).T, "double"),
        (np.array([0, 4], np.uint64), "double"),
    ])
with open(here / "boxes.mat", "r+b") as file:
    file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
