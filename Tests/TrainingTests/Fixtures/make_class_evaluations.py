"""Writes class-evaluations.json, numpy's accuracies of one network on datasets whose classes are not all the network's, which
ClassEvaluationTests compares with.

The network's four logits are the four pixels of an image. pip install numpy, then run this in its own directory.
"""

import json

import numpy as np

random = np.random.default_rng(20170920)
NETWORK = ["cat", "dog", "emu", "ice cream"]


def case(name, data, truth, **options):
    """truth: the network's output for each class of the data, None where it has none."""
    labels = np.repeat(np.arange(len(data)), 6)
    pixels = random.integers(0, 90, size=(len(labels), 4))
    # Mostly the right answer, where there is one.
    for row, label in enumerate(labels):
        if truth[label] is not None and random.random() < 0.7:
            pixels[row, truth[label]] += 60
    kept = [row for row, label in enumerate(labels) if truth[label] is not None]
    target = np.array([truth[labels[row]] for row in kept])
    shared = np.array(sorted(set(target.tolist())))
    logits = pixels[kept].astype(float)
    answers = logits.argmax(1)
    among = shared[logits[:, shared].argmax(1)]
    shifted = logits - logits.max(1, keepdims=True)
    loss = -(shifted[np.arange(len(kept)), target] - np.log(np.exp(shifted).sum(1)))
    confusion = [[int(((labels[kept] == label) & (answers == output)).sum()) for output in range(len(NETWORK))]
                 for label in range(len(data)) if truth[label] is not None]
    return {
        "name": name, "data": data, "labels": labels.tolist(), "pixels": pixels.tolist(), **options,
        "samples": len(kept), "correct": int((answers == target).sum()), "sharedCorrect": int((among == target).sum()),
        "loss": float(loss.mean()), "confusion": confusion,
        "classes": [data[label] for label in range(len(data)) if truth[label] is not None],
        "leftOut": {data[label]: int((labels == label).sum()) for label in range(len(data)) if truth[label] is None},
        "absent": [NETWORK[output] for output in range(len(NETWORK)) if output not in shared]}


def main():
    cases = [
        case("the same", ["cat", "dog", "emu", "ice cream"], [0, 1, 2, 3]),
        case("permuted", ["emu", "ice cream", "cat", "dog"], [2, 3, 0, 1]),
        case("missing", ["dog", "emu"], [1, 2]),
        case("one class", ["emu"], [2]),
        case("extra", ["ant", "cat", "dog", "emu", "ice cream", "yak"], [None, 0, 1, 2, 3, None]),
        case("overlapping", ["cat", "emu", "fox"], [0, 2, None]),
        case("as many, overlapping", ["cat", "emu", "fox", "gnu"], [0, 2, None, None]),
        case("other case", ["Dog", "EMU", "cat", "Ice Cream"], [1, 2, 0, 3]),
        case("other signs", ["ice_cream", "emu"], [3, 2]),
        case("hyphen and case", ["Ice-Cream", "fox", "CAT"], [3, None, 0]),
        case("no space", ["icecream", "dog"], [3, 1]),
        case("renamed", ["chat", "chien", "emu"], [0, 1, 2], map={"chat": "cat", "chien": "dog"}),
        case("two on one", ["tabby", "siamese", "dog"], [0, 0, 1], map={"tabby": "cat", "siamese": "cat"}),
        case("beside its own name", ["tabby", "cat", "emu"], [0, 0, 2], map={"tabby": "cat"}),
        case("left out by the map", ["cat", "dog", "emu"], [0, None, 2], map={"dog": ""}),
        case("another by the map", ["cat", "dog", "emu"], [1, 0, 2], map={"cat": "dog", "dog": "cat"}),
        case("by position", ["un", "deux", "trois", "quatre"], [0, 1, 2, 3], byPosition=True),
        case("by position against names", ["dog", "cat", "emu", "ice cream"], [0, 1, 2, 3], byPosition=True),
    ]
    with open("class-evaluations.json", "w") as file:
        json.dump({"network": NETWORK, "cases": cases}, file)
        file.write("\n")


main()
