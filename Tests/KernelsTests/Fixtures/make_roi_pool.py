"""Writes roi_pool.h5: ROIPool forward and backward on random region sets, computed by torchvision.ops.roi_pool.

Needs h5py and a torchvision with its CPU operators (Debian's python3-torchvision python3-h5py will do):

    python3 make_roi_pool.py

Maps and upstream gradients are small integers, so every result is an exact integer and compares without tolerance.
All cases lie end to end in a few datasets; row k of `cases` [cases, 12] (int32, its columns named by the attribute
`columns`) says where case k lies: N, H, W, C, pooled height, pooled width, regions, index into `scales`, flags, and
the offset of its first element in `inputs`, of its first row in `regions`, of its first element in `outputs`.

    scales           float32 [5]
    inputs           int8,  each case [N, H, W, C]
    regions          float32 [all regions, 5]: image index, x1, y1, x2, y2 in image coordinates
    outputs          int8,  each case [R, ph, pw, C]
    output_gradients int8,  each case [R, ph, pw, C], at the offsets of `outputs`
    input_gradients  int16, each case [N, H, W, C], at the offsets of `inputs`
    arguments        int16, each case [R, ph, pw, C], at the offsets of `outputs`: y*W + x of the maximum, -1 if empty

Flag 1: a malformed region is among them (x2 < x1 or y2 < y1 after rounding). Caffe gives it no gradient whereas
torchvision does, so torchvision was handed zeros upstream of it: `input_gradients` are Caffe's, `output_gradients` are
not zero. Flag 2: regions that reach far out of their image. Flag 4: the region is the whole map, where ROIPool has the
bins of adaptive max pooling (asserted here).
"""

import pathlib

import h5py
import numpy as np
import torch
import torchvision

torch.set_num_threads(1)
SCALES = np.array([1, 0.5, 0.25, 1 / 16, 0.7], dtype=np.float32)
COLUMNS = "images height width channels pooled_height pooled_width regions scale flags " \
    "input_offset region_offset output_offset"
MALFORMED, OUTSIDE, WHOLE = 1, 2, 4
random = np.random.default_rng(57)


def rounded(coordinates, scale):
    """round(coordinate * scale) in float32, halves away from zero, as C++ does it."""
    scaled = coordinates * np.float32(scale)
    return np.sign(scaled) * np.floor(np.abs(scaled) + np.float32(0.5))


def span(extent, scale, kind):
    """One side's [start, end] in image coordinates for a map of `extent` positions."""
    image = extent / scale
    if kind == "half":  # both ends at k + 0.5 after scaling: exact at every scale but 0.7
        low, high = sorted(random.integers(0, extent, 2))
        return (low + 0.5) / scale, (high + 0.5) / scale
    if kind == "position":
        position = random.integers(0, extent)
        return position / scale, position / scale
    if kind == "outside":
        low, high = sorted(random.uniform(-1.5 * image, 2.5 * image, 2))
        return low, high
    if kind == "malformed":
        low, high = sorted(random.uniform(0, image, 2))
        return high + 2 / scale, low
    low, high = sorted(random.uniform(-0.1 * image, 1.1 * image, 2))
    return (round(low), round(high)) if kind == "whole numbers" else (low, high)


def random_case(index):
    kinds = ["any", "whole numbers", "half", "position", "outside", "malformed"]
    kind = kinds[index % len(kinds)] if index % 3 else "any"
    scale_index = index % len(SCALES)
    n, c = random.integers(1, 4), random.integers(1, 4)
    h, w = random.integers(1, 21, 2) if index % 4 == 0 else random.integers(1, 11, 2)
    pooled = (7, 7) if index % 5 == 0 else tuple(random.integers(1, 8, 2))
    count = random.integers(1, 4)
    regions = np.zeros((count, 5), np.float32)
    regions[:, 0] = random.integers(0, n, count)
    for row in regions:
        row[1], row[3] = span(w, float(SCALES[scale_index]), kind)
        row[2], row[4] = span(h, float(SCALES[scale_index]), kind)
    return (n, c, h, w), pooled, regions, scale_index, OUTSIDE if kind == "outside" else 0


def float_case(size, axis):
    """A region of `size` positions along one side, where float32 bins differ from exact ones; from 0 and from an offset."""
    offset = random.integers(1, 9)
    extent = size + offset
    h, w = (extent, 2) if axis == 0 else (2, extent)
    regions = np.zeros((2, 5), np.float32)
    for row, start in zip(regions, (0, offset)):
        row[1:] = (0, start, 1, start + size - 1) if axis == 0 else (start, 0, start + size - 1, 1)
    return (1, 1, h, w), (7, 7), regions, 0, 0


def whole_case(h, w):
    regions = np.array([[0, 0, 0, w - 1, h - 1]], np.float32)
    return (1, 3, h, w), (7, 7), regions, 0, WHOLE


def malformed(regions, scale):
    """Which regions end before they start."""
    ends = rounded(regions[:, 1:], scale)
    return (ends[:, 2] < ends[:, 0]) | (ends[:, 3] < ends[:, 1])


