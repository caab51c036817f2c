"""Kills short training runs at seeded random points, resumes them, and compares every byte of what they come to.

    python3 Tests/Soak/soak.py BULKHEAD [--quick] [--seed N]

BULKHEAD is a build with the trait CrashPoints, whose environment variables say where it ends itself (SIGKILL) and which of
its writes fail. Kills from without come at random moments; the file of the points that were reached says where they hit.
Prints a table and ends with 1 if a single byte differs, a kill did not happen where it was meant, or a count is not met.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

INSIDE_A_SAVE = ("save.", "file.")
COMPARED = ["last.h5", "best.h5", "metrics.jsonl", "result.json", "configuration.yaml"]

RUN = """
seed: 3
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
    - {kind: dropout, name: head.drop1, rate: 0.2}
    - {kind: linear, name: head.fc2}
data: {path: data.h5, batch: 8}
optimizer: {learningRate: 0.02, momentum: 0.9, weightDecay: 0.001}
schedule: {kind: cosine}
epochs: 10
checkpoint: {everySteps: 5, keepLast: 2, keepBest: 2}
"""

DETECTOR = """
seed: 3
threads: 2
task: detection
network: {head: {kind: fc, width: 16, dropout: 0.2}}
detection: {regionsPerImage: 8, anchors: {scales: [12, 16, 20], ratios: [1]}, network: {width: 8, anchorsPerImage: 32}}
data: {path: boxes.h5, batch: 2, augment: {flip: true}}
optimizer: {learningRate: 0.02, momentum: 0.9, weightDecay: 0.001, clip: 5}
schedule: {kind: cosine}
epochs: 4
checkpoint: {everySteps: 3, keepLast: 2, keepBest: 2}
"""

FEATURES = """
seed: 3
threads: 2
network: {preset: small-vgg}
data: {path: data.h5}
"""


class Soak:
    def __init__(self, program, seed, folder):
        self.program, self.folder = pathlib.Path(program).resolve(), pathlib.Path(folder)
        self.random = random.Random(seed)
        self.kills = collections.Counter()
        self.inside_save = 0
        self.problems = []
        self.number = 0
        self.configuration = "run.yaml"
        self.make_data()

    def make_data(self):
        """Pictures of 8 x 8 in three classes, told apart by their stripes."""
        rows = []
        for index in range(240):
            label = index % 3
            pixels = [
                (160 if [x, y, x + y][label] % 4 < 2 else 0) + self.random.randrange(80)
                for y in range(8) for x in range(8)]
            rows.append(",".join(map(str, pixels + [label])))
        (self.folder / "data.csv").write_text("\n".join(rows) + "\n")
        (self.folder / "run.yaml").write_text(RUN)
        (self.folder / "detector.yaml").write_text(DETECTOR)
        (self.folder / "features.yaml").write_text(FEATURES)
        self.must(["prepare", "csv", "data.csv", "--label", "last", "--test", "20%", "--validation", "30%",
                   "--output", "data.h5"])
        self.make_boxes()

    def make_boxes(self):
        """Gray BMP pictures of 40 x 48, each with one or two bright squares of 16, and their boxes."""
        pictures = self.folder / "pictures"
        pictures.mkdir()
        height, width = 40, 48
        lines = ["image,x1,y1,x2,y2,label"]
        for index in range(24):
            pixels = [[self.random.randrange(40) for _ in range(width)] for _ in range(height)]
            for _ in range(self.random.randrange(1, 3)):
                x, y = self.random.randrange(width - 16), self.random.randrange(height - 16)
                for row in pixels[y:y + 16]:
                    row[x:x + 16] = [220] * 16
                lines.append(f"{index}.bmp,{x},{y},{x + 15},{y + 15},square")
            body = b"".join(bytes(value for value in row for _ in range(3)) for row in reversed(pixels))
            (pictures / f"{index}.bmp").write_bytes(
                b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + len(body), 0, 0, 54, 40, width, height, 1, 24, 0,
                                    len(body), 2835, 2835, 0, 0) + body)
        (self.folder / "boxes.csv").write_text("\n".join(lines) + "\n")
        self.must(["prepare", "csv-boxes", "boxes.csv", "--images", "pictures", "--test", "4", "--validation", "6",
                   "--output", "boxes.h5"])

    def start(self, arguments, limit=None, **environment):
        def prepare():
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return subprocess.Popen(
            [self.program, *arguments], cwd=self.folder, env={**os.environ, **environment}, preexec_fn=prepare,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, process):
        errors = process.communicate(timeout=120)[1].decode(errors="replace")
        return process.returncode, errors

    def must(self, arguments):
        code, errors = self.finish(self.start(arguments))
        if code != 0:
            sys.exit(f"soak: bulkhead {' '.join(arguments)} ended with {code}: {errors}")

    def problem(self, text):
        self.problems.append(text)
        print(f"PROBLEM: {text}", file=sys.stderr)

    # What is compared

    def outcome(self, name):
        """The bytes of a finished run, by file, the weights of its best epochs among them."""
        run = self.folder / name
        names = COMPARED + sorted(path.name for path in run.glob("best-epoch-*.h5"))
        return {file: hashlib.sha256((run / file).read_bytes()).hexdigest() for file in names}

    def compare(self, name, expected, what):
        found = self.outcome(name)
        for file in sorted(set(found) | set(expected)):
            if found.get(file) != expected.get(file):
                self.problem(f"{what}: {name}/{file} differs from the run that was not stopped")
        left = [p.name for p in (self.folder / name).iterdir() if p.suffix in (".partial",)]
        if left:
            self.problem(f"{what}: {left} were left behind")
        code, errors = self.finish(self.start(["verify", name]))
        if code != 0:
            self.problem(f"{what}: verify says {errors}")
        shutil.rmtree(self.folder / name)

    def command(self, name):
        if (self.folder / name / "configuration.yaml").exists():
            return ["resume", name]
        return ["train", self.configuration, "--run", name]

    def fresh(self):
        self.number += 1
        return f"run-{self.number}"

    def census(self, arguments):
        """How often each point is reached, in order, and in how many seconds."""
        path = self.folder / "census"
        path.unlink(missing_ok=True)
        start = time.monotonic()
        code, errors = self.finish(self.start(arguments, BULKHEAD_REACHED=str(path)))
        if code != 0:
            sys.exit(f"soak: {' '.join(arguments)} ended with {code}: {errors}")
        points = collections.Counter(line.split()[0] for line in path.read_text().splitlines())
        return points, time.monotonic() - start

    # Ways to end a process

    def killed(self, arguments, point=None, after=None):
        """Starts a process that is killed; returns where that was, or None if it ended before."""
        path = self.folder / "reached"
        path.unlink(missing_ok=True)
        environment = {"BULKHEAD_REACHED": str(path)}
        if point:
            environment["BULKHEAD_KILL_AT"] = point
        process = self.start(arguments, **environment)
        if after is not None:
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
        code, errors = self.finish(process)
        reached = path.read_text().splitlines() if path.exists() else []
        if code == -signal.SIGKILL:
            if point and f"killed {point.replace(':', ' ')}" not in reached:
                self.problem(f"killed, but not at {point}: {reached[-3:]}")
            if point:
                return point.split(":")[0]
            return reached[-1].split()[0] if reached else "the start"
        if code != 0:
            self.problem(f"bulkhead {' '.join(arguments)} ended with {code}: {errors}")
        return None

    def note(self, place, kind):
        self.kills[f"{kind} {place}"] += 1
        self.inside_save += place.startswith(INSIDE_A_SAVE)

    def is_finished(self, name):
        return (self.folder / name / "result.json").exists()

    def at_points(self, points, kills, expected):
        """Kills at points that are drawn evenly among their kinds, several a run, until the run is done."""
        names = sorted(points)
        done = 0
        while done < kills:
            name = self.fresh()
            hits = self.random.randrange(2, 7)
            while not self.is_finished(name):
                if hits > 0:
                    point = names[done % len(names)]
                    count = self.random.randrange(1, max(2, points[point] // 2 + 1))
                    place = self.killed(self.command(name), f"{point}:{count}")
                    hits -= 1
                    if place:
                        self.note(place, "at")
                        done += 1
                else:
                    self.must(self.command(name))
            self.must(self.command(name))
            self.compare(name, expected, "killed at points")

    def at_random(self, seconds, kills, expected):
        """Kills from without at any moment."""
        done = 0
        while done < kills:
            name = self.fresh()
            for _ in range(self.random.randrange(2, 7)):
                place = self.killed(self.command(name), after=self.random.uniform(0.1, 1) * seconds)
                if place:
                    self.note(place, "from without, last seen at")
                    done += 1
            self.must(self.command(name))
            self.compare(name, expected, "killed at random")

    def terminated(self, seconds, count, expected):
        """SIGTERM and SIGINT: 75 with the state saved, or 0 if the run was done."""
        stopped = 0
        while stopped < count:
            name = self.fresh()
            for _ in range(self.random.randrange(2, 5)):
                process = self.start(self.command(name))
                time.sleep(self.random.uniform(0.05, seconds))
                process.send_signal(self.random.choice([signal.SIGTERM, signal.SIGINT]))
                code, errors = self.finish(process)
                if code == 75:
                    stopped += 1
                    if "resume" not in errors:
                        self.problem(f"stopped without a word on how to go on: {errors}")
                elif code not in (0, -signal.SIGTERM, -signal.SIGINT):
                    self.problem(f"SIGTERM ended it with {code}: {errors}")
            self.must(self.command(name))
            self.compare(name, expected, "terminated")
        self.kills["SIGTERM and SIGINT, ended with 75"] += stopped

    def failing_writes(self, count, expected):
        """Writes that fail now and then, with no room (28) and with a bad disk (5)."""
        failed = 0
        for _ in range(count):
            name = self.fresh()
            first, length = self.random.randrange(1, 120), self.random.choice([1, 3, 40, 10_000])
            code, errors = self.finish(self.start(
                self.command(name), BULKHEAD_FAIL_WRITES=f"{first}:{length}:{self.random.choice([5, 28])}"))
            failed += "cannot be saved" in errors or code == 74
            if code not in (0, 74):
                self.problem(f"failing writes ended it with {code}: {errors}")
            self.must(self.command(name))
            self.compare(name, expected, "failing writes")
        self.kills["runs whose writes failed"] = failed

    def full_disk(self, count, expected):
        """No file may be larger than so many bytes, less than a checkpoint needs."""
        size = (self.folder / "reference" / "last.h5").stat().st_size
        for _ in range(count):
            name = self.fresh()
            limit = self.random.randrange(200, size)
            code, errors = self.finish(self.start(self.command(name), limit=limit))
            if code != 74:
                self.problem(f"a limit of {limit} bytes ended it with {code}: {errors}")
            self.must(self.command(name))
            self.compare(name, expected, "file-size limit")
        self.kills["runs under a file-size limit"] = count

    def small_disk(self, expected):
        """A file system that is full after a while, and then no longer."""
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk],
                          stderr=subprocess.DEVNULL).returncode != 0:
            print("soak: no tmpfs can be mounted here (that takes root); the file-size limit stands for it")
            return
        try:
            name = "disk/run"
            (disk / "filler").write_bytes(bytes(2680 << 10))
            code, errors = self.finish(self.start(self.command(name)))
            if code != 74:
                self.problem(f"a full disk ended it with {code}: {errors}")
            (disk / "filler").unlink()
            self.must(self.command(name))
            self.compare(name, expected, "full disk")
            self.kills["runs on a full tmpfs"] = 1
        finally:
            subprocess.run(["umount", disk], check=True)

    def features(self, kills):
        """Kills while feature maps are cached; the dataset must come out the same."""
        arguments = lambda output: ["features", "features.yaml", "--output", output]
        points, seconds = self.census(arguments("whole.h5"))
        whole = (self.folder / "whole.h5").read_bytes()
        done = 0
        while done < kills:
            output = f"maps-{done}.h5"
            for _ in range(self.random.randrange(2, 5)):
                if (self.folder / output).exists():
                    break
                if self.random.random() < 0.7:
                    point = self.random.choice(sorted(points))
                    count = self.random.randrange(1, max(2, points[point] // 2))
                    place = self.killed(arguments(output), f"{point}:{count}")
                else:
                    place = self.killed(arguments(output), after=self.random.uniform(0, seconds))
                if place:
                    self.note(place, "features,")
                    done += 1
            if not (self.folder / output).exists():
                self.must(arguments(output))
            if (self.folder / output).read_bytes() != whole:
                self.problem(f"{output} differs from the dataset that was written in one go")
            left = [path.name for path in self.folder.glob(output + ".*") if path.suffix != ".features"]
            if left:
                self.problem(f"{left} were left behind")
            for path in self.folder.glob(output + "*"):
                path.unlink()


    def detector(self, kills):
        """The same kills of a detector, whose steps sample anchors and regions."""
        self.configuration = "detector.yaml"
        points, seconds = self.census(self.command("detector"))
        expected = self.outcome("detector")
        print(f"a run of the detector takes {seconds:.2f} s and passes {sum(points.values())} points")
        self.at_points(points, kills // 2, expected)
        self.at_random(seconds, kills - kills // 2, expected)
        self.terminated(seconds, max(2, kills // 4), expected)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    share = 0.2 if options.quick else 1
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bulkhead-soak-") as folder:
        soak = Soak(options.program, options.seed, folder)
        points, seconds = soak.census(soak.command("reference"))
        expected = soak.outcome("reference")
        print(f"a run takes {seconds:.2f} s and passes {sum(points.values())} points of {len(points)} kinds")
        soak.at_points(points, round(200 * share), expected)
        soak.at_random(seconds, round(70 * share), expected)
        soak.features(round(40 * share))
        soak.terminated(seconds, round(30 * share), expected)
        soak.failing_writes(round(40 * share), expected)
        soak.full_disk(round(15 * share), expected)
        soak.small_disk(expected)
        soak.detector(round(60 * share))
        for place, count in sorted(soak.kills.items()):
            print(f"{count:5}  {place}")
        kills = sum(count for place, count in soak.kills.items()
                    if place.startswith(("at ", "from without", "features,")))
        print(f"{kills} kills by SIGKILL, {soak.inside_save} of them inside a save; "
              f"{len(soak.problems)} problems; {time.monotonic() - start:.0f} s")
        if kills < round(360 * share) or soak.inside_save < round(100 * share):
            soak.problem("fewer kills than asked for")
        sys.exit(1 if soak.problems else 0)


if __name__ == "__main__":
    main()
