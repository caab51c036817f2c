#!/usr/bin/env python3
"""Writes h5py.h5, a file by another writer than ours; needs h5py and numpy. Run in this folder."""
import h5py
import numpy as np

with h5py.File("h5py.h5", "w") as file:
    file.attrs["variable"] = "größe"
    file.attrs["fixed"] = np.bytes_(b"fixed")
    file.attrs["fixed_list"] = np.array([b"a", b"longer", b""])
    file.attrs["variable_list"] = ["x", "zwei", ""]
    file.attrs["empty_list"] = []
    file.attrs["null"] = h5py.Empty("f")
    file.attrs["integer"] = 7
    file.attrs["doubles"] = np.array([0.5, -1.25])
    file["float"] = np.arange(12, dtype="<f4").reshape(3, 4)
    file["double"] = np.array([1.5, 2.5])
    file["big_endian"] = np.array([1, 2, 3], dtype=">i2")
    file["int64"] = np.array([-1, 2**40])
    file["uint8"] = np.array([0, 255], dtype="u1")
    file["scalar"] = 3.0
    file["names"] = np.array(["eins", "zwei"], dtype=h5py.string_dtype())
    file["fixed_names"] = np.array([b"one", b"three"])
    file.create_dataset(
        "group/packed", data=np.arange(1000, dtype="u1").reshape(100, 10) % 251,
        chunks=(16, 10), compression="gzip", shuffle=True, maxshape=(None, 10))
    file["soft"] = h5py.SoftLink("/group/packed")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["outside"] = h5py.ExternalLink("/etc/other.h5", "/data")
    file["through"] = h5py.SoftLink("/outside")
    file.create_dataset("external_values", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])
    file.create_dataset("bomb", shape=(1 << 40,), dtype="u1", chunks=(1 << 20,))
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "data", shape=(4,))
    file.create_virtual_dataset("virtual", layout)
