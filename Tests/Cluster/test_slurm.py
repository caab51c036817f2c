"""Runs a small study under Slurm in several ways, and compares every byte of what it comes to with a local run.

    python3 Tests/Cluster/test_slurm.py BULKHEAD [--seed N] [--keep]

Starts munged, slurmctld and slurmd by hand, with a configuration, keys and ports of their own in a temporary folder, and ends them.
The study has the form of docs/studies/first-look.yaml on made data. Prints a line for each test and ends with 1 if one fails.
"""

import argparse
import difflib
import hashlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

STUDY = """
name: small
domains:
  - {name: a, source: a.h5, target: held-out.h5}
  - {name: inverted, target: held-out.h5, shift: inverted}
arms:
  - name: fc
    settings: {network: {head: {kind: fc, width: 16, depth: 2, dropout: 0.1}}}
    learningRates: [0.01, 0.05]
  - name: gap
    settings: {network: {head: {kind: gap}}}
    learningRates: [0.03, 0.1]
  - name: fc-random
    pretrained: fc
    scratch: fc
    settings: {network: {head: {kind: fc-random, width: 16, depth: 2, dropout: 0.1}}}
    learningRates: [0.01, 0.05]
seeds: [1, 2]
search: {seeds: first, extensions: 1}
workers: 2
keepWeights: true
common:
  network: {preset: small-vgg}
  data: {sizes: [28, 32], evaluationSize: 28, batch: 8}
  optimizer: {convention: torch, momentum: 0.9, weightDecay: 0.0005}
  schedule: {kind: cosine}
  checkpoint: {everyEpochs: 2}
pretraining: {epochs: 8}
finetuning: {epochs: 8, data: {trainPerClass: 8, validationPerClass: 8}}
"""

# What depends on the machine or on who did it: time, memory, messages, locks, what was submitted; and earlier checkpoints, as a
# stopped run has those of its stops.
ELSEWHERE = {"cost.json", "log.txt", "test-log.txt", "lock", "results.csv"}
FOLDERS = {"claim", "shards", "submissions", "report"}


def free_port():
    with socket.socket() as one:
        one.bind(("", 0))
        return one.getsockname()[1]


class Slurm:
    """The daemons, on this machine, with four places to run at a time."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        host, user = socket.gethostname().split(".")[0], subprocess.check_output(["id", "-un"], text=True).strip()
        # Credentials that end soon, as a requeued job waits that long before it may start again.
        (folder / "slurm.conf").write_text(f"""
