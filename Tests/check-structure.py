"""Checks how Swift code is laid out: folders of a target form no cycle, files are short, declarations are documented.

- Folders: a folder uses another one of its target when its files name a type that a file there declares. Counted are
  types at the top level and types nested by an extension that lies in another folder (as `Owner.Nested`); comments,
  strings and private types do not count.
- Files: the median has at most 120 lines, none more than 400 but those of the list TABLES.
- Declarations marked `public` or `package`: more than 95 % of each kind have a doc comment.

Run from anywhere; needs python3 alone. `--list` prints every declaration without a doc comment, `--folders` every arrow
between folders, `--root FOLDER` checks another working tree, and names of targets after the options restrict all of it
to these.
"""

import argparse
import collections
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEDIAN, LONGEST, DOCUMENTED = 120, 400, 0.95
# Files that are data rather than code, by path from the root: they may be longer.
TABLES = set()

STRING = re.compile(r'(#*)("""|")')
TYPE = r"(?:struct|class|enum|protocol|actor|typealias)"
ATTRIBUTE = r"@\w+(?:\([^()]*\))?"
MODIFIER = (
    r"(?:public|package|internal|fileprivate|private|open|final|indirect|static|class|mutating|nonmutating|consuming|"
    r"borrowing|override|required|convenience|lazy|weak|unowned|dynamic|prefix|postfix|infix|distributed|"
    r"nonisolated)(?:\(\w+\))?")
DECLARATION = re.compile(rf"\b({TYPE}|extension)\s+([A-Z]\w*(?:\.\w+)*)")
MARKED = re.compile(
    rf"^\s*(?:{ATTRIBUTE}\s+)*(?:{MODIFIER}\s+)*?(public|package|open)\s+(?:{ATTRIBUTE}\s+)*(?:{MODIFIER}\s+)*"
    rf"(func\s+[^\s(<]+|(?:var|let|case|{TYPE}|macro|precedencegroup)\s+\w+|init\b|subscript\b)")


def code(text):
    """The text of a Swift file with comments and the letters of strings blanked; what is interpolated stays."""
    output, index, end = [], 0, len(text)
    strings = []  # (closing quote, start of an interpolation, open parentheses of the code around it)
    parentheses = 0
    inside = False  # a string, rather than code

    def blank(until):
        output.append(re.sub(r"[^\n]", " ", text[index:until]))
        return until

    while index < end:
        if inside:
            quote, interpolation, _ = strings[-1]
            if text.startswith(quote, index):
                index = blank(index + len(quote))
                parentheses = strings.pop()[2]
                inside = False
            elif text.startswith(interpolation, index):
                index = blank(index + len(interpolation) - 1)
                output.append("(")
                index += 1
                strings.append(("", "", 0))
                parentheses, inside = 1, False
            elif text[index] == "\\":
                index = blank(min(index + (2 if len(interpolation) == 2 else 1), end))
            else:
                index = blank(index + 1)
        elif text.startswith("//", index):
            newline = text.find("\n", index)
            index = blank(end if newline < 0 else newline)
        elif text.startswith("/*", index):
            depth, until = 1, index + 2
            while depth and until < end:
                if text.startswith("/*", until) or text.startswith("*/", until):
                    depth += 1 if text[until] == "/" else -1
                    until += 2
                else:
                    until += 1
            index = blank(until)
        elif match := STRING.match(text, index):
            hashes, quotes = match.groups()
            strings.append((quotes + hashes, "\\" + hashes + "(", parentheses))
            index = blank(match.end())
            inside = True
        else:
            letter = text[index]
            output.append(letter)
            index += 1
            if strings and not strings[-1][0]:
                parentheses += {"(": 1, ")": -1}.get(letter, 0)
                if parentheses == 0:
                    strings.pop()
                    inside = True
    return "".join(output)


