"""The default study's source job, from the start of the process to the test result.

    python job.py --peer torch DATASET DIRECTORY

Equal everywhere: 2,700 gray images of 28×28 from an HDF5 file, scaled to 36×36; the network of small_network.py with
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
optimizer: {{convention: torch, learningRate: {RATE}, momentum: 0.9, weightDecay: 0.0005}}
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
         "--keep-duplicates", "--test", "100", "--validation", "30", "--train", "270", "--output", dataset,
         "--overwrite"],
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


def keras_job():
    import keras
    import tensorflow as tf
    layers = keras.layers
    data = {name: (tf.image.resize(x[..., None], (SIDE, SIDE)), y) for name, (x, y) in samples().items()}
    bins = [(i * 9 // 7, -(-(i + 1) * 9 // 7)) for i in range(7)]

    class Grid(layers.Layer):
        """Maxima of 7 x 7 bins of a map of 9 x 9."""

        def call(self, x):
            x = keras.ops.stack([keras.ops.max(x[:, a:b], 1) for a, b in bins], 1)
            return keras.ops.stack([keras.ops.max(x[:, :, a:b], 2) for a, b in bins], 2)

    network = keras.Sequential([keras.Input((SIDE, SIDE, 1))])
    for index, outputs in enumerate([16, 16, 32, 32]):
        network.add(layers.Conv2D(outputs, 3, padding="same", use_bias=False))
        network.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        network.add(layers.ReLU())
        if index % 2 == 1:
            network.add(layers.MaxPooling2D(2))
    for layer in [Grid(), layers.Flatten(), layers.Dense(256, activation="relu"), layers.Dropout(0.1),
                  layers.Dense(256, activation="relu"), layers.Dropout(0.1), layers.Dense(10)]:
        network.add(layer)
    total = EPOCHS * -(-len(data["train"][1]) // BATCH)
    network.compile(
        optimizer=keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(RATE, total), momentum=0.9, weight_decay=5e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=False)
    best = directory + ".weights.h5"
    history = network.fit(
        *data["train"], batch_size=BATCH, epochs=EPOCHS, verbose=0, validation_data=data["validation"],
        validation_batch_size=64, callbacks=[keras.callbacks.ModelCheckpoint(
            best, monitor="val_accuracy", save_best_only=True, save_weights_only=True)])
    network.load_weights(best)
    accuracy = network.evaluate(*data["test"], batch_size=64, verbose=0)[1]
    measure.report([], f"keras {keras.__version__}", history.history["loss"][-1], accuracy=accuracy)


{"make": make, "bulkhead": bulkhead, "torch": torch_job, "keras": keras_job}[options.peer]()
