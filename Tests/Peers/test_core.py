"""The golden values of our operators, made again by the torch that is installed.

    python3 test_core.py

The committed fixtures of `make test` (operators and their gradients, SGD) are what our kernels are compared with. Their
generators run here again, beside a copy of themselves, and every number must be the committed one, to 1e-5 of its dataset's
largest. ROIPool's is left out, as PyPI's torchvision has no operators for the CPU. A missing library is one line; a
difference is exit code 1.
"""

import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The generator, its file, its tolerance, what it needs.
FIXTURES = [
    ("AutodiffTests", "make_fixtures.py", "operations.h5", 1e-5, ["torch"]),
    ("OptimizersTests", "make_fixtures.py", "sgd.h5", 1e-5, ["torch"]),
]

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"missing: h5py and numpy ({error}); fixtures were not made again")
    sys.exit(0)


def values(path):
    """Every dataset and every attribute of a file by its path."""
    found = {}
    with h5py.File(path) as file:

        def add(name, item):
            for key, value in item.attrs.items():
                found[f"{name}@{key}"] = np.asarray(value)
            if isinstance(item, h5py.Dataset):
                found[name] = np.asarray(item)

        add("", file)
        file.visititems(add)
    return found


def differences(old, new, tolerance):
    wrong = [f"{name}: only in one file" for name in old.keys() ^ new.keys()]
    worst = 0.0
    for name in old.keys() & new.keys():
        a, b = old[name], new[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            wrong.append(f"{name}: {a.dtype}{a.shape} and {b.dtype}{b.shape}")
        elif a.dtype.kind == "f" and tolerance:
            apart = float(np.max(np.abs(a - b), initial=0) / max(float(np.max(np.abs(a), initial=0)), 1))
            worst = max(worst, apart)
            if not apart <= tolerance:
                wrong.append(f"{name}: apart by {apart:.2g}")
        elif not np.array_equal(a, b):
            wrong.append(f"{name}: not equal")
    return wrong, worst


def main():
    status = 0
    for room, script, file, tolerance, needs in FIXTURES:
        lacking = [name for name in needs if importlib.util.find_spec(name) is None]
        if lacking:
            print(f"missing: {' and '.join(lacking)}; {file} was not made again")
            continue
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            source = ROOT / "Tests" / room / "Fixtures"
            shutil.copy(source / script, folder)
            subprocess.run([sys.executable, folder / script], check=True, capture_output=True, text=True)
            old, new = values(source / file), values(folder / file)
            wrong, worst = differences(old, new, tolerance)
            # A changed number must be noticed.
            name = next(name for name, value in old.items() if value.dtype.kind in "if" and value.size and "@" not in name)
            if not differences(old, {**new, name: old[name] + np.asarray(1, old[name].dtype)}, tolerance)[0]:
                wrong.append("a changed dataset was not noticed: this comparison shows nothing")
            if wrong:
                status = 1
                print(f"{file}: " + "; ".join(wrong[:10]))
            else:
                print(f"{file}: {len(old)} datasets and attributes made again, apart by at most {worst:.1g}")
        except subprocess.CalledProcessError as error:
            status = 1
            print(f"{file}: {script} failed: {error.stderr.strip().splitlines()[-1:]}")
        finally:
            shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
