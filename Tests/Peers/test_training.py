"""The core of a study in torch: the small VGG under an FC and a GAP head, trained by both.

    python3 test_training.py [--quick]

From the same weights (drawn by ours, taken over as safetensors), with the same 50 batches (ours are a function of the seed,
which is written out here anew), at the lowest rates and the schedule that the default study fine-tunes with, dropout off: every step's loss must be torch's
within 1e-4 of it, for both heads. A control with ten times the decay must not be. How far torch's losses in float32
lie from its own in float64 is printed beside it: that much is rounding.

Then (without --quick) each trains with weights, order and dropout drawn by itself, and the mean test accuracy over five
seeds must be within one point. The data are made up, ten kinds of pictures under shifts and noise, so that nothing is
fetched; for the accuracies with so much noise that torch is right in 85 to 99 of 100 (chosen with torch alone). A
library that is missing is one line; a difference is exit code 1.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

BULKHEAD = pathlib.Path(__file__).resolve().parent.parent.parent / ".build/release/bulkhead"
MOMENTUM, DECAY, BATCH, KINDS = 0.9, 5e-4, 32, 10
# Each with the lowest rate that the default study fine-tunes it with, and the one that it pretrains it with.
HEADS = {"fc": ("{kind: fc, width: 64, depth: 2, dropout: %s}", 0.01, 0.02), "gap": ("{kind: gap}", 0.03, 0.1)}
STEPS, SEEDS, EPOCHS, TRAINED, TESTED = 50, 5, 10, 3000, 4000

try:
    import h5py
    import numpy as np
    import safetensors.numpy
    import torch
except ImportError as error:
    print(f"missing: {error.name}; training was not compared")
    sys.exit(0)


def pictures(generator, count, templates, noise):
    """Gray pictures of 28 x 28 and their labels, equally many of each kind."""
    labels = np.arange(count) % len(templates)
    images = []
    for label in labels:
        image = np.roll(templates[label], generator.integers(-3, 4, 2), (0, 1))
        images.append(np.clip(image + generator.normal(0, noise, image.shape), 0, 255))
    return np.array(images).astype(np.uint8), labels.astype(np.int64)


def prepare(folder, name, generator, templates, noise, train, test):
    for part, count in (("train", train), ("test", test)):
        images, labels = pictures(generator, count, templates, noise)
        np.save(folder / f"{name}-{part}-images.npy", images)
        np.save(folder / f"{name}-{part}-labels.npy", labels)
    run("prepare", "npy", "--images", folder / f"{name}-train-images.npy", "--labels", folder / f"{name}-train-labels.npy",
        "--test-images", folder / f"{name}-test-images.npy", "--test-labels", folder / f"{name}-test-labels.npy",
        "--classes", ",".join(f"kind{i}" for i in range(len(templates))), "--validation", "0", "--keep-duplicates",
        "--output", folder / f"{name}.h5", "--name", name)


def arrays(folder, data, part):
    """Pixels from -1 to 1 and labels of a part of a prepared file, in its order."""
    with h5py.File(folder / f"{data}.h5") as file:
        rows = file[f"splits/{part}"][:]
        pixels = file["images/pixels"][:].reshape(-1, 1, 28, 28)[rows].astype(np.float32) / 127.5 - 1
        return torch.from_numpy(pixels), torch.from_numpy(file["regions/label"][:][rows].astype(np.int64))


def run(*words):
    done = subprocess.run([str(BULKHEAD), *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bulkhead {words[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def ours(folder, data, head, epochs, name, rate, dropout=0.0, seed=1, more=""):
    """Trains ours and returns the run's directory."""
    directory = folder / name
    (folder / f"{name}.yaml").write_text(f"""
seed: {seed}
threads: 2
network: {{preset: small-vgg, head: {HEADS[head][0].replace("%s", str(dropout))}}}
data: {{path: {folder / data}.h5, batch: {BATCH}, validationPerClass: 0}}
optimizer: {{convention: torch, learningRate: {rate}, momentum: {MOMENTUM}, weightDecay: {DECAY}}}
schedule: {{kind: cosine}}
epochs: {epochs}
{more}
""")
    run("train", folder / f"{name}.yaml", "--run", directory)
    return directory


