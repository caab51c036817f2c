"""Writes windows.h5: golden values of grouped, dilated and unevenly padded windows and of LRN, computed by torch.

    VENV/bin/python make_windows.py

As make_fixtures.py, whose layouts and names it uses; grouped weights are [kh, kw, in / groups, out].
"""

import pathlib

import h5py
import torch
import torch.nn.functional as F

from make_fixtures import Case


def padded(input, padding, value=0.0):
    top, left, bottom, right = padding
    return F.pad(input, (left, right, top, bottom), value=value)


def convolutions(file):
    cases = [  # images, height, width, in, out, kernel height, kernel width, stride, padding, dilation, groups
        (2, 6, 5, 4, 6, 3, 3, 1, (1, 1, 1, 1), 1, 2),
        (2, 7, 6, 16, 32, 3, 3, 1, (1, 1, 1, 1), 1, 2),
        (1, 9, 8, 16, 24, 5, 5, 1, (2, 2, 2, 2), 1, 2),
        (2, 7, 9, 6, 6, 3, 3, 1, (1, 1, 1, 1), 1, 6),
        (2, 8, 8, 16, 16, 3, 3, 2, (0, 0, 1, 1), 1, 16),
        (1, 6, 6, 3, 6, 3, 3, 1, (1, 1, 1, 1), 1, 3),
        (2, 9, 8, 3, 5, 3, 3, 1, (2, 2, 2, 2), 2, 1),
        (1, 10, 9, 16, 8, 3, 3, 2, (2, 2, 2, 2), 2, 1),
        (1, 9, 9, 4, 8, 3, 3, 1, (3, 3, 3, 3), 3, 4),
        (2, 7, 8, 3, 8, 3, 3, 2, (0, 0, 1, 1), 1, 1),
        (1, 6, 7, 5, 16, 2, 2, 1, (0, 0, 1, 1), 1, 1),
        (2, 5, 6, 3, 4, 3, 3, 1, (2, 0, 0, 1), 1, 1),
        (1, 6, 9, 4, 4, 1, 5, 1, (0, 2, 0, 2), 1, 2),
        (2, 5, 5, 8, 4, 1, 1, 1, (0, 0, 0, 0), 1, 4),
    ]
    for index, (n, h, w, c, k, kh, kw, stride, padding, dilation, groups) in enumerate(cases):
        case = Case(
            file, f"convolution_{index}", 1100 + index, stride=stride, dilation=dilation, groups=groups,
            **dict(zip(("top", "left", "bottom", "right"), padding)))
        input = case.random(n, c, h, w)
        weight, bias = case.random(k, c // groups, kh, kw, scale=0.3), case.random(k)
        output = F.conv2d(padded(input, padding), weight, bias, stride=stride, dilation=dilation, groups=groups)
        case.finish(output, "map", input=(input, "map"), weight=(weight, "kernel"), bias=(bias, None))


def poolings(file):
    cases = [  # images, height, width, channels, window, stride, padding, ceil mode
        (2, 6, 7, 3, 3, 2, 0, True),
        (1, 13, 12, 4, 3, 2, 0, True),
        (2, 8, 6, 3, 3, 2, 1, True),
        (1, 5, 5, 3, 2, 2, 1, True),
        (1, 7, 5, 5, 2, 3, 0, True),
        (2, 4, 7, 3, 3, 1, 1, False),
        (1, 14, 14, 3, 5, 3, 0, True),
        (1, 6, 6, 3, 4, 4, 2, True),
    ]
    for index, (n, h, w, c, window, stride, padding, ceil) in enumerate(cases):
        settings = dict(window=window, stride=stride, padding=padding, ceil=int(ceil))
        case = Case(file, f"maximum_{index}", 1200 + index, **settings)
        input = case.random(n, c, h, w)
        output = F.max_pool2d(input, window, stride=stride, padding=padding, ceil_mode=ceil)
        case.finish(output, "map", input=(input, "map"))
        for counts in (False, True):
            case = Case(file, f"average_{index}_{int(counts)}", 1250 + 2 * index + counts, counts=int(counts), **settings)
            input = case.random(n, c, h, w)
            output = F.avg_pool2d(
                input, window, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=counts)
            case.finish(output, "map", input=(input, "map"))


def responses(file):
    cases = [  # images, height, width, channels, size, alpha, beta, k
        (2, 3, 4, 7, 5, 1e-4, 0.75, 1.0),
        (1, 4, 3, 96, 5, 0.5, 0.75, 2.0),
        (2, 2, 3, 3, 5, 1.0, 0.75, 1.0),
        (1, 3, 3, 20, 3, 0.7, 0.5, 1.5),
        (1, 2, 2, 5, 1, 0.3, 1.0, 1.0),
    ]
    for index, (n, h, w, c, size, alpha, beta, k) in enumerate(cases):
        case = Case(file, f"response_{index}", 1300 + index, size=size, alpha=alpha, beta=beta, k=k)
        input = case.random(n, c, h, w, scale=2.0)
        case.finish(F.local_response_norm(input, size, alpha, beta, k), "map", input=(input, "map"))


if __name__ == "__main__":
    with h5py.File(pathlib.Path(__file__).parent / "windows.h5", "w", libver=("v108", "v108")) as file:
        file.attrs["made_by"] = f"torch {torch.__version__}"
        convolutions(file)
        poolings(file)
        responses(file)
