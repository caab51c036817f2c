"""The core of a study in torch: the small VGG under an FC and a GAP head, trained by both.

    python3 test_training.py [--quick]

From the same weights (drawn by ours, taken over as safetensors) and with the same batch at every step, dropout off, the loss
of each of 50 steps must be torch's within 1e-4 of it, for both heads. A control with ten times the decay must not be. Then
(without --quick) each trains with initialisation, order and dropout of its own, and the mean test accuracy over five
seeds must be within one point. The data are made up, 10 kinds of pictures under noise and shifts, so that nothing is
fetched. A library that is missing is one line; a difference is exit code 1.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

BULKHEAD = pathlib.Path(__file__).resolve().parent.parent.parent / ".build/release/bulkhead"
RATE, MOMENTUM, DECAY = 0.02, 0.9, 5e-4
HEADS = {"fc": "{kind: fc, width: 64, depth: 2, dropout: %s}", "gap": "{kind: gap}"}
STEPS, SEEDS, EPOCHS, BATCH = 50, 5, 24, 16
# At larger ones the loss of FC layers leaps, and rounding grows with it.
SMALL_RATE = 0.005

try:
    import numpy as np
    import safetensors.numpy
    import torch
except ImportError as error:
    print(f"missing: {error.name}; training was not compared")
    sys.exit(0)


def pictures(generator, count, templates):
    """Grey pictures of 28 x 28 and their labels, equally many of each kind, in a fixed order."""
    labels = np.arange(count) % len(templates)
    images = []
    for label in labels:
        image = np.roll(templates[label], generator.integers(-3, 4, 2), (0, 1))
        images.append(np.clip(image + generator.normal(0, 55, image.shape), 0, 255))
    return np.array(images).astype(np.uint8), labels.astype(np.int64)


def prepare(folder, name, generator, templates, train, test):
    for part, count in (("train", train), ("test", test)):
        images, labels = pictures(generator, count, templates)
        np.save(folder / f"{name}-{part}-images.npy", images)
        np.save(folder / f"{name}-{part}-labels.npy", labels)
    run("prepare", "npy", "--images", folder / f"{name}-train-images.npy", "--labels", folder / f"{name}-train-labels.npy",
        "--test-images", folder / f"{name}-test-images.npy", "--test-labels", folder / f"{name}-test-labels.npy",
        "--classes", ",".join(f"kind{i}" for i in range(len(templates))), "--validation", "0", "--keep-duplicates",
        "--output", folder / f"{name}.h5", "--name", name)


def run(*words):
    done = subprocess.run([str(BULKHEAD), *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bulkhead {words[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def ours(folder, data, head, epochs, batch, dropout=0.0, rate=RATE, decay=DECAY, seed=1, weights=None, name="run"):
    """Trains ours and returns the run's directory."""
    directory = folder / name
    (folder / f"{name}.yaml").write_text(f"""
seed: {seed}
threads: 1
network: {{preset: small-vgg, head: {HEADS[head] % dropout if head == "fc" else HEADS[head]}}}
data: {{path: {folder / data}.h5, batch: {batch}, validationPerClass: 0}}
optimizer: {{convention: torch, rate: {rate}, momentum: {MOMENTUM}, decay: {decay}}}
schedule: {{kind: constant}}
epochs: {epochs}
""" + (f"weights: {{from: {weights}, use: continuation}}\n" if weights else ""))
    run("train", folder / f"{name}.yaml", "--run", directory)
    return directory


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


def arrays(folder, data, part):
    images, labels = (np.load(folder / f"{data}-{part}-{kind}.npy") for kind in ("images", "labels"))
    return torch.from_numpy(images[:, None].astype(np.float32) / 127.5 - 1), torch.from_numpy(labels)


def sgd(network, rate=RATE, decay=DECAY):
    return torch.optim.SGD(network.parameters(), lr=rate, momentum=MOMENTUM, weight_decay=decay)


def same_losses(folder, head):
    """The largest relative difference of 50 losses, and that of the control."""
    first = ours(folder, "few", head, 1, 40, rate=1e-30, name=f"{head}-first") / "best.h5"
    weights = folder / f"{head}.safetensors"
    flatten = "fc6=7x7x32" if head == "fc" else "none"
    run("convert", first, weights, "--layout", "safetensors", "--flatten", flatten)
    directory = ours(folder, "few", head, STEPS, 40, rate=SMALL_RATE, weights=weights, name=f"{head}-steps")
    own = [json.loads(line)["trainLoss"] for line in (directory / "metrics.jsonl").read_text().splitlines()]
    assert len(own) == STEPS, f"{len(own)} losses"
    images, labels = arrays(folder, "few", "train")

    def difference(decay):
        network = Network(head, 0)
        network.load(safetensors.numpy.load_file(weights))
        optimizer, worst = sgd(network, SMALL_RATE, decay), 0
        for loss in own:
            optimizer.zero_grad()
            found = torch.nn.functional.cross_entropy(network(images), labels)
            found.backward()
            optimizer.step()
            worst = max(worst, abs(found.item() - loss) / abs(found.item()))
        return worst
    return difference(DECAY), difference(10 * DECAY)


def torch_accuracy(folder, head, seed):
    torch.manual_seed(seed)
    network = Network(head, 0.1)
    # As ours are drawn: convolutions normal with He's deviation, linear layers with torch's, biases at zero.
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, std=(3 * module.in_features) ** -0.5)
            torch.nn.init.zeros_(module.bias)
    (images, labels), optimizer = arrays(folder, "many", "train"), sgd(network)
    for _ in range(EPOCHS):
        for part in torch.randperm(len(labels)).split(BATCH):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[part]), labels[part]).backward()
            optimizer.step()
    network.eval()
    images, labels = arrays(folder, "many", "test")
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def our_accuracy(folder, head, seed):
    directory = ours(folder, "many", head, EPOCHS, BATCH, dropout=0.1, seed=seed, name=f"{head}-{seed}")
    report = folder / "report.json"
    run("evaluate", directory, "--output", report)
    return json.loads(report.read_text())["domains"][0]["report"]["accuracy"]


def main():
    torch.set_num_threads(2)
    failed = False
    with tempfile.TemporaryDirectory() as place:
        folder, generator = pathlib.Path(place), np.random.default_rng(1)
        coarse = generator.uniform(0, 255, (10, 7, 7))
        templates = [np.kron(one, np.ones((4, 4))) for one in coarse]
        prepare(folder, "few", generator, templates, 40, 20)
        prepare(folder, "many", generator, templates, 400, 2000)
        for head in HEADS:
            worst, control = same_losses(folder, head)
            good = worst < 1e-4 < control
            failed |= not good
            print(f"{'ok   ' if good else 'FAILED'} {head}: {STEPS} losses from the same weights, apart by at most {worst:.1e} "
                  f"of them; with ten times the decay by {control:.1e}", flush=True)
        if "--quick" not in sys.argv:
            for head in HEADS:
                theirs, own = ([100 * accuracy(folder, head, seed) for seed in range(1, SEEDS + 1)]
                               for accuracy in (torch_accuracy, our_accuracy))
                good = abs(np.mean(theirs) - np.mean(own)) < 1
                failed |= not good
                print(f"{'ok   ' if good else 'FAILED'} {head}: mean accuracy of {SEEDS} seeds {np.mean(own):.2f} "
                      f"(± {np.std(own, ddof=1) / SEEDS ** 0.5:.2f}), torch's {np.mean(theirs):.2f} "
                      f"(± {np.std(theirs, ddof=1) / SEEDS ** 0.5:.2f})", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
