"""Counts the instructions of a step under callgrind and compares them with those on record.

    python3 instructions.py [--record]

Instructions, unlike times, are the same in every run of one program, to some hundred-thousandths. A step's are those of a
run of three less those of a run of one. They are split into our C loops and all else of the process but oneDNN: the tape,
the layers, Swift's and C's libraries. Valgrind knows no AVX-512, so that what is counted are the loops' AVX2 copies, which
are compiled from the same source. More than 3 % above the record ends with 1; --record writes what was counted as the
new record (instructions.json, with the compiler that made the program: another one's are not compared).
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
RECORD = pathlib.Path(__file__).with_name("instructions.json")
TOLERANCE = 0.03
TRAINING = ["training", "--warmup", "1", "--batch", "8"]
WORKS = {
    "small network with FC": (TRAINING + ["--sizes", "28"], "--steps"),
    "small network with GAP": (TRAINING + ["--sizes", "28", "--head", "gap"], "--steps"),
    "FC head on feature maps": (TRAINING + ["--sizes", "7", "--channels", "32", "--features"], "--steps"),
    "ROIPool, 32 regions": (["roi-pool", "--regions", "32"], "--rounds"),
}


def count(program, arguments):
    """Instructions in our C loops, and in all else but oneDNN and what it compiles."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "counts")
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", program, *arguments,
             "--threads", "1"], check=True, capture_output=True, text=True)
        text = subprocess.run(
            ["callgrind_annotate", "--threshold=100", output], check=True, capture_output=True, text=True).stdout
    loops = others = 0
    for number, function, place in re.findall(r"^\s*([\d,]+) \(.*?\)\s+\S*?:(\S.*?) \[(.*)\]$", text, re.MULTILINE):
        number = int(number.replace(",", ""))
        if re.match(r"(kernel|products)_", function):
            loops += number
        elif "dnnl" not in place and place != "???":
            others += number
    return loops, others


def main():
    if shutil.which("valgrind") is None:
        print("missing: valgrind (apt-get install valgrind); instructions are not counted")
        return
    compiler = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        # Names without the tables of lines, which take valgrind minutes to read.
        program = str(pathlib.Path(folder, "bulkhead-bench"))
        subprocess.run(["strip", "--strip-debug", "-o", program, ROOT / ".build/release/bulkhead-bench"], check=True)
        for name, (arguments, steps) in WORKS.items():
            one, three = (count(program, [*arguments, steps, number]) for number in ("1", "3"))
            counts[name] = {"loops": (three[0] - one[0]) // 2, "others": (three[1] - one[1]) // 2}
    if "--record" in sys.argv:
        RECORD.write_text(json.dumps({"compiler": compiler, "instructions": counts}, indent=1) + "\n")
    record = json.loads(RECORD.read_text())
    if record["compiler"] != compiler:
        print(f"instructions are on record for {record['compiler']}, this is {compiler}: not compared")
        return
    worse = False
    print(f"instructions a step; those on record are of the same compiler, and {TOLERANCE:.0%} more is too many")
    for name, parts in counts.items():
        for part, number in parts.items():
            ratio = number / record["instructions"][name][part]
            worse = worse or ratio > 1 + TOLERANCE
            print(f"  {name:24} {part:6} {number:12,}  {ratio:.3f} times the record" + " TOO MANY" * (ratio > 1 + TOLERANCE))
    sys.exit(worse)


if __name__ == "__main__":
    main()