class Stream:
    """SplitMix64 under a seed and keys, and Swift's way to a number below a bound."""

    def __init__(self, seed, *keys):
        self.state = self.mix(seed + 0x9E3779B97F4A7C15)
        for key in keys:
            self.state = self.mix(self.state ^ self.mix(key + 0xD1B54A32D192ED03))

    @staticmethod
    def mix(z):
        z %= 1 << 64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % (1 << 64)
        z = (z ^ z >> 27) * 0x94D049BB133111EB % (1 << 64)
        return z ^ z >> 31

    @staticmethod
    def key(name):
        value = 0xCBF29CE484222325
        for byte in name.encode():
            value = (value ^ byte) * 0x100000001B3 % (1 << 64)
        return value

    def below(self, bound):
        while True:
            self.state = (self.state + 0x9E3779B97F4A7C15) % (1 << 64)
            product = self.mix(self.state) * bound
            if product % (1 << 64) >= (1 << 64) % bound:
                return product >> 64


def batches(count, seed=1):
    """The places of each step's images in the first epoch of ours."""
    stream, order = Stream(seed, Stream.key("order"), 0), list(range(count))
    for i in range(count - 1, 0, -1):
        j = stream.below(i + 1)
        order[i], order[j] = order[j], order[i]
    return [order[first:first + BATCH] for first in range(0, count, BATCH)]


class Network(torch.nn.Module):
    """The same layers under the same names, but for the dots."""

    def __init__(self, head, dropout):
        super().__init__()
        self.head, channels = head, 1
        self.names = []
        for block, outputs in ((1, 16), (2, 32)):
            for place in (1, 2):
                name = f"{block}_{place}"
                self.add_module(f"conv{name}", torch.nn.Conv2d(channels, outputs, 3, padding=1, bias=False))
                self.add_module(f"norm{name}", torch.nn.BatchNorm2d(outputs))
                self.names.append(name)
                channels = outputs
        self.dropout = torch.nn.Dropout(dropout)
        if head == "fc":
            self.fc6, self.fc7 = torch.nn.Linear(32 * 49, 64), torch.nn.Linear(64, 64)
        self.classifier = torch.nn.Linear(64 if head == "fc" else 32, 10)

    def forward(self, x):
        for name in self.names:
            x = torch.relu(self.get_submodule(f"norm{name}")(self.get_submodule(f"conv{name}")(x)))
            if name.endswith("_2"):
                x = torch.nn.functional.max_pool2d(x, 2)
        if self.head == "gap":
            return self.classifier(x.mean((2, 3)))
        x = self.dropout(torch.relu(self.fc6(x.flatten(1))))
        return self.classifier(self.dropout(torch.relu(self.fc7(x))))

    def load(self, tensors):
        """Takes weights by the last parts of their names."""
        own = self.state_dict()
        for name, values in tensors.items():
            short = ".".join(name.split(".")[-2:])
            own[short].copy_(torch.from_numpy(values.copy()))
        unseen = set(own) - {".".join(n.split(".")[-2:]) for n in tensors}
        unseen = {name for name in unseen if "running" not in name and "batches" not in name}
        assert not unseen, f"not in our file: {unseen}"


def cosine(rate, step, total):
    return rate * (1 + math.cos(math.pi * step / total)) / 2


def optimizer(network, decay=DECAY):
    return torch.optim.SGD(network.parameters(), lr=0, momentum=MOMENTUM, weight_decay=decay)


