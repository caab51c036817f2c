"""Times torchvision's roi_pool forward and backward: 512 channels, a map of 38×50, bins of 7×7, scale 1/16.

    python roi_pool.py --regions 128

Equal on both sides: the map, the corners (uniform in 300×300 pixels, in order), the gradient of ones by the output.
A gradient by the map is made anew each round.
"""

import measure

options = measure.arguments(regions=128, steps=50)

import time

import torch
import torchvision

torch.set_num_threads(options.threads)
torch.manual_seed(0)
maps = torch.randn(1, 512, 38, 50, requires_grad=True)
corners = torch.rand(options.regions, 2, 2) * 300
regions = torch.cat([torch.zeros(options.regions, 1), corners.amin(1), corners.amax(1)], 1)
gradient = torch.ones(options.regions, 512, 7, 7)
forward = []


def step(_):
    start = time.perf_counter()
    pooled = torchvision.ops.roi_pool(maps, regions, 7, 1 / 16)
    forward.append((time.perf_counter() - start) * 1000)
    maps.grad = None
    pooled.backward(gradient)
    return maps.grad[0, 0, 0, 0]


milliseconds, _ = measure.steps(step, options.steps, 3)
measure.report(milliseconds, f"torchvision {torchvision.__version__}, torch {torch.__version__}", forward=forward[3:])