class File:
    """One Swift file: its lines, its code, what it declares."""

    def __init__(self, path, root):
        self.path = path.relative_to(root)
        self.text = path.read_text()
        self.code = code(self.text)
        self.declared, self.owners = [], set()  # (owner or None, name) pairs; types declared or extended here
        self.spans = []  # of declarations' own names, which are no uses
        self.read_declarations()

    def read_declarations(self):
        """Types by the block that holds them: `None` owns those at the top level."""
        blocks, pending = [], None  # names of open blocks, "" for what is no type
        tokens = re.compile(rf"{DECLARATION.pattern}|[{{}};\n]")
        for match in tokens.finditer(self.code):
            kind, name = match.group(1), match.group(2)
            if kind is None:
                if match[0] == "{":
                    blocks.append(pending or "")
                    pending = None
                elif match[0] == "}" and blocks:
                    blocks.pop()
                continue
            if kind == "extension":
                self.owners.add(name)
                pending = name
                continue
            line = self.code[self.code.rfind("\n", 0, match.start()) + 1:match.start()]
            self.spans.append(match.span(2))
            if kind != "typealias":
                pending = name
            self.owners.add(".".join([*filter(None, blocks), name]))
            if "" in blocks or re.search(r"\b(private|fileprivate)\b(?!\()", line):
                self.declared.append(("private", name))  # hides others of its name in this file
            else:
                self.declared.append((".".join(blocks) or None, name))


def folder_uses(files):
    """Arrows between the folders of one target: (from, to) → places with the name used there."""
    top, nested = {}, collections.defaultdict(set)  # name → folder; name → owners
    members = {}  # Owner.Nested → folder, where it is another than the owner's
    for file in files:
        for owner, name in file.declared:
            if owner is None:
                top[name] = file.path.parent
            elif owner != "private":
                nested[name].add(owner)
    for file in files:
        for owner, name in file.declared:
            if owner in top and top[owner] != file.path.parent:
                members[f"{owner}.{name}"] = file.path.parent
    arrows = collections.defaultdict(list)
    for file in files:
        shadows = {name for owner, name in file.declared if owner is not None}
        shadows |= {name for name, owners in nested.items() if owners & file.owners}
        starts = {start for start, _ in file.spans}
        for match in re.finditer(r"(?<![\w.`])([A-Z]\w*)(?:\.([A-Z]\w*))?", file.code):
            name, member = match.groups()
            if match.start() in starts or name in shadows:
                continue
            for used, folder in ((name, top.get(name)), (f"{name}.{member}", members.get(f"{name}.{member}"))):
                if folder is not None and folder != file.path.parent:
                    number = file.code.count("\n", 0, match.start()) + 1
                    arrows[file.path.parent, folder].append((f"{file.path}:{number}", used))
    return arrows


def components(nodes, arrows):
    """The strongly connected components of more than one node (Tarjan)."""
    following = collections.defaultdict(list)
    for start, end in sorted(arrows):
        following[start].append(end)
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for after in following[node]:
            if after not in order:
                visit(after)
            if after in stack:
                low[node] = min(low[node], low[after])
        if low[node] == order[node]:
            position = stack.index(node)
            if len(stack) - position > 1:
                found.append(sorted(stack[position:]))
            del stack[position:]

    for node in sorted(nodes):
        if node not in order:
            visit(node)
    return found


def describe(start, end, places, examples=4):
    """One arrow with its example places, at most one a type."""
    distinct = {}
    for place, name in places:
        distinct.setdefault(name, place)
    shown = ", ".join(f"{name} ({place})" for name, place in list(distinct.items())[:examples])
    more = f" and {len(distinct) - examples} more types" if len(distinct) > examples else ""
    return f"  {start} → {end}, {len(places)} times: {shown}{more}"


