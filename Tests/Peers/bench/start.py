"""What a run takes from the start of its process to its first step, beyond reading the weights.

    python start.py WEIGHTS DATASET DIRECTORY

VGG16 with new classes, all of its convolutions frozen, two images a step. Counted is the time from the start of the
process to the end of the first step, less a later step, less what reading the same file into the network takes.
"""

import shutil
import statistics
import sys

import measure

weights, dataset, directory = sys.argv[-3:]
del sys.argv[-3:]
options = measure.arguments()

import json
import os
import subprocess
import time

CONFIGURATION = f"""
threads: {options.threads}
network: {{preset: vgg16}}
data: {{path: {dataset}, channels: 3, sizes: [32], batch: 2}}
weights: {{from: {weights}}}
freeze: ["features.*"]
optimizer: {{learningRate: 0.0001}}
epochs: 1
"""


def output(*words):
    text = subprocess.run([os.environ["BULKHEAD_BENCH"], *words], check=True, capture_output=True, text=True).stdout
    return json.loads(text.strip().splitlines()[-1])


with open(directory + ".yaml", "w") as file:
    file.write(CONFIGURATION)
shutil.rmtree(directory, ignore_errors=True)
report = output("start", directory + ".yaml", "--run", directory, "--since", str(time.monotonic_ns()))
shutil.rmtree(directory, ignore_errors=True)
reading = output("loading", weights, "--threads", str(options.threads))["milliseconds"][0]
first, *later = report["milliseconds"]
measure.report([report["setup"] + first - statistics.median(later) - reading], "bulkhead", reading=reading, **{
    "first step": first, "later step": statistics.median(later), "setup": report["setup"]})
