"""Times training steps of the default study's network in torch, eager, on the CPU; prints one line of JSON.

    python small_network.py --threads 2 --steps 50 --sizes 36 --batch 32 --head fc

The network: 3x3 pad 1 convolutions 16-16-pool-32-32-pool on one input channel, each followed by batch normalization
and ReLU; head `fc`: ROIPool of the whole map to 7x7, fc6 and fc7 of 256 with ReLU and dropout 0.5, a classifier of 10;
head `gap`: global average pooling and the classifier. Softmax cross-entropy; SGD, momentum 0.9, decay 5e-4.
Over the exact extent of a map, ROIPool has the bins of adaptive maximum pooling, which torch has natively.

With several sizes the images of a batch take them in turn: torch runs every convolution once for each size, and batch
normalization over all pixels of the batch at once, as the statistics demand.
Memory format and fused SGD are torch's to choose: every combination is tried briefly, and the fastest is measured.
"""

import itertools
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


def batch_normalization(maps, norm):
    """Batch normalization over maps of several sizes with common statistics; each stays in its memory format."""
    if len(maps) == 1:
        return [norm(maps[0])]
    rows = [m.permute(0, 2, 3, 1).reshape(-1, m.shape[1]) for m in maps]
    joined = F.batch_norm(
        torch.cat(rows), norm.running_mean, norm.running_var, norm.weight, norm.bias, True, norm.momentum, norm.eps)
    pieces = joined.split([r.shape[0] for r in rows])
    return [p.view(m.shape[0], m.shape[2], m.shape[3], -1).permute(0, 3, 1, 2) for p, m in zip(pieces, maps)]


class Network(nn.Module):
    def __init__(self, head, dropout=0.5, inputs=1):
        super().__init__()
        channels = [inputs, 16, 16, 32, 32]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in zip(channels, channels[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for outputs in channels[1:])
        self.head = head
        if head == "fc":
            self.classifier = nn.Sequential(
                nn.Linear(7 * 7 * 32, 256), nn.ReLU(), nn.Dropout(dropout),
                nn.Linear(256, 256), nn.ReLU(), nn.Dropout(dropout), nn.Linear(256, 10))
        else:
            self.classifier = nn.Linear(32, 10)

    def forward(self, maps):
        for index, (convolution, norm) in enumerate(zip(self.convolutions, self.norms)):
            maps = [F.relu(m) for m in batch_normalization([convolution(m) for m in maps], norm)]
            if index % 2 == 1:
                maps = [F.max_pool2d(m, 2) for m in maps]
        if self.head == "fc":
            features = [F.adaptive_max_pool2d(m, 7).flatten(1) for m in maps]
        else:
            features = [m.mean(dim=(2, 3)) for m in maps]
        return self.classifier(torch.cat(features) if len(features) > 1 else features[0])


def run(arguments, memory_format, fused, steps, warm_up):
    """Milliseconds of each of `steps` steps, after `warm_up` others, and the last loss."""
    torch.manual_seed(0)
    network = Network(arguments.head, inputs=arguments.inputs).to(memory_format=memory_format).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, fused=fused)
    counts = [len(range(i, arguments.batch, len(arguments.sizes))) for i in range(len(arguments.sizes))]
    images = [
        torch.rand(count, arguments.inputs, size, size).to(memory_format=memory_format)
        for count, size in zip(counts, arguments.sizes) if count > 0]
    labels = torch.randint(0, 10, (arguments.batch,))
    times = []
    for step in range(warm_up + steps):
        start = time.perf_counter()
        loss = F.cross_entropy(network(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step >= warm_up:
            times.append((time.perf_counter() - start) * 1000)
    return times, loss.item()


def main():
    import measure
    arguments = measure.arguments(steps=50, sizes=[36], batch=32, head="fc", inputs=1)
    torch.set_num_threads(arguments.threads)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    variants = list(itertools.product(formats, (False, True)))
    trials = {v: statistics.median(run(arguments, formats[v[0]], v[1], 10, 5)[0]) for v in variants}
    name, fused = min(trials, key=trials.get)
    times, loss = run(arguments, formats[name], fused, arguments.steps, 10)
    measure.report(
        times, f"torch {torch.__version__}", loss, variant=f"{name}, {'fused' if fused else 'foreach'} SGD")


if __name__ == "__main__":
    main()
