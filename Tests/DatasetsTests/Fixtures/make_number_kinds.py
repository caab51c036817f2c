"""Makes arrays and labels whose meaning a reader can mistake, for the pictures of `make_import_kinds.py` (needs numpy and h5py):
whole numbers of every type, arrays that were never written, NumPy's Fortran order, texts that are written in several ways, and lists in pickles.
"""
from pathlib import Path
import pickle
import sys

import h5py
import numpy as np

kinds = Path(__file__).parent / "kinds"
here = Path(sys.argv[1]) if len(sys.argv) > 1 else kinds
color = np.load(kinds / "expected.npy")
labels = np.arange(6) % 3
types = ["<u8", ">u8", "<i8", ">i8", "<u4", ">u4", "<i4", "<u2", ">i2"]
np.savez_compressed(
    here / "numbers.npz",
    **{f"x{kind[1:]}{'b' if kind[0] == '>' else ''}": color.astype(kind) for kind in types},
    **{f"y{kind[1:]}{'b' if kind[0] == '>' else ''}": labels.astype(kind) for kind in types},
)
# 6 images of 6 x 6, whose axes cannot be told apart, and rows of 60 values, in Fortran order.
cube = color.reshape(6, 60)[:, :36].reshape(6, 6, 6)
np.savez(here / "orders.npz", cube=np.asfortranarray(cube), rows=np.asfortranarray(color.reshape(6, 60)), same=cube)
np.savez(
    here / "spellings.npz",
    spaced=np.array(["cat", "cat ", " dog", "dog", "cat\u00a0", "\u200bdog"]),
    bytes=np.array([b"cat", b"cat ", b" dog", b"dog", b"cat", b"\tdog"]),
    zeros=np.array(["01", "1", "02", "01", "1", "02"]),
    points=np.array(["1", "1.0", "2", "1", "1.0", "2"]),
    identifiers=np.array(["1e1", "2e1", "3e0", "1e1", "2e1", "3e0"]),
    floats=np.array(["1.0", "0.0", "2.0", "1.0", "0.0", "10.0"]),
    savetxt=np.array(["%.18e" % value for value in (1, 0, 2, 1, 0, 10)]),
    signs=np.array(["-1", "0", "1", "-1", "0", "1"]),
    blank=np.array([" ", "b", "c", " ", "b", "c"]),
)
np.save(here / "labels_object.npy", labels.astype(object))
np.save(here / "structured.npy", np.array([(1, 2.0)] * 6, dtype=[("l", "<i4"), ("m", "<f4")]))
with open(here / "lists.pkl", "wb") as file:
    pickle.dump(
        {
            "floats": [float(label) for label in labels], "bools": [bool(label) for label in labels],
            "mixed": ["cat", 1, "dog", "cat", 1, "dog"], "both": [0, 1.0, 2, 0, 1, 2],
        }, file)
with h5py.File(here / "spellings.h5", "w") as file:
    file["images"] = color
    file["fixed"] = np.array([b"cat", b"cat ", b" dog", b"dog", b"cat", b"dog"])
    file.create_dataset("texts", data=["cat", "cat ", " dog", "dog", "cat\u00a0", "dog"], dtype=h5py.string_dtype())
with h5py.File(here / "unwritten.h5", "w") as file:
    file["labels"] = labels.astype("u1")
    file.create_dataset("nothing", (6, 5, 4, 3), "u1")
    file.create_dataset("half", (6, 5, 4, 3), "u1", chunks=(3, 5, 4, 3))[:3] = color[:3]
    file.create_dataset("all", (6, 5, 4, 3), "u1", chunks=(3, 5, 4, 3))[:] = color
