"""The default study's source job, from the start of the process to the test result.

    python job.py --peer torch DATASET DIRECTORY

Equal everywhere: 2,700 grey images of 28×28 from an HDF5 file, scaled to 36×36; the network of small_network.py with
an FC head of 256 and 256, dropout 0.1; 8 epochs in steps of 32, rate 0.02 falling as a cosine, momentum 0.9, decay
5e-4; after each epoch 300 validation images, and the best weights written to disk; 1,000 test images once, with the
best weights. Bulkhead's two processes (train, evaluate) are counted together, with the checkpoint at the end of every
fifth epoch that the study asks for; the peers scale all images once, in advance, which is to their advantage.
"""

import os
import sys

import measure

dataset, directory = sys.argv[-2:]
del sys.argv[-2:]
options = measure.arguments(peer="torch")

import subprocess

EPOCHS, BATCH, RATE, SIDE = 8, 32, 0.02, 36

CONFIGURATION = f"""
seed: 1
threads: {options.threads}
network: {{preset: small-vgg, head: {{kind: fc, width: 256, depth: 2, dropout: 0.1}}}}
data: {{path: {dataset}, sizes: [{SIDE}], evaluationSize: {SIDE}, batch: {BATCH}}}
optimizer: {{convention: torch, rate: {RATE}, momentum: 0.9, decay: 0.0005}}
schedule: {{kind: cosine}}
epochs: {EPOCHS}
checkpoint: {{everyEpochs: 5}}
"""


def make():
    """Writes the dataset: ten shapes of smooth noise, moved, dimmed and under noise of their own."""
    import numpy as np
    random = np.random.default_rng(0)
    coarse = random.random((10, 8, 8))
    shapes = np.stack([np.kron(shape, np.ones((4, 4))) for shape in coarse])
    labels = np.arange(10 * 400) % 10
    images = np.empty((len(labels), 28, 28), np.uint8)
    for index, label in enumerate(labels):
        y, x = random.integers(0, 5, 2)
        image = shapes[label, y:y + 28, x:x + 28] * random.uniform(0.3, 1) + random.normal(0, 0.45, (28, 28))
        images[index] = np.clip(image * 160 + 40, 0, 255)

    def idx(path, values):
        head = bytes([0, 0, 8, values.ndim]) + b"".join(extent.to_bytes(4, "big") for extent in values.shape)
        with open(path, "wb") as file:
            file.write(head + values.astype(np.uint8).tobytes())

    idx("images.idx", images)
    idx("labels.idx", labels)
    subprocess.run(
        [os.environ["BULKHEAD"], "prepare", "idx", "--images", "images.idx", "--labels", "labels.idx",
         "--keep-duplicates", "--test", "100", "--validation", "30", "--train", "270", "--output", dataset],
        check=True, capture_output=True)


