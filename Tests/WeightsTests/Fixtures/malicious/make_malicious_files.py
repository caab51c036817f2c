#!/usr/bin/env python3
"""Writes pickles, torch files and ZIP archives that try to run code, to exhaust memory or to read what is not theirs.

Run in this folder; needs Python alone. Operations are put together by hand. expected.txt has a line for each file: its name
and a part of the one message that it must be refused with.
"""
import io
import os
import struct
import zipfile
import zlib

files = {}


def add(name, data, expected):
    assert name not in files
    files[name] = expected
    open(name, "wb").write(data)


def text(value):
    value = value.encode()
    return b"X" + struct.pack("<I", len(value)) + value


def short(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def called(module, name, *arguments):
    return f"c{module}\n{name}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def pickle(body, protocol=2):
    return b"\x80" + bytes([protocol]) + body + b"."


# --- Calls ---------------------------------------------------------------------------------------------------------
for module, name, argument in [
    ("os", "system", "touch owned"), ("posix", "system", "touch owned"), ("nt", "system", "calc"),
    ("builtins", "eval", "open('owned', 'w')"), ("__builtin__", "eval", "1"), ("builtins", "exec", "1"),
    ("builtins", "getattr", "x"), ("builtins", "__import__", "os"), ("builtins", "open", "/etc/passwd"),
    ("subprocess", "Popen", "ls"), ("subprocess", "check_output", "ls"), ("torch.hub", "load", "x/y"),
    ("torch", "load", "other.pt"), ("torch.serialization", "load", "other.pt"), ("numpy", "load", "other.npy"),
    ("numpy", "fromfile", "/etc/passwd"), ("numpy.core.multiarray", "fromfile", "/etc/passwd"),
    ("numpy.testing._private.utils", "runstring", "1"), ("pickle", "loads", "x"), ("_pickle", "loads", "x"),
    ("runpy", "run_path", "x.py"), ("importlib", "import_module", "os"), ("webbrowser", "open", "http://x"),
    ("shutil", "rmtree", "/tmp/x"), ("pty", "spawn", "sh"), ("code", "interact", "x"),
    ("copyreg", "_reconstructor", "x"), ("copyreg", "__newobj__", "x"), ("functools", "partial", "x"),
    ("operator", "attrgetter", "system"), ("ctypes", "CDLL", "libc.so.6"), ("builtins", "bytearray", "x"),
    ("torch.storage", "_load_from_bytes", "x"), ("torch.jit", "load", "x"), ("marshal", "loads", "x"),
]:
    add(f"call-{module}.{name}.pkl", pickle(called(module, name, text(argument))), f"{module}.{name}")
add("call-stack-global.pkl", pickle(short("os") + short("system") + b"\x93" + short("ls") + b"\x85R", 4), "os.system")
add("call-nested-name.pkl", pickle(short("builtins") + short("str.__class__") + b"\x93" + b")R", 4), "str.__class__")
add("call-in-dictionary.pkl", pickle(b"}" + text("w") + called("os", "system", text("ls")) + b"s"), "os.system")
add("call-as-key.pkl", pickle(b"}" + called("os", "system", text("ls")) + text("w") + b"s"), "os.system")
add("call-after-array.pkl",
    pickle(b"]" + called("numpy.core.multiarray", "_reconstruct", b"cnumpy\nndarray\n", b"K\0\x85", text("b"))
           + b"a0" + called("os", "system", text("ls"))), "os.system")
add("call-nested-reduce.pkl", pickle(called("collections", "OrderedDict", called("os", "system", text("ls")))),
    "os.system")
add("call-encode-eval.pkl", pickle(called("_codecs", "encode", called("builtins", "eval", text("1")), text("latin1"))),
    "builtins.eval")
add("call-text.pkl", b"cos\nsystem\n(S'ls'\ntR.", "os.system")
add("call-inst.pkl", b"(S'ls'\nios\nsystem\n.", "os.system")
add("call-object.pkl", b"(cos\nsystem\nS'ls'\no.", "os.system")
add("call-object-of-allowed.pkl", b"(ccollections\nOrderedDict\no.", "instance of a class")
add("call-newobj.pkl", pickle(b"ccollections\nOrderedDict\n)\x81"), "instance of a class")
add("call-newobj-record.pkl", pickle(b"cargparse\nNamespace\n" + text("a") + b"\x85\x81"), "instance of a class")
add("build-record.pkl", pickle(b"cargparse\nNamespace\n)\x81]b"), "to what is no dictionary")
add("build-record-call.pkl", pickle(b"cargparse\nNamespace\n)\x81" + called("os", "system", text("ls")) + b"b"), "os.system")
add("call-newobj-keywords.pkl", pickle(b"ccollections\nOrderedDict\n)}\x92", 4), "instance of a class")
add("call-extension1.pkl", pickle(b"\x82\x01)R"), "registered code")
add("call-extension2.pkl", pickle(b"\x83\x01\x00)R"), "registered code")
add("call-extension4.pkl", pickle(b"\x84\x01\x00\x00\x00)R"), "registered code")
add("call-text-value.pkl", pickle(text("os.system") + text("ls") + b"\x85R"), "no function")
add("call-result.pkl", pickle(called("collections", "OrderedDict") + b")R"), "no function")
add("call-array-class.pkl", pickle(called("numpy", "ndarray", b"J" + struct.pack("<i", 1 << 30))), "out of nothing")
add("call-line-feed.pkl", pickle(short("os\nx\x1b[2J") + short("system") + b"\x93)R", 4), "system")

# --- States --------------------------------------------------------------------------------------------------------
add("build-setstate.pkl", pickle(b"}" + b"}" + text("__setstate__") + text("os.system") + b"sb"), "state")
add("build-list.pkl", pickle(b"]" + b"}b"), "state")
add("build-class.pkl", pickle(b"ccollections\nOrderedDict\n}" + text("__reduce_ex__") + text("x") + b"sb"), "state")
add("build-dictionary-text.pkl", pickle(called("collections", "OrderedDict") + text("x") + b"b"), "no dictionary")
dtype = called("numpy", "dtype", text("f4"), b"\x89", b"\x88")
array = called("numpy.core.multiarray", "_reconstruct", b"cnumpy\nndarray\n", b"K\0\x85", text("b"))


def state(shape, kind=dtype, values=b"", order=b"\x89"):
    return b"(K\x01" + shape + kind + order + b"B" + struct.pack("<I", len(values)) + values + b"tb"


def whole(value):
    length = (value.bit_length() + 8) // 8
    return b"\x8a" + bytes([length]) + value.to_bytes(length, "little", signed=True)


add("array-huge-shape.pkl", pickle(array + state(whole(1 << 40) + b"\x85"), 3), "values")
add("array-overflowing-shape.pkl", pickle(array + state(whole(1 << 62) + whole(4) + b"\x86"), 3), "shape")
add("array-zero-hides-shape.pkl", pickle(array + state(whole(1 << 62) + whole(1 << 62) + b"K\0\x87"), 3), "shape")
add("array-negative-shape.pkl", pickle(array + state(number(-4) + b"\x85", values=b"\0" * 16), 3), "shape")
add("array-short-values.pkl", pickle(array + state(b"K\x04\x85", values=b"\0" * 15), 3), "values")
add("array-many-axes.pkl", pickle(array + state(b"(" + b"K\x01" * 70 + b"t", values=b"\0" * 4), 3), "shape")
add("array-structure.pkl", pickle(called("numpy", "dtype", text("V8"), b"\x89", b"\x88")), "V8")
add("array-complex.pkl", pickle(called("numpy", "dtype", text("c16"), b"\x89", b"\x88")), "c16")
add("array-subclass.pkl", pickle(called("numpy.core.multiarray", "_reconstruct", b"cnumpy\nmatrix\n", b"K\0\x85")),
    "numpy.matrix")
add("array-fields.pkl", pickle(dtype + b"(K\x03" + text("<") + b"N" + text("a") + b"\x85}J\0\0\0\0J\0\0\0\0K\0tb"),
    "structures")
add("array-buffer-lies.pkl", pickle(called("numpy.core.numeric", "_frombuffer", b"\x96" + struct.pack("<Q", 8) + b"\0" * 8,
                                           dtype, whole(1 << 33) + b"\x85", text("C")), 5), "values")
add("array-out-of-band.pkl", pickle(b"\x97\x98", 5), "buffers outside")
add("array-objects-lie.pkl", pickle(array + b"(K\x01" + b"K\x09\x85" + called(
    "numpy", "dtype", text("O8"), b"\x89", b"\x88") + b"\x89]tb", 3), "objects")

# --- Lengths -------------------------------------------------------------------------------------------------------
add("length-long4.pkl", pickle(b"\x8b" + struct.pack("<i", (1 << 31) - 1) + b"\0" * 8), "bytes")
add("length-long4-negative.pkl", pickle(b"\x8b" + struct.pack("<i", -5) + b"\0" * 8), "bytes")
add("length-long1.pkl", pickle(b"\x8a\xff" + b"\1" * 255), "255 bytes")
add("length-frame.pkl", pickle(b"\x95" + struct.pack("<Q", (1 << 64) - 1) + b"}", 4), "bytes")
add("length-frame-lies.pkl", pickle(b"\x95" + struct.pack("<Q", 1 << 30) + b"}", 4), "frame")
add("length-bytes8.pkl", pickle(b"\x8e" + struct.pack("<Q", 1 << 62) + b"x", 4), "bytes")
add("length-text8.pkl", pickle(b"\x8d" + struct.pack("<Q", (1 << 63) + 5) + b"x", 4), "bytes")
add("length-bytearray.pkl", pickle(b"\x96" + struct.pack("<Q", 1 << 40) + b"x", 5), "bytes")
add("length-string-negative.pkl", pickle(b"T" + struct.pack("<i", -1) + b"x"), "bytes")
add("length-cut.pkl", b"\x80\x02}X", "truncated")
add("length-no-stop.pkl", b"\x80\x02}q\0", "truncated")
add("number-digits.pkl", b"(lp0\nL" + b"9" * 5000 + b"L\n.", "4096")
add("number-text.pkl", b"(lp0\nIos.system\n.", "whole number")

# --- Memory, depth, stack ------------------------------------------------------------------------------------------
add("memo-get-unknown.pkl", pickle(b"h\x07"), "memo")
add("memo-get-text.pkl", b"(lp0\ng-1\n.", "memo")
add("memo-self-list.pkl", pickle(b"]q\0h\0a"), "contains itself")
add("memo-self-dictionary.pkl", pickle(b"}q\0" + text("a") + b"h\0s"), "contains itself")
add("memo-cycle.pkl", pickle(b"]q\0]q\1h\0aa"), "contains itself")
laughs = b"]Naq\0" + b"".join(
    b"0](" + (b"h" + bytes([level])) * 10 + b"eq" + bytes([level + 1]) for level in range(40))
add("memo-laughs.pkl", pickle(laughs), "shares containers")
add("memo-copies.pkl", pickle(b"(" + text("x" * 60000) + b"q\0" + b"0" + text("latin1") + b"q\1" + b"c_codecs\nencode\nq\2"
                              + b"h\2h\0h\1\x86R" * 4000 + b"l"), "copies")
add("depth-lists.pkl", pickle(b"]" * 20000 + b"a" * 19999), "nest")
add("depth-tuples.pkl", pickle(b")" + b"\x85" * 20000), "nest")
add("depth-marks.pkl", pickle(b"(" * 20000), "stack")
add("stack-empty.pkl", pickle(b""), "stack")
add("stack-left.pkl", pickle(b"}}"), "left")
add("stack-no-mark.pkl", pickle(b"}e"), "mark")
add("stack-below-mark.pkl", pickle(b"}(0" + b"00"), "stack")
add("stack-odd.pkl", pickle(b"}(" + text("a") + b"u"), "key without a value")
add("stack-append-to-number.pkl", pickle(b"K\1K\2a"), "no list")
add("operation-unknown.pkl", pickle(b"\xff"), "no operation")
add("protocol-9.pkl", b"(lp0\n\x80\x09.", "protocol 9")
add("two-pickles.pkl", pickle(b"}") + pickle(b"}"), "follow the pickle")
add("persistent.pkl", pickle(b"}" + text("w") + text("storage") + b"Qs"), "persistent identifier")
add("persistent-text.pkl", b"(lp0\nPos.system\na.", "os.system")


# --- torch ---------------------------------------------------------------------------------------------------------
def torch_file(body, storages=None, names=None):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", pickle(body))
        for key, data in (storages if storages is not None else {"0": b"\0" * 16}).items():
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", "3\n")
    return stream.getvalue()


def storage(key="0", count=4, kind=b"ctorch\nFloatStorage\n"):
    return b"(" + text("storage") + kind + text(key) + text("cpu") + whole(count) + b"tQ"


def tensor(stored=None, offset=0, shape=(2, 2), strides=(2, 1), tail=b""):
    return called("torch._utils", "_rebuild_tensor_v2", stored or storage(), whole(offset),
                  b"(" + b"".join(map(whole, shape)) + b"t", b"(" + b"".join(map(whole, strides)) + b"t", b"\x89",
                  called("collections", "OrderedDict"), tail)


def weights(value):
    return torch_file(b"}" + text("a.weight") + value + b"s")


add("torch-call.pt", torch_file(called("os", "system", text("ls"))), "os.system")
add("torch-module.pt", torch_file(b"c__main__\nNet\n)\x81}b"), "__main__.Net")
add("torch-identifier.pt", torch_file(b"}" + text("w") + text("../../etc/passwd") + b"Qs"), "persistent identifier")
add("torch-identifier-number.pt", torch_file(b"}" + text("w") + b"(K\1K\2K\3K\4K\5tQs"), "persistent identifier")
add("torch-identifier-module.pt", torch_file(b"}" + text("w") + b"(" + text("module") + b"K\2K\3K\4K\5tQs"),
    "persistent identifier")
add("torch-missing-storage.pt", weights(tensor(storage("7"))), "no storage 7")
add("torch-storage-path.pt", weights(tensor(storage("../version"))), "no storage")
add("torch-storage-lies.pt", weights(tensor(storage(count=5))), "declares 20 bytes")
add("torch-storage-huge.pt", weights(tensor(storage(count=1 << 47), shape=(1 << 40,), strides=(1,))), "declares")
add("torch-storage-negative.pt", weights(tensor(storage(count=-1))), "persistent identifier")
add("torch-offset.pt", weights(tensor(offset=1)), "exceeds its storage")
add("torch-offset-negative.pt", weights(tensor(offset=-1)), "exceeds its storage")
add("torch-offset-huge.pt", weights(tensor(offset=(1 << 63) - 1)), "exceeds its storage")
add("torch-strides-overlap.pt", weights(tensor(shape=(3, 3), strides=(1, 1))), "overlap")
add("torch-strides-zero.pt", weights(tensor(shape=(1 << 50,), strides=(0,))), "overlap")
add("torch-strides-negative.pt", weights(tensor(offset=3, strides=(-2, -1))), "overlap")
add("torch-strides-overflow.pt", weights(tensor(shape=(3, 3), strides=((1 << 63) - 1, 1))), "overlap")
add("torch-strides-far.pt", weights(tensor(shape=(2, 2), strides=(1 << 59, 1))), "exceeds its storage")
add("torch-strides-few.pt", weights(tensor(shape=(2, 2), strides=(1,))), "overlap")
add("torch-shape-negative.pt", weights(tensor(shape=(-2, -2))), "overlap")
add("torch-shape-overflow.pt", weights(tensor(shape=(1 << 62, 4), strides=(4, 1))), "overlap")
add("torch-conjugated.pt", weights(tensor(tail=b"}" + text("conj") + b"\x88s")), "conjugated")
add("torch-sparse.pt", weights(called("torch._utils", "_rebuild_sparse_tensor", b"K\1")), "_rebuild_sparse_tensor")
add("torch-quantized.pt", weights(called("torch._utils", "_rebuild_qtensor", b"K\1")), "_rebuild_qtensor")
add("torch-subclass.pt", weights(called("torch._tensor", "_rebuild_from_type_v2", b"K\1")), "_rebuild_from_type_v2")
add("torch-device.pt", weights(called("torch._utils", "_rebuild_device_tensor_from_numpy", b"K\1")),
    "_rebuild_device_tensor_from_numpy")
add("torch-parameter.pt", weights(called("torch._utils", "_rebuild_parameter", text("os.system"), b"\x88", b"}")),
    "no tensor")
add("torch-storage-call.pt", weights(b"ctorch\nFloatStorage\n" + whole(1 << 40) + b"\x85R"), "out of nothing")
add("torch-empty.pt", torch_file(b"}"), "without a dictionary of tensors")
magic = pickle(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
version, system = pickle(b"M\xe9\x03"), pickle(b"}")


def legacy(body, keys, data):
    return magic + version + system + pickle(body) + pickle(b"]" + b"".join(text(key) + b"a" for key in keys)) + data


def old(count=4):
    return (b"}" + text("a.weight") + tensor(b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("9") + text("cpu")
                                             + whole(count) + b"NtQ") + b"s")


values = struct.pack("<q", 4) + b"\0" * 16
add("legacy-call.pt", legacy(called("os", "system", text("ls")), [], b""), "os.system")
add("legacy-call-first.pt", magic + pickle(called("os", "system", text("ls"))), "os.system")
add("legacy-version.pt", magic + pickle(b"M\xea\x03"), "1001")
add("legacy-unknown-key.pt", legacy(old(), ["8"], values), "no tensor has")
add("legacy-key-twice.pt", legacy(old(), ["9", "9"], values * 2), "twice")
add("legacy-no-key.pt", legacy(old(), [], b""), "no storage 9")
add("legacy-count-lies.pt", legacy(old(5), ["9"], values), "elements")
add("legacy-count-negative.pt", legacy(old(), ["9"], struct.pack("<q", -4) + b"\0" * 16), "elements")
add("legacy-cut.pt", legacy(old(), ["9"], values[:-1]), "ends within")
add("legacy-huge.pt", legacy(old(1 << 46), ["9"], struct.pack("<q", 1 << 46) + b"\0" * 16), "ends within")


# --- ZIP -----------------------------------------------------------------------------------------------------------
def npy(data=b"\0" * 16, shape="(4,)", kind="<f4"):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


class Zip:
    """An archive whose every field can lie."""

    def __init__(self):
        self.data, self.directory, self.count = b"", b"", 0

    def add(self, name, data, method=0, size=None, crc=None, flags=0, offset=None, local=None, extra=b"", packed=None,
            disk=0):
        body = data
        if method == 8:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            body = packer.compress(data) + packer.flush()
        crc = zlib.crc32(data) if crc is None else crc
        size = len(data) if size is None else size
        packed = len(body) if packed is None else packed
        at = len(self.data) if offset is None else offset
        fields = struct.pack("<HHHHHIII", 20, flags, method, 0, 0, crc, packed, size)
        own = (name if local is None else local).encode()
        self.data += b"PK\3\4" + fields + struct.pack("<HH", len(own), 0) + own + body
        self.directory += (b"PK\1\2" + b"\x14\0" + fields + struct.pack("<HHHHHII", len(name.encode()), len(extra), 0, disk,
                           0, 0, at) + name.encode() + extra)
        self.count += 1
        return self

    def bytes(self, count=None, size=None, offset=None, disk=0, comment=b""):
        count = self.count if count is None else count
        size = len(self.directory) if size is None else size
        offset = len(self.data) if offset is None else offset
        end = struct.pack("<HHHHIIH", disk, disk, count, count, size, offset, len(comment)) + comment
        return self.data + self.directory + b"PK\5\6" + end


good = npy()
two = {"a.npy": good, "b.npy": npy(b"\1" * 16)}


def archive(**changes):
    made = Zip()
    for name, data in two.items():
        made.add(name, data)
    return made.bytes(**changes)


add("zip-bomb.npz", Zip().add("a.npy", npy(b"\0" * (1 << 20), f"({1 << 42},)"), 8).add("b.npy", good).bytes(), "values")
bomb = Zip().add("a.npy", good)
bomb.add("b.npy", npy(b"\0" * (1 << 18), f"({1 << 16},)"), 8, size=1 << 31)
add("zip-ratio.npz", bomb.bytes(), "unpacked")
add("zip-size-lies.npz", Zip().add("a.npy", good).add("b.npy", good, 8, size=len(good) - 4).bytes(), "bytes")
add("zip-size-lies-up.npz", Zip().add("a.npy", good).add("b.npy", good, 8, size=len(good) + 4).bytes(), "bytes")
add("zip-stored-size-lies.npz", Zip().add("a.npy", good).add("b.npy", good, size=1 << 31).bytes(), "unpacked")
overlapping = Zip().add("a.npy", good).add("b.npy", good)
overlapping.add("c.npy", good, offset=0)
add("zip-overlap.npz", overlapping.bytes(), "overlap")
quine = Zip().add("a.npy", good, packed=len(good) * 2 + 35, size=len(good) * 2 + 35).add("b.npy", good)
add("zip-nested.npz", quine.bytes(), "overlap")
add("zip-twice.npz", Zip().add("a.npy", good).add("a.npy", good).bytes(), "two entries")
for number_, name in enumerate(["../a.npy", "/a.npy", "x/../../a.npy", "..\\a.npy", "C:\\a.npy", "a\0.npy", ""]):
    add(f"zip-path{number_}.npz", Zip().add("b.npy", good).add(name, good).bytes(), "leads out")
add("zip-encrypted.npz", Zip().add("a.npy", good).add("b.npy", good, flags=1).bytes(), "encrypted")
add("zip-crc.npz", Zip().add("a.npy", good).add("b.npy", good, crc=1).bytes(), "checksum")
add("zip-crc-packed.npz", Zip().add("a.npy", good).add("b.npy", good, 8, crc=1).bytes(), "checksum")
add("zip-method.npz", Zip().add("a.npy", good).add("b.npy", good, 12).bytes(), "method 12")
add("zip-local-name.npz", Zip().add("a.npy", good).add("b.npy", good, local="c.npy").bytes(), "differs")
add("zip-offset.npz", Zip().add("a.npy", good).add("b.npy", good, offset=1 << 31).bytes(), "exceeds")
add("zip-not-utf8.npz", archive().replace(b"b.npy", b"\xff.npy"), "UTF-8")
add("zip-split.npz", archive(disk=1), "split")
add("zip-count.npz", archive(count=60000), "directory")
add("zip-count-few.npz", archive(count=1), "directory")
add("zip-size.npz", archive(size=1 << 31), "directory")
add("zip-directory-offset.npz", archive(offset=1 << 31), "directory")
add("zip-no-end.npz", archive()[:-30], "truncated")
add("zip-wide-missing.npz", archive(count=0xFFFF), "zip64")
add("zip-wide-size.npz", Zip().add("a.npy", good).add("b.npy", good, size=0xFFFFFFFF, packed=0xFFFFFFFF).bytes(), "zip64")
end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 62, 1 << 62, 1 << 63, 1 << 63)
locator = b"PK\6\7" + struct.pack("<IQI", 0, len(archive()) - 22, 1)
add("zip-wide-end.npz", archive()[:-22] + end + locator + archive()[-22:], "zip64")
add("zip-prefix.npz", b"PK\3\4" + b"#!/bin/sh\n" + archive(), "directory")
add("npz-huge-shape.npz", Zip().add("a.npy", good).add("b.npy", npy(shape="(1152921504606846976, 16)")).bytes(), "shape")
add("npz-header.npz", Zip().add("a.npy", good).add("b.npy", b"\x93NUMPY\2\0\xff\xff\xff\x7f").bytes(), "header")
add("npz-objects.npz", Zip().add("a.npy", npy(pickle(called("os", "system", text("ls"))), "()", "|O")).bytes(),
    "without arrays")
add("npy-objects.npy", npy(pickle(called("os", "system", text("ls"))), "()", "|O"), "os.system")

with open("expected.txt", "w") as expected:
    for name in sorted(files):
        expected.write(f"{name} {files[name]}\n")
for name in os.listdir("."):
    if name.rsplit(".")[-1] in ("pkl", "pt", "npz", "npy") and name not in files:
        os.remove(name)
print(len(files), "files")