def step(network, optimizer, rate, images, labels):
    """One step; the loss before it."""
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def compare_losses(folder, head):
    # A rate that changes no weight, and then the weights.
    weights = folder / f"{head}.safetensors"
    first = ours(folder, "few", head, 1, f"{head}-first", 1e-30)
    run("convert", first / "best.h5", weights, "--layout", "safetensors",
        "--flatten", "fc6=7x7x32" if head == "fc" else "none")
    directory = ours(
        folder, "few", head, 1, f"{head}-steps", HEADS[head][1],
        more=f"weights: {{from: {weights}, use: continuation}}\nlogEverySteps: 1")
    records = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    own = np.array([record["loss"] for record in records if "loss" in record])
    images, labels = arrays(folder, "few", "train")
    plan = batches(len(labels))

    def theirs(dtype=torch.float32, decay=DECAY):
        network = Network(head, 0)
        with torch.no_grad():
            network.load(safetensors.numpy.load_file(weights))
        network.to(dtype)
        descent = optimizer(network, decay)
        return np.array([
            step(network, descent, cosine(HEADS[head][1], number, len(plan)), images[plan[number]].to(dtype),
                 labels[plan[number]]) for number in range(STEPS)])

    def apart(one, other):
        assert one.shape == other.shape == (STEPS,) and np.isfinite(one).all() and np.isfinite(other).all()
        return np.max(abs(one - other) / abs(other))

    single, double = theirs(), theirs(torch.float64)
    found, control = apart(own, single), apart(own, theirs(decay=10 * DECAY))
    good = found < 1e-4 < control
    print(f"{'ok   ' if good else 'FAILED'} {head}: losses of {STEPS} steps from the same weights "
          f"({own[0]:.2f} to {own[-1]:.2f}) apart from torch's by at most {found:.1e} of them, from its float64 by "
          f"{apart(own, double):.1e}, as torch's own by {apart(single, double):.1e}; with ten times the decay by "
          f"{control:.1e}", flush=True)
    return good


def torch_accuracy(folder, head, seed):
    torch.manual_seed(seed)
    network = Network(head, 0.1)
    # As ours are drawn: convolutions normal with He's deviation, linear layers with the deviation of torch's own.
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, std=(3 * module.in_features) ** -0.5)
            torch.nn.init.zeros_(module.bias)
    (images, labels), descent = arrays(folder, "many", "train"), optimizer(network)
    plan = [part for _ in range(EPOCHS) for part in torch.randperm(len(labels)).split(BATCH)]
    for number, part in enumerate(plan):
        step(network, descent, cosine(HEADS[head][2], number, len(plan)), images[part], labels[part])
    network.eval()
    images, labels = arrays(folder, "many", "test")
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def our_accuracy(folder, head, seed):
    directory = ours(folder, "many", head, EPOCHS, f"{head}-{seed}", HEADS[head][2], dropout=0.1, seed=seed)
    report = folder / "report.json"
    run("evaluate", directory, "--output", report)
    return json.loads(report.read_text())["domains"][0]["report"]["accuracy"]


def compare_accuracies(folder, head):
    theirs, own = (np.array([100 * accuracy(folder, head, seed) for seed in range(1, SEEDS + 1)])
                   for accuracy in (torch_accuracy, our_accuracy))
    # Right in everything or in nothing, both would agree whatever they do.
    good = abs(theirs.mean() - own.mean()) < 1 and 85 < theirs.mean() < 99
    print(f"{'ok   ' if good else 'FAILED'} {head}: mean accuracy of {SEEDS} seeds {own.mean():.2f} %, torch's "
          f"{theirs.mean():.2f} % (standard errors {own.std(ddof=1) / SEEDS ** 0.5:.2f} and "
          f"{theirs.std(ddof=1) / SEEDS ** 0.5:.2f})", flush=True)
    return good


def main():
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as place:
        folder, generator = pathlib.Path(place), np.random.default_rng(1)
        templates = [np.kron(one, np.ones((4, 4))) for one in generator.uniform(0, 255, (KINDS, 7, 7))]
        prepare(folder, "few", generator, templates, 55, STEPS * BATCH, 20)
        good = [compare_losses(folder, head) for head in HEADS]
        if "--quick" not in sys.argv:
            prepare(folder, "many", generator, templates, 180, TRAINED, TESTED)
            good += [compare_accuracies(folder, head) for head in HEADS]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
