"""Times training steps of VGG16's head: 25088 → 4096 → 4096 → 21, ReLU and dropout 0.5 after the first two.

    python head.py --peer torch-fused --batch 32 --precision float32

Equal everywhere: random rows that need no gradient, softmax cross-entropy, SGD with momentum 0.9 and decay 5e-4 on
every parameter. Keras's own decay acts on the weights in place of the gradient, which is no more work. Each step ends
when its loss is read. In bfloat16 weights and momentum stay float32, and the products are bfloat16 as each library
has it: torch's autocast, Keras's policy mixed_bfloat16, JAX with weights and rows cast.
"""

import measure

options = measure.arguments(peer="torch-fused", batch=32, precision="float32", steps=10)
INPUTS, HIDDEN, CLASSES, RATE = 25088, 4096, 21, 0.001
WARM_UP = 2


def torch_steps(fused, compiled):
    import torch
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    nn = torch.nn
    network = nn.Sequential(
        nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Dropout(0.5), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(HIDDEN, CLASSES))
    optimizer = torch.optim.SGD(
        network.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4, fused=fused, foreach=not fused)
    forward = torch.compile(network) if compiled else network
    rows, labels = torch.randn(options.batch, INPUTS), torch.randint(0, CLASSES, (options.batch,))

    def step(_):
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            loss = nn.functional.cross_entropy(forward(rows), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, f"torch {torch.__version__}"


def jax_steps():
    import jax
    import jax.numpy as jnp
    number = jnp.bfloat16 if options.precision == "bfloat16" else jnp.float32
    keys = jax.random.split(jax.random.key(0), 8)
    sizes = [INPUTS, HIDDEN, HIDDEN, CLASSES]
    weights = [
        (jax.random.uniform(key, shape, minval=-1, maxval=1) / shape[0] ** 0.5, jnp.zeros(shape[1]))
        for key, shape in zip(keys, zip(sizes, sizes[1:]))]
    momenta = jax.tree.map(jnp.zeros_like, weights)
    rows = jax.random.normal(keys[3], (options.batch, INPUTS)).astype(number)
    labels = jax.random.randint(keys[4], (options.batch,), 0, CLASSES)

    def loss_of(weights, key):
        x = rows
        for index, (weight, bias) in enumerate(weights):
            x = x @ weight.astype(number) + bias.astype(number)
            if index < 2:
                kept = jax.random.bernoulli(jax.random.fold_in(key, index), 0.5, x.shape)
                x = jnp.where(kept, jax.nn.relu(x) * 2, 0)
        scores = jax.nn.log_softmax(x.astype(jnp.float32))
        return -jnp.take_along_axis(scores, labels[:, None], 1).mean()

    def step(weights, momenta, index):
        loss, gradients = jax.value_and_grad(loss_of)(weights, jax.random.fold_in(keys[5], index))
        momenta = jax.tree.map(lambda v, g, w: 0.9 * v + (g + 5e-4 * w), momenta, gradients, weights)
        return loss, jax.tree.map(lambda w, v: w - RATE * v, weights, momenta), momenta

    step = jax.jit(step, donate_argnums=(0, 1))
    state = [weights, momenta]
    del weights, momenta

    def run(index):
        loss, *state[:] = step(*state, index)
        jax.block_until_ready(state)
        return loss

    return run, f"jax {jax.__version__}"


def keras_steps(xla):
    import keras
    import tensorflow as tf
    if options.precision == "bfloat16":
        keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((INPUTS,)), layers.Dense(HIDDEN, activation="relu"), layers.Dropout(0.5),
        layers.Dense(HIDDEN, activation="relu"), layers.Dropout(0.5), layers.Dense(CLASSES, dtype="float32")])
    network.compile(
        optimizer=keras.optimizers.SGD(RATE, momentum=0.9, weight_decay=5e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=xla)
    rows = tf.random.normal((options.batch, INPUTS))
    labels = tf.random.uniform((options.batch,), maxval=CLASSES, dtype=tf.int32)
    return lambda _: network.train_on_batch(rows, labels), f"keras {keras.__version__}, tensorflow {tf.__version__}"


PEERS = {
    "torch-foreach": lambda: torch_steps(False, False),
    "torch-fused": lambda: torch_steps(True, False),
    "torch-compile": lambda: torch_steps(True, True),
    "jax": jax_steps,
    "keras": lambda: keras_steps(False),
    "keras-xla": lambda: keras_steps(True),
}
step, version = PEERS[options.peer]()
milliseconds, loss = measure.steps(step, options.steps, WARM_UP)
measure.report(milliseconds, version, loss)
