"""Makes small source files for the tests of the dataset importers (needs numpy, pillow and h5py).

All hold the same 12 gray pictures of 6 x 6 with labels 0, 1, 2, 0, 1, 2 …; sample i of picture n is (7 n + 5 i) mod 251.
"""
import gzip
import pickle
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

here = Path(__file__).parent / "import"
here.mkdir(exist_ok=True)
count, side = 12, 6
images = ((7 * np.arange(count)[:, None] + 5 * np.arange(side * side)[None]) % 251).astype(np.uint8)
images = images.reshape(count, side, side)
labels = (np.arange(count) % 3).astype(np.uint8)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def packed(data):
    return gzip.compress(data, 9, mtime=0)


(here / "images.idx").write_bytes(idx(images))
(here / "labels.idx").write_bytes(idx(labels))
(here / "images.idx.gz").write_bytes(packed(idx(images)))
# Two members, as gzip files may have.
half = len(idx(labels)) // 2
(here / "labels.idx.gz").write_bytes(packed(idx(labels)[:half]) + packed(idx(labels)[half:]))

rows = np.hstack([images.reshape(count, -1), labels[:, None]])
(here / "last.csv").write_text("\n".join(",".join(str(v) for v in row) for row in rows) + "\n")
names = ["label"] + [f"pixel{i}" for i in range(side * side)]
first = "\r\n".join(",".join(f"{v:.1f}" for v in np.roll(row, 1)) for row in rows)
(here / "first.csv.gz").write_bytes(packed((",".join(names) + "\r\n" + first).encode()))

np.save(here / "images.npy", images)
np.save(here / "unit.npy", (images / np.float32(255)).astype(np.float32))
np.save(here / "double.npy", images.astype(np.float64).reshape(count, -1))
np.save(here / "labels64.npy", labels.astype(np.int64))
np.save(here / "labels32.npy", labels.astype(np.int32))
np.save(here / "fortran.npy", np.asfortranarray(images))
np.save(here / "half.npy", images.astype(np.float16))

# A pickle around one buffer, as numpy arrays are stored by it: the bytes follow BINBYTES and their number.
(here / "images.pickle.gz").write_bytes(packed(pickle.dumps(images, protocol=3)))
(here / "labels.pickle.gz").write_bytes(packed(pickle.dumps(labels.astype(np.int64), protocol=3)))

with h5py.File(here / "arrays.h5", "w") as file:
    file.create_dataset("data/x", data=images[..., None], chunks=(5, 6, 6, 1), compression="gzip")
    file.create_dataset("data/y", data=labels.astype(np.int32))
    file.create_dataset("data/unit", data=(images / np.float32(255)).astype(np.float32))

# A gray and two color pictures in two classes, one of them twice.
for name, seed in [("cat/a.png", 1), ("cat/b.png", 2), ("cat/c.png", 1), ("dog/a.png", 3), ("dog/b.png", 4)]:
    path = here / "folder" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = () if seed == 4 else (3,)
    pixels = np.random.default_rng(seed).integers(0, 256, (4 + seed, 5) + channels).astype(np.uint8)
    Image.fromarray(pixels).save(path)

# A JPEG in color.
pixels = np.random.default_rng(5).integers(0, 256, (16, 16, 3)).astype(np.uint8)
Image.fromarray(pixels).save(here / "color.jpg")
