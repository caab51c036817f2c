"""Writes metrics.json: what scikit-learn gives for a few sets of predictions, and for class weights.

    VENV/bin/python make_metrics.py        (numpy, scikit-learn)

Means over classes are taken over the classes that occur among the labels. Logits are multiples of 1/128, so that they are the
same numbers in 32 bits, and no two of a sample are equal.
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss, top_k_accuracy_score
from sklearn.utils.class_weight import compute_class_weight

SETS = [  # samples, classes, classes that occur, accuracy wanted, about
    (40, 3, [0, 1, 2], 0.7),
    (60, 4, [0, 2, 3], 0.5),
    (50, 5, [0, 1, 2, 3, 4], 0.4),
    (80, 6, [0, 1, 2, 3, 4, 5], 0.5),
    (90, 12, [0, 1, 3, 4, 5, 7, 8, 9, 11], 0.3),
]

found = []
for seed, (samples, classes, present, share) in enumerate(SETS):
    random = np.random.default_rng(seed)
    chances = np.linspace(1, 4, len(present))
    labels = random.choice(present, samples, p=chances / chances.sum())
    labels[: len(present)] = present
    logits = np.round(random.normal(size=(samples, classes)) * 16) / 8
    right = random.random(samples) < share
    logits[right, labels[right]] += 4
    # Without ties the definitions of top-5 and of the predicted class agree.
    logits += np.arange(classes) / 128
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    predicted = logits.argmax(1)
    everything = np.arange(classes)
    found.append(
        {
            "classes": classes,
            "labels": labels.tolist(),
            "logits": logits.ravel().tolist(),
            "accuracy": accuracy_score(labels, predicted),
            "balancedAccuracy": balanced_accuracy_score(labels, predicted),
            "macroF1": f1_score(labels, predicted, average="macro", labels=np.unique(labels)),
            "loss": log_loss(labels, probabilities, labels=everything),
            "top5Accuracy": top_k_accuracy_score(labels, logits, k=5, labels=everything) if classes > 5 else None,
            "balancedWeights": [
                float(compute_class_weight("balanced", classes=np.unique(labels), y=labels)[list(present).index(c)])
                if c in present
                else 0.0
                for c in range(classes)
            ],
        }
    )
path = pathlib.Path(__file__).parent / "metrics.json"
path.write_text(json.dumps(found, indent=1) + "\n")
