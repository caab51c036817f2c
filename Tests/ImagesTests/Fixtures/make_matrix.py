"""Makes matrix/, one small image per type, depth, palette, profile, orientation and format, and matrix.json, what Pillow
reads of each, and refused/, images that are not read (needs pillow 11 or later and numpy).

An entry of matrix.json has height, width and channels; rgb, the samples of Image.open(file).convert("RGB") turned upright by
ImageOps.exif_transpose, in hexadecimal; luma, those of convert("L"); traits, what is remarked on; and bound, by how much
samples may differ where another version of a lossy decoder reads them.

Two rules are not Pillow's. Of 16 bits the upper 8 are kept; Pillow does that for colors, but limits gray to 255. Pillow
leaves a TIFF file's orientation to its own tag, which exif_transpose applies as well.
"""
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

here = Path(__file__).parent / "matrix"
here.mkdir(exist_ok=True)
for old in here.iterdir():
    old.unlink()
random = np.random.default_rng(16)
HEIGHT, WIDTH = 5, 7
entries = {}

y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
color = np.stack([(37 * x + 11 * y) % 256, (91 * y + 5 * x + 40) % 256, (200 - 23 * x + 9 * y) % 256], -1).astype(np.uint8)
gray = ((x * 35 + y * 51) % 256).astype(np.uint8)
alpha = ((x * 60 + y * 13) % 256).astype(np.uint8)
deep_gray = random.integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
deep_color = random.integers(0, 65536, (HEIGHT, WIDTH, 3)).astype(np.uint16)
deep_alpha = random.integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
palette = random.integers(0, 256, (256, 3)).astype(np.uint8)


def put(name, data, traits=(), bound=0, deep=None, channels=None):
    """Writes a file and records what Pillow reads; `deep` are samples of 16 bits that Pillow would limit."""
    (here / name).write_bytes(data)
    image = Image.open(io.BytesIO(data))
    image.load()
    if channels is None:
        channels = 1 if image.mode in ("1", "L", "LA", "I", "I;16", "I;16B") else 3
    if deep is not None:
        image = Image.fromarray((deep >> 8).astype(np.uint8))
    image = ImageOps.exif_transpose(image)
    entries[name] = {
        "height": image.height, "width": image.width, "channels": channels,
        "rgb": np.asarray(image.convert("RGB")).tobytes().hex(), "luma": np.asarray(image.convert("L")).tobytes().hex(),
        "traits": sorted(traits), "bound": bound,
    }


def saved(image, format, **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


# PNG, written here: Pillow does not write every type.

def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def packed(rows, depth):
    """Rows of samples [height, samples] as PNG and TIFF pack them: the first in the upper bits."""
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in rows]
    bits = [np.unpackbits(row.astype(np.uint8)[:, None], axis=1)[:, 8 - depth:].reshape(-1) for row in rows]
    return [np.packbits(row).tobytes() for row in bits]


def png(samples, kind, depth, chunks=(), interlaced=False):
    samples = samples.reshape(*samples.shape[:2], -1)
    height, width, _ = samples.shape
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b""
    for top, left, down, right in passes:
        part = samples[top::down, left::right]
        if part.size:
            data += b"".join(b"\0" + row for row in packed(part.reshape(part.shape[0], -1), depth))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*c) for c in chunks)
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def few(depth):
    return (gray >> (8 - depth)).astype(np.uint8)


for interlaced in (False, True):
    end = "-interlaced.png" if interlaced else ".png"
    for depth in (1, 2, 4, 8):
        put(f"gray-{depth}{end}", png(few(depth), 0, depth, interlaced=interlaced))
        colors = palette[:1 << depth].tobytes()
        put(f"palette-{depth}{end}", png(few(depth), 3, depth, [(b"PLTE", colors)], interlaced))
    put(f"gray-16{end}", png(deep_gray, 0, 16, interlaced=interlaced), ["deep"], deep=deep_gray)
    put(f"rgb-8{end}", png(color, 2, 8, interlaced=interlaced))
    put(f"rgb-16{end}", png(deep_color, 2, 16, interlaced=interlaced), ["deep"])
    put(f"gray-alpha-8{end}", png(np.dstack([gray, alpha]), 4, 8, interlaced=interlaced), ["transparency"])
    put(f"gray-alpha-16{end}", png(np.dstack([deep_gray, deep_alpha]), 4, 16, interlaced=interlaced),
        ["deep", "transparency"])
    put(f"rgb-alpha-8{end}", png(np.dstack([color, alpha]), 6, 8, interlaced=interlaced), ["transparency"])
    put(f"rgb-alpha-16{end}", png(np.dstack([deep_color, deep_alpha]), 6, 16, interlaced=interlaced),
        ["deep", "transparency"])
