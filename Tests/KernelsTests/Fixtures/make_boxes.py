"""Writes boxes.h5: operations on random sets of boxes, computed by torchvision (0.14.1) and torch.

Needs h5py and a torchvision with its CPU operators (Debian's python3-torchvision python3-h5py will do):

    python3 make_boxes.py

A set has N boxes and M others, N and M of 0 to 12, some of them equal, touching, or without width or height; every tenth
set has inverted ones too. Boxes are quarters of a pixel. Row k of `sets` [1200, 10] (int32, its columns named by the
attribute `columns`) describes set k; all arrays lie end to end in the order of the sets.

    first, second   int16 [all N, 4], [all M, 4]: edges x1, y1, x2, y2 in quarters of a pixel
    scores          int16 [all N]: whole numbers of 0 to 9, so that there are ties
    groups          int16 [all N]
    overlaps        float32, each set [N, M]: box_iou(first, second); NaN, of two boxes without area, is 0 here
    kept            int16: nms(first, scores, threshold), `kept` of them a set
    kept_of_groups  int16: batched_nms by groups, in its loop over the groups (the other way of torchvision adds offsets
                    to the boxes and rounds), `kept_of_groups` of them a set
    deltas          float32 [all N, 4]: BoxCoder(weights).encode of box i of `second`, modulo M, from box i of `first`; 0
                    where M is 0
    given           int16 [all N, 4]: deltas in sixteenths
    decoded         float32 [all N, 4]: BoxCoder(weights).decode of `given` from `first`
    clipped         float32 [all N, 4]: clip_boxes_to_image of `decoded`, image of `height` and `width`
    matches         int16 [all N, 2]: Matcher(0.5, 0.5), and Matcher(0.7, 0.3, allow_low_quality_matches=True), of the
                    others as ground truth; -1 background, -2 between. Ground truth without any overlap is taken out for the
                    second, as torchvision lets it match every box that has none.
    anchors         int16: AnchorGenerator's of `anchor_sets` (int16 [sets, 8]: scales, ratios in eighths, 0 for none; then
                    rows, columns, stride)
    losses          float32 [sets, 2]: smooth_l1_loss(given / 16, first / 4, beta, sum), and
                    binary_cross_entropy_with_logits(given / 16, groups of the rows' boxes > 1, sum)
    gradients       float32 [all N, 4, 2]: theirs with respect to `given` / 16
"""

import math
import pathlib

import h5py
import numpy as np
import torch
import torchvision
from torch.nn import functional
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.ops import box_iou, boxes as box_ops, nms

torch.set_num_threads(1)
SETS = 1200
THRESHOLDS = [0.0, 0.3, 0.5, 0.7, 1.0]
WEIGHTS = [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)]
BETAS = [0.0, 1 / 9, 1.0]
COLUMNS = "first second threshold weights beta height width kept kept_of_groups anchors"
random = np.random.default_rng(18)


def boxes(count, inverted):
    corners = random.integers(0, 120, (count, 2))
    sides = random.integers(0, 80, (count, 2)) * (random.random((count, 2)) < 0.95)
    result = np.concatenate([corners, corners + sides], axis=1)
    for index in range(1, count):
        choice = random.random()
        if choice < 0.2:
            result[index] = result[random.integers(index)]
        elif choice < 0.5:
            result[index] = result[random.integers(index)] + random.integers(-6, 7, 4)
    if inverted:
        for index in range(count):
            if random.random() < 0.3:
                result[index] = result[index][[2, 3, 0, 1]]
    elif count:
        result[:, 2:] = np.maximum(result[:, 2:], result[:, :2])
    return result.astype(np.int16)


def matches(matcher, overlaps):
    """Of overlaps [M, N]; without ground truth all boxes are background, as in torchvision's RoIHeads."""
    if overlaps.shape[0] == 0:
        return torch.full((overlaps.shape[1],), -1)
    if overlaps.shape[1] == 0:
        return torch.zeros(0, dtype=torch.int64)
    return matcher(overlaps)


def without_overlap(overlaps):
    if overlaps.numel() == 0:
        return matches(Matcher(0.7, 0.3, allow_low_quality_matches=True), overlaps)
    there = torch.where(overlaps.max(dim=1).values > 0)[0]
    found = matches(Matcher(0.7, 0.3, allow_low_quality_matches=True), overlaps[there])
    return torch.where(found >= 0, there[found.clamp(min=0)] if len(there) else found, found)


arrays = {name: [] for name in (
    "first second scores groups overlaps kept kept_of_groups deltas given decoded clipped matches anchors anchor_sets "
    "losses gradients").split()}
