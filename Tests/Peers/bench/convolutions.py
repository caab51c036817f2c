"""Times training steps of VGG16's thirteen convolutions under global average pooling, in torch.

    python convolutions.py --batch 8 --size 224 --precision float32

Equal on both sides: convolutions of 3×3 with bias and ReLU, 64-64-pool-128-128-pool-256×3-pool-512×3-pool-512×3,
the average of each map, a classifier of 21, cross-entropy, SGD with momentum 0.9 and decay 5e-4 (14.7 million parameters,
some milliseconds of the step). Images need no gradient. Both memory formats are tried, and the faster one is measured.
"""

import measure

options = measure.arguments(batch=8, size=224, precision="float32", steps=3)

import torch

nn = torch.nn
torch.set_num_threads(options.threads)


def prepare(memory_format):
    torch.manual_seed(0)
    layers, inputs = [], 3
    for block, (count, outputs) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]):
        if block > 0:
            layers.append(nn.MaxPool2d(2))
        for _ in range(count):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
            inputs = outputs
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 21))
    for module in network:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    network = network.to(memory_format=memory_format)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4, fused=True)
    images = torch.randn(options.batch, 3, options.size, options.size).to(memory_format=memory_format)
    labels = torch.randint(0, 21, (options.batch,))

    def step(_):
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            loss = nn.functional.cross_entropy(network(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


milliseconds, loss, name, trials = measure.in_faster_format(prepare, options.steps, 1)
measure.report(milliseconds, f"torch {torch.__version__}", loss, variant=name, trials=trials)
