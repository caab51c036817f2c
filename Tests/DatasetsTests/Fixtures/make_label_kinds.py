"""Makes labels of further kinds for the pictures of `make_import_kinds.py` (needs numpy and h5py): texts in NumPy's files and
pickles, an enumeration of HDF5, one-hot columns, and a MATLAB array whose axes cannot be told apart.

All say emu, cat, dog, emu, cat, dog, with an ü in place of the u where texts are Unicode.
"""
from pathlib import Path
import pickle

import h5py
import numpy as np

here = Path(__file__).parent / "kinds"
color = np.load(here / "expected.npy")
labels = np.arange(6) % 3
names = np.array(["emü", "cat", "dog"])
plain = np.array([b"emu", b"cat", b"dog"])
np.save(here / "texts.npy", names[labels])
np.save(here / "texts_big.npy", names[labels].astype(">U7"))
np.save(here / "texts_column.npy", names[labels][:, None])
np.save(here / "texts_square.npy", names[labels].reshape(2, 3))
np.save(here / "texts_bytes.npy", plain[labels])
np.save(here / "texts_latin.npy", np.array([b"caf\xe9"] * 6))
np.save(here / "texts_object.npy", names.astype(object)[labels])
np.savez(here / "texts.npz", X=color, y=names[labels], o=names.astype(object)[labels])
with open(here / "texts.pkl", "wb") as file:
    pickle.dump({"X": color, "y": list(names[labels]), "a": names[labels], "p": names[labels].tolist()}, file)
np.save(here / "labels_columns.npy", np.eye(3)[labels].T)

with h5py.File(here / "enumeration.h5", "w") as file:
    file["images"] = color
    kind = h5py.enum_dtype({"emu": -3, "gnu": 7, "cat": 2, "dog": 200, "yak": -1}, basetype=">i2")
    file.create_dataset("labels", data=np.array([-3, 2, 200])[labels], dtype=kind)
    file.create_dataset("unknown", data=np.array([-3, 2, 5])[labels], dtype=kind)

with h5py.File(here / "columns.mat", "w", userblock_size=512) as file:
    for name, value, kind in [
        ("X", color.transpose(1, 2, 3, 0), "uint8"), ("y", np.eye(3, dtype=np.uint8)[labels].T, "logical"),
        ("cube", np.resize(color, (6, 6, 6)), "uint8"), ("n", (labels + 1.0)[:, None], "double"),
    ]:
        file.create_dataset(name, data=value.T).attrs["MATLAB_class"] = np.bytes_(kind)
with open(here / "columns.mat", "r+b") as file:
    file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