put("opaque-alpha.png", png(np.dstack([color, np.full_like(alpha, 255)]), 6, 8))
put("gray-key.png", png(gray, 0, 8, [(b"tRNS", struct.pack(">H", int(gray[1, 2])))]), ["transparency"])
put("gray-2-key.png", png(few(2), 0, 2, [(b"tRNS", struct.pack(">H", 2))]), ["transparency"])
put("rgb-key.png", png(color, 2, 8, [(b"tRNS", struct.pack(">3H", *color[1, 2].tolist()))]), ["transparency"])
put("rgb-unused-key.png", png(color, 2, 8, [(b"tRNS", struct.pack(">3H", 1, 2, 3))]))
put("palette-8-alpha.png", png(gray, 3, 8, [(b"PLTE", palette.tobytes()), (b"tRNS", alpha.tobytes())]), ["transparency"])
put("palette-4-alpha.png", png(few(4), 3, 4, [(b"PLTE", palette[:16].tobytes()), (b"tRNS", bytes([255, 0, 7]))]),
    ["transparency"])

# Gamma and profiles change nothing.
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Without the date of its making.
srgb = srgb[:24] + bytes(12) + srgb[36:]
linear = (b"gAMA", struct.pack(">I", 100000))
mac = (b"gAMA", struct.pack(">I", 55556))
primaries = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
profile = (b"iCCP", b"profile\0\0" + zlib.compress(srgb))
for name, samples, kind, extra in [
    ("gamma-linear", color, 2, [linear]), ("gamma-mac", color, 2, [mac]), ("gamma-gray", gray, 0, [linear]),
    ("gamma-palette", gray, 3, [linear, (b"PLTE", palette.tobytes())]),
    ("gamma-alpha", np.dstack([color, alpha]), 6, [linear]), ("primaries", color, 2, [linear, primaries]),
    ("srgb", color, 2, [(b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45455))]), ("profile", color, 2, [profile]),
    ("significant-bits", color, 2, [(b"sBIT", bytes([5, 6, 5]))]),
    ("background", np.dstack([color, alpha]), 6, [(b"bKGD", struct.pack(">3H", 200, 10, 60))]),
]:
    put(f"{name}.png", png(samples, kind, 8, extra), ["transparency"] if samples.shape[2:] == (4,) else [])
put("gamma-16.png", png(deep_color, 2, 16, [linear]), ["deep"])
put("gamma-gray-16.png", png(deep_gray, 0, 16, [linear]), ["deep"], deep=deep_gray)
for orientation in range(1, 9):
    content = exif(orientation).tobytes()[6:]
    put(f"orientation-{orientation}.png", png(color, 2, 8, [(b"eXIf", content)]), ["turned"] if orientation > 1 else [])
put("animated.png", saved(Image.fromarray(color), "PNG", save_all=True, append_images=[Image.fromarray(255 - color)]),
    ["frames"])

# JPEG: more than a block, smooth, so that chroma is interpolated.
yy, xx = np.mgrid[0:19, 0:21]
photo = np.stack([127 + 100 * np.sin(xx / 4 + c) * np.cos(yy / (5 - c)) for c in range(3)], -1).clip(0, 255).astype(np.uint8)
photo = Image.fromarray(photo)
for name, options in [
    ("444", dict(subsampling="4:4:4")), ("422", dict(subsampling="4:2:2")), ("420", dict(subsampling="4:2:0")),
    ("411", dict(subsampling="4:1:1")), ("progressive", dict(progressive=True)), ("rgb", dict(keep_rgb=True)),
    ("profile", dict(icc_profile=srgb)), ("restarts", dict(restart_marker_blocks=1)), ("quality-5", dict(quality=5)),
]:
    put(f"jpeg-{name}.jpg", saved(photo, "JPEG", **options))
