#!/usr/bin/env python3
"""Runs the default study in bfloat16 beside the one in float32 and compares test accuracies, pair by pair.

    python3 docs/studies/precision.py

Both are first-look.yaml; what is already run is not repeated. A pair is an arm, regime, source, target and seed; each
side chooses its rate by itself. Prints the mean difference with a 95 % interval over the pairs, and one over the means of
the seeds, which share no weights; ends with 1 where the first does not lie within one point.
"""

import csv
import math
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"
STUDY = pathlib.Path("docs/studies/first-look.yaml")


def accuracies(directory):
    with open(ROOT / directory / "results.csv") as file:
        return {(row["arm"], row["regime"], row["source"], row["target"], row["seed"]): float(row["testAccuracy"])
                for row in csv.DictReader(file) if row["phase"] != "pretraining" and row["testAccuracy"]}


def interval(values):
    """Student's, at 95 %."""
    quantiles = {2: 4.303, 3: 3.182, 4: 2.776}
    free = len(values) - 1
    # Beyond 30 degrees of freedom Cornish and Fisher's second term is exact to three digits.
    quantile = quantiles.get(free) or 1.95996 + 2.3723 / free + 2.8225 / free ** 2
    width = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return statistics.fmean(values) - width, statistics.fmean(values) + width


def main():
    rounded = ROOT / "checkpoints/first-look-bfloat16.yaml"
    text = (ROOT / STUDY).read_text()
    for line, other in (("name: first-look\n", "name: first-look-bfloat16\n"), ("common:\n", "common:\n  precision: bfloat16\n")):
        if text.count(line) != 1:
            sys.exit(f"{STUDY}: expected one line {line.strip()!r}")
        text = text.replace(line, other)
    rounded.write_text(text)
    for study in (STUDY, rounded):
        subprocess.run([BULKHEAD, "study", "run", study], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    single, half = (accuracies(f"checkpoints/{name}") for name in ("first-look", "first-look-bfloat16"))
    if single.keys() != half.keys():
        sys.exit(f"tested in one precision alone: {sorted(single.keys() ^ half.keys())}")
    differences = {pair: 100 * (half[pair] - single[pair]) for pair in single}
    seeds = sorted({pair[-1] for pair in differences})
    means = [statistics.fmean(d for pair, d in differences.items() if pair[-1] == seed) for seed in seeds]
    low, high = interval(list(differences.values()))
    print(f"bfloat16 − float32 over {len(differences)} pairs: {statistics.fmean(differences.values()):+.2f} points, 95 % "
          f"interval {low:+.2f} to {high:+.2f}; over the means of {len(seeds)} seeds {interval(means)[0]:+.2f} to "
          f"{interval(means)[1]:+.2f}")
    for arm in dict.fromkeys(pair[0] for pair in single):
        print(f"  {arm}: {statistics.fmean(d for pair, d in differences.items() if pair[0] == arm):+.2f}")
    sys.exit(not -1 < low < high < 1)


if __name__ == "__main__":
    main()
