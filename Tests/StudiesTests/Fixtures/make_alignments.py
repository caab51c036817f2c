"""Writes alignments.json, numpy's values of CKA that KernelAlignmentTests compare with.

pip install numpy==2.4.6, then run this in its own directory.
"""

import json

import numpy as np

random = np.random.default_rng(20170918)


def hsic(k, l):
    """The mean over all ordered quadruples of different samples, by its definition (Gretton et al. 2005):
    k(i, j)·(l(i, j) + l(q, r) - 2·l(i, q))."""
    n = len(k)
    total = count = 0
    for i in range(n):
        for j in range(n):
            for q in range(n):
                for r in range(n):
                    if len({i, j, q, r}) == 4:
                        total += k[i, j] * (l[i, j] + l[q, r] - 2 * l[i, q])
                        count += 1
    return total / count


def alignment_case(samples, first, second, shared):
    a = random.normal(1, 2, size=(samples, first))
    b = np.concatenate([a[:, :shared] + 0.3 * random.normal(size=(samples, shared)),
                        random.normal(size=(samples, second - shared))], 1)
    a, b = a.astype(np.float32), b.astype(np.float32)
    k, l = (x.astype(np.float64) @ x.astype(np.float64).T for x in (a, b))
    return {"a": a.tolist(), "b": b.tolist(), "similarity": hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))}


def main():
    cases = [alignment_case(*shape) for shape in ((12, 6, 6, 6), (14, 8, 5, 3), (12, 40, 30, 0))]
    with open("alignments.json", "w") as file:
        json.dump(cases, file, indent=None)
        file.write("\n")


main()
