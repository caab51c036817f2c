"""Trains runs over MPI in several ways, and compares every byte of what they come to with a run of one process.

    python3 Tests/Cluster/test_mpi.py BULKHEAD [--quick] [--kills N] [--seed N] [--keep]

Runs of up to four processes on this machine, stopped, killed and continued with other numbers of processes. Prints a line for each
test and ends with 1 if one fails.
"""

import argparse
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

COMMON = """
seed: 3
threads: 1
optimizer: {learningRate: 0.02, momentum: 0.9, accumulate: 6}
epochs: 3
logEverySteps: 1
checkpoint: {everySteps: 3}
"""
DATA = "data: {path: data.h5, sizes: [28, 32], evaluationSize: 28, batch: 13}\n"
CASES = {
    "fc": "network: {preset: small-vgg, head: {kind: fc, width: 128, depth: 2, dropout: 0.2}}\n" + DATA,
    "gap": "network: {preset: small-vgg, head: {kind: gap}}\n" + DATA,
    "bfloat16": "precision: bfloat16\nnetwork: {preset: small-vgg, head: {kind: fc, width: 128, dropout: 0.2}}\n" + DATA,
    "resnet18": "network: {preset: resnet18}\ndata: {path: data.h5, sizes: [32], evaluationSize: 32, batch: 14}\n",
    "feature maps": "network: {preset: small-vgg, head: {kind: fc, width: 128}}\ndata: {path: features.h5, batch: 13}\n",
}
QUICK = ["fc", "feature maps"]
RESULTS = ["last.h5", "best.h5", "metrics.jsonl", "metrics.csv", "result.json", "configuration.yaml"]
ENVIRONMENT = os.environ | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_mpi_yield_when_idle": "1"}


