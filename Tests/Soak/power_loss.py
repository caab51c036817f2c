"""Loses power at every system call of a short run, on paper: resumes from what the disk would hold, and compares every byte.

    python3 Tests/Soak/power_loss.py BULKHEAD [--quick] [--seed N]

strace records what one run does to the files of its directory. After each call three disks are made up:

- strict: of each file what it held when it was last flushed, under the names of the directory's last flush;
- early names: the names as they are, for a rename may reach the disk before the flush of the directory;
- torn: a part of the calls since, in their order for names, at random for values, so that a file may be half written.

From each that is new, `resume` (`train` where no configuration is left) must go on from a checkpoint no older than the
last whose save had ended, and come to the same bytes. Ends with 1 if it does not.
"""

import argparse
import hashlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from soak import Soak

CALLS = ("openat,open,close,dup,lseek,read,write,pwrite64,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,"
         "unlink,unlinkat,mkdir,mkdirat")
LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class File:
    def __init__(self):
        self.now, self.flushed, self.since = bytearray(), b"", []

    def change(self, change):
        change(self.now)
        self.since.append(change)

    def flush(self, content):
        self.flushed, self.since = content, []

    def torn(self, chance):
        content = bytearray(self.flushed)
        for change in self.since:
            if chance.random() < 0.5:
                change(content)
        return bytes(content)


def write(offset, values):
    def change(content):
        content.extend(bytes(max(0, offset - len(content))))
        content[offset:offset + len(values)] = values
    return change


def truncate(size, grows=True):
    def change(content):
        if len(content) > size:
            del content[size:]
        elif grows:
            content.extend(bytes(size - len(content)))
    return change