table = []
undefined = 0
for number in range(SETS):
    n, m = random.integers(0, 13, 2)
    inverted = number % 10 == 9
    first, second = boxes(n, inverted), boxes(m, inverted)
    scores, groups = random.integers(0, 10, n), random.integers(0, 4, n)
    threshold, weights, beta = random.integers(len(THRESHOLDS)), random.integers(2), random.integers(len(BETAS))
    height, width = random.integers(1, 40, 2)
    a, b = torch.tensor(first / 4, dtype=torch.float32).reshape(-1, 4), torch.tensor(second / 4, dtype=torch.float32).reshape(-1, 4)
    overlaps = box_iou(a, b)
    undefined += int(torch.isnan(overlaps).sum())
    overlaps = torch.nan_to_num(overlaps, nan=0.0, posinf=math.inf, neginf=-math.inf)
    float_scores, long_groups = torch.tensor(scores, dtype=torch.float32), torch.tensor(groups)
    kept = nms(a, float_scores, THRESHOLDS[threshold])
    of_groups = box_ops._batched_nms_vanilla(a, float_scores, long_groups, THRESHOLDS[threshold])
    # Of equal scores the batched operator sorts without an order; ours is that of the boxes.
    of_groups = torch.tensor(sorted(of_groups.tolist(), key=lambda i: (-scores[i], i)), dtype=torch.int64)
    coder = BoxCoder(WEIGHTS[weights])
    deltas = coder.encode_single(b[torch.arange(n) % m], a) if m else torch.zeros(n, 4)
    given = random.integers(-80, 81, (n, 4)).astype(np.int16)
    x = torch.tensor(given / 16, dtype=torch.float32).reshape(-1, 4)
    decoded = coder.decode_single(x, a)
    clipped = box_ops.clip_boxes_to_image(decoded, (int(height), int(width)))
    if inverted:
        found = np.zeros((n, 2))
    else:
        found = torch.stack([matches(Matcher(0.5, 0.5), overlaps.T), without_overlap(overlaps.T)], dim=1).numpy()
    scales = sorted(random.choice(np.arange(4, 200), random.integers(1, 4), replace=False).tolist())
    ratios = random.choice([2, 4, 8, 12, 16, 24], random.integers(1, 3), replace=False).tolist()
    rows, columns, stride = random.integers(1, 4), random.integers(1, 4), random.integers(1, 33)
    generator = AnchorGenerator(sizes=(tuple(scales),), aspect_ratios=(tuple(ratio / 8 for ratio in ratios),))
    generator.set_cell_anchors(torch.float32, torch.device("cpu"))
    anchors = generator.grid_anchors(
        [(int(rows), int(columns))], [[torch.tensor(int(stride)), torch.tensor(int(stride))]])[0].numpy()
    assert np.array_equal(anchors, anchors.astype(np.int16))
    gradients, losses = [], []
    truth = (long_groups > 1).float()[:, None].expand(n, 4)
    for loss in (lambda x: functional.smooth_l1_loss(x, a, beta=BETAS[beta], reduction="sum"),
                 lambda x: functional.binary_cross_entropy_with_logits(x, truth, reduction="sum")):
        variable = x.clone().requires_grad_()
        value = loss(variable)
        value.backward()
        losses.append(value.item())
        gradients.append(variable.grad.numpy())
    table.append([n, m, threshold, weights, beta, height, width, len(kept), len(of_groups), len(anchors)])
    values = dict(
        first=first, second=second, scores=scores, groups=groups, overlaps=overlaps.numpy().ravel(), kept=kept.numpy(),
        kept_of_groups=of_groups.numpy(), deltas=deltas.numpy(), given=given, decoded=decoded.numpy(),
        clipped=clipped.numpy(), matches=found, anchors=anchors,
        anchor_sets=[(scales + [0, 0])[:3] + (ratios + [0])[:2] + [rows, columns, stride]],
        losses=[losses], gradients=np.stack(gradients, axis=-1))
    for name, value in values.items():
        arrays[name].append(np.asarray(value))

assert undefined > 50
floats = {"overlaps", "deltas", "decoded", "clipped", "losses", "gradients"}
with h5py.File(pathlib.Path(__file__).parent / "boxes.h5", "w") as file:
    data = file.create_dataset("sets", data=np.array(table, np.int32), compression="gzip", shuffle=True)
    data.attrs["columns"] = COLUMNS
    for name, values in arrays.items():
        values = [value for value in values if value.size]
        whole = np.concatenate(values).astype(np.float32 if name in floats else np.int16)
        file.create_dataset(name, data=whole, compression="gzip", compression_opts=9, shuffle=True)
print(f"{SETS} sets, {undefined} overlaps of boxes without area")
