#!/usr/bin/env python3
"""Writes hostile.h5 and circle.h5, files made to do harm; needs h5py and numpy. Run in this folder."""
import h5py
import numpy as np

with h5py.File("hostile.h5", "w") as file:
    file.create_dataset("scale_offset", data=np.arange(64), chunks=(64,), scaleoffset=0)
    file.create_dataset("lzf", data=np.arange(64), chunks=(64,), compression="lzf")
    nbit = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    nbit.set_chunk((64,))
    nbit.set_filter(h5py.h5z.FILTER_NBIT, 0)
    h5py.h5d.create(file.id, b"nbit", h5py.h5t.STD_I32LE, h5py.h5s.create_simple((64,)), nbit)
    # An extent of 0 hides that the others cannot be multiplied.
    file.create_dataset("empty", shape=(0, 1 << 40, 1 << 40), dtype="f4")
    # A number that is not a plain one.
    file.create_dataset("long_double", data=np.zeros(2, dtype=np.longdouble))
    odd = h5py.h5t.IEEE_F32LE.copy()
    odd.set_fields(31, 3, 20, 0, 3)
    h5py.h5d.create(file.id, b"odd_float", odd, h5py.h5s.create_simple((2,)))
    file.create_dataset("compound", data=np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
    file.create_dataset("fine", data=np.arange(4, dtype="f4"))
    group = file
    for depth in range(70):
        group = group.create_group("d")
    group["x"] = np.float32(1)

with h5py.File("circle.h5", "w") as file:
    # Each group holds the next twice: 2^40 paths; the last holds the first.
    groups = [file.create_group("g")]
    for depth in range(40):
        groups.append(groups[-1].create_group("a"))
        groups[-2]["b"] = groups[-1]
    groups[-1]["a"] = groups[0]
    groups[-1]["w.weight"] = np.float32(1)
