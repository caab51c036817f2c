"""Makes the images and Pillow's values that the tests of Images compare with (needs pillow and numpy).

Each .raw file holds the rows of the image of the same name, 8 bits per sample.
"""
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

here = Path(__file__).parent
random = np.random.default_rng(7)


def smooth(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 120 * np.sin(x / (3 + c) + c) * np.cos(y / (4 - c / 2)) for c in range(channels)]
    noisy = np.stack(planes, -1) + random.normal(0, 6, (height, width, channels))
    return noisy.clip(0, 255).astype(np.uint8)


def raw(name, array):
    (here / name).write_bytes(np.ascontiguousarray(array, dtype=np.uint8).tobytes())


color = smooth(13, 17, 3)
gray = smooth(11, 9, 1)[..., 0]

Image.fromarray(color).save(here / "color.jpg", quality=90)
raw("color.jpg.raw", np.asarray(Image.open(here / "color.jpg")))
Image.fromarray(gray).save(here / "gray.jpg", quality=90)
raw("gray.jpg.raw", np.asarray(Image.open(here / "gray.jpg")))
Image.fromarray(color).save(here / "progressive.jpg", quality=90, progressive=True)
raw("progressive.jpg.raw", np.asarray(Image.open(here / "progressive.jpg")))

Image.fromarray(color).save(here / "color.png")
raw("color.png.raw", color)
Image.fromarray(gray).save(here / "gray.png")
raw("gray.png.raw", gray)
deep = (gray.astype(np.uint16) << 8) | random.integers(0, 256, gray.shape).astype(np.uint16)
Image.fromarray(deep).save(here / "deep.png")
raw("deep.png.raw", deep >> 8)
alpha = np.dstack([color, random.integers(0, 256, color.shape[:2]).astype(np.uint8)])
Image.fromarray(alpha, "RGBA").save(here / "alpha.png")
raw("alpha.png.raw", color)
palette = Image.fromarray(color).quantize(16)
palette.save(here / "palette.png")
raw("palette.png.raw", np.asarray(palette.convert("RGB")))
Image.fromarray(gray > 127).save(here / "bilevel.png")
raw("bilevel.png.raw", (gray > 127) * 255)

raw("luma.raw", np.asarray(Image.fromarray(color).convert("L")))
for height, width in [(5, 7), (26, 34), (13, 6), (29, 17), (1, 1), (40, 3)]:
    resized = Image.fromarray(color).resize((width, height), Image.BILINEAR)
    raw(f"color-{height}x{width}.raw", np.asarray(resized))
for height, width in [(28, 28), (4, 4)]:
    resized = Image.fromarray(gray).resize((width, height), Image.BILINEAR)
    raw(f"gray-{height}x{width}.raw", np.asarray(resized))

# The same image in each of the eight orientations, and upright.
for orientation in range(1, 9):
    for order in "IM":
        exif = Image.Exif()
        exif.endian = "<" if order == "I" else ">"
        exif[0x010F] = "a maker with a name that does not stand in the entry itself"
        exif[0x0112] = orientation
        name = f"orientation-{orientation}-{order}.jpg"
        Image.fromarray(color[:9, :14]).save(here / name, quality=85, exif=exif)
    raw(f"orientation-{orientation}.raw", np.asarray(ImageOps.exif_transpose(Image.open(here / name))))

# Factors in quarters, as Pillow takes them in single precision.
for kind in ("Brightness", "Contrast", "Color"):
    for factor in (0, 0.25, 0.75, 1.5):
        enhanced = getattr(ImageEnhance, kind)(Image.fromarray(color)).enhance(factor)
        raw(f"{kind.lower()}-{factor}.raw", np.asarray(enhanced))
    enhanced = getattr(ImageEnhance, kind)(Image.fromarray(gray)).enhance(1.5)
    raw(f"gray-{kind.lower()}-1.5.raw", np.asarray(enhanced))
