"""A dataset of cached feature maps, 1.3 GB: more than is kept in memory, so that every step reads from the file.

    python data.py DIRECTORY      makes features.h5 there by `bulkhead prepare` and `features`, if it is missing
"""

import os
import subprocess
import sys

directory = sys.argv.pop()
os.makedirs(directory, exist_ok=True)
os.chdir(directory)

COUNT, SIDE, CHANNELS = 3200, 14, 512
CONFIGURATION = f"""
network:
  layers:
    - {{name: features.conv, kind: convolution, outputs: {CHANNELS}, kernel: 3, padding: 1}}
    - {{name: features.relu, kind: relu}}
  head: {{kind: gap}}
data: {{path: small.h5}}
"""

if not os.path.exists("features.h5"):
    program = os.environ["BULKHEAD"]
    for name, extents, values in [("images", (COUNT, SIDE, SIDE), os.urandom(COUNT * SIDE * SIDE)),
                                  ("labels", (COUNT,), bytes(i % 4 for i in range(COUNT)))]:
        head = bytes([0, 0, 8, len(extents)]) + b"".join(extent.to_bytes(4, "big") for extent in extents)
        with open(name + ".idx", "wb") as file:
            file.write(head + values)
    with open("features.yaml", "w") as file:
        file.write(CONFIGURATION)
    for words in [["prepare", "idx", "--images", "images.idx", "--labels", "labels.idx", "--keep-duplicates",
                   "--test", "1", "--validation", "1", "--output", "small.h5", "--overwrite"],
                  ["features", "features.yaml", "--output", "features.h5"]]:
        subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL)