ClusterName=made
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=3
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
JobRequeue=1
KillWait=30
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES State=UP MaxTime=INFINITE
""")
        os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        try:
            self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket",
                       f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log",
                       f"--seed-file={folder}/munge.seed")
            self.wait("munged", lambda: (folder / "munge.socket").exists())
            self.start("slurmctld", "-D")
            self.start("slurmd", "-D", "-N", host)
            self.wait("slurmd", lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"))
        except BaseException:
            self.end()
            raise

    def start(self, *command):
        log = open(self.folder / f"{command[0]}.out", "w")
        self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def wait(self, what, is_ready):
        for _ in range(300):
            if is_ready():
                return
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.1)
        words = "".join(path.read_text()[-2000:] for path in sorted(self.folder.glob("*.log")))
        sys.exit(f"cluster: {what} does not start:\n{words}")

    @staticmethod
    def ask(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout

    def tasks(self, *more):
        """What squeue knows of all jobs that are in the queue, as (name of the task, state)."""
        lines = self.ask("squeue", "--noheader", "--array", "--format=%i|%T", *more).split()
        return [line.split("|") for line in lines]

    def hurry(self):
        """Lets requeued tasks start at once rather than when their credentials have ended."""
        for line in self.ask("squeue", "--noheader", "--array", "--states=PENDING", "--format=%i|%r").split():
            name, reason = line.split("|")
            if reason == "BeginTime":
                self.ask("scontrol", "update", f"JobId={name}", "StartTime=now")

    def end(self):
        if len(self.processes) > 2:
            self.ask("scancel", "--signal=KILL", "--full", f"--user={os.getuid()}")
            self.ask("scancel", f"--user={os.getuid()}")
            end = time.monotonic() + 60
            while self.tasks() and time.monotonic() < end:
                time.sleep(0.2)
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Test:
    def __init__(self, program, slurm, folder, seed):
        self.program, self.slurm, self.folder = program, slurm, folder
        self.random = random.Random(seed)
        self.problems = 0

    def study(self, name):
        """A fresh folder with the study and its data."""
        place = self.folder / name
        place.mkdir()
        # The class decides which half is bright; the rest follows from the position.
        for data, first in (("a", 0), ("held-out", 1000)):
            rows = []
            for image in range(first, first + 80):
                pixels = [(150 if (i // 32) == image % 2 else 20) + (i * 7 + image * 13) % 80 for i in range(64)]
                rows.append(",".join(map(str, pixels + [image % 2])))
            (place / f"{data}.csv").write_text("\n".join(rows))
            self.run(place, "prepare", "csv", f"{data}.csv", "--label", "last", "--test", "10", "--validation", "10",
                     "--output", f"{data}.h5")
        (place / "small.yaml").write_text(STUDY)
        return place

    def run(self, place, *arguments, code=0):
        done = subprocess.run([self.program, *arguments], cwd=place, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != code:
            raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def outcome(self, place):
        """The bytes of all results by file, and the table of runs without time and memory."""
        runs, found = place / "checkpoints/small", {}
        for path in sorted(runs.rglob("*")):
            if path.match("step-*.h5"):
                continue
            if path.is_file() and path.name not in ELSEWHERE and not FOLDERS & set(path.relative_to(runs).parts):
                found[str(path.relative_to(runs))] = hashlib.sha256(path.read_bytes()).hexdigest()
        rows = [line.split(",") for line in (runs / "results.csv").read_text().splitlines()]
        # A run that was killed when it was done has noted neither.
        assert rows[0][-2:] == ["seconds", "peakBytes"], rows[0]
        found["results.csv"] = "\n".join(",".join(row[:-2]) for row in rows)
        # Its advice has the ratio of the arms' times, which widens columns.
        table = self.run(place, "study", "table", "small.yaml")
        found["table"] = re.sub("[ ─]+", " ", re.sub(r"[\d.]+ × the time", "… × the time", table))
        return found

    def compare(self, place, expected):
        found = self.outcome(place)
        differing = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        if differing:
            first = differing[0]
            lines = difflib.unified_diff((expected.get(first) or "").splitlines(), (found.get(first) or "").splitlines(),
                                         "expected", "found", lineterm="", n=0)
            raise AssertionError(f"{len(differing)} of {len(expected)} differ: {', '.join(differing[:5])}\n" + "\n".join(lines))

    def submit(self, place, tasks):
        return self.run(place, "study", "submit", "small.yaml", "--engine", "slurm", "--array", str(tasks))

    def finish(self, place, each=lambda: None, limit=600):
        """Waits for the end of all jobs; calls `each` again and again."""
        end = time.monotonic() + limit
        while self.slurm.tasks():
            if time.monotonic() > end:
                raise AssertionError(f"still in the queue: {self.slurm.tasks()}\n{self.messages(place)}")
            self.slurm.hurry()
            each()
            time.sleep(0.2)

    @staticmethod
    def messages(place):
        logs = sorted((place / "checkpoints/small/submissions").rglob("*.log"))
        return "\n".join(f"{log}:\n{log.read_text()[-1500:]}" for log in logs)

    def running(self):
        return [name for name, state in self.slurm.tasks() if state == "RUNNING"]

    def check(self, what, body):
        start = time.monotonic()
        try:
            note = body() or ""
        except AssertionError as error:
            self.problems += 1
            print(f"FAILED  {what}: {error}", flush=True)
        else:
            print(f"ok      {what}{note and ': ' + note} ({time.monotonic() - start:.0f} s)", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", action="store_true", help="keep the temporary folder")
    options = options.parse_args()
    # Stopped from outside, it ends its daemons too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cluster: stopped"))
    program = str(pathlib.Path(options.program).resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-cluster-"))
    (folder / "slurm").mkdir()
    slurm = Slurm(folder / "slurm")
    try:
        test = Test(program, slurm, folder, options.seed)
        run_all(test)
    finally:
        slurm.end()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if test.problems else 0)


def run_all(test):
    local = test.study("local")
    test.run(local, "study", "run", "small.yaml")
    expected = test.outcome(local)
    print(f"a local run: {len(expected)} results", flush=True)
    assert len(expected) > 100

    def array():
        place = test.study("array")
        test.submit(place, 3)
        status = test.run(place, "study", "status", "small.yaml")
        assert "queue" in status and "Dependency" in status, status
        test.run(place, "study", "submit", "small.yaml", "--engine", "slurm", code=75)
        seen = set()

        def look():
            seen.update(re.findall(r"\d+_\d+ running", test.run(place, "study", "status", "small.yaml")))
        test.finish(place, look)
        assert seen, "no run was shown with its task"
        test.compare(place, expected)
        # Nothing is repeated: the report alone is written again.
        again = test.submit(place, 3)
        assert "sources" not in again and "report" in again, again
        test.finish(place)
        test.compare(place, expected)
        return f"{len(seen)} tasks seen at work"

    def disturbed():
        """Tasks are requeued by Slurm, warned as before a preemption, and killed; what those left is submitted again."""
        place = test.study("disturbed")
        counts = {"requeued": 0, "warned": 0, "killed": 0}
        submissions = 0
        next_blow = [0.0]

        def strike():
            running = test.running()
            if time.monotonic() < next_blow[0] or not running or sum(counts.values()) >= 24:
                return
            name = test.random.choice(running)
            blow = ["requeued", "warned", "killed"][sum(counts.values()) % 3]
            command = {"requeued": ["scontrol", "requeue", name], "warned": ["scancel", "--signal=TERM", name],
                       "killed": ["scancel", "--signal=KILL", name]}[blow]
            done = subprocess.run(command, capture_output=True)
            counts[blow] += done.returncode == 0
            next_blow[0] = time.monotonic() + test.random.uniform(1, 4)
        while submissions == 0 or not is_done(place):
            submissions += 1
            assert submissions < 30, f"it comes to no end\n{test.messages(place)}"
            test.submit(place, 2)
            test.finish(place, strike)
        test.compare(place, expected)
        assert all(counts.values()), counts
        return f"{counts}, submitted {submissions} times"

    def is_done(place):
        logs = sorted((place / "checkpoints/small/submissions").glob("*/report.log"), key=lambda log: int(log.parent.name))
        text = logs[-1].read_text() if logs else ""
        last = "Where to look further:"
        return last in text and "are not done" not in text.split(last)[-1]

    def cancelled():
        place = test.study("cancelled")
        test.submit(place, 2)
        while not any(name.endswith("_1") for name in test.running()):
            time.sleep(0.1)
        time.sleep(2)
        words = test.run(place, "study", "cancel", "small.yaml")
        assert words.startswith("cancelled: ") and "report" in words, words
        test.finish(place)
        assert not (place / "checkpoints/small/results.csv").exists()
        assert test.run(place, "study", "cancel", "small.yaml") == "nothing of the study is in the queue\n"
        test.submit(place, 2)
        test.finish(place)
        test.compare(place, expected)

    test.check("an array comes to the local run's results", array)
    test.check("so does one whose tasks are requeued, warned and killed", disturbed)
    test.check("so does one that was cancelled and submitted again", cancelled)


main()