class Test:
    def __init__(self, program, folder, seed):
        self.program, self.folder, self.problems = program, folder, 0
        self.random = random.Random(seed)
        rows = []
        for image in range(80):
            pixels = [(150 if (i // 32) == image % 2 else 20) + (i * 7 + image * 13) % 80 for i in range(64)]
            rows.append(",".join(map(str, pixels + [image % 2])))
        (folder / "data.csv").write_text("\n".join(rows))
        self.must("prepare", "csv", "data.csv", "--label", "last", "--test", "10", "--validation", "10", "--output", "data.h5")
        for name, text in CASES.items():
            (folder / f"{name}.yaml").write_text(COMMON + text)
        frozen = "data: {path: data.h5, sizes: [32], evaluationSize: 32}\nnetwork: {preset: small-vgg}\nfreeze: [backbone]\n"
        (folder / "frozen.yaml").write_text(frozen)
        self.must("features", "frozen.yaml", "--output", "features.h5")
        self.expected = {}

    def command(self, processes, *arguments):
        if processes == 0:
            return [self.program, *arguments]
        return ["mpirun", "-n", str(processes), self.program, *arguments]

    def run(self, processes, *arguments):
        return self.execute(self.command(processes, *arguments))

    def execute(self, command):
        return subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=600)

    def begin(self, processes, *arguments):
        return subprocess.Popen(self.command(processes, *arguments), cwd=self.folder, env=ENVIRONMENT, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def must(self, *arguments, processes=0):
        done = self.run(processes, *arguments)
        assert done.returncode == 0, f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr}"
        return done

    def one_error(self, done, code, *words):
        """The one message of a failed command."""
        lines = [line for line in done.stderr.splitlines() if line.startswith("bulkhead: ")]
        assert done.returncode == code, f"code {done.returncode}, expected {code}: {done.stderr}"
        assert len(lines) == 1, f"{len(lines)} messages: {done.stderr}"
        assert all(word in lines[0] for word in words), lines[0]

    def outcome(self, run):
        return {name: hashlib.sha256((self.folder / run / name).read_bytes()).hexdigest() for name in RESULTS}

    def compare(self, case, run):
        if case not in self.expected:
            self.must("train", f"{case}.yaml", "--run", f"alone-{case}")
            self.expected[case] = self.outcome(f"alone-{case}")
        found = self.outcome(run)
        differing = [name for name in RESULTS if found[name] != self.expected[case][name]]
        assert not differing, f"{run} differs in {', '.join(differing)}"
        # What was compared is removed, so that hundreds of runs fit.
        shutil.rmtree(self.folder / run)

    def check(self, what, body):
        start = time.monotonic()
        try:
            note = body() or ""
        except (AssertionError, subprocess.TimeoutExpired) as error:
            self.problems += 1
            print(f"FAILED  {what}: {error}", flush=True)
        else:
            print(f"ok      {what}{note and ': ' + note} ({time.monotonic() - start:.0f} s)", flush=True)

    # Each returns what is said of it.

    def bits(self, case, most):
        for processes in range(1, most + 1):
            done = self.run(processes, "train", f"{case}.yaml", "--run", f"of{processes}")
            if case == "bfloat16" and done.returncode == 65 and "precision" in done.stderr:
                return "not tested: this processor has no bfloat16 products"
            assert done.returncode == 0, done.stderr
            self.compare(case, f"of{processes}")
        return f"1 to {most} processes and one without MPI"

    def stops(self):
        """SIGUSR1 to mpirun stops a run; it goes on with another number of processes, or without MPI."""
        codes = []
        for round in range(20):
            run = self.begin((3, 2, 4, 0)[round % 4], *self.words("stopped"))
            time.sleep(self.random.uniform(0.4, 1.5))
            run.send_signal(signal.SIGUSR1 if round % 4 != 3 else signal.SIGTERM)
            _, errors = run.communicate(timeout=120)
            codes.append(run.returncode)
            if run.returncode == 0:
                break
            # The signal ends a process that has not begun its work.
            assert run.returncode in (75, 128 + signal.SIGUSR1, -signal.SIGTERM), f"code {run.returncode}: {errors}"
            assert sum(line.startswith("bulkhead: ") for line in errors.splitlines()) <= 1, errors
        while self.run(2, *self.words("stopped")).returncode == 75:
            pass
        self.compare("fc", "stopped")
        return f"stopped {codes.count(75)} times"

    def words(self, run):
        """The arguments that start a run or let it go on."""
        begun = (self.folder / run / "last.h5").exists()
        return ("resume", run) if begun else ("train", "fc.yaml", "--run", run)

    @staticmethod
    def children(launcher):
        found = subprocess.run(["pgrep", "-P", str(launcher)], capture_output=True, text=True).stdout.split()
        return [int(one) for one in found]

    @staticmethod
    def is_at_work(process):
        try:
            return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def wait_for_end(self, processes):
        end = time.monotonic() + 30
        while left := [one for one in processes if self.is_at_work(one)]:
            assert time.monotonic() < end, f"processes {left} are left"
            time.sleep(0.1)

    def kills(self, count):
        """Any process is killed at any moment: the others end, and the run goes on from its checkpoint to the same bits."""
        killed, finished, number, hung, codes = 0, 0, 0, 0, set()
        while killed < count:
            run = f"killed{number}"
            process = self.begin(self.random.randint(2, 4), *self.words(run))
            # From its start, through MPI's own, to some steps after the first checkpoints.
            time.sleep(self.random.uniform(0.1, 1.6))
            ranks = self.children(process.pid)
            if ranks and process.poll() is None:
                victim = self.random.choice(ranks)
                try:
                    os.kill(victim, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    ranks = []
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                # mpirun 4.1.4 itself can wait for ever in PMIx_server_finalize if a process dies while it starts.
                self.wait_for_end(ranks)
                process.kill()
                process.communicate()
                hung += 1
            codes.add(process.returncode)
            self.wait_for_end(ranks)
            if process.returncode == 0:
                self.compare("fc", run)
                (finished, number) = (finished + 1, number + 1)
        if (self.folder / f"killed{number}").exists():
            self.must(*self.words(f"killed{number}"), processes=3)
            self.compare("fc", f"killed{number}")
            finished += 1
        return f"{killed} kills, {finished} runs to their ends, codes {sorted(codes)}, mpirun itself did not end {hung} times"

    def launcher(self):
        """The launcher is killed: no process is left, and nothing but the work since the last checkpoint is lost."""
        for round in range(3):
            run = self.begin(3, *self.words("orphaned"))
            time.sleep(self.random.uniform(0.8, 1.6))
            ranks = self.children(run.pid)
            run.kill()
            run.wait()
            self.wait_for_end(ranks)
        self.must(*self.words("orphaned"), processes=2)
        self.compare("fc", "orphaned")

    def slow(self):
        """A process that stands still for a while holds the others up, and nothing else."""
        run = self.begin(3, *self.words("slow"))
        time.sleep(1)
        for one in self.children(run.pid)[-1:]:
            os.kill(one, signal.SIGSTOP)
            time.sleep(3)
            os.kill(one, signal.SIGCONT)
        _, errors = run.communicate(timeout=120)
        assert run.returncode == 0, errors
        self.compare("fc", "slow")

    def full_disk(self):
        """The disk of the first process is full."""
        place = self.folder / "disk"
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", place], capture_output=True).returncode != 0:
            return "not tested: no file system can be mounted here"
        try:
            done = self.run(3, "train", "fc.yaml", "--run", "disk/run")
            self.one_error(done, 74, "disk/run/")
            subprocess.run(["mount", "-o", "remount,size=200m", place], check=True)
            begun = (place / "run/last.h5").exists()
            if not begun:
                shutil.rmtree(place / "run", ignore_errors=True)
            self.must(*(("resume", "disk/run") if begun else ("train", "fc.yaml", "--run", "disk/run")), processes=2)
            self.compare("fc", "disk/run")
        finally:
            subprocess.run(["umount", place])

    def differences(self):
        """What differs between processes is one clear error, before anything is written."""
        (self.folder / "other.yaml").write_text((self.folder / "fc.yaml").read_text().replace("seed: 3", "seed: 4"))
        end = ["--run", "differing"]

        def pair(first, second):
            return self.execute(["mpirun", "-n", "2", *first, *end, ":", "-n", "1", *second, *end])
        train = [self.program, "train"]
        self.one_error(pair([*train, "fc.yaml"], [*train, "other.yaml"]), 65, "process 2 has another configuration", "seed: 4")
        self.one_error(pair([*train, "fc.yaml"], [*train, "none.yaml"]), 66, "none.yaml")
        copy = self.folder / "program"
        shutil.copy(self.program, copy)
        with open(copy, "ab") as file:
            file.write(b"other build")
        self.one_error(pair([*train, "fc.yaml"], [str(copy), "train", "fc.yaml"]), 65, "another build of the program")
        self.one_error(self.run(8, "train", "fc.yaml", *end), 65, "a batch has 6 parts, and 8 processes were started")
        self.one_error(self.run(2, "train", "none.yaml", *end), 66, "none.yaml")
        self.one_error(self.run(2, "evaluate", "alone-fc"), 64, "only train and resume")
        self.one_error(self.run(2, "train", "fc.yaml", *end, "--set", "optimizer.learningRate=1e30"), 65, "bulkhead: step ", "onNonFinite")
        shutil.rmtree(self.folder / "differing", ignore_errors=True)
        self.one_error(self.run(2, "resume", "alone-fc", "--prove"), 64, "--prove")
        self.one_error(self.run(2, "train", "fc.yaml", "--run", "alone-fc"), 64, "holds a run already")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--quick", action="store_true", help="within a minute")
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", action="store_true", help="keep the temporary folder")
    options = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("MPI: stopped"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-mpi-"))
    try:
        test = Test(str(pathlib.Path(options.program).resolve()), folder, options.seed)
        for case in QUICK if options.quick else CASES:
            test.check(f"bits of {case}", lambda: test.bits(case, 4 if not options.quick else 3))
        test.check("differences between processes", test.differences)
        test.check("stops and other numbers of processes", test.stops)
        test.check("a full disk", test.full_disk)
        if not options.quick:
            test.check("a slow process", test.slow)
            test.check("a killed launcher", test.launcher)
        test.check("killed processes", lambda: test.kills(3 if options.quick else options.kills))
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if test.problems else 0)


if __name__ == "__main__":
    main()
