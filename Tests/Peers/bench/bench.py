"""Compares speed and memory with other libraries: the same work in turn, A B A B …, so that moods fall on all alike.

    python3 bench.py [--quick] [--threads N] [--only NAME…] [--rounds N] [--scaling]

Every round is a process of its own; its number is the median of its steps. What the machine can do is measured before
each work, on the same threads, and a floor is computed from the best that was seen. Printed: the median of the rounds
and their range; for each peer how many times as long it takes as ours, as the ratio of the medians with the range of the
ratios of neighboring rounds; the floor, and how many times the floor ours takes. Everything goes to .build/bench.json,
where a work's earlier figures stay until it is measured again. Exit code 1: something ran and failed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import scaling
import works

REPORT = works.ROOT / ".build/bench.json"
# A round that takes longer is given up, in seconds.
PATIENCE = 900


def run(command):
    """Runs a command; returns its report with its time and peak memory, and a line that says why there is none."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=works.FILES, env=works.environment(), stdout=output, stderr=errors)
        timer = subprocess.Popen(["sleep", str(PATIENCE)])
        try:
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if timer.poll() is not None:
                    process.kill()
                time.sleep(0.002)
        finally:
            timer.kill()
            timer.wait()
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        lines, problems = output.read().strip().splitlines(), errors.read().strip().splitlines()
    if process.returncode != 0:
        return None, problems[-1] if problems else f"exit code {process.returncode}"
    try:
        report = json.loads(lines[-1])
    except (ValueError, IndexError) as error:
        return None, f"no JSON in its output ({error!r})"
    loss = report.get("loss")
    # Twenty-one classes begin at 3.04; what has lost its way is far above.
    if loss is not None and not 0 <= loss < 10:
        return None, f"its loss is {loss}"
    return {**report, "seconds": seconds, "peak_bytes": usage.ru_maxrss * 1024}, None


def machine(threads):
    """What the machine can do, by a program that is compiled for it."""
    program = works.ROOT / ".build/bench/machine"
    source = works.HERE / "machine.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("clang") or "cc"
        subprocess.run(
            [compiler, "-O2", "-march=native", "-mprefer-vector-width=512", "-ffp-contract=fast", "-pthread", source,
             "-o", program], check=True)
    return json.loads(subprocess.run([program, str(threads)], check=True, capture_output=True, text=True).stdout)


