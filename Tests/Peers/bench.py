"""Compares training speed with torch's: both in turn, A B A B …, so that a machine's moods fall on both.

    python3 bench.py [--quick] [--threads N]

Every round is a process of its own that prints JSON with `milliseconds`, the time of every step; the number of a round
is its median. Printed per network: the median of the rounds, their spread (smallest to largest), and the ratio of
speeds with the range of the ratios of neighbouring rounds and the ratio of the best rounds, which a busy machine
disturbs least. Written whole to .build/bench.json.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEER = ROOT / ".venv-bench/bin/python"
OURS = ROOT / ".build/release/bulkhead"
# Name, image sizes in a batch, head.
NETWORKS = [("fc, 36x36", "36", "fc"), ("fc, 32/36/40 mixed", "32,36,40", "fc"), ("gap, 36x36", "36", "gap")]


def round_of(command):
    """Runs one round; returns its report, with `median` added, or a line that says why there is none."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return None, lines[-1] if lines else f"exit code {done.returncode}"
    try:
        report = json.loads(done.stdout.strip().splitlines()[-1])
        report["median"] = statistics.median(report["milliseconds"])
        return report, None
    except (ValueError, IndexError, KeyError, statistics.StatisticsError) as error:
        return None, f"no JSON with milliseconds in its output ({error!r})"


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    rounds, steps = (2, 20) if arguments.quick else (5, 100)
    networks = NETWORKS[:1] if arguments.quick else NETWORKS
    peers = {"bulkhead": [str(OURS), "benchmark", "training"]}
    if (ROOT / ".venv-bench/complete").exists():
        peers["torch"] = [str(PEER), str(ROOT / "Tests/Peers/bench_training.py")]

    results, failed = [], False
    for name, sizes, head in networks:
        options = ["--threads", str(arguments.threads), "--steps", str(steps), "--sizes", sizes, "--batch", "32",
                   "--head", head]
        reports = {peer: [] for peer in peers}
        for _ in range(rounds):
            for peer, command in peers.items():
                report, problem = round_of(command + options)
                if problem:
                    print(f"{name}: {peer}: {problem}", file=sys.stderr)
                    failed = True
                else:
                    reports[peer].append(report)
        print(f"{name}, batch 32, {arguments.threads} threads, {rounds} rounds of {steps} steps")
        result = {"network": name, "threads": arguments.threads, "rounds": rounds, "steps": steps, "reports": reports}
        medians = {peer: [r["median"] for r in list] for peer, list in reports.items()}
        for peer, values in medians.items():
            if values:
                chosen = ", ".join(filter(None, (reports[peer][-1].get(k) for k in ("version", "variant"))))
                print(f"  {peer:9} {spread(values)} ms a step{f'   [{chosen}]' if chosen else ''}")
        if medians["bulkhead"] and medians.get("torch"):
            ratios = [t / b for t, b in zip(medians["torch"], medians["bulkhead"])]
            result["speed_ratio"] = statistics.median(medians["torch"]) / statistics.median(medians["bulkhead"])
            best = min(medians["torch"]) / min(medians["bulkhead"])
            print(f"  speed     {result['speed_ratio']:.2f} times torch's ({min(ratios):.2f} to {max(ratios):.2f}; "
                  f"best rounds {best:.2f})")
        results.append(result)
    (ROOT / ".build/bench.json").write_text(json.dumps(results, indent=1) + "\n")
    print("every round: .build/bench.json")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
