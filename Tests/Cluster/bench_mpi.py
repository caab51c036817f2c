"""Times a training step of VGG16's head on two hosts, ours and torch's DistributedDataParallel, over links of known speed.

    python3 Tests/Cluster/bench_mpi.py BULKHEAD [--torch PYTHON] [--rates 1,10] [--steps N]

The hosts are two network namespaces of this machine, joined by a pair of virtual interfaces whose rate tc limits; needs root, Open MPI
and iproute2. Both train 25088 → 4096 → 4096 → 20 with dropout by SGD with momentum, in float32, a global batch of 64 images in two
processes of one thread each. Bytes are those that the first host sends, by the counter of its interface.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib

HOSTS = ["10.77.0.1", "10.77.0.2"]
SPACES = ["bulkhead-a", "bulkhead-b"]
LINKS = ["bulkhead-va", "bulkhead-vb"]
CONFIGURATION = """
seed: 1
threads: 1
network:
  size: [112, 224]
  layers:
    - {kind: flatten, name: flat}
    - {kind: linear, name: fc6, outputs: 4096}
    - {kind: relu, name: relu6}
    - {kind: dropout, name: dropout6}
    - {kind: linear, name: fc7, outputs: 4096}
    - {kind: relu, name: relu7}
    - {kind: dropout, name: dropout7}
    - {kind: linear, name: classifier}
data: {path: data.h5, batch: 64, validationPerClass: 0}
optimizer: {learningRate: 0.001, momentum: 0.9, weightDecay: 0.0005, accumulate: 2}
logEverySteps: 1
checkpoint: {everyEpochs: 1000}
"""
TORCH = """
import json, os, sys, time, torch
from torch.nn.parallel import DistributedDataParallel
rank, steps, link = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
torch.manual_seed(0)
torch.distributed.init_process_group("gloo", rank=rank, world_size=2)
nn = torch.nn
network = DistributedDataParallel(nn.Sequential(
    nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4096, 20)),
    gradient_as_bucket_view=True)
optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4, fused=True)
rows, labels = torch.randn(32, 25088), torch.randint(0, 20, (32,))
def sent(): return int(open(f"/sys/class/net/{link}/statistics/tx_bytes").read())
marks = [(time.monotonic(), sent())]
for _ in range(steps):
    loss = nn.functional.cross_entropy(network(rows), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    loss.item()
    marks.append((time.monotonic(), sent()))
if rank == 0: print(json.dumps(marks))
torch.distributed.destroy_process_group()
"""


def must(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def inside(space, *command):
    """A command in a namespace; /sys shows the namespace's own interfaces there."""
    return ["ip", "netns", "exec", SPACES[space], *command]


def open_hosts(rate):
    close_hosts()
    for space in SPACES:
        must("ip", "netns", "add", space)
    must("ip", "link", "add", LINKS[0], "netns", SPACES[0], "type", "veth", "peer", "name", LINKS[1], "netns", SPACES[1])
    for index, (link, host) in enumerate(zip(LINKS, HOSTS)):
        must(*inside(index, "ip", "address", "add", f"{host}/24", "dev", link))
        for name in ("lo", link):
            must(*inside(index, "ip", "link", "set", name, "up"))
        must(*inside(index, "tc", "qdisc", "add", "dev", link, "root", "tbf", "rate", f"{rate}gbit", "burst", "1mb",
                     "latency", "50ms"))


def close_hosts():
    for space in SPACES:
        subprocess.run(["ip", "netns", "delete", space], capture_output=True)


def sent(space=0):
    return int(must(*inside(space, "cat", f"/sys/class/net/{LINKS[space]}/statistics/tx_bytes")))


def median_step(marks):
    """Seconds and bytes of a step, the first three left out."""
    steps = list(zip(marks[3:], marks[4:]))
    return (statistics.median(b[0] - a[0] for a, b in steps), statistics.median(b[1] - a[1] for a, b in steps))


class Bench:
    def __init__(self, program, folder, steps):
        self.program, self.folder, self.steps = program, folder, steps
        for label in range(2):
            (folder / f"photos/c{label}").mkdir(parents=True)
            for image in range(32):
                self.write_image(folder / f"photos/c{label}/{image}.png", label, image)
        must(program, "prepare", "folder", "photos", "--validation", "0", "--output", "data.h5", cwd=folder)
        (folder / "head.yaml").write_text(CONFIGURATION + f"epochs: {steps}\n")
        # Starts the second host's daemon in its namespace, under a name of its own.
        agent = folder / "agent"
        agent.write_text(f'#!/bin/sh\nshift\nexec ip netns exec {SPACES[1]} unshare --uts sh -c "hostname bulkhead-b; $*"\n')
        agent.chmod(0o755)

    @staticmethod
    def write_image(path, label, number):
        rows = b"".join(bytes([0]) + bytes((x * 7 + y * (13 + label) + number * 31) % 251 for x in range(224)) for y in range(112))

        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 224, 112, 8, 0, 0, 0, 0))
                         + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

    def ours(self, hosts):
        """Seconds and bytes of a step in one process here, or in one on each host."""
        run = self.folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        command = [self.program, "train", "head.yaml", "--run", "run"]
        if hosts:
            command = inside(0, "mpirun", "--allow-run-as-root", "--mca", "plm_rsh_agent", str(self.folder / "agent"),
                             "--mca", "btl", "tcp,self", "--mca", "pml", "ob1", "--mca", "btl_tcp_if_include", "10.77.0.0/24",
                             "--mca", "oob_tcp_if_include", "10.77.0.0/24", "--mca", "mpi_yield_when_idle", "1", "--bind-to", "none",
                             "--host", ",".join(HOSTS), "-n", "2", *command)
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        marks = []
        while process.poll() is None and len(marks) <= self.steps:
            try:
                count = sum('"loss"' in line for line in (run / "metrics.jsonl").read_text().splitlines())
            except FileNotFoundError:
                count = 0
            while len(marks) < count:
                marks.append((time.monotonic(), sent() if hosts else 0))
            time.sleep(0.005)
        _, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"bench: {' '.join(command)}: {errors}")
        return median_step(marks)

    def torch(self, python):
        script = self.folder / "ddp.py"
        script.write_text(TORCH)
        processes = []
        for rank in range(2):
            environment = os.environ | {"MASTER_ADDR": HOSTS[0], "MASTER_PORT": "29511", "GLOO_SOCKET_IFNAME": LINKS[rank]}
            processes.append(subprocess.Popen(
                inside(rank, python, str(script), str(rank), "6", LINKS[rank]), env=environment, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True))
        output, errors = processes[0].communicate()
        processes[1].communicate()
        if processes[0].returncode != 0:
            sys.exit(f"bench: torch: {errors}")
        return median_step(json.loads(output))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--torch", help="a Python with torch; without it torch is not measured")
    options.add_argument("--rates", default="1,10", help="of the link, in Gbit/s")
    options.add_argument("--steps", type=int, default=20)
    options = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-mpi-bench-"))
    try:
        bench = Bench(str(pathlib.Path(options.program).resolve()), folder, options.steps)
        alone, _ = bench.ours(hosts=False)
        print(f"one process alone, all 64 images: {alone:.3f} s a step", flush=True)
        for rate in options.rates.split(","):
            open_hosts(rate)
            seconds, count = bench.ours(hosts=True)
            print(f"{rate} Gbit/s: ours {seconds:.3f} s, {count / 1e6:.1f} MB (efficiency {alone / 2 / seconds:.0%})", flush=True)
            if options.torch:
                theirs, more = bench.torch(options.torch)
                print(f"{rate} Gbit/s: torch DDP over gloo {theirs:.3f} s, {more / 1e6:.1f} MB: {theirs / seconds:.1f} times ours",
                      flush=True)
    finally:
        close_hosts()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
