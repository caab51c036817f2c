"""What the peers' programs share: their arguments, their threads, their clock, and the line of JSON at the end."""

import argparse
import json
import math
import os
import time


def arguments(**options):
    """`--name` for each option with its default; the process is held to `--threads` before libraries load."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    for name, default in options.items():
        kind = (lambda text: [int(part) for part in text.split(",")]) if isinstance(default, list) else type(default)
        parser.add_argument("--" + name.replace("_", "-"), type=kind, default=default)
    result = parser.parse_args()
    # Libraries that count processors find as many as they may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:result.threads])
    os.environ.update(
        OMP_NUM_THREADS=str(result.threads), TF_NUM_INTRAOP_THREADS=str(result.threads), TF_NUM_INTEROP_THREADS="1",
        CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow", JAX_PLATFORMS="cpu")
    return result


def steps(step, count, warm_up):
    """Runs `step`, which returns a loss once it is done, and returns the milliseconds of each and the last loss."""
    milliseconds = []
    for index in range(warm_up + count):
        start = time.perf_counter()
        loss = float(step(index))
        if index >= warm_up:
            milliseconds.append(round((time.perf_counter() - start) * 1000, 4))
    return milliseconds, loss


def in_faster_format(prepare, count, warm_up):
    """Measures the step that `prepare(memory_format)` makes, in the faster of torch's memory formats by one step of each.

    Returns what `steps` does, the format's name, and the milliseconds of both."""
    import torch
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    trials = {name: steps(prepare(kind), 1, 1)[0][0] for name, kind in formats.items()}
    name = min(trials, key=trials.get)
    return *steps(prepare(formats[name]), count, warm_up), name, trials


def report(milliseconds, version, loss=None, **more):
    """The line that bench.py reads."""
    if loss is not None and not math.isfinite(loss):
        raise SystemExit(f"the loss is {loss}")
    print(json.dumps({"milliseconds": milliseconds, "version": version, "loss": loss, **more}))
