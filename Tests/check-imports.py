"""Compares the imports under Sources and Tests with the direct dependencies that the manifest gives each target.

SwiftPM's own explicit-import check lets a target import what its dependencies depend on; here nothing passes that
the manifest does not name. A dependency that no file imports is a problem too, as is a cycle of targets, so that the
manifest shows the architecture as it is. Run from anywhere; needs swift.
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
# A dependency of every test target, by the manifest's function `tests`.
TEST_SUPPORT = "TestSupport"
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


def cycle(arrows):
    """Targets that depend on each other in a circle, the first one named again at the end; none if there are none."""
    finished = set()

    def search(target, path):
        if target in path:
            return [*path[path.index(target):], target]
        if target not in finished:
            for after in sorted(arrows.get(target, ())):
                if found := search(after, [*path, target]):
                    return found
            finished.add(target)
        return None

    return next(filter(None, (search(target, []) for target in sorted(arrows))), None)


def main():
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, text=True)
    if dump.returncode != 0:
        sys.exit(f"check-imports: swift package dump-package failed\n{dump.stderr}")
    targets = [target for target in json.loads(dump.stdout)["targets"] if target["type"] != "system"]
    programs = {target["name"] for target in targets if target["type"] == "executable"}
    problems, files = [], 0
    for target in targets:
        name, tested = target["name"], target["type"] == "test"
        default = ROOT / ("Tests" if tested else "Sources") / name
        folder = ROOT / target["path"] if target.get("path") else default
        named = set(dependencies(target))
        allowed = named | {name} | (TEST_TOOLCHAIN if tested or "Tests" in folder.parts else TOOLCHAIN)
        imported = set()
        paths = sorted(folder.rglob("*.swift"))
        for path in paths:
            files += 1
            for number, module in imports(path):
                imported.add(module)
                if module not in allowed:
                    problems.append(f"{path.relative_to(ROOT)}:{number}: {name} may not import {module}: "
                                    "not among its direct dependencies in Package.swift")
        # Tests start programs without importing them.
        for module in sorted(named - imported - programs - ({TEST_SUPPORT} if tested else set()) if paths else ()):
            problems.append(f"Package.swift: {name} depends on {module}, which none of its files imports")
    if found := cycle({target["name"]: set(dependencies(target)) for target in targets}):
        problems.append(f"Package.swift: targets depend on each other in a circle: {' → '.join(found)}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"check-imports: {files} files, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
