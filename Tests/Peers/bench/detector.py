"""Training steps of Faster R-CNN on VGG16: 2 pictures of 600×800, 2,000 proposals each, of which 64 are sampled.

    python detector.py --peer make FOLDER        pictures, their boxes and FOLDER.h5
    python detector.py --peer bulkhead FOLDER
    python detector.py --peer torch FOLDER       with torchvision's FasterRCNN and operators

Equal on both sides: pictures and boxes, nine anchors a position, 512 channels in the proposal network, 6,000 candidates and
2,000 proposals a picture, 7×7 ROIPool, two FC layers of 4096, 21 classes, all layers trained, SGD with momentum and decay.
Nothing is pretrained: the time of a step does not depend on it. Of both memory formats of torch the faster one is measured.
"""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import time

import measure

folder = pathlib.Path(os.path.abspath(sys.argv.pop()))
options = measure.arguments(peer="torch", steps=2)

PICTURES, HEIGHT, WIDTH, CLASSES = 6, 600, 800, 20


def boxes():
    """Five boxes a picture: (class, x1, y1, x2, y2), corners inclusive."""
    source = random.Random(1)
    result = []
    for index in range(PICTURES):
        rows = []
        for label in range(5 * index, 5 * index + 5):
            width, height = source.randrange(60, 400), source.randrange(60, 400)
            x, y = source.randrange(WIDTH - width), source.randrange(HEIGHT - height)
            rows.append((label % CLASSES, x, y, x + width - 1, y + height - 1))
        result.append(rows)
    return result


def picture(index):
    return random.Random(index).randbytes(3 * HEIGHT * WIDTH)


def make():
    if pathlib.Path(f"{folder}.h5").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = ["image,x1,y1,x2,y2,label"]
    for index, rows in enumerate(boxes()):
        size = 3 * HEIGHT * WIDTH
        (folder / f"{index}.bmp").write_bytes(
            b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + size, 0, 0, 54, 40, WIDTH, -HEIGHT, 1, 24, 0, size, 2835, 2835, 0, 0)
            + picture(index))
        lines += [f"{index}.bmp,{x1},{y1},{x2},{y2},{label:02}" for label, x1, y1, x2, y2 in rows]
    pathlib.Path(f"{folder}.csv").write_text("\n".join(lines) + "\n")
    subprocess.run(
        [os.environ["BULKHEAD"], "prepare", "csv-boxes", f"{folder}.csv", "--images", str(folder), "--validation", "0",
         "--test", "0", "--storage", "samples", "--output", f"{folder}.h5", "--overwrite"], check=True, stdout=sys.stderr)
    shutil.rmtree(folder)


def bulkhead():
    run = f"{folder}-run"
    pathlib.Path(f"{folder}.yaml").write_text(f"""
task: detection
threads: {options.threads}
network: {{preset: vgg16, head: {{kind: fc, width: 4096, dropout: 0}}}}
data: {{path: {folder}.h5, batch: 2, validationPerClass: 0}}
detection: {{regionsPerImage: 64, network: {{candidates: [6000, 6000], proposals: [2000, 300]}}}}
optimizer: {{learningRate: 0.0001, momentum: 0.9, weightDecay: 0.0005}}
epochs: 9
checkpoint: {{everyEpochs: 9}}
""")
    shutil.rmtree(run, ignore_errors=True)
    text = subprocess.run(
        [os.environ["BULKHEAD_BENCH"], "start", f"{folder}.yaml", "--run", run, "--since", str(time.monotonic_ns()),
         "--steps", str(1 + options.steps)], check=True, capture_output=True, text=True).stdout
    shutil.rmtree(run, ignore_errors=True)
    measure.report(json.loads(text.strip().splitlines()[-1])["milliseconds"][1:], "bulkhead")


def torchvision_steps():
    import torch
    import torchvision
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
    from torchvision.models.detection.rpn import AnchorGenerator

    class Pool(torch.nn.Module):
        def forward(self, maps, places, _):
            return torchvision.ops.roi_pool(maps["0"], places, 7, 1 / 16)

    torch.set_num_threads(options.threads)
    targets = [{"labels": torch.tensor([row[0] + 1 for row in rows]),
                "boxes": torch.tensor([[x1, y1, x2 + 1, y2 + 1] for _, x1, y1, x2, y2 in rows], dtype=torch.float32)}
               for rows in boxes()]
    pictures = [torch.frombuffer(bytearray(picture(index)), dtype=torch.uint8).view(HEIGHT, WIDTH, 3).permute(2, 0, 1)
                .float() / 255 for index in range(PICTURES)]

    def prepare(memory_format):
        torch.manual_seed(0)
        backbone = torchvision.models.vgg16(weights=None).features[:-1]
        backbone.out_channels = 512
        network = FasterRCNN(
            backbone, rpn_anchor_generator=AnchorGenerator(((128, 256, 512),), ((0.5, 1.0, 2.0),)), min_size=HEIGHT,
            max_size=WIDTH, rpn_pre_nms_top_n_train=6000, rpn_post_nms_top_n_train=2000, box_batch_size_per_image=64,
            box_head=TwoMLPHead(512 * 49, 4096), box_predictor=FastRCNNPredictor(4096, CLASSES + 1))
        network.roi_heads.box_roi_pool = Pool()
        network = network.to(memory_format=memory_format).train()
        optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)

        def step(index):
            places = [(2 * index + offset) % PICTURES for offset in range(2)]
            losses = network([pictures[place] for place in places], [targets[place] for place in places])
            loss = sum(losses.values())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    milliseconds, loss, name, trials = measure.in_faster_format(prepare, options.steps, 1)
    measure.report(
        milliseconds, f"torchvision {torchvision.__version__}, torch {torch.__version__}", loss, variant=name, trials=trials)


{"make": make, "bulkhead": bulkhead, "torch": torchvision_steps}[options.peer]()
