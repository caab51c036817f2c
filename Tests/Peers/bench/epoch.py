"""An epoch of training from JPEG files: decoding, scaling to 36×36, and the default study's network in steps of 32.

    python epoch.py --peer bulkhead FOLDER      also --decoding scaled
    python epoch.py --peer torch FOLDER

FOLDER and FOLDER.h5 are those of pictures.py. Equal on both sides: the files, bilinear antialiased scaling, values from −1 to 1,
the network of small_network.py with three input channels and an FC head of 256 and 256, SGD with momentum; as many threads for
the network, and as many that read. Timed is the first epoch, from asking for the first batch to the end of the last step.
With `--decoding scaled` JPEG files are decoded at a part of their size: `data.scaledDecoding` here, Image.draft there. torch's
DataLoader reads in worker processes with Pillow; of both memory formats the faster one is measured.
"""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import time

import measure

folder = os.path.abspath(sys.argv.pop())
options = measure.arguments(peer="torch", decoding="full")

SIDE, BATCH = 36, 32
paths = sorted(glob.glob(folder + "/*/*.jpg"))


def bulkhead():
    import json
    directory = folder + "-run"
    with open(directory + ".yaml", "w") as file:
        file.write(f"""
threads: {options.threads}
network: {{preset: small-vgg, head: {{kind: fc, width: 256, depth: 2, dropout: 0.5}}}}
data: {{path: {folder}.h5, sizes: [{SIDE}], batch: {BATCH}, validationPerClass: 0,
  scaledDecoding: {str(options.decoding == "scaled").lower()}}}
optimizer: {{convention: torch, learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005}}
epochs: 2
checkpoint: {{everyEpochs: 2}}
""")
    shutil.rmtree(directory, ignore_errors=True)
    steps = -(-len(paths) // BATCH)
    text = subprocess.run(
        [os.environ["BULKHEAD_BENCH"], "start", directory + ".yaml", "--run", directory, "--since",
         str(time.monotonic_ns()), "--steps", str(steps)], check=True, capture_output=True, text=True).stdout
    shutil.rmtree(directory, ignore_errors=True)
    times = json.loads(text.strip().splitlines()[-1])["milliseconds"]
    measure.report([sum(times)], "bulkhead", variant=options.decoding)


def torch_epoch():
    import numpy as np
    import torch
    import torch.nn.functional as F
    from PIL import Image
    import small_network

    class Pictures(torch.utils.data.Dataset):
        def __len__(self):
            return len(paths)

        def __getitem__(self, index):
            with Image.open(paths[index]) as picture:
                if options.decoding == "scaled":
                    picture.draft("RGB", (SIDE, SIDE))
                small = picture.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
            return torch.from_numpy(np.array(small)), int(os.path.dirname(paths[index])[-1])

    torch.set_num_threads(options.threads)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    trial = argparse.Namespace(head="fc", batch=BATCH, sizes=[SIDE], inputs=3)
    name = min(formats, key=lambda name: min(small_network.run(trial, formats[name], True, 10, 5)[0]))
    torch.manual_seed(0)
    network = small_network.Network("fc", inputs=3).to(memory_format=formats[name]).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, fused=True)
    loader = torch.utils.data.DataLoader(Pictures(), BATCH, shuffle=True, num_workers=options.threads)
    start = time.perf_counter()
    for images, labels in loader:
        maps = (images.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=formats[name])
        loss = F.cross_entropy(network([maps]), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
    measure.report(
        [(time.perf_counter() - start) * 1000], f"torch {torch.__version__}", loss.item(),
        variant=f"{name}, {options.decoding}, {options.threads} workers")


bulkhead() if options.peer == "bulkhead" else torch_epoch()