def check_folders(target, files, everything):
    """Cycles between the folders of a target, as texts."""
    arrows = folder_uses(files)
    if everything:
        for (start, end), places in sorted(arrows.items()):
            print(describe(start, end, places))
    for component in components({file.path.parent for file in files}, arrows):
        inside = [(edge, places) for edge, places in arrows.items() if set(edge) <= set(component)]
        inside.sort(key=lambda arrow: (len({name for _, name in arrow[1]}), arrow[0]))
        yield "\n".join([
            f"{target}: folders form a cycle ({', '.join(map(str, component))}); arrows of the fewest types first:",
            *(describe(*edge, places) for edge, places in inside)])


def check_sizes(files):
    """Files that are too long, and a median that is; files that this program cannot read right, too."""
    for file in files:
        if file.code.count("{") != file.code.count("}") or file.code.count("(") != file.code.count(")"):
            yield f"{file.path}: braces do not match as check-structure.py reads them"
    lengths = {file.path: file.text.count("\n") for file in files}
    for path, lines in lengths.items():
        if lines > LONGEST and str(path) not in TABLES:
            yield f"{path}: {lines} lines; at most {LONGEST}, unless it is a table and named in check-structure.py"
    median = statistics.median(lengths.values())
    print(f"check-structure: {len(files)} files, median {median:.0f} lines, longest {max(lengths.values())}")
    if median > MEDIAN:
        yield f"the median file has {median:.0f} lines; at most {MEDIAN}"


def declarations(file):
    """Every declaration marked public or package: its line, its level, what it is, whether a doc comment stands above."""
    original, lines = file.text.splitlines(), file.code.splitlines()
    for index, line in enumerate(lines):
        if not (match := MARKED.match(line)):
            continue
        above = index - 1
        while above >= 0 and re.match(rf"^\s*(?:{ATTRIBUTE}\s*)+$|^\s*#(if|else|elseif|endif)\b", lines[above]):
            above -= 1
        previous = original[above].strip() if above >= 0 else ""
        documented = previous.startswith("///") or previous.endswith("*/")
        yield index + 1, match[1], re.sub(r"\s+", " ", match[2]), documented


def check_comments(targets, everything):
    """Levels of access of which too few declarations are documented."""
    counts = collections.Counter()
    for target, files in targets.items():
        missing, total = [], 0
        for file in files:
            for number, level, text, documented in declarations(file):
                total += 1
                counts[level, documented] += 1
                if not documented:
                    missing.append(f"  {file.path}:{number}: {level} {text}")
        if everything and missing:
            print(f"{target}: {len(missing)} of {total} declarations without a doc comment")
            print(*missing, sep="\n")
    for level in sorted({level for level, _ in counts}):
        total = counts[level, True] + counts[level, False]
        share = counts[level, True] / total
        print(f"check-structure: {total} {level} declarations, {100 * share:.1f} % with a doc comment")
        if share <= DOCUMENTED:
            yield (f"{counts[level, False]} of {total} {level} declarations have no doc comment; more than "
                   f"{100 * DOCUMENTED:.0f} % must (Tests/check-structure.py --list names them)")


def main():
    parser = argparse.ArgumentParser(description="Checks folders, file sizes and doc comments of the Swift code.")
    parser.add_argument("targets", nargs="*", help="folders of Sources; all when none is named")
    parser.add_argument("--list", action="store_true", help="print every declaration without a doc comment")
    parser.add_argument("--folders", action="store_true", help="print every arrow between folders")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="the working tree")
    options = parser.parse_args()
    sources = options.root / "Sources"
    names = options.targets or [path.name for path in sorted(sources.iterdir()) if path.is_dir()]
    targets = {
        name: [File(path, options.root) for path in sorted((sources / name).rglob("*.swift"))] for name in names}
    targets = {name: files for name, files in targets.items() if files}
    problems = []
    for target, files in targets.items():
        problems += check_folders(target, files, options.folders)
    problems += check_sizes([file for files in targets.values() for file in files])
    problems += check_comments(targets, options.list)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"check-structure: {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
