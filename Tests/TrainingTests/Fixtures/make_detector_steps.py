"""Writes detector-steps.h5: fifty steps of a small Fast R-CNN and of a Faster R-CNN, computed by torch in float64.

    VENV/bin/python make_detector_steps.py        (torch, numpy, h5py)

Two gray images with objects and proposals, all of which are sampled, so that nothing is drawn at random. Written for this test
from the papers (Girshick 2015; Ren et al. 2015) and from the order of operations in torchvision: ROIPool as in Caffe, BoxCoder,
Matcher, AnchorGenerator, nms; approximate joint training, SGD with momentum 0.9 and weight decay 5e-4.

    images      float [40 + 48 rows, 48 columns], 0 to 255: image 0 of 40 rows, then image 1 of 48
    objects     int64 [n, 6]: image, class from 0, x1, y1, x2, y2, inclusive
    proposals   int64 [m, 5]: image, x1, y1, x2, y2, inclusive
    weights/*   the first weights: convolutions [rows, columns, inputs, outputs], linear layers [inputs, outputs] on features
                in the order rows, columns, channels
    given, network   float64 [50]: the loss before each step, with these proposals, or with those of a proposal network
"""

import pathlib

import h5py
import numpy as np
import torch
from torch.nn import functional

torch.set_num_threads(1)
STEPS, RATE, MOMENTUM, DECAY = 50, 0.01, 0.9, 5e-4
SCALES = [12.0, 18.0]
LARGEST = 4.135166556742356
random = np.random.default_rng(50)
heights, width = [40, 48], 48

images, objects, proposals = [], [], []
for image, height in enumerate(heights):
    pixels = random.integers(0, 60, (height, width))
    for place in range(2):
        side = int(random.integers(12, 20))
        x, y = 24 * place + int(random.integers(0, 24 - side + 1)), int(random.integers(0, height - side + 1))
        label = (image + place) % 2
        area = pixels[y : y + side, x : x + side]
        area[:, :] = 200 if label == 0 else 120
        if label == 1:
            area[::2, :] = 240
        objects.append([image, label, x, y, x + side - 1, y + side - 1])
        proposals.append([image, max(x - 1, 0), y, min(x + side, width - 1), min(y + side + 1, height - 1)])
        proposals.append([image, x, max(y - 4, 0), x + side - 3, y + side - 3])
    for _ in range(8):
        x, y = int(random.integers(0, width - 12)), int(random.integers(0, height - 12))
        proposals.append(
            [image, x, y, min(x + int(random.integers(8, 22)), width - 1), min(y + int(random.integers(8, 22)), height - 1)])
    images.append(pixels)


def normal(*shape, scale):
    return random.normal(0, scale, shape).astype(np.float32)


weights = {
    "features.a.weight": normal(3, 3, 1, 8, scale=0.5), "features.a.bias": normal(8, scale=0.1),
    "features.b.weight": normal(3, 3, 8, 12, scale=0.2), "features.b.bias": normal(12, scale=0.1),
    "head.fc1.weight": normal(588, 24, scale=0.06), "head.fc1.bias": normal(24, scale=0.1),
    "head.fc2.weight": normal(24, 24, scale=0.25), "head.fc2.bias": normal(24, scale=0.1),
    "head.classifier.weight": normal(24, 3, scale=0.2), "head.classifier.bias": normal(3, scale=0.1),
    "head.boxes.weight": normal(24, 8, scale=0.1), "head.boxes.bias": normal(8, scale=0.1),
    "rpn.rpn_conv.weight": normal(3, 3, 12, 16, scale=0.1), "rpn.rpn_conv.bias": normal(16, scale=0.1),
    "rpn.rpn_objectness.weight": normal(1, 1, 16, 2, scale=0.2), "rpn.rpn_objectness.bias": normal(2, scale=0.1),
    "rpn.rpn_deltas.weight": normal(1, 1, 16, 8, scale=0.1), "rpn.rpn_deltas.bias": normal(8, scale=0.1),
}


def convolution(x, values, name, padding):
    return functional.conv2d(x, values[name + ".weight"].permute(3, 2, 0, 1), values[name + ".bias"], padding=padding)


