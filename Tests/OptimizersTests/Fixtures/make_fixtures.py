"""Writes sgd.h5 and adamw.h5: 20 steps of torch.optim.SGD (and of Caffe's SGD, in numpy) and AdamW in every setting.

    python3 -m venv VENV && VENV/bin/pip install numpy h5py torch
    VENV/bin/python make_fixtures.py

The root holds what all settings share: the initial `weight` [5, 4] and `bias` [4], and the prerecorded gradients of
every step, `weight_gradients` [20, 5, 4] and `bias_gradients` [20, 4]; where `accumulation` is 4, the gradients of the
micro-batches, whose mean is the step's: `micro_weight_gradients` [20, 4, 5, 4] and `micro_bias_gradients` [20, 4, 4].
A group is a setting. Its datasets: `rates` [20], the base learning rate used at each step; `weights` [20, 5, 4] and
`biases` [20, 4], the parameters after each step; with clipping also `norms` [20], the global norm before it.
Its attributes: `schedule` and its numbers, weight_decay, the bias's rate and decay multipliers, clip_norm (0: none) and
accumulation; in sgd.h5 `convention` (torch or caffe), momentum, dampening and nesterov, in adamw.h5 beta1, beta2 and
epsilon.
"""

import math
import pathlib

import h5py
import numpy as np
import torch

torch.set_num_threads(1)

STEPS, MICRO_BATCHES, BASE = 20, 4, 0.1

