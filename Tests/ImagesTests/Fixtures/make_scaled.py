"""Makes scaled/, JPEG files, and scaled.json, what Pillow reads of them at 1/2, 1/4 and 1/8 of their size (needs pillow 11 or
later and numpy).

An entry has the file, the sides as stored, and for each part the extents and the samples in hexadecimal, as
Image.draft has libjpeg decode them. Nothing is turned.
"""
import json
from pathlib import Path

import numpy as np
from PIL import Image

here = Path(__file__).parent / "scaled"
here.mkdir(exist_ok=True)
HEIGHT, WIDTH = 47, 61
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
noise = np.random.default_rng(3).integers(-20, 20, (HEIGHT, WIDTH, 3))
waves = np.stack([127 + 90 * np.sin((c + 1) * x / 9) * np.cos((c + 2) * y / 11) for c in range(3)], -1)
color = Image.fromarray(np.clip(waves + noise, 0, 255).astype(np.uint8))
exif = Image.Exif()
exif[0x0112] = 6
files = {
    "color.jpg": (color, {}), "full.jpg": (color, {"subsampling": 0}), "gray.jpg": (color.convert("L"), {}),
    "turned.jpg": (color, {"exif": exif}), "progressive.jpg": (color, {"progressive": True}),
}
entries = []
for name, (image, options) in files.items():
    image.save(here / name, quality=85, **options)
    parts = {}
    for factor in (2, 4, 8):
        part = Image.open(here / name)
        part.draft(None, (WIDTH // factor, HEIGHT // factor))
        part.load()
        assert part.size == (-(-WIDTH // factor), -(-HEIGHT // factor)), (part.size, factor)
        parts[str(factor)] = {"height": part.height, "width": part.width, "samples": part.tobytes().hex()}
    entries.append({"file": name, "parts": parts})
(Path(__file__).parent / "scaled.json").write_text(json.dumps(entries, indent=1) + "\n")