def bulkhead():
    with open(directory + ".yaml", "w") as file:
        file.write(CONFIGURATION)
    program = os.environ["BULKHEAD"]
    subprocess.run([program, "train", directory + ".yaml", "--run", directory], check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run([program, "evaluate", directory], check=True, capture_output=True, text=True).stdout
    measure.report([], "bulkhead", text=text)


def samples():
    """Pixels from −1 to 1 and labels of each split."""
    import h5py
    import numpy as np
    with h5py.File(dataset) as file:
        count = len(file["images/offset"])
        pixels = file["images/pixels"][:].reshape(count, 28, 28).astype(np.float32) / 127.5 - 1
        labels = file["regions/label"][:]
        return {name: (pixels[rows[:]], labels[rows[:]]) for name, rows in file["splits"].items()}


def torch_job():
    import math
    import numpy as np
    import torch
    import small_network
    F = torch.nn.functional
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    data = {
        name: (F.interpolate(torch.from_numpy(x)[:, None], (SIDE, SIDE), mode="bilinear").contiguous(
            memory_format=torch.channels_last), torch.from_numpy(y.astype(np.int64)))
        for name, (x, y) in samples().items()}
    network = small_network.Network("fc", dropout=0.1).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4, fused=True)
    images, labels = data["train"]
    total = EPOCHS * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (1 + math.cos(math.pi * step / total)) / 2)

    @torch.no_grad()
    def accuracy(split):
        network.eval()
        images, labels = data[split]
        right = sum(
            (network([images[i:i + 64]]).argmax(1) == labels[i:i + 64]).sum().item() for i in range(0, len(labels), 64))
        return right / len(labels)

    best = -1
    for _ in range(EPOCHS):
        network.train()
        for chosen in torch.randperm(len(labels)).split(BATCH):
            loss = F.cross_entropy(network([images[chosen]]), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        measured = accuracy("validation")
        if measured > best:
            best = measured
            torch.save(network.state_dict(), directory + ".pt")
    network.load_state_dict(torch.load(directory + ".pt"))
    measure.report([], f"torch {torch.__version__}", loss.item(), accuracy=accuracy("test"))


def jax_job():
    import jax
    import jax.numpy as jnp
    import numpy as np
    data = {
        name: (np.asarray(jax.image.resize(x, (len(x), SIDE, SIDE), "bilinear"))[..., None], y)
        for name, (x, y) in samples().items()}
    random = np.random.default_rng(1)

    def normal(*shape):
        return jnp.asarray(random.standard_normal(shape, np.float32) * (2 / np.prod(shape[:-1])) ** 0.5)

    weights = {"convolutions": [
        {"kernel": normal(3, 3, i, o), "scale": jnp.ones(o), "shift": jnp.zeros(o)}
        for i, o in [(1, 16), (16, 16), (16, 32), (32, 32)]],
        "linear": [(normal(i, o), jnp.zeros(o)) for i, o in [(7 * 7 * 32, 256), (256, 256), (256, 10)]]}
    statistics = [(jnp.zeros(c["shift"].shape), jnp.ones(c["shift"].shape)) for c in weights["convolutions"]]
    bins = [(i * 9 // 7, -(-(i + 1) * 9 // 7)) for i in range(7)]

    def forward(weights, statistics, x, key):
        kept = []
        for index, (layer, (mean, variance)) in enumerate(zip(weights["convolutions"], statistics)):
            x = jax.lax.conv_general_dilated(
                x, layer["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            if key is not None:
                now = (x.mean((0, 1, 2)), x.var((0, 1, 2)))
                kept.append((0.9 * mean + 0.1 * now[0], 0.9 * variance + 0.1 * now[1]))
                mean, variance = now
            x = jax.nn.relu((x - mean) * jax.lax.rsqrt(variance + 1e-5) * layer["scale"] + layer["shift"])
            if index % 2 == 1:
                x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jnp.stack([x[:, a:b].max(1) for a, b in bins], 1)
        x = jnp.stack([x[:, :, a:b].max(2) for a, b in bins], 2).reshape(len(x), -1)
        for index, (weight, bias) in enumerate(weights["linear"]):
            x = x @ weight + bias
            if index < 2:
                x = jax.nn.relu(x)
                if key is not None:
                    mask = jax.random.bernoulli(jax.random.fold_in(key, index), 0.9, x.shape)
                    x = jnp.where(mask, x / 0.9, 0)
        return x, kept

    def loss_of(weights, statistics, x, y, key):
        x, kept = forward(weights, statistics, x, key)
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1).mean(), kept

    def step(weights, momenta, statistics, x, y, key, rate):
        (loss, statistics), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, statistics, x, y, key)
        momenta = jax.tree.map(lambda v, g, w: 0.9 * v + (g + 5e-4 * w), momenta, gradients, weights)
        return jax.tree.map(lambda w, v: w - rate * v, weights, momenta), momenta, statistics, loss

    step = jax.jit(step, donate_argnums=(0, 1, 2))
    predict = jax.jit(lambda weights, statistics, x: forward(weights, statistics, x, None)[0].argmax(1))

    def accuracy(split, weights, statistics):
        images, labels = data[split]
        return float((np.asarray(predict(weights, statistics, images)) == labels).mean())

    momenta = jax.tree.map(jnp.zeros_like, weights)
    images, labels = data["train"]
    per_epoch = -(-len(labels) // BATCH)
    best, index = -1, 0
    for _ in range(EPOCHS):
        order = random.permutation(len(labels))
        for first in range(0, len(order), BATCH):
            chosen = order[first:first + BATCH]
            rate = RATE * (1 + np.cos(np.pi * index / (EPOCHS * per_epoch))) / 2
            weights, momenta, statistics, loss = step(
                weights, momenta, statistics, images[chosen], labels[chosen], jax.random.key(index), np.float32(rate))
            index += 1
        measured = accuracy("validation", weights, statistics)
        if measured > best:
            best = measured
            kept = jax.tree.map(np.asarray, (weights, statistics))
            np.savez(directory + ".npz", *jax.tree.leaves(kept))
    measure.report([], f"jax {jax.__version__}", float(loss), accuracy=accuracy("test", *kept))


{"make": make, "bulkhead": bulkhead, "torch": torch_job, "jax": jax_job}[options.peer]()