def arguments(maps, regions, pooled, scale):
    """y*W + x of every bin's first maximum, which torchvision keeps to itself; main checks it against torchvision."""
    n, c, h, w = maps.shape
    result = np.full((len(regions), *pooled, c), -1, np.int16)
    f = np.float32
    for r, region in enumerate(regions):
        x1, y1, x2, y2 = (int(v) for v in rounded(region[1:], scale))
        height, width = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
        bin_h, bin_w = f(height) / f(pooled[0]), f(width) / f(pooled[1])
        for py in range(pooled[0]):
            top = min(max(int(np.floor(f(py) * bin_h)) + y1, 0), h)
            bottom = min(max(int(np.ceil(f(py + 1) * bin_h)) + y1, 0), h)
            for px in range(pooled[1]):
                left = min(max(int(np.floor(f(px) * bin_w)) + x1, 0), w)
                right = min(max(int(np.ceil(f(px + 1) * bin_w)) + x1, 0), w)
                if bottom <= top or right <= left:
                    continue
                window = maps[int(region[0]), :, top:bottom, left:right].reshape(c, -1)
                first = window.argmax(axis=1)  # the first maximum in row-major order
                result[r, py, px] = (top + first // (right - left)) * w + left + first % (right - left)
    return result


def main():
    cases = [random_case(index) for index in range(1080)]
    cases += [float_case(size, axis) for size in (57, 114, 121) for axis in (0, 1)]
    cases += [float_case(size, axis) for size in (29, 58, 116, 123) for axis in (0, 1)]
    cases += [whole_case(h, w) for h, w in [(7, 7), (8, 9), (9, 9), (14, 14), (10, 13), (1, 1), (3, 20)]]
    table, inputs, boxes, outputs, gradients, back, indices = [], [], [], [], [], [], []
    offsets = np.zeros(3, int)
    for (n, c, h, w), pooled, regions, scale_index, flags in cases:
        scale = float(SCALES[scale_index])
        levels = random.choice([2, 5, 40])  # few levels: ties
        maps = random.integers(-levels, levels + 1, (n, c, h, w)).astype(np.float32)
        leaf = torch.tensor(maps, requires_grad=True)
        output = torchvision.ops.roi_pool(leaf, torch.tensor(regions), tuple(int(p) for p in pooled), scale)
        gradient = random.integers(-3, 4, output.shape).astype(np.float32)
        broken = malformed(regions, scale)
        routed_gradient = np.where(broken[:, None, None, None], np.float32(0), gradient)
        output.backward(torch.tensor(routed_gradient))
        argument = arguments(maps, regions, pooled, scale)
        values, input_gradient = output.detach().numpy().transpose(0, 2, 3, 1), leaf.grad.numpy().transpose(0, 2, 3, 1)

        # The arguments are this script's own: they must reproduce torchvision's values and gradients.
        image = regions[:, 0].astype(int)
        again, routed = np.zeros(values.shape, np.float32), np.zeros((n, h * w, c), np.float32)
        for r, y, x, channel in zip(*np.nonzero(argument >= 0)):
            position = argument[r, y, x, channel]
            again[r, y, x, channel] = maps[image[r], channel].reshape(-1)[position]
            routed[image[r], position, channel] += routed_gradient[r, channel, y, x]
        assert np.array_equal(again, values) and np.array_equal(routed.reshape(n, h, w, c), input_gradient)
        if flags & WHOLE:
            assert torch.equal(output, torch.nn.functional.adaptive_max_pool2d(leaf, tuple(pooled)))
        flags |= MALFORMED if broken.any() else 0
        table.append([n, h, w, c, *pooled, len(regions), scale_index, flags, *offsets])
        inputs.append(maps.transpose(0, 2, 3, 1))
        boxes.append(regions)
        outputs.append(values)
        gradients.append(gradient.transpose(0, 2, 3, 1))
        back.append(input_gradient)
        indices.append(argument)
        offsets += [maps.size, len(regions), values.size]

    def flat(arrays, dtype):
        joined = np.concatenate([a.reshape(-1) for a in arrays])
        assert np.array_equal(joined, joined.astype(dtype))
        return joined.astype(dtype)

    path = pathlib.Path(__file__).parent / "roi_pool.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        file.attrs["made_by"] = f"torchvision {torchvision.__version__}"
        datasets = dict(
            scales=SCALES, cases=np.array(table, np.int32), inputs=flat(inputs, np.int8), regions=np.concatenate(boxes),
            outputs=flat(outputs, np.int8), output_gradients=flat(gradients, np.int8),
            input_gradients=flat(back, np.int16), arguments=flat(indices, np.int16))
        for name, array in datasets.items():
            packed = dict(compression="gzip", compression_opts=9, shuffle=True) if array.size > 100 else {}
            file.create_dataset(name, data=array, track_times=False, **packed)
        file["cases"].attrs["columns"] = COLUMNS
    flags = np.array(table)[:, 8]
    print(f"{path.name}: {len(cases)} cases, {offsets[1]} regions, {np.sum(flags & 1)} cases with malformed regions, "
          f"{path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
