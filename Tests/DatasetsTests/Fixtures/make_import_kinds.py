"""Makes arrays, tables and MATLAB files of many kinds for the tests of the importers (needs numpy and h5py).

All hold the same 6 color pictures, 5 high and 4 wide, with labels 0, 1, 2, 0, 1, 2 unless their names say otherwise; sample
(y, x, c) of picture n is (37 n + 53 y + 19 x + 91 c + 7) mod 256, and the first picture has a 0 and a 255. Gray ones hold
channel 0. `expected.npy` has the pictures as NHWC bytes.
"""
from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent / "kinds"
here.mkdir(exist_ok=True)
n, y, x, c = np.ogrid[:6, :5, :4, :3]
color = ((37 * n + 53 * y + 19 * x + 91 * c + 7) % 256).astype(np.uint8)
color[0, 0, 0], color[0, 0, 1] = 0, 255
gray = color[..., 0]
labels = np.arange(6) % 3
np.save(here / "expected.npy", color)
np.save(here / "labels.npy", labels)

# Ranges and types.
np.save(here / "unit.npy", (color / 255).astype(np.float32))
np.save(here / "unit64.npy", color / 255)
np.save(here / "unit16.npy", (gray / 255).astype(np.float16))
np.save(here / "signed.npy", (color / 127.5 - 1).astype(np.float32))
np.save(here / "uint16.npy", color.astype(np.uint16) * 257)
np.save(here / "twelve.npy", np.round(color * (4095 / 255)).astype(np.uint16))
np.save(here / "int32.npy", color.astype(np.int32))
np.save(here / "bigendian.npy", color.astype(">i2"))
np.save(here / "mask.npy", gray > 127)
np.save(here / "overshoot.npy", (color / 255 * 1.02).astype(np.float32))
nan = (color / 255).astype(np.float32)
nan[3, 2, 1, 0] = np.nan
np.save(here / "nan.npy", nan)

# Orders of axes.
np.save(here / "nchw.npy", np.ascontiguousarray(color.transpose(0, 3, 1, 2)))
np.save(here / "nchw_gray.npy", np.ascontiguousarray(gray[:, None]))
np.save(here / "hwcn.npy", np.ascontiguousarray(color.transpose(1, 2, 3, 0)))
np.save(here / "rows_chw.npy", color.transpose(0, 3, 1, 2).reshape(6, -1))
np.save(here / "ambiguous.npy", np.ascontiguousarray(color[:, :3, :3].transpose(0, 3, 1, 2)))

# Labels.
np.save(here / "labels_float.npy", labels.astype(np.float32))
np.save(here / "labels_bool.npy", labels > 0)
np.save(here / "labels_row.npy", labels[None])
np.save(here / "labels_onehot.npy", np.eye(4, dtype=np.float32)[labels])
np.save(here / "labels_notonehot.npy", np.eye(4, dtype=np.float32)[labels] * 0.9)
np.save(here / "labels_negative.npy", labels - 1)
np.save(here / "labels_half.npy", labels + 0.5)
np.save(here / "labels_gap.npy", labels * 2)

# IDX in floats.
header = bytes([0, 0, 0x0D, 3]) + b"".join(k.to_bytes(4, "big") for k in gray.shape)
(here / "float.idx").write_bytes(header + (gray / 255).astype(">f4").tobytes())
(here / "labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 6]) + labels.astype(np.uint8).tobytes())

# HDF5 as h5py writes it.
names = ["cat", "dog", "über"]
with h5py.File(here / "kinds.h5", "w") as file:
    file["unit"] = (color / 255).astype(np.float32)
    file["nchw"] = color.transpose(0, 3, 1, 2)
    file["half"] = color.astype(np.float16)
    file["mask"] = gray > 127
    file["labels"] = labels
    file["bools"] = labels > 0
    file["texts"] = [names[k] for k in labels]
    file["fixed"] = np.array([names[k].encode() for k in labels])
    file["latin"] = np.array([name.encode("latin-1") for name in ["caf\xe9", "caf\xe8"] * 3])


# MATLAB 7.3: HDF5 behind a block of 512 bytes; axes reversed, classes in attributes, cells as references.
def matlab(path, arrays):
    with h5py.File(path, "w", userblock_size=512) as file:
        def put(name, value, kind, parent=file):
            dataset = parent.create_dataset(name, data=value)
            dataset.attrs["MATLAB_class"] = np.bytes_(kind)
            if kind == "char":
                dataset.attrs["MATLAB_int_decode"] = np.int32(2)
            if kind == "logical":
                dataset.attrs["MATLAB_int_decode"] = np.int32(1)
            return dataset

        def char(name, lines, parent=file):
            width = max(len(line) for line in lines)
            codes = np.array([[ord(k) for k in line.ljust(width)] for line in lines], dtype=np.uint16)
            return put(name, codes.T, "char", parent)

        for name, (kind, value) in arrays.items():
            if kind == "char":
                char(name, value)
            elif kind == "cell":
                cells = file.require_group("#refs#")
                references = [char(f"{name}{k}", [text], cells).ref for k, text in enumerate(value)]
                dataset = file.create_dataset(name, (1, len(value)), dtype=h5py.ref_dtype)
                dataset[0] = references
                dataset.attrs["MATLAB_class"] = np.bytes_("cell")
            elif kind == "empty":
                dataset = file.create_dataset(name, data=np.array([0, 0], dtype=np.uint64))
                dataset.attrs["MATLAB_class"] = np.bytes_("double")
                dataset.attrs["MATLAB_empty"] = np.uint8(1)
            else:
                put(name, value.T, kind)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


hwcn = color.transpose(1, 2, 3, 0)
matlab(here / "matlab.mat", {
    "X": ("uint8", hwcn),
    "D": ("double", hwcn / 255),
    "G": ("uint8", gray.transpose(1, 2, 0)),
    # Each image flattened column by column, one in each row.
    "R": ("uint8", np.stack([picture.reshape(-1, order="F") for picture in gray])),
    "M": ("logical", (gray.transpose(1, 2, 0) > 127).astype(np.uint8)),
    "y": ("double", (labels + 1.0)[:, None]),
    "yrow": ("uint8", (labels + 1)[None].astype(np.uint8)),
    "yzero": ("int32", labels[:, None].astype(np.int32)),
    "onehot": ("logical", np.eye(3, dtype=np.uint8)[labels]),
    "chars": ("char", [names[k] for k in labels]),
    "cells": ("cell", [names[k] for k in labels]),
    "none": ("empty", None),
})
(here / "old.mat").write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x01IM" + bytes(512))
