"""Writes distances.json, numpy's values of MMD² and LEEP that SampleDistanceTests and LEEPTests compare with.

pip install numpy==2.4.6, then run this in its own directory.
"""

import json

import numpy as np

random = np.random.default_rng(20170918)


def squares(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(-1)


def discrepancy(a, b):
    """Gretton et al. 2012, lemma 6, term by term; the bandwidth is the median of squared distances of all pairs."""
    pooled = np.concatenate([a, b])
    distances = np.sort(squares(pooled, pooled)[np.triu_indices(len(pooled), 1)])
    bandwidth = distances[len(distances) // 2]
    kernels = [np.exp(-squares(*pair) / bandwidth) for pair in ((a, a), (b, b), (a, b))]
    n, m = len(a), len(b)
    within = [(k.sum() - np.trace(k)) / (size * (size - 1)) for k, size in zip(kernels, (n, m))]
    return {"a": a.tolist(), "b": b.tolist(), "bandwidth": bandwidth,
            "discrepancy": within[0] + within[1] - 2 * kernels[2].mean()}


def leep(probabilities, labels, classes):
    """Nguyen et al. 2020, section 3."""
    joint = np.stack([probabilities[labels == y].sum(0) for y in range(classes)]) / len(labels)
    conditional = joint / joint.sum(0)
    return np.log((conditional[labels] * probabilities).sum(1)).mean()


def leep_case(samples, outputs, classes):
    logits = 2 * random.normal(size=(samples, outputs))
    labels = random.integers(classes, size=samples)
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return {"probabilities": probabilities.tolist(), "labels": labels.tolist(), "classes": classes,
            "score": leep(probabilities, labels, classes)}


def main():
    result = {
        "discrepancies": [discrepancy(random.normal(size=(n, 4)), random.normal(shift, 1, size=(n, 4)))
                          for n, shift in ((6, 0), (20, 0.5), (20, 3))],
        "scores": [leep_case(*shape) for shape in ((40, 5, 3), (60, 3, 7), (30, 10, 10))],
    }
    with open("distances.json", "w") as file:
        json.dump(result, file, indent=None)
        file.write("\n")


main()
