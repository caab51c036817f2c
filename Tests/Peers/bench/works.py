"""What `make bench` measures: each work, who does it, the floor under it, and what ours is to reach."""

import dataclasses
import math
import os
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
FILES = ROOT / ".build/bench"
DEBIAN = str(HERE / "debian-python")
PYTHON = str(ROOT / ".venv-bench/bin/python")


@dataclasses.dataclass
class Work:
    name: str
    title: str
    # Arguments of bulkhead, or a whole command.
    ours: list
    # Each peer's label, what must be installed for it, and its command.
    peers: list
    # From what the machine can do to the least seconds that the work can take, or none.
    floor: object = None
    # What is to be reached: times the fastest peer, times the floor, share of torch's memory.
    goals: dict = dataclasses.field(default_factory=dict)
    rounds: int = 5
    # Peers of another work that the fastest one is sought among too.
    rivals: str = ""
    # Commands that must have run before.
    before: list = dataclasses.field(default_factory=list)
    # Whether the time of the whole process counts and not what it reports.
    is_whole: bool = False
    # In QUICK=1: left out, or with these peers alone.
    quick: list = None


# --- floors: each product at the larger of flops ÷ peak and bytes ÷ bandwidth --------------------------------------
def bandwidth(machine):
    return max(machine["read"], machine["update"])


def peak(machine, precision):
    return machine.get(precision, machine["float32"])


def head_floor(batch, precision):
    """Forward and, but for fc6, input gradients read the weights; the update reads and writes weights and momentum."""
    def seconds(machine):
        # A product in bfloat16 may read weights of two bytes, if the update writes them too.
        size, update = (2, 18) if precision == "bfloat16" else (4, 16)
        total = 0
        for inputs, outputs, passes in [(25088, 4096, 1), (4096, 4096, 2), (4096, 21, 2)]:
            time = 2 * batch * inputs * outputs / peak(machine, precision)
            total += passes * max(time, size * inputs * outputs / machine["read"])
            total += max(time, update * inputs * outputs / machine["update"])
        return total
    return seconds


def convolution_floor(layers, batch, precision, directions=3):
    """Layers are (side, inputs, outputs); the first has no input gradient. Winograd's transforms may go below."""
    def seconds(machine):
        size = 2 if precision == "bfloat16" else 4
        total = 0
        for index, (side, inputs, outputs) in enumerate(layers):
            flops = 2 * batch * side * side * 9 * inputs * outputs
            numbers = batch * side * side * (inputs + outputs) + 9 * inputs * outputs
            once = max(flops / peak(machine, precision), size * numbers / bandwidth(machine))
            total += once * (directions - (index == 0 and directions == 3))
        return total
    return seconds


VGG16 = [(224, 3, 64), (224, 64, 64), (112, 64, 128), (112, 128, 128), (56, 128, 256), (56, 256, 256), (56, 256, 256),
         (28, 256, 512), (28, 512, 512), (28, 512, 512), (14, 512, 512), (14, 512, 512), (14, 512, 512)]


