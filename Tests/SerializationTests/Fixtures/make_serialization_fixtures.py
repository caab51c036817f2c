#!/usr/bin/env python3
"""Writes ZIP archives of every kind that is read, and pickles with what they stand for.

Run in this folder; needs numpy. The archives hold poem.txt (1,800 bytes), folder/numbers.bin (0 to 255) and empty.
values.pkl holds one of each value that is built; values0.pkl to values5.pkl the same in each protocol.
"""
import collections
import io
import pickle
import zipfile

import numpy as np

entries = {"poem.txt": b"so much depends upon\n" * 85 + b"a red wheelbarr", "folder/numbers.bin": bytes(range(256)),
           "empty": b""}
assert len(entries["poem.txt"]) == 1800


def write(stream, method, wide=False, **options):
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("folder/", (2020, 1, 1, 0, 0, 0)), b"")
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = method
            with archive.open(info, "w", force_zip64=wide) as file:
                file.write(data)
        for key, value in options.items():
            setattr(archive, key, value)


class Stream(io.RawIOBase):
    """Cannot be wound back, so that sizes follow the data."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()


write("stored.zip", zipfile.ZIP_STORED)
write("deflated.zip", zipfile.ZIP_DEFLATED)
write("wide.zip", zipfile.ZIP_DEFLATED, wide=True)
stream = Stream("streamed.zip")
write(stream, zipfile.ZIP_DEFLATED)
stream.close()
write("comment.zip", zipfile.ZIP_STORED, comment=b"a comment, and more")
write("bzip2.zip", zipfile.ZIP_BZIP2)
for name in ["stored", "deflated", "wide", "streamed", "comment"]:
    with zipfile.ZipFile(f"{name}.zip") as archive:
        assert all(archive.read(key) == value for key, value in entries.items())

values = {
    "none": None, "yes": True, "no": False, "small": 7, "negative": -1234567, "long": 1 << 40, "least": -(1 << 63),
    "wide": 0x1950A86A20F9469CFC6C, "float": -0.1, "text": "grün \u20ac \U0001F40D", "lines": "a\nb\\u0041", "bytes": b"\0\xff'\n\\",
    "nothing": b"", "list": [1, [2, "x"], (3,)], "tuple": (1, 2, 3, 4), "empty": (), "dictionary": {1: "a", "b": {}},
    "set": {5}, "frozen": frozenset([6]), "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
    "counter": collections.Counter({"k": 3}), "long text": "x" * 300, "float32": np.float32(0.1),
    "int64": np.int64(-5), "uint64": np.uint64(1 << 63), "bool": np.bool_(True),
    "array": np.arange(6, dtype=np.int16).reshape(2, 3)}
shared = [1, 2]
values["shared"] = [shared, shared]
for protocol in range(6):
    # Wide whole numbers of protocols 0 and 1 are texts, which are read up to 64 bits.
    own = {key: value for key, value in values.items() if protocol > 1 or key not in ("wide", "uint64")}
    data = pickle.dumps(own, protocol)
    open(f"values{protocol}.pkl", "wb").write(data)
    assert repr(pickle.loads(data)) == repr(own)