# The rate at step t = 0, 1, … 19, each by its own formula; torch's schedulers are checked against it below.
SCHEDULES = {
    "constant": ({}, lambda t: BASE),
    "step": ({"size": 6, "gamma": 0.5}, lambda t: BASE * 0.5 ** (t // 6)),
    "multistep": ({"milestones": [3, 10, 16], "gamma": 0.1}, lambda t: BASE * 0.1 ** sum(t >= m for m in (3, 10, 16))),
    "exponential": ({"gamma": 0.9}, lambda t: BASE * 0.9**t),
    "polynomial": ({"total": 20, "power": 2.0}, lambda t: BASE * (1 - t / 20) ** 2),
    "cosine": ({"total": 20, "minimum": 0.01}, lambda t: 0.01 + (BASE - 0.01) * (1 + math.cos(math.pi * t / 20)) / 2),
    "warmup": ({"warmup": 5}, lambda t: BASE * min(1, (t + 1) / 5)),
    "warmup_cosine": (
        {"warmup": 5, "total": 20, "minimum": 0.0},
        lambda t: BASE * (t + 1) / 5 if t < 5 else BASE * (1 + math.cos(math.pi * (t - 5) / 15)) / 2),
}

DEFAULTS = dict(
    convention="torch", schedule="constant", momentum=0.0, dampening=0.0, nesterov=0, weight_decay=0.0,
    bias_rate_multiplier=1.0, bias_decay_multiplier=1.0, clip_norm=0.0, accumulation=1)
ADAMW_DEFAULTS = dict(
    schedule="constant", beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0, bias_rate_multiplier=1.0,
    bias_decay_multiplier=1.0, clip_norm=0.0, accumulation=1)

SETTINGS = {
    "plain": {},
    "momentum": dict(momentum=0.9),
    "dampening": dict(momentum=0.9, dampening=0.3),
    "nesterov": dict(momentum=0.9, nesterov=1),
    "weight_decay": dict(weight_decay=0.05),
    "momentum_decay": dict(momentum=0.9, weight_decay=0.05),
    "nesterov_decay": dict(momentum=0.8, nesterov=1, weight_decay=0.05),
    "multipliers": dict(momentum=0.9, weight_decay=0.05, bias_rate_multiplier=2.0, bias_decay_multiplier=0.0),
    "multipliers_partial": dict(momentum=0.5, weight_decay=0.05, bias_rate_multiplier=0.1, bias_decay_multiplier=0.5),
    "frozen_bias": dict(momentum=0.9, weight_decay=0.05, bias_rate_multiplier=0.0),
    "clipping": dict(momentum=0.9, clip_norm=2.0),
    "clipping_decay": dict(momentum=0.9, weight_decay=0.05, clip_norm=3.5),
    "accumulation": dict(momentum=0.9, weight_decay=0.05, accumulation=MICRO_BATCHES),
    "accumulation_clipping": dict(momentum=0.9, clip_norm=1.0, accumulation=MICRO_BATCHES),
}
for schedule in list(SCHEDULES)[1:]:
    SETTINGS[f"schedule_{schedule}"] = dict(momentum=0.9, weight_decay=0.01, schedule=schedule)
for schedule in ("constant", "multistep", "exponential", "polynomial"):
    SETTINGS[f"caffe_{schedule}"] = dict(
        convention="caffe", momentum=0.9, weight_decay=0.05, schedule=schedule, bias_rate_multiplier=2.0,
        bias_decay_multiplier=0.0)
SETTINGS["caffe_clipping"] = dict(
    convention="caffe", momentum=0.9, weight_decay=0.05, schedule="multistep", clip_norm=2.0)

ADAMW_SETTINGS = {
    "plain": {},
    "decay": dict(weight_decay=0.05),
    "large_decay": dict(weight_decay=2.0),
    "betas": dict(beta1=0.8, beta2=0.95, weight_decay=0.05),
    "long_memory": dict(beta1=0.95, beta2=0.9999),
    "short_memory": dict(beta1=0.3, beta2=0.6),
    "no_memory": dict(beta1=0.0, beta2=0.0),
    "epsilon": dict(epsilon=0.1, weight_decay=0.05),
    "multipliers": dict(weight_decay=0.05, bias_rate_multiplier=2.0, bias_decay_multiplier=0.0),
    "multipliers_partial": dict(weight_decay=0.05, bias_rate_multiplier=0.1, bias_decay_multiplier=0.5),
    "frozen_bias": dict(weight_decay=0.05, bias_rate_multiplier=0.0),
    "clipping": dict(clip_norm=2.0),
    "clipping_decay": dict(weight_decay=0.05, clip_norm=3.5),
    "accumulation": dict(weight_decay=0.05, accumulation=MICRO_BATCHES),
    "accumulation_clipping": dict(weight_decay=0.05, clip_norm=1.0, accumulation=MICRO_BATCHES),
}
for schedule in list(SCHEDULES)[1:]:
    ADAMW_SETTINGS[f"schedule_{schedule}"] = dict(weight_decay=0.05, schedule=schedule)


def torch_optimizer(s, groups, rate):
    """torch's own, for loops over single tensors."""
    if "beta1" in s:
        return torch.optim.AdamW(groups, lr=rate, betas=(s["beta1"], s["beta2"]), eps=s["epsilon"], foreach=False)
    return torch.optim.SGD(
        groups, lr=rate, momentum=s["momentum"], dampening=s["dampening"], nesterov=bool(s["nesterov"]))


def torch_steps(s, rate, start, gradients):
    """torch's optimizer, one group a parameter, and clip_grad_norm_; yields (weight, bias, norm) after each step."""
    parameters = [torch.tensor(p.copy(), requires_grad=True) for p in start]
    multipliers = [(1.0, 1.0), (s["bias_rate_multiplier"], s["bias_decay_multiplier"])]
    groups = [
        dict(params=[p], lr=rate(0) * m[0], weight_decay=s["weight_decay"] * m[1])
        for p, m in zip(parameters, multipliers)]
    optimizer = torch_optimizer(s, groups, rate(0))
    for t in range(STEPS):
        for group, m in zip(optimizer.param_groups, multipliers):
            group["lr"] = rate(t) * m[0]
        optimizer.zero_grad()
        for p, g in zip(parameters, gradients):
            if s["accumulation"] > 1:  # as a loop of backward passes with loss / k adds them up
                p.grad = torch.zeros_like(p)
                for micro in g[t]:
                    p.grad += torch.tensor(micro) / s["accumulation"]
            else:
                p.grad = torch.tensor(g[t])
        norm = torch.nn.utils.clip_grad_norm_(parameters, s["clip_norm"] or math.inf)
        optimizer.step()
        yield [p.detach().numpy().copy() for p in parameters] + [norm.item()]


def caffe_steps(s, rate, start, gradients):
    """Caffe's SGDSolver: clip, decay, V = momentum·V + rate·g, w -= V, in float32."""
    f = np.float32
    parameters = [p.copy() for p in start]
    velocities = [np.zeros_like(p) for p in parameters]
    multipliers = [(1.0, 1.0), (s["bias_rate_multiplier"], s["bias_decay_multiplier"])]
    for t in range(STEPS):
        step = [g[t].copy() for g in gradients]
        norm = math.sqrt(sum(float((g.astype(np.float64) ** 2).sum()) for g in step))
        if s["clip_norm"] and norm > s["clip_norm"]:
            step = [g * f(s["clip_norm"] / norm) for g in step]
        for p, v, g, m in zip(parameters, velocities, step, multipliers):
            g += f(s["weight_decay"] * m[1]) * p
            v[...] = f(s["momentum"]) * v + f(rate(t) * m[0]) * g
            p -= v
        yield [p.copy() for p in parameters] + [norm]


def check_schedules():
    """The formulas above are torch's own schedulers' where it has one."""
    s = torch.optim.lr_scheduler
    references = {
        "step": lambda o: s.StepLR(o, 6, 0.5),
        "multistep": lambda o: s.MultiStepLR(o, [3, 10, 16], 0.1),
        "exponential": lambda o: s.ExponentialLR(o, 0.9),
        "polynomial": lambda o: s.PolynomialLR(o, 20, 2.0),
        "cosine": lambda o: s.CosineAnnealingLR(o, 20, 0.01),
        "warmup": lambda o: s.LambdaLR(o, lambda t: min(1, (t + 1) / 5)),
    }
    for name, make in references.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
        scheduler = make(optimizer)
        for t in range(STEPS):
            expected = SCHEDULES[name][1](t)
            assert math.isclose(scheduler.get_last_lr()[0], expected, rel_tol=1e-9), (name, t)
            optimizer.step()
            scheduler.step()


def write(name, settings, defaults, start, micro, full):
    path = pathlib.Path(__file__).parent / name
    with h5py.File(path, "w", libver=("v108", "v108")) as file:
        file.attrs["made_by"] = f"torch {torch.__version__}"
        shared = dict(
            weight=start[0], bias=start[1], weight_gradients=full[0], bias_gradients=full[1],
            micro_weight_gradients=micro[0], micro_bias_gradients=micro[1])
        for key, array in shared.items():
            file.create_dataset(key, data=array, track_times=False)
        for setting, changes in settings.items():
            s = defaults | changes
            numbers, rate = SCHEDULES[s["schedule"]]
            run = caffe_steps if s.get("convention") == "caffe" else torch_steps
            weights, biases, norms = zip(*run(s, rate, start, micro if s["accumulation"] > 1 else full))
            group = file.create_group(setting)
            for key, value in (s | {"base_rate": BASE} | {f"schedule_{k}": v for k, v in numbers.items()}).items():
                if isinstance(value, str):
                    group.attrs[key] = value
                else:
                    kind = np.int32 if isinstance(value, (int, list)) else np.float64 if "beta1" in s else np.float32
                    group.attrs[key] = np.array(value, dtype=kind)[()]
            datasets = dict(rates=[rate(t) for t in range(STEPS)], weights=weights, biases=biases)
            if s["clip_norm"]:
                assert max(norms) > s["clip_norm"], (setting, norms)
                datasets["norms"] = norms
            for key, value in datasets.items():
                group.create_dataset(key, data=np.array(value, dtype=np.float32), track_times=False)
    print(f"{path.name}: {len(settings)} settings, {path.stat().st_size} bytes")


if __name__ == "__main__":
    check_schedules()
    random = np.random.default_rng(7)
    start = [random.standard_normal((5, 4)).astype(np.float32), random.standard_normal(4).astype(np.float32)]
    micro = [random.standard_normal((STEPS, MICRO_BATCHES) + p.shape).astype(np.float32) for p in start]
    full = [random.standard_normal((STEPS,) + p.shape).astype(np.float32) * np.float32(0.7) for p in start]
    write("sgd.h5", SETTINGS, DEFAULTS, start, micro, full)
    write("adamw.h5", ADAMW_SETTINGS, ADAMW_DEFAULTS, start, micro, full)
