"""Writes proportions.json: scipy's Wilson intervals, which ProportionIntervalTests compares with, and temperatures that scipy
finds, which TemperatureFitTests compares with.

pip install numpy scipy, then run this in its own directory.
"""

import json

import numpy as np
from scipy import optimize, special, stats

random = np.random.default_rng(20170919)


def interval(successes, trials):
    found = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return {"successes": successes, "trials": trials, "lower": found.low, "upper": found.high}


def loss(temperature, logits, labels):
    return -special.log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].mean()


def temperature(samples, classes, scale, name):
    """Logits are the log probabilities that labels are drawn by, times a scale: the best temperature is near it."""
    truth = random.normal(size=(samples, classes))
    labels = [int(random.choice(classes, p=special.softmax(row))) for row in truth]
    logits = (scale * truth).astype(np.float32)
    wide = logits.astype(np.float64)
    found = optimize.minimize_scalar(
        lambda log: loss(np.exp(log), wide, labels), bounds=(np.log(0.02), np.log(50)), method="bounded",
        options={"xatol": 1e-10})
    best = float(np.exp(found.x))
    return {"name": name, "logits": logits.tolist(), "labels": labels, "temperature": best,
            "before": loss(1, wide, labels), "after": loss(best, wide, labels)}


def main():
    counts = [(0, 1), (1, 1), (0, 10), (10, 10), (1, 3), (5, 10), (7, 8), (96, 100), (198, 200), (2, 5000), (4999, 5000),
              (123456, 200000)]
    result = {
        "intervals": [interval(*count) for count in counts],
        "temperatures": [temperature(60, 3, 4.0, "too sure"), temperature(80, 5, 0.3, "too unsure"),
                         temperature(40, 2, 1.0, "about right")],
    }
    with open("proportions.json", "w") as file:
        json.dump(result, file)
        file.write("\n")


main()
