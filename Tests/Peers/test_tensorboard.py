"""Event files of a study and of a run, read back by the real TensorBoard.

    python3 test_tensorboard.py

A study of a few seconds on made-up pictures is run. Every run of it must have an event file in its report, and what
TensorBoard finds there must be the run's metrics.jsonl: the same steps, and for each its tags and values, as the 32-bit
numbers that event files hold. So must the event file that a run with tensorBoard: true writes as it goes, after it was killed
in the middle and resumed, and its metrics.csv. The negative control is a file with a flipped bit. A missing library is one
line.
"""

import csv
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"

try:
    import numpy as np
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
except ImportError as error:
    print(f"missing: tensorboard ({error}); event files were not read back")
    sys.exit(0)

STUDY = """
name: small
domains: [{name: a, source: a.h5, target: a.h5}]
arms:
  - {name: fc, settings: {network: {head: {kind: fc, width: 8, depth: 1}}}}
  - {name: gap, settings: {network: {head: {kind: gap}}}}
seeds: [1]
learningRates: [0.01, 0.05]
search: {extensions: 0, doublings: 0}
workers: 2
common: {data: {sizes: [28], evaluationSize: 28, batch: 8}}
pretraining: {epochs: 3}
finetuning: {epochs: 2, data: {trainPerClass: 8}}
"""


def scalars(directory):
    """What TensorBoard shows of a directory: {tag: {step: value}}."""
    accumulator = EventAccumulator(str(directory), size_guidance={"tensors": 0, "scalars": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    found = {tag: {e.step: np.float32(e.value) for e in accumulator.Scalars(tag)} for tag in tags.get("scalars", [])}
    for tag in tags.get("tensors", []):
        found[tag] = {e.step: np.float32(e.tensor_proto.float_val[0]) for e in accumulator.Tensors(tag)}
    return found


def recorded(run):
    """The same from metrics.jsonl."""
    found = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        step = record.pop("step")
        for tag, value in record.items():
            if value is not None:
                found.setdefault(tag, {})[step] = np.float32(value)
    return found


RUN = "data: {path: a.h5, batch: 4}\nepochs: 40\nlogEverySteps: 3\ntensorBoard: true\n"


def killed(folder):
    """A run that was killed in the middle, resumed, and ended; what is wrong with its copies of metrics.jsonl."""
    (folder / "run.yaml").write_text(RUN)
    run = folder / "run"
    process = subprocess.Popen(
        [BULKHEAD, "train", "run.yaml", "--run", "run"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    log = run / "metrics.jsonl"
    while process.poll() is None and not (log.exists() and log.read_text().count("\n") > 20):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    interrupted = not (run / "result.json").exists()
    with open(run / "events.out.tfevents.0.bulkhead", "ab") as file:
        file.write(b"torn")
    subprocess.run([BULKHEAD, "resume", "run"], cwd=folder, check=True, capture_output=True)
    wrong = [] if interrupted else ["the run ended before it was killed"]
    seen, wanted = scalars(run), recorded(run)
    if seen != wanted:
        wrong.append(f"run: TensorBoard reads {seen}, metrics.jsonl has {wanted}")
    with open(run / "metrics.csv") as file:
        rows = [{name: float(text) for name, text in row.items() if text} for row in csv.DictReader(file)]
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    if rows != [{name: value for name, value in line.items() if value is not None} for line in lines]:
        wrong.append("run: metrics.csv has other rows than metrics.jsonl")
    return wrong, sum(map(len, seen.values()))


def main(folder):
    rows = []
    for image in range(80):
        pixels = [(150 if place // 32 == image % 2 else 20) + (place * 7 + image * 13) % 80 for place in range(64)]
        rows.append(",".join(map(str, pixels + [image % 2])))
    (folder / "a.csv").write_text("\n".join(rows))
    (folder / "small.yaml").write_text(STUDY)
    for command in (
        ["prepare", "csv", "a.csv", "--label", "last", "--test", "10", "--validation", "10", "--output", "a.h5"],
        ["study", "run", "small.yaml"],
    ):
        subprocess.run([BULKHEAD, *command], cwd=folder, check=True, capture_output=True)
    study = folder / "checkpoints/small"
    runs = {path.parent.name: path.parent for path in study.glob("*/*/result.json")}
    files = {path.parent.name: path for path in (study / "report/events").rglob("events.out.tfevents.*")}
    wrong = [f"{name}: no event file" for name in runs.keys() - files.keys()]
    values = 0
    for name, path in files.items():
        seen, wanted = scalars(path.parent), recorded(runs[name])
        values += sum(map(len, seen.values()))
        if seen != wanted:
            wrong.append(f"{name}: TensorBoard reads {seen}, metrics.jsonl has {wanted}")
    wrong_in_run, more = killed(folder)
    wrong += wrong_in_run
    path = next(iter(files.values()))
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    if len(list(RawEventFileLoader(str(path)).Load())) >= len(recorded(runs[path.parent.name])["epoch"]) + 1:
        wrong.append("TensorBoard read a damaged file whole: this comparison shows nothing")
    print(
        "\n".join(wrong)
        or f"TensorBoard: {len(files)} event files of a study, {values} values, and one of a killed run, {more} values, "
        "equal to metrics.jsonl"
    )
    return bool(wrong)


if __name__ == "__main__":
    place = pathlib.Path(tempfile.mkdtemp())
    try:
        sys.exit(main(place))
    finally:
        shutil.rmtree(place)
