"""Compares every import under Sources and Tests with the direct dependencies that the manifest gives its target.

SwiftPM's own explicit-import check lets a target import what its dependencies depend on; here nothing passes that
the manifest does not name. Run from anywhere; needs swift.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What the toolchain brings.
TOOLCHAIN = {"Swift", "Foundation", "FoundationXML", "Glibc", "Synchronization", "Dispatch"}
TEST_TOOLCHAIN = TOOLCHAIN | {"Testing"}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|var|let|actor)\s+)?(\w+)")


def imports(path):
    """The modules a file imports, with line numbers; comments and strings that speak of imports do not count."""
    text = re.sub(r'""".*?"""', lambda m: "\n" * m[0].count("\n"), path.read_text(), flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        if match := IMPORT.match(line):
            yield number, match[1]


def dependencies(target):
    """The names of a target's direct dependencies in a dumped manifest."""
    for dependency in target["dependencies"]:
        (kind, value), = dependency.items()
        yield value[0]


def main():
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, text=True)
    if dump.returncode != 0:
        sys.exit(f"check-imports: swift package dump-package failed\n{dump.stderr}")
    targets = json.loads(dump.stdout)["targets"]
    problems, files = [], 0
    for target in targets:
        if target["type"] == "system":
            continue
        tested = target["type"] == "test"
        default = ROOT / ("Tests" if tested else "Sources") / target["name"]
        folder = ROOT / target["path"] if target.get("path") else default
        allowed = set(dependencies(target)) | {target["name"]}
        allowed |= TEST_TOOLCHAIN if tested or "Tests" in folder.parts else TOOLCHAIN
        for path in sorted(folder.rglob("*.swift")):
            files += 1
            for number, module in imports(path):
                if module not in allowed:
                    problems.append(f"{path.relative_to(ROOT)}:{number}: {target['name']} may not import {module}: "
                                    "not among its direct dependencies in Package.swift")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"check-imports: {files} files, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