def linear(x, values, name):
    return x @ values[name + ".weight"] + values[name + ".bias"]


def pooled(features, box):
    """One region [7, 7, channels] as Caffe pools it; `box` is inclusive, features [channels, rows, columns], scale 1/4."""
    start_x, start_y, end_x, end_y = (int(np.floor(edge * 0.25 + 0.5)) for edge in box)
    bin_height, bin_width = (np.float32(max(end - start + 1, 1)) / np.float32(7) for start, end in
                             [(start_y, end_y), (start_x, end_x)])
    rows, columns = features.shape[1:]
    bins = []
    for py in range(7):
        for px in range(7):
            top = min(max(int(np.floor(np.float32(py) * bin_height)) + start_y, 0), rows)
            bottom = min(max(int(np.ceil(np.float32(py + 1) * bin_height)) + start_y, 0), rows)
            left = min(max(int(np.floor(np.float32(px) * bin_width)) + start_x, 0), columns)
            right = min(max(int(np.ceil(np.float32(px + 1) * bin_width)) + start_x, 0), columns)
            part = features[:, top:bottom, left:right].reshape(features.shape[0], -1)
            bins.append(part.max(dim=1).values if part.shape[1] else torch.zeros(features.shape[0], dtype=part.dtype))
    return torch.cat(bins)


def overlaps(first, second):
    shared = (torch.minimum(first[:, None, 2:], second[None, :, 2:]) - torch.maximum(first[:, None, :2], second[None, :, :2]))
    shared = shared.clamp(min=0).prod(dim=2)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    return shared / (area(first)[:, None] + area(second)[None] - shared)


def matched(table, foreground, background, keeps_best):
    """For each box the object, -1 for background, -2 for neither; `table` [objects, boxes]."""
    best, match = table.max(dim=0)
    result = match.clone()
    result[best < foreground] = -2
    result[best < background] = -1
    if keeps_best:
        for row in table:
            for box in torch.nonzero((row == row.max()) & (row.max() > 0)).flatten():
                result[box] = match[box]
    return result


def encoded(references, boxes, weights):
    size, own = references[:, 2:] - references[:, :2], boxes[:, 2:] - boxes[:, :2]
    center, own_center = references[:, :2] + size / 2, boxes[:, :2] + own / 2
    scale = torch.tensor(weights, dtype=torch.float64)
    return torch.cat([(own_center - center) / size, torch.log(own / size)], dim=1) * scale


def decoded(references, deltas):
    size = references[:, 2:] - references[:, :2]
    center = references[:, :2] + size / 2 + deltas[:, :2] * size
    half = torch.exp(deltas[:, 2:].clamp(max=LARGEST)) * size / 2
    return torch.cat([center - half, center + half], dim=1)


def kept(boxes, scores, threshold, limit):
    order = sorted(range(len(scores)), key=lambda index: (-float(scores[index]), index))
    table, chosen = overlaps(boxes, boxes), []
    for index in order:
        if all(table[index, other] <= threshold for other in chosen):
            chosen.append(index)
        if len(chosen) == limit:
            break
    return chosen


def smooth(x, target, beta):
    return functional.smooth_l1_loss(x, target, beta=beta, reduction="sum")


