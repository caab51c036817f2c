"""`prepare folder` of 10,000 JPEG files of 300×250 beside Pillow, which decodes them and nothing else.

    DATA=ARCHIVES python pictures.py --peer make FOLDER     makes the files and a dataset, if they are missing
    python pictures.py --peer bulkhead FOLDER
    python pictures.py --peer pillow FOLDER         Image.open(path).convert("RGB"), whose samples a dataset has
    python pictures.py --peer pillow-load FOLDER    Image.open(path).load(), which may leave another mode

The files are parts of the photographs in the .tar archives in DATA, scaled by Pillow and saved with quality 85, in ten classes;
without such archives they are of waves and noise, which the report says. Ours reads, decodes, hashes and counts each file and
writes the dataset, from the start of its process to the end; Pillow decodes them in as many processes as ours has threads,
from the start of the first to the end of the last.
"""

import glob
import io
import multiprocessing
import os
import random
import subprocess
import sys
import tarfile
import time

import measure

folder = os.path.abspath(sys.argv.pop())
options = measure.arguments(peer="pillow")

import PIL
from PIL import Image

COUNT, WIDTH, HEIGHT, CLASSES = 10_000, 300, 250, 10


def photographs():
    """The photographs, largest archives last; nothing where there are none."""
    for archive in sorted(glob.glob(os.path.join(os.environ.get("DATA", ""), "*.tar"))):
        with tarfile.open(archive) as members:
            for member in members:
                if member.name.lower().endswith((".jpg", ".jpeg")):
                    picture = Image.open(io.BytesIO(members.extractfile(member).read()))
                    if min(picture.size) >= 150:
                        yield picture.convert("RGB")


def waves():
    """Pictures without an archive."""
    import numpy as np
    noise = np.random.default_rng(0)
    y, x = np.mgrid[0:400, 0:480]
    while True:
        a, b, c = noise.uniform(10, 60, 3)
        shape = 127 + 80 * np.sin(x / a + y / b) * np.cos(y / c)
        yield Image.fromarray(np.clip(shape[..., None] + noise.normal(0, 12, (400, 480, 3)), 0, 255).astype(np.uint8))


def make():
    source, kind = list(photographs()), "photographs"
    if not source:
        generator = waves()
        source, kind = [next(generator) for _ in range(500)], "waves and noise"
    chance = random.Random(0)
    for index in range(COUNT):
        picture = source[index % len(source)]
        # Another part each time, so that none is there twice.
        share = chance.uniform(0.6, 1)
        width, height = share * picture.width, share * picture.height
        left, top = chance.uniform(0, picture.width - width), chance.uniform(0, picture.height - height)
        part = picture.resize((WIDTH, HEIGHT), Image.BICUBIC, box=(left, top, left + width, top + height))
        directory = f"{folder}/class-{index % CLASSES}"
        os.makedirs(directory, exist_ok=True)
        part.save(f"{directory}/{index:05}.jpg", quality=85)
    with open(folder + ".txt", "w") as file:
        file.write(kind)


def prepare(path, *more):
    subprocess.run(
        [os.environ["BULKHEAD"], "prepare", "folder", folder, "--threads", str(options.threads), "--output", path,
         "--overwrite", *more], check=True, capture_output=True)


def files():
    return sorted(glob.glob(folder + "/*/*.jpg"))


def decode(path):
    with Image.open(path) as picture:
        picture.convert("RGB")


def load(path):
    with Image.open(path) as picture:
        picture.load()


kind = open(folder + ".txt").read() if os.path.exists(folder + ".txt") else ""
if options.peer == "make":
    if not kind:
        make()
    if not os.path.exists(folder + ".h5"):
        prepare(folder + ".h5", "--validation", "0", "--test", "0")
elif options.peer == "bulkhead":
    start = time.perf_counter()
    prepare(folder + "-again.h5")
    milliseconds = [(time.perf_counter() - start) * 1000]
    size = os.path.getsize(folder + "-again.h5") / sum(map(os.path.getsize, files()))
    os.unlink(folder + "-again.h5")
    measure.report(milliseconds, "bulkhead", size=size, variant=kind)
else:
    paths = files()
    start = time.perf_counter()
    with multiprocessing.Pool(options.threads) as pool:
        for _ in pool.imap_unordered(decode if options.peer == "pillow" else load, paths, chunksize=64):
            pass
    measure.report([(time.perf_counter() - start) * 1000], f"Pillow {PIL.__version__}", variant=kind)
