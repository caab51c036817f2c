"""Pickles as Python 2 writes them: texts and bytes are the same strings, and NumPy has its names of before version 2."""
import io
import pickle
import struct


class Pickler(pickle._Pickler):
    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        value = value.encode("latin-1") if isinstance(value, str) else bytes(value)
        if self.proto == 0:
            text = "".join(chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in value)
            self.write(b"S'" + text.encode() + b"'\n")
        elif len(value) < 256:
            self.write(b"U" + bytes([len(value)]) + value)
        else:
            self.write(b"T" + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch[bytes] = save_bytes
    dispatch[str] = save_bytes


def dumps(value, protocol):
    stream = io.BytesIO()
    Pickler(stream, protocol).dump(value)
    return stream.getvalue().replace(b"numpy._core.", b"numpy.core.")