def loss(values, has_network):
    truth = [torch.tensor([[o[2], o[3], o[4] + 1, o[5] + 1] for o in objects if o[0] == image], dtype=torch.float64)
             for image in range(2)]
    labels = [[o[1] for o in objects if o[0] == image] for image in range(2)]
    maps, regions = [], []
    rpn_logits, rpn_targets, rpn_deltas, rpn_encoded = [], [], [], []
    for image, pixels in enumerate(images):
        x = torch.tensor(np.float32(pixels) / np.float32(255)).double()[None, None]
        x = functional.max_pool2d(functional.relu(convolution(x, values, "features.a", 1)), 2)
        x = functional.max_pool2d(functional.relu(convolution(x, values, "features.b", 1)), 2)
        maps.append(x[0])
        if not has_network:
            regions.append(torch.tensor([[p[1], p[2], p[3] + 1, p[4] + 1] for p in proposals if p[0] == image],
                                        dtype=torch.float64))
            continue
        hidden = functional.relu(convolution(x, values, "rpn.rpn_conv", 1))
        logits = convolution(hidden, values, "rpn.rpn_objectness", 0)[0].permute(1, 2, 0).reshape(-1)
        deltas = convolution(hidden, values, "rpn.rpn_deltas", 0)[0].permute(1, 2, 0).reshape(-1, 4)
        rows, columns = x.shape[2:]
        anchors = torch.tensor(
            [[4 * column - s / 2, 4 * row - s / 2, 4 * column + s / 2, 4 * row + s / 2]
             for row in range(rows) for column in range(columns) for s in SCALES], dtype=torch.float64)
        match = matched(overlaps(truth[image], anchors), 0.7, 0.3, True)
        for index in range(len(anchors)):
            if match[index] == -2:
                continue
            rpn_logits.append(logits[index])
            rpn_targets.append(1.0 if match[index] >= 0 else 0.0)
            if match[index] >= 0:
                rpn_deltas.append(deltas[index])
                rpn_encoded.append(encoded(anchors[index][None], truth[image][match[index]][None], [1, 1, 1, 1])[0])
        with torch.no_grad():
            boxes = decoded(anchors, deltas)
            boxes[:, 0::2] = boxes[:, 0::2].clamp(0, width)
            boxes[:, 1::2] = boxes[:, 1::2].clamp(0, heights[image])
            large = torch.nonzero(((boxes[:, 2:] - boxes[:, :2]) >= 1).all(dim=1)).flatten()
            boxes = boxes[large]
            regions.append(boxes[kept(boxes, logits[large], 0.7, 20)])
    result = 0
    if has_network:
        rpn = functional.binary_cross_entropy_with_logits(
            torch.stack(rpn_logits), torch.tensor(rpn_targets, dtype=torch.float64), reduction="sum")
        result = (rpn + smooth(torch.stack(rpn_deltas), torch.stack(rpn_encoded), 1 / 9)) / len(rpn_logits)
    features, classes, deltas_at, targets = [], [], [], []
    for image in range(2):
        boxes = torch.cat([regions[image], truth[image]])
        match = matched(overlaps(truth[image], boxes), 0.5, 0.5, False)
        for index, box in enumerate(boxes):
            features.append(pooled(maps[image], [float(box[0]), float(box[1]), float(box[2]) - 1, float(box[3]) - 1]))
            label = labels[image][match[index]] + 1 if match[index] >= 0 else 0
            if label:
                deltas_at.append((len(classes), label))
                targets.append(encoded(box[None], truth[image][match[index]][None], [10, 10, 5, 5])[0])
            classes.append(label)
    hidden = functional.relu(linear(torch.stack(features), values, "head.fc1"))
    hidden = functional.relu(linear(hidden, values, "head.fc2"))
    logits, deltas = linear(hidden, values, "head.classifier"), linear(hidden, values, "head.boxes")
    own = torch.stack([deltas[row, 4 * (label - 1) : 4 * label] for row, label in deltas_at])
    return result + functional.cross_entropy(logits, torch.tensor(classes)) + smooth(
        own, torch.stack(targets), 1.0) / len(classes)


def steps(has_network):
    names = [name for name in weights if has_network or not name.startswith("rpn")]
    values = {name: torch.tensor(weights[name]).double().requires_grad_() for name in names}
    optimizer = torch.optim.SGD(values.values(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(values, has_network)
        losses.append(float(value.detach()))
        value.backward()
        optimizer.step()
    return losses


with h5py.File(pathlib.Path(__file__).parent / "detector-steps.h5", "w", libver="earliest", track_order=False) as file:
    file["images"] = np.concatenate(images).astype(np.float32)
    file["objects"], file["proposals"] = np.array(objects, np.int64), np.array(proposals, np.int64)
    for name, value in weights.items():
        file["weights/" + name] = value
    for name in ["given", "network"]:
        file[name] = np.array(steps(name == "network"))
        print(name, file[name][0], file[name][-1])
