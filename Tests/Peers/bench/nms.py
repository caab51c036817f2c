"""Times torchvision's nms on the CPU.

    python nms.py --boxes 6000

Equal on both sides: the distribution of corners (uniform in 700×500 pixels), sides (1 to 200) and scores.
"""

import measure

options = measure.arguments(boxes=6000, steps=20)

import torch
import torchvision

torch.set_num_threads(options.threads)
torch.manual_seed(0)
corners = torch.rand(options.boxes, 2) * torch.tensor([700.0, 500.0])
boxes = torch.cat([corners, corners + 1 + torch.rand(options.boxes, 2) * 199], 1)
scores = torch.rand(options.boxes)

milliseconds, _ = measure.steps(lambda _: torchvision.ops.nms(boxes, scores, 0.7)[0], options.steps, 3)
measure.report(milliseconds, f"torchvision {torchvision.__version__}, torch {torch.__version__}")
