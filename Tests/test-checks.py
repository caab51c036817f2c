"""Runs check-structure.py on a made-up tree with one mistake of each kind, and on one without any."""

import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).resolve().parent / "check-structure.py"
LOWER = """/// A node, not an `Upper` one.
package struct Node {
  /* Upper, /* Upper, */ Upper */
  let text = "Upper \\(count("Upper")) Upper", raw = #"\\(Upper)"#  // Upper
  private struct Hidden {}
}
"""
UPPER = """/// Knows nodes.
package struct Upper { let node: Node }
private struct Own {}
/// Nested from another folder.
extension Node {
  /// A part.
  package struct Part {}
}
"""


def check(name, files, *expected):
    """Runs the check on files by path under Sources; every expected text must be in what it says, and none otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / "Sources" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "Sources" / path).write_text(text)
        result = subprocess.run([sys.executable, CHECK, "--root", folder], capture_output=True, text=True)
        missing = [text for text in expected if text not in result.stderr]
        if missing or (result.returncode != 0) != bool(expected):
            sys.exit(f"test-checks: {name}: code {result.returncode}, missing {missing} in\n{result.stdout}{result.stderr}")


def main():
    tree = {"Module/Lower/Node.swift": LOWER, "Module/Upper/Upper.swift": UPPER}
    check("comments and strings", tree)
    check("private types", {**tree, "Module/Lower/Own.swift": "struct Other { let own: Own }\n"})
    check("a cycle", {**tree, "Module/Lower/Cycle.swift": "struct Cycle { let upper: Upper }\n"},
          "folders form a cycle", "Sources/Module/Lower → Sources/Module/Upper, 1 times: Upper (Sources/Module/Lower/Cycle.swift:1)")
    check("a cycle by interpolation", {**tree, "Module/Lower/Cycle.swift": 'let cycle = "\\(Upper.self)"\n'}, "form a cycle")
    check("a cycle by a nested type", {**tree, "Module/Lower/Cycle.swift": "let cycle = Node.Part()\n"}, "Node.Part")
    check("another target", {**tree, "Other/Cycle.swift": "struct Cycle { let upper: Upper }\n"})
    check("a long file", {**tree, "Module/Long.swift": "\n" * 401}, "Sources/Module/Long.swift: 401 lines")
    check("a long median", {"Module/Long.swift": "\n" * 121}, "the median file has 121 lines")
    check("no doc comment", {**tree, "Module/Bare.swift": "package func bare() {}\n@frozen\npublic enum Bare {}\n"},
          "1 of 4 package declarations have no doc comment", "1 of 1 public declarations")
    check("braces", {**tree, "Module/Broken.swift": "struct Broken {\n"}, "Sources/Module/Broken.swift: braces do not match")
    print("test-checks: check-structure finds what it must")


if __name__ == "__main__":
    main()