def small_layers(side):
    return [(side, 1, 16), (side, 16, 16), (side // 2, 16, 32), (side // 2, 32, 32)]


def small_floor(sides, batch=32):
    return lambda machine: sum(
        convolution_floor(small_layers(side), batch / len(sides), "float32")(machine) for side in sides)


def job_floor(machine):
    images = [(680 * 32, 3), (8 * 300 + 1000, 1)]
    return sum(convolution_floor(small_layers(36), count, "float32", ways)(machine) for count, ways in images)


def roi_floor(regions):
    """The larger of comparing every cell of every bin once, at half the peak, and the memory that goes in and out."""
    source = random.Random(0)
    cells = 0
    for _ in range(regions):
        area = 1
        for limit in (38, 50):
            low, high = sorted(source.random() * 300 / 16 for _ in range(2))
            extent = round(high) - round(low) + 1
            area *= sum(
                min(math.ceil((p + 1) * extent / 7), limit) - math.floor(p * extent / 7) for p in range(7))
        cells += area
    # Out and back: values, places and gradients of the bins; the map, and its gradient.
    numbers = regions * 49 * 512 * 4 + 38 * 50 * 512 * 2
    return lambda machine: max(cells * 512 / (machine["float32"] / 2), 4 * numbers / bandwidth(machine))


# --- works ---------------------------------------------------------------------------------------------------------
def peer(label, needs, script, *options, python=PYTHON):
    return label, needs, [python, str(HERE / f"{script}.py"), *map(str, options)]


def head(batch, precision, steps):
    options = ["--batch", batch, "--precision", precision, "--steps", steps]
    labels = {"torch-foreach": "torch", "torch-fused": "torch", "torch-compile": "torch", "jax": "jax",
              "keras": "keras", "keras-xla": "keras"}
    if precision == "bfloat16":
        labels = {"torch-fused": "torch", "jax": "jax", "keras": "keras", "keras-xla": "keras"}
    return [peer(label, needs, "head", "--peer", label, *options) for label, needs in labels.items()]


def ours_head(batch, precision, steps):
    more = ["--precision", precision] if precision != "float32" else []
    return ["benchmark", "training", "--preset", "vgg16", "--features", "--channels", "512", "--sizes", "7",
            "--classes", "21", "--batch", str(batch), "--steps", str(steps), *more]


def works(threads):
    result = []
    for batch, precision, goals, steps in [
        (32, "float32", {"peer": 1.8, "floor": 1.6, "memory": 0.7}, 10),
        (128, "float32", {"peer": 1.3, "floor": 1.5, "memory": 0.7}, 5), (128, "bfloat16", {"peer": 2}, 5),
    ]:
        result.append(Work(
            f"head-{batch}-{precision}", f"VGG16's head, a step of {batch}, {precision}",
            ours_head(batch, precision, steps),
            head(batch, precision, steps), head_floor(batch, precision), goals,
            rivals="head-128-float32" if precision == "bfloat16" else "",
            quick=["torch-fused", "jax", "keras-xla"] if precision == "float32" else ["torch-fused"]))
    for regions in (128, 300):
        result.append(Work(
            f"roi-pool-{regions}", f"ROIPool, {regions} regions, forward and back",
            ["benchmark", "roi-pool", "--regions", str(regions), "--rounds", "50"],
            [peer("torchvision", "torchvision", "roi_pool", "--regions", regions, "--steps", 20, python=DEBIAN)],
            roi_floor(regions), {"peer": 8}, quick=["torchvision"]))
    result.append(Work(
        "nms", "non-maximum suppression of 6,000 boxes", ["benchmark", "nms", "--rounds", "50"],
        [peer("torchvision", "torchvision", "nms", "--steps", 20, python=DEBIAN)], goals={"peer": 5},
        quick=["torchvision"]))
    for precision in ("float32", "bfloat16"):
        more = ["--precision", precision] if precision != "float32" else []
        result.append(Work(
            f"convolutions-{precision}", f"VGG16's convolutions, a step of 8 images of 224x224, {precision}",
            ["benchmark", "training", "--preset", "vgg16", "--head", "gap", "--channels", "3", "--sizes", "224",
             "--classes", "21", "--batch", "8", "--steps", "3", "--warmup", "1", *more],
            [peer("torch", "torch", "convolutions", "--precision", precision, "--steps", 2)],
            convolution_floor(VGG16, 8, precision), {"peer": 1}, rounds=3))
    for name, sides, kind in [("fc, 36x36", "36", "fc"), ("fc, 32, 36 and 40 mixed", "32,36,40", "fc"),
                              ("gap, 36x36", "36", "gap")]:
        options = ["--sizes", sides, "--head", kind, "--steps", "100"]
        result.append(Work(
            f"small-{kind}-{sides.replace(',', '-')}", f"the default study's network, a step of 32: {name}",
            ["benchmark", "training", "--batch", "32", *options],
            [peer("torch", "torch", "small_network", "--batch", 32, *options)],
            small_floor([int(side) for side in sides.split(",")]),
            quick=["torch"] if (kind, sides) == ("fc", "36") else None))
    dataset = str(FILES / "job.h5")

    def job(who, python=PYTHON):
        return [python, str(HERE / "job.py"), "--peer", who, dataset, str(FILES / f"job-{who}")]

    result.append(Work(
        "job", "the default study's source job, process start to test result", job("bulkhead"),
        [("torch", "torch", job("torch")), ("keras", "keras", job("keras"))], job_floor, {"torch": 2, "peer": 1.3},
        before=[job("make")], is_whole=True))
    weights = str(FILES / "vgg16.h5")

    def loading(who):
        return [PYTHON, str(HERE / "loading.py"), "--peer", who, weights]

    result.append(Work(
        "loading", "VGG16 from Keras's 553 MB into a ready network", ["benchmark", "loading", weights],
        [("keras", "keras", loading("keras")), ("bytes alone", "numpy", loading("bytes"))],
        goals={"keras": 2, "bytes alone": 1 / 1.3}, before=[loading("make")], quick=["bytes alone"]))
    result.append(Work(
        "start", "start of the process to the first step, beyond reading VGG16's weights",
        [PYTHON, str(HERE / "start.py"), weights, dataset, str(FILES / "start")], [],
        goals={"milliseconds": 500}, before=[job("make"), loading("make")]))
    features = str(FILES / "data/features.h5")
    result.append(Work(
        "data", "an epoch of cached features, 1.3 GB in steps of 32, in random order from the file",
        ["benchmark", "data", features, "--batch", "32"],
        [("bytes alone", "numpy", [PYTHON, str(HERE / "loading.py"), "--peer", "bytes", features])],
        before=[[PYTHON, str(HERE / "data.py"), str(FILES / "data")]]))
    pictures = str(FILES / "pictures")

    def of_pictures(script, who, *more):
        return [PYTHON, str(HERE / f"{script}.py"), "--peer", who, *more, pictures]

    made = [of_pictures("pictures", "make")]
    result.append(Work(
        "prepare", "prepare folder, 10,000 JPEG of 300x250", of_pictures("pictures", "bulkhead"),
        [(who, "pillow", of_pictures("pictures", who)) for who in ("pillow", "pillow-load")], goals={"pillow": 2, "size": 1.05}, before=made,
        rounds=3))
    for decoding in ("full", "scaled"):
        more = ["--decoding", decoding]
        result.append(Work(
            f"epoch-{decoding}", f"an epoch of training from 10,000 JPEG of 300x250, decoded {decoding}",
            of_pictures("epoch", "bulkhead", *more),
            [("torch", "torch", of_pictures("epoch", "torch", *more))], goals={"torch": 1.5}, before=made, rounds=3,
            quick=["torch"] if decoding == "full" else None))
    return result


def command(words, threads):
    """A command with the number of threads."""
    if words[0] == "benchmark":
        # Making batches is the work of one thread.
        more = [] if words[1] == "data" else ["--threads", str(threads)]
        return [str(ROOT / ".build/release/bulkhead-bench"), *words[1:], *more]
    return [*words[:2], "--threads", str(threads), *words[2:]] if words[1] != str(HERE / "data.py") else words


def environment():
    return {
        **os.environ, "BULKHEAD": str(ROOT / ".build/release/bulkhead"),
        "BULKHEAD_BENCH": str(ROOT / ".build/release/bulkhead-bench")}
