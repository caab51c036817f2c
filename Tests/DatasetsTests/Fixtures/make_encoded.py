"""Makes encoded/, image files of every format in two classes, and encoded.json, what Pillow reads of them (needs pillow
11 or later and numpy).

An entry of encoded.json has the file, height, width, and rgb: the CRC-32 of Image.open(file).convert("RGB") turned upright by
ImageOps.exif_transpose. two/copy.png has the pixels of one/color.jpg.
"""
import json
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

here = Path(__file__).parent / "encoded"
HEIGHT, WIDTH = 44, 58
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]


def color(seed):
    """Waves of three colors, which lossy formats keep small."""
    waves = [127 + 90 * np.sin((seed + 2) * x / 19 + c) * np.cos((c + 1) * y / 17 + seed) for c in range(3)]
    return Image.fromarray(np.stack(waves, -1).astype(np.uint8))


def put(name, image, **options):
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


exif = Image.Exif()
exif[0x0112] = 6
put("one/color.jpg", color(0), quality=80)
put("one/gray.jpg", color(1).convert("L"), quality=80)
put("one/turned.jpg", color(2), quality=80, exif=exif)
put("one/progressive.jpg", color(3), quality=70, progressive=True, subsampling=0)
put("one/wide.jpg", color(4).resize((96, 30)), quality=75)
put("one/tall.jpg", color(5).resize((31, 83)), quality=75)
put("two/color.webp", color(6), quality=80)
put("two/palette.gif", color(7).quantize(16))
put("two/gray.png", color(8).convert("L").quantize(8).convert("L"))
put("two/alpha.png", color(9).quantize(8).convert("RGBA"))
put("two/page.tif", color(10).quantize(12).convert("RGB"), compression="tiff_lzw")
put("two/other.jpg", color(11), quality=85, subsampling=1)
put("two/more.jpg", color(12), quality=60)
put("two/copy.png", Image.open(here / "one/color.jpg"))

entries = []
for path in sorted(here.glob("*/*")):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    entries.append({
        "file": str(path.relative_to(here)), "height": image.height, "width": image.width,
        "rgb": zlib.crc32(image.tobytes())})
(Path(__file__).parent / "encoded.json").write_text(json.dumps(entries, indent=1) + "\n")
