#!/usr/bin/env python3
"""Are the pretrained FC layers of the CIFAR-10 network worth keeping for sign-language digits?

    python3 docs/studies/cifar-to-signs.py

Its hidden layers of 1024 and 512 as pretrained (`fc`) against the same layers new (`fc-random`), with everything
trained and with the backbone frozen; three seeds draw images, order and initial values for both alike. Validation
chooses among the rates; the chosen run alone sees the test images. Needs `make build pretrained prepare-real`. A run
that is finished is not repeated.
"""

import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUNS = ROOT / "checkpoints/cifar-to-signs"
HEADS, SEEDS, RATES = ["fc", "fc-random"], [1, 2, 3], [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
REGIMES = {"all layers trained": "[]", "backbone frozen": "[backbone]"}


def bulkhead(*arguments):
    command = [".build/release/bulkhead", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    # 65 after a run whose loss is no number, which its result tells.
    if done.returncode not in [0, 65]:
        sys.exit(f"{' '.join(command)}\n{done.stderr.strip()}")


def result(head, frozen, seed, rate):
    run = RUNS / f"{head}-{'head' if frozen != '[]' else 'full'}-{seed}-{rate}"
    if not (run / "result.json").exists():
        if run.exists():
            bulkhead("resume", run)
        else:
            settings = [f"network.head.kind={head}", f"freeze={frozen}", f"seed={seed}", f"optimizer.learningRate={rate}"]
            bulkhead("train", "docs/studies/cifar-to-signs.yaml", "--run", run, *(x for s in settings for x in ["--set", s]))
    return json.loads((run / "result.json").read_text()), run


def test_accuracy(run):
    if not (run / "test.json").exists():
        bulkhead("evaluate", run, "--output", run / "test.json")
    return 100 * json.loads((run / "test.json").read_text())["domains"][0]["report"]["accuracy"]


def text(values, signed=False):
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):{'+' if signed else ''}.1f} ± {error:.1f}"


for needed, maker in [("checkpoints/cifar-10.h5", "pretrained"), ("datasets/sign-language-digits.h5", "prepare-real")]:
    if not (ROOT / needed).exists():
        sys.exit(f"{needed} is not there: make {maker}")
print("| | " + " | ".join(HEADS) + " | difference, paired by seed | rates chosen |\n|---|---|---|---|---|")
for regime, frozen in REGIMES.items():
    accuracies, chosen = {}, {}
    for head in HEADS:
        for seed in SEEDS:
            runs = [(*result(head, frozen, seed, rate), rate) for rate in RATES]
            _, run, rate = max(runs, key=lambda r: (r[0]["validationAccuracy"], -(r[0].get("validationLoss") or 1e9), -r[2]))
            accuracies.setdefault(head, []).append(test_accuracy(run))
            chosen.setdefault(head, []).append(f"{rate}")
    differences = [a - b for a, b in zip(*accuracies.values())]
    rates = "; ".join(f"{head} {', '.join(values)}" for head, values in chosen.items())
    print(f"| {regime} | {' | '.join(map(text, accuracies.values()))} | {text(differences, signed=True)} | {rates} |")