def better(first, second):
    return {key: max(first[key], second[key]) if isinstance(second[key], float) else second[key] for key in second}


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def measure(work, rounds, peers, threads):
    """Runs the rounds; returns reports by label, and problems by label."""
    reports, problems = {"bulkhead": []}, {}
    commands = {"bulkhead": works.command(work.ours, threads)}
    for label, needs, words in peers:
        if (works.ROOT / f".venv-bench/complete-{needs}").exists():
            commands[label] = works.command(words, threads)
        else:
            print(f"  missing: {label}, as {needs} is not installed")
    for _ in range(rounds):
        for label, words in commands.items():
            if label in problems:
                continue
            for path in works.FILES.glob("job-*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            report, problem = run(words)
            if problem:
                problems[label] = problem
                print(f"  {label}: {problem}", file=sys.stderr)
                continue
            times = [report["seconds"] * 1000] if work.is_whole else report["milliseconds"]
            report["median"] = statistics.median(times)
            reports.setdefault(label, []).append(report)
    return {label: list for label, list in reports.items() if list}, problems


def memory(work, report):
    """What a process held at most, where it is the one that works."""
    return "" if work.is_whole else f"   peak {report['peak_bytes'] / 1e6:.0f} MB"


def judge(work, result, results):
    """Prints and keeps what the work came to, and whether its goals are reached."""
    medians = {label: [r["median"] for r in reports] for label, reports in result["reports"].items()}
    ours = medians.get("bulkhead")
    if not ours:
        return
    middle = statistics.median(ours)
    floor = 1000 * work.floor(result["machine"]) if work.floor else None
    result.update(milliseconds=middle, floor=floor, peers={}, goals={})
    above = f"   floor {floor:.1f} ms, {middle / floor:.2f} times it" if floor else ""
    print(f"  {'bulkhead':14} {spread(ours)} ms{above}" + memory(work, result["reports"]["bulkhead"][-1]))
    for label, values in medians.items():
        if label == "bulkhead":
            continue
        last = result["reports"][label][-1]
        ratios = [theirs / own for theirs, own in zip(values, ours)]
        ratio = statistics.median(values) / middle
        result["peers"][label] = {
            "milliseconds": statistics.median(values), "ratio": ratio, "range": [min(ratios), max(ratios)]}
        print(f"  {label:14} {spread(values)} ms   {ratio:.2f} times ours ({min(ratios):.2f} to {max(ratios):.2f})"
              f"{memory(work, last)}   [{', '.join(filter(None, (last['version'], last.get('variant'))))}]")
    rivals = dict(result["peers"])
    if work.rivals in results:
        rivals |= {f"{label} ({work.rivals})": {"ratio": peer["milliseconds"] / middle}
                   for label, peer in results[work.rivals].get("peers", {}).items()}
    for goal, wanted in work.goals.items():
        if goal == "floor":
            reached, text = floor and middle / floor <= wanted, f"within {wanted} times the floor"
            number = middle / floor
        elif goal == "milliseconds":
            reached, text, number = middle <= wanted, f"at most {wanted} ms", middle
        elif goal == "size":
            number = result["reports"]["bulkhead"][-1]["size"]
            reached, text = number <= wanted, f"dataset at most {wanted} times the bytes of its pictures"
        elif goal == "memory":
            theirs = [reports[-1]["peak_bytes"] for label, reports in result["reports"].items()
                      if label.startswith("torch")]
            if not theirs:
                continue
            number = result["reports"]["bulkhead"][-1]["peak_bytes"] / min(theirs)
            reached, text = number <= wanted, f"peak memory at most {wanted} times torch's"
        else:
            among = {label: p["ratio"] for label, p in rivals.items() if goal in ("peer", label)}
            if not among:
                continue
            label = min(among, key=among.get)
            number = among[label]
            reached, text = number >= wanted, f"at least {wanted:.3g} times as fast as {label}"
        result["goals"][goal] = {"wanted": wanted, "reached": bool(reached), "number": number}
        print(f"  {'reached' if reached else 'NOT REACHED'}: {text}: {number:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--scaling", action="store_true")
    options = parser.parse_args()
    works.FILES.mkdir(parents=True, exist_ok=True)
    all_works = works.works(options.threads)
    unknown = [name for name in options.only if name not in [work.name for work in all_works]]
    if unknown:
        parser.error(f"no work is named {unknown[0]}; there are {', '.join(work.name for work in all_works)}")
    everything = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    if options.scaling:
        everything["scaling"] = scaling.measure(run, options.threads, options.rounds or 2)
        REPORT.write_text(json.dumps(everything, indent=1) + "\n")
        return
    # What comes first would else be held against one moment of the machine's.
    failed, best = False, machine(options.threads)
    for work in all_works:
        if (options.only and work.name not in options.only) or (options.quick and work.quick is None):
            continue
        peers = [p for p in work.peers if not options.quick or p[0] in work.quick]
        rounds = options.rounds or (1 if options.quick else work.rounds)
        best = better(best, machine(options.threads))
        numbers = f"{best['float32'] / 1e9:.0f} GFLOP/s float32"
        if "bfloat16" in best:
            numbers += f", {best['bfloat16'] / 1e9:.0f} bfloat16 ({best['bfloat16 by']})"
        print(f"{work.name}: {work.title}\n  {options.threads} threads, {rounds} rounds; machine: {numbers}, "
              f"{best['read'] / 1e9:.0f} GB/s read, {best['update'] / 1e9:.0f} GB/s updated", flush=True)
        for words in work.before:
            _, problem = run(works.command(words, options.threads))
            if problem and "no JSON" not in problem:
                print(f"  {work.name}: {problem}", file=sys.stderr)
        reports, problems = measure(work, rounds, peers, options.threads)
        failed = failed or bool(problems)
        result = {"title": work.title, "threads": options.threads, "rounds": rounds, "machine": best,
                  "measured": time.strftime("%Y-%m-%d %H:%M"), "reports": reports, "problems": problems}
        judge(work, result, everything)
        everything[work.name] = result
        REPORT.write_text(json.dumps(everything, indent=1) + "\n")
    print("every round: .build/bench.json")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