put("jpeg-gray.jpg", saved(photo.convert("L"), "JPEG"))
inks = Image.fromarray(np.dstack([np.asarray(photo), np.asarray(photo)[::-1, :, 0] // 2]), "CMYK")
cmyk = saved(inks, "JPEG", quality=90)
put("jpeg-cmyk.jpg", cmyk, ["cmyk"])
adobe = cmyk.index(b"Adobe\0")
assert cmyk[adobe + 11] == 0
put("jpeg-ycck.jpg", cmyk[:adobe + 11] + b"\2" + cmyk[adobe + 12:], ["cmyk"])
put("jpeg-cmyk-orientation.jpg", saved(inks, "JPEG", exif=exif(6)), ["cmyk", "turned"])
put("named.png.jpg", png(color, 2, 8), ["misnamed"])

# WebP.
rgba = Image.fromarray(np.dstack([color, alpha]), "RGBA")
put("lossless.webp", saved(Image.fromarray(color), "WebP", lossless=True))
put("lossless-alpha.webp", saved(rgba, "WebP", lossless=True, exact=True), ["transparency"])
put("lossy.webp", saved(photo, "WebP", quality=80), bound=1)
smooth = Image.fromarray(np.asarray(photo)[..., 0])
put("lossy-alpha.webp", saved(Image.merge("RGBA", [*photo.split(), smooth]), "WebP", quality=80), ["transparency"], bound=1)
put("animated.webp", saved(Image.fromarray(color), "WebP", lossless=True, save_all=True,
                           append_images=[Image.fromarray(255 - color)]), ["frames"])
put("orientation.webp", saved(Image.fromarray(color), "WebP", lossless=True, exif=exif(8)), ["turned"])
put("profile.webp", saved(Image.fromarray(color), "WebP", lossless=True, icc_profile=srgb))

# TIFF, those that Pillow writes.
for compression in ("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "lzma", "zstd"):
    put(f"rgb-{compression}.tif", saved(Image.fromarray(color), "TIFF", compression=compression))
for compression in ("raw", "group3", "group4", "tiff_ccitt", "tiff_lzw"):
    put(f"bilevel-{compression}.tif", saved(Image.fromarray(gray > 127), "TIFF", compression=compression))
put("predictor.tif", saved(photo, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}))
put("jpeg.tif", saved(photo, "TIFF", compression="jpeg", quality=90))
put("jpeg-gray.tif", saved(photo.convert("L"), "TIFF", compression="jpeg"))
put("luma.tif", saved(photo.convert("YCbCr"), "TIFF"), bound=1)
put("gray.tif", saved(Image.fromarray(gray), "TIFF"))
put("gray-alpha.tif", saved(Image.fromarray(np.dstack([gray, alpha]), "LA"), "TIFF"), ["transparency"])
put("rgba.tif", saved(rgba, "TIFF", compression="tiff_lzw"), ["transparency"])
put("palette.tif", saved(Image.fromarray(color).quantize(16), "TIFF"))
put("cmyk.tif", saved(Image.fromarray(np.dstack([color, alpha]), "CMYK"), "TIFF", compression="tiff_lzw"), ["cmyk"])
put("gray-16.tif", saved(Image.fromarray(deep_gray), "TIFF"), ["deep"], deep=deep_gray)
put("pages.tif", saved(Image.fromarray(color), "TIFF", save_all=True, append_images=[Image.fromarray(gray)] * 2), ["frames"])
for orientation in (3, 5, 6):
    put(f"orientation-{orientation}.tif", saved(Image.fromarray(color), "TIFF", tiffinfo={274: orientation}), ["turned"])


# TIFF, written here.

def tiff(parts, tags, order="<"):
    """A file of one directory; `parts` are its strips or tiles, `tags` numbers or lists of 16-bit numbers."""
    tags = dict(tags)
    places = 324 if 322 in tags else 273
    data, offsets = b"", []
    for part in parts:
        offsets.append(8 + len(data))
        data += part + b"\0" * (len(part) % 2)
    tags[places], tags[325 if 322 in tags else 279] = offsets, [len(part) for part in parts]
    directory, extra, start = b"", b"", 8 + len(data)
    end = start + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        values = value if isinstance(value, list) else [value]
        wide = tag in (places, 279, 325)
        content = struct.pack(order + str(len(values)) + ("I" if wide else "H"), *values)
        if len(content) > 4:
            place = struct.pack(order + "I", end + len(extra))
            extra += content + b"\0" * (len(content) % 2)
        else:
            place = content.ljust(4, b"\0")
        directory += struct.pack(order + "HHI", tag, 4 if wide else 3, len(values)) + place
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return (magic + struct.pack(order + "I", start) + data + struct.pack(order + "H", len(tags)) + directory + bytes(4)
            + extra)


def strip(samples, depth, order="<"):
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        return rows.astype(order + "u2").tobytes()
    return b"".join(packed(rows, depth))


def tags(samples, depth, photometric, **more):
    count = 1 if samples.ndim == 2 else samples.shape[2]
    base = {256: samples.shape[1], 257: samples.shape[0], 258: [depth] * count, 259: 1, 262: photometric, 277: count}
    return base | {int(key[1:]): value for key, value in more.items()}


for depth in (1, 2, 4, 8):
    put(f"gray-{depth}-white.tif", tiff([strip(few(depth), depth)], tags(few(depth), depth, 0)))
    put(f"gray-{depth}-black.tif", tiff([strip(few(depth), depth)], tags(few(depth), depth, 1)))
put("rgb-16.tif", tiff([strip(deep_color, 16)], tags(deep_color, 16, 2)), ["deep"])
put("rgb-16-big-endian.tif", tiff([strip(deep_color, 16, ">")], tags(deep_color, 16, 2), ">"), ["deep"])
put("gray-16-big-endian.tif", tiff([strip(deep_gray, 16, ">")], tags(deep_gray, 16, 1), ">"), ["deep"], deep=deep_gray)
put("strips.tif", tiff([strip(color[:2], 8), strip(color[2:4], 8), strip(color[4:], 8)], tags(color, 8, 2, _278=2)))
put("planes.tif", tiff([strip(color[..., c], 8) for c in range(3)], tags(color, 8, 2, _284=2)))
plane_strips = [strip(color[top:top + 2, :, c], 8) for c in range(3) for top in (0, 2, 4)]
put("planes-strips.tif", tiff(plane_strips, tags(color, 8, 2, _284=2, _278=2)))
wide = np.tile(color, (5, 5, 1))
padded = np.zeros((32, 48, 3), np.uint8)
padded[:wide.shape[0], :wide.shape[1]] = wide
tiles = [strip(padded[top:top + 16, left:left + 16], 8) for top in (0, 16) for left in (0, 16, 32)]
put("tiles.tif", tiff(tiles, tags(wide, 8, 2, _322=16, _323=16)))
put("rgb-extra.tif", tiff([strip(np.dstack([color, alpha]), 8)], tags(np.dstack([color, alpha]), 8, 2, _338=0)))
put("rgb-multiplied.tif", tiff([strip(np.dstack([color, alpha]), 8)], tags(np.dstack([color, alpha]), 8, 2, _338=1)),
    ["transparency"])
put("palette-4.tif", tiff([strip(few(4), 4)], tags(few(4), 4, 3, _320=(palette[:16].T.astype(int) * 257).reshape(-1).tolist())))
put("palette-8.tif", tiff([strip(gray, 8)], tags(gray, 8, 3, _320=(palette.T.astype(int) * 256 + 99).reshape(-1).tolist())))

# BMP.
put("bilevel.bmp", saved(Image.fromarray(gray > 127), "BMP"))
put("gray.bmp", saved(Image.fromarray(gray), "BMP"))
put("rgb.bmp", saved(Image.fromarray(color), "BMP"))
put("rgba.bmp", saved(rgba, "BMP"))


def bmp(rows, bits, colors=b"", compression=0, masks=b"", header=40, upright=False, count=0, size=(WIDTH, HEIGHT)):
    """A file of such rows from the bottom; bytes where they are run-length encoded."""
    data = rows if isinstance(rows, bytes) else b"".join(row + b"\0" * (-len(row) % 4) for row in rows)
    if header == 12:
        info = struct.pack("<IHHHH", 12, *size, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, size[0], -size[1] if upright else size[1], 1, bits, compression,
                           len(data), 2835, 2835, count, 0)
    info = info.ljust(header, b"\0") if not masks or header == 40 else (info + masks).ljust(header, b"\0")
    info += masks if header == 40 else b""
    start = 14 + len(info) + len(colors)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + colors + data


def table(count, entry=4):
    return b"".join(bytes([*palette[i, ::-1].tolist()] + [0] * (entry - 3)) for i in range(count))


backwards = color[::-1, :, ::-1]
put("palette-1.bmp", bmp(packed(few(1)[::-1], 1), 1, table(2)))
put("palette-4.bmp", bmp(packed(few(4)[::-1], 4), 4, table(16)))
put("palette-8.bmp", bmp(packed(gray[::-1], 8), 8, table(256)))
put("palette-few.bmp", bmp(packed(few(4)[::-1] % 5, 8), 8, table(5), count=5))
put("top-down.bmp", bmp([row.tobytes() for row in color[..., ::-1]], 24, upright=True))
put("os2.bmp", bmp([row.tobytes() for row in backwards], 24, header=12))
put("os2-palette.bmp", bmp(packed(few(4)[::-1], 4), 4, table(16, 3), header=12))
put("rgb-32.bmp", bmp([row.tobytes() for row in np.dstack([backwards, alpha[::-1]])], 32))
sixteen = random.integers(0, 65536, (HEIGHT, WIDTH)).astype("<u2")
put("rgb-555.bmp", bmp([row.tobytes() for row in sixteen], 16))
put("rgb-565.bmp", bmp([row.tobytes() for row in sixteen], 16, compression=3, masks=struct.pack("<3I", 0xF800, 0x7E0, 0x1F)))
put("masks-alpha.bmp", bmp([row.tobytes() for row in np.dstack([backwards, alpha[::-1]])], 32, compression=3, header=124,
                           masks=struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)), ["transparency"])
put("masks-other.bmp", bmp([row.tobytes() for row in np.dstack([alpha[::-1], backwards])], 32, compression=3, header=56,
                           masks=struct.pack("<4I", 0xFF000000, 0xFF0000, 0xFF00, 0)))
runs = b"\3\5\4\7" + b"\0\0" + b"\0\7" + bytes(range(7)) + b"\0" + b"\0\0" + b"\0\2\2\1" + b"\5\11" + b"\0\0" + b"\7\1" + b"\0\1"
put("runs-8.bmp", bmp(runs, 8, table(256), compression=1))
half = b"\3\x5A\4\x7B" + b"\0\0" + b"\0\7" + b"\x12\x34\x56\x70" + b"\0\0" + b"\0\2\2\1" + b"\5\x9C" + b"\0\0" + b"\7\x1F" + b"\0\1"
put("runs-4.bmp", bmp(half, 4, table(16), compression=2))

# GIF.
quantized = Image.fromarray(color).quantize(16)
put("palette.gif", saved(quantized, "GIF", interlace=0))
put("interlaced.gif", saved(photo.quantize(200), "GIF", interlace=1))
put("gray.gif", saved(Image.fromarray(gray), "GIF", interlace=0))
put("transparent.gif", saved(quantized, "GIF", transparency=int(np.asarray(quantized)[0, 0])), ["transparency"])
put("animated.gif", saved(quantized, "GIF", save_all=True, append_images=[Image.fromarray(255 - color).quantize(16)]),
    ["frames"])
noise = Image.fromarray(random.integers(0, 256, (100, 90)).astype(np.uint8))
noise.putpalette(palette.tobytes())
put("full-table.gif", saved(noise.convert("P"), "GIF"))
for name, options in [("partial.gif", {}), ("partial-transparent.gif", {"transparency": 3})]:
    data = bytearray(saved(quantized, "GIF", interlace=0, optimize=False, **options))
    # A canvas of 9 x 8 pixels with the frame from the third column and second row on.
    data[6:10] = struct.pack("<HH", 9, 8)
    frame = data.index(b"\x2C\0\0\0\0" + struct.pack("<HH", WIDTH, HEIGHT))
    data[frame + 1:frame + 5] = struct.pack("<HH", 2, 1)
    put(name, bytes(data), ["transparency"] if options else [])

# What is refused, though it can be decoded.
refused = here.parent / "refused"
refused.mkdir(exist_ok=True)
for name, data in {
    "float.tif": saved(Image.fromarray(gray.astype(np.float32) / 255), "TIFF"),
    "int.tif": saved(Image.fromarray(gray.astype(np.int32)), "TIFF"),
    "lab.tif": tiff([strip(color, 8)], tags(color, 8, 8)),
    "bands.tif": tiff([strip(np.dstack([color] * 2), 8)], tags(np.dstack([color] * 2), 8, 2, _338=[0, 0, 0])),
    "inks.tif": tiff([strip(np.dstack([color, alpha]), 8)], tags(np.dstack([color, alpha]), 8, 5, _332=2)),
    "thunderscan.tif": tiff([strip(few(4), 4)], tags(few(4), 4, 1) | {259: 32809}),
    "embedded.bmp": bmp(saved(photo, "JPEG"), 0, compression=4),
    "gaps.bmp": bmp([row.tobytes() for row in sixteen], 16, compression=3, masks=struct.pack("<3I", 0xF801, 0x7E0, 0x1E)),
}.items():
    (refused / name).write_bytes(data)

lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(entries.items())]
(here.parent / "matrix.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(entries), "files")
