"""One tiny run of 200,000 real steps with checkpoints: memory, open files and threads at its end and after 1,000 steps.

    python3 Tests/Soak/endurance.py BULKHEAD [--quick]

Memory is the resident set, the median of what is seen over a window of steps, for a save shares memory with the run while
it lasts. Ends with 1 if it grew by more than 2 %, or files or threads by any.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

RUN = """
threads: 2
network:
  size: 8
  layers:
    - {kind: convolution, name: features.conv1, outputs: 8, kernel: 3, padding: 1}
    - {kind: batch-normalization, name: features.norm1}
    - {kind: relu, name: features.relu1}
    - {kind: max-pooling, name: features.pool1}
    - {kind: flatten, name: head.flatten}
    - {kind: linear, name: head.fc1, outputs: 32}
    - {kind: relu, name: head.relu2}
    - {kind: linear, name: head.fc2}
data: {path: data.h5, batch: 8}
optimizer: {learningRate: 0.01}
checkpoint: {everyEpochs: 50, keepBest: 2}
"""
STEPS_PER_EPOCH = 30


def sample(process):
    """Resident KiB, open files, threads; None once the process has ended."""
    try:
        fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
        files = len(os.listdir(f"/proc/{process.pid}/fd"))
        return int(fields["VmRSS"].split()[0]), files, int(fields["Threads"])
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    program, steps = pathlib.Path(options.program).resolve(), 20_000 if options.quick else 200_000
    with tempfile.TemporaryDirectory(prefix="bulkhead-endurance-") as folder:
        rows = [",".join(str((index * 37 + place * (index % 3 + 1) * 11) % 256) for place in range(64)) + f",{index % 3}"
                for index in range(300)]
        pathlib.Path(folder, "data.csv").write_text("\n".join(rows) + "\n")
        pathlib.Path(folder, "run.yaml").write_text(RUN)
        subprocess.run([program, "prepare", "csv", "data.csv", "--label", "last", "--test", "10", "--validation", "10",
                        "--keep-duplicates", "--output", "data.h5"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
        start = time.monotonic()
        process = subprocess.Popen(
            [program, "train", "run.yaml", "--run", "run", "--set", f"epochs={-(-steps // STEPS_PER_EPOCH)}"], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log, lines, seen = pathlib.Path(folder, "run", "metrics.jsonl"), 0, []
        handle = None
        while process.poll() is None:
            if handle is None and log.exists():
                handle = log.open()
            if handle:
                lines += len(handle.readlines())
            if found := sample(process):
                seen.append((lines * STEPS_PER_EPOCH, *found))
            time.sleep(0.02)
        if process.returncode != 0:
            sys.exit(f"endurance: the run ended with {process.returncode}")
        seconds = time.monotonic() - start

    def window(first, last):
        inside = [entry for entry in seen if first <= entry[0] <= last]
        if len(inside) < 3:
            sys.exit(f"endurance: steps {first} to {last} were seen {len(inside)} times only")
        return [statistics.median(entry[column] for entry in inside) for column in (1, 2, 3)]

    early, late = window(1000, 3000), window(steps - 2000, steps)
    growth = late[0] / early[0]
    print(f"{steps} steps in {seconds:.0f} s: memory {early[0] / 1024:.1f} MiB after 1,000, {late[0] / 1024:.1f} MiB at the "
          f"end (x{growth:.4f}); files {early[1]:.0f} and {late[1]:.0f}; threads {early[2]:.0f} and {late[2]:.0f}")
    sys.exit(1 if growth > 1.02 or late[1] > early[1] or late[2] > early[2] else 0)


if __name__ == "__main__":
    main()