class Disk:
    """The files of one directory as the calls of a process leave them; anything elsewhere is passed by."""

    def __init__(self, place):
        self.place = os.fsencode(str(place)) + b"/"
        self.names, self.flushed_names, self.since = {}, {}, []
        self.open = {}
        self.is_there = False
        self.newest = 0

    def name(self, path):
        path = os.path.join(os.path.dirname(self.place[:-1]), path)
        return path[len(self.place):] if path.startswith(self.place) else None

    def link(self, change):
        change(self.names)
        self.since.append(change)

    def calls(self, trace):
        """Applies the calls one by one; yields after each that changed something."""
        begun = {}
        for line in trace:
            process, _, text = line.partition(" ")
            text = text.strip()
            if text.endswith("<unfinished ...>"):
                begun[process] = text[:-len("<unfinished ...>")]
                # What is written while a flush runs need not be flushed.
                if found := re.match(r"f(?:data)?sync\((\d+)", text):
                    handle = self.open.get(int(found[1]))
                    begun[process, "content"] = bytes(handle[0].now) if handle and handle[0] else None
                continue
            if resumed := re.match(r"<\.\.\. \w+ resumed>", text):
                text = begun.pop(process) + text[resumed.end():]
            content = begun.pop((process, "content"), None)
            if (found := LINE.match(text)) and int(found[3]) >= 0 and self.apply(found[1], found[2], int(found[3]), content):
                yield found[1]

    def apply(self, call, arguments, result, content):
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(arguments)]
        numbers = [int(word) for word in re.findall(r"(?<![\w\\])\d+(?!\w)", TEXT.sub("", arguments))]
        if call in ("openat", "open"):
            return self.opened(texts[0], arguments, result)
        if call.startswith("mkdir"):
            self.is_there |= texts[0] == self.place[:-1] or self.name(texts[0] + b"/") == b""
            return False
        if call.startswith(("rename", "unlink")):
            names = [self.name(text) for text in texts]
            if names[0] not in self.names:
                return False
            if call.startswith("unlink"):
                self.link(lambda entries: entries.pop(names[0], None))
            else:
                file = self.names[names[0]]
                self.link(lambda entries: (entries.pop(names[0], None), entries.update({names[1]: file})))
            return True
        if call == "close":
            self.open.pop(numbers[0], None)
            return False
        if call == "dup":
            if numbers[0] in self.open:
                self.open[result] = self.open[numbers[0]]
            return False
        if numbers[0] not in self.open:
            return False
        handle = self.open[numbers[0]]
        file = handle[0]
        if call in ("fsync", "fdatasync"):
            if file:
                file.flush(bytes(file.now) if content is None else content)
            else:
                self.flushed_names, self.since = dict(self.names), []
                if b"last.h5" in self.names:
                    steps = re.findall(rb'"step" : (\d+)', bytes(self.names[b"last.h5"].now))
                    self.newest = max(self.newest, *map(int, steps))
            return True
        if file is None:
            return False
        if call == "lseek":
            handle[1] = result
        elif call == "read":
            handle[1] += result
        elif call == "write":
            file.change(write(handle[1], texts[0][:result]))
            handle[1] += result
        elif call == "pwrite64":
            file.change(write(numbers[-1], texts[0][:result]))
        elif call == "ftruncate":
            file.change(truncate(numbers[1]))
        elif call == "fallocate":
            file.change(lambda content: content.extend(bytes(max(0, numbers[-2] + numbers[-1] - len(content)))))
        return call not in ("lseek", "read")

    def opened(self, path, arguments, descriptor):
        self.open.pop(descriptor, None)
        if path == self.place[:-1] or self.name(path + b"/") == b"":
            self.open[descriptor] = [None, 0]
        name = self.name(path)
        if not name or b"/" in name:
            return False
        changed = False
        if name not in self.names:
            if "O_CREAT" not in arguments:
                return False
            file = File()
            self.link(lambda entries: entries.update({name: file}))
            changed = True
        file = self.names[name]
        if "O_TRUNC" in arguments:
            file.change(truncate(0))
            changed = True
        self.open[descriptor] = [file, 0]
        return changed

    def worlds(self, chance):
        """What the disk may hold if power is lost now, by kind."""
        yield "strict", {name: file.flushed for name, file in self.flushed_names.items()}
        yield "early names", {name: file.flushed for name, file in self.names.items()}
        names = dict(self.flushed_names)
        for change in self.since[:chance.randrange(len(self.since) + 1)]:
            change(names)
        yield "torn", {name: file.torn(chance) for name, file in names.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bulkhead-power-") as folder:
        soak = Soak(options.program, options.seed, folder)
        chance = random.Random(options.seed)
        trace = soak.folder / "trace"
        subprocess.run(
            ["strace", "-f", "-xx", "-s", str(1 << 24), "-e", f"trace={CALLS}", "-e", "signal=none", "-o", trace, soak.program,
             *soak.command("reference")], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        expected = soak.outcome("reference")
        disk, seen, worlds, calls = Disk(soak.folder / "reference"), set(), [], 0
        for call in disk.calls(trace.open()):
            calls += 1
            for kind, files in disk.worlds(chance):
                mark = hashlib.sha256(repr(sorted(files.items())).encode()).digest()
                if mark not in seen:
                    seen.add(mark)
                    worlds.append((kind, calls, disk.newest, files))
        # The record is right if it ends with what is there.
        for name, file in disk.names.items():
            if name != b"lock" and bytes(file.now) != (soak.folder / "reference" / os.fsdecode(name)).read_bytes():
                soak.problem(f"the record of {os.fsdecode(name)} is not what the run left")
        if b"last.h5" not in disk.flushed_names or disk.newest == 0:
            soak.problem("the record has no checkpoint that was flushed")
        chosen = worlds if len(worlds) <= (limit := 40 if options.quick else 400) else chance.sample(worlds, limit)
        anew = 0
        for kind, call, newest, files in chosen:
            name = soak.fresh()
            (soak.folder / name).mkdir()
            for file, content in files.items():
                (soak.folder / name / os.fsdecode(file)).write_bytes(content)
            command = soak.command(name)
            anew += command[0] == "train"
            code, errors = soak.finish(soak.start(command))
            what = f"power lost after call {call} ({kind})"
            found = re.search(r"resuming from step (\d+)", errors)
            if code != 0:
                soak.problem(f"{what}: {command[0]} ended with {code}: {errors}")
                shutil.rmtree(soak.folder / name)
                continue
            if newest > (int(found[1]) if found else 0):
                soak.problem(f"{what}: went on from step {found and found[1]}, {newest} was saved")
            soak.compare(name, expected, what)
        print(f"power lost after each of {calls} calls: {len(worlds)} disks, {len(chosen)} resumed, {anew} of them from nothing; "
              f"{len(soak.problems)} problems; {time.monotonic() - start:.0f} s")
        sys.exit(1 if soak.problems else 0)


if __name__ == "__main__":
    main()
