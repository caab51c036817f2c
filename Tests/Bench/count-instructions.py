"""Counts the instructions of the hot loops under callgrind and compares them with what is committed.

    python3 Tests/Bench/count-instructions.py .build/release/bulkhead [--update]

Instructions, unlike times, are the same in every run of the same program. Valgrind knows neither AVX-512 nor AMX, so
what is counted are the loops' AVX2 copies; the others are compiled from the same source. oneDNN's own code is not
counted. A count that is off by more than 3 % fails: if that is meant, or the compiler is another one, --update writes the
counts anew (instructions.json, with the compiler that they were made by).
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.03
EXPECTED = pathlib.Path(__file__).with_name("instructions.json")
WORK = {
    "roi-pool": ["roi-pool", "--threads", "1", "--rounds", "1", "--regions", "32"],
    "training": ["training", "--threads", "1", "--steps", "1", "--batch", "8", "--sizes", "28"],
    "head": ["training", "--threads", "1", "--steps", "1", "--batch", "8", "--sizes", "7", "--preset", "vgg11",
             "--channels", "16", "--features"],
}
LEAST = 200_000  # of a function, to be worth a line


def count(program, arguments):
    """Instructions within each of the project's C loops, by name."""
    with tempfile.TemporaryDirectory() as directory:
        output = pathlib.Path(directory, "counts")
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", program, "benchmark", *arguments],
            check=True, capture_output=True, text=True)
        text = subprocess.run(
            ["callgrind_annotate", "--threshold=100", output], check=True, capture_output=True, text=True).stdout
    counts = {}
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+) .*?:((?:kernel|products)_\w+)", line)
        if found:
            counts[found[2]] = counts.get(found[2], 0) + int(found[1].replace(",", ""))
    return {name: number for name, number in sorted(counts.items()) if number >= LEAST}


def compiler():
    return subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.split("\n")[0]


def main():
    program = sys.argv[1]
    if shutil.which("valgrind") is None:
        print("missing: valgrind; instructions are not counted")
        return
    counts = {work: count(program, arguments) for work, arguments in WORK.items()}
    if "--update" in sys.argv:
        EXPECTED.write_text(json.dumps({"compiler": compiler(), "counts": counts}, indent=2) + "\n")
        return
    recorded = json.loads(EXPECTED.read_text())
    if recorded["compiler"] != compiler():
        print(f"instructions were counted with {recorded['compiler']}, this is {compiler()}: not compared")
        return
    bad = 0
    for work, expected in recorded["counts"].items():
        for name in sorted(expected.keys() | counts[work].keys()):
            before, now = expected.get(name, 0), counts[work].get(name, 0)
            ratio = now / before if before else float("inf")
            is_bad = abs(ratio - 1) > TOLERANCE
            bad += is_bad
            print(f"{work:9} {name:34} {now:12,} instructions, {ratio:.3f} of what is recorded{' <- ' if is_bad else ''}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
