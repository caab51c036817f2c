"""The pretrained CIFAR-10 network: its predictions on CIFAR-10's test images against Keras's, image by image.

    python3 test_cifar.py

Both read checkpoints/cifar-10.h5 (make pretrained) and the pixels in datasets/cifar-10.h5 (make prepare-real). The
predicted classes must be the same for every image and their probabilities equal within 1e-4. A file or a library that
is missing is one line; a comparison that fails is exit code 1.
"""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ.update(KERAS_BACKEND="torch")

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"
MODEL, DATASET = ROOT / "checkpoints/cifar-10.h5", ROOT / "datasets/cifar-10.h5"


def skip(reason):
    print(f"the CIFAR-10 network was not compared: {reason}")
    sys.exit(0)


for path, maker in [(MODEL, "pretrained"), (DATASET, "prepare-real DATA=folder")]:
    if not path.exists():
        skip(f"{path.relative_to(ROOT)} is not there (make {maker})")
try:
    import h5py
    import keras
    import numpy as np
except ImportError as error:
    skip(error)

with h5py.File(DATASET) as file:
    test = file["splits/test"][()]
    assert (file["images/height"][()] == 32).all() and (file["images/width"][()] == 32).all()
    images = file["images/pixels"][()].reshape(-1, 32, 32, 3)
    labels = file["regions/label"][()]
    classes = [name.decode() for name in file["classes"][()]]
logits = keras.models.load_model(MODEL, compile=False).predict(images[test].astype("f"), verbose=0)
shares = np.exp(logits - logits.max(axis=1, keepdims=True))
shares /= shares.sum(axis=1, keepdims=True)

with tempfile.TemporaryDirectory(prefix="cifar-", dir=ROOT / ".build") as folder:
    folder = pathlib.Path(folder)
    (folder / "cifar.yaml").write_text(
        f"network: {{keras: {MODEL}}}\nweights: {{from: {MODEL}}}\ndata: {{path: {DATASET}, inputNormalization: raw}}\n")
    done = subprocess.run(
        [BULKHEAD, "evaluate", folder / "cifar.yaml", "--predictions", folder / "predictions.csv"],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAIL  evaluate: {done.stderr.strip()}")
    rows = list(csv.DictReader((folder / "predictions.csv").open()))

assert [int(row["sample"]) for row in rows] == list(test), "other images than Keras got"
ours = np.array([classes.index(row["predicted"]) for row in rows])
equal = int((ours == logits.argmax(axis=1)).sum())
apart = float(np.max(np.abs(np.array([float(row["probability"]) for row in rows]) - shares.max(axis=1))))
accuracy = float((ours == labels[test]).mean())
line = f"CIFAR-10 network: {equal} of {len(test)} predictions are Keras's, probabilities differ by {apart:.1e}, " \
    f"accuracy {100 * accuracy:.1f} %"
passed = equal == len(test) and apart <= 1e-4
print(("ok    " if passed else "FAIL  ") + line)
sys.exit(0 if passed else 1)
