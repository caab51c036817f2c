"""Prints the table of results in docs/performance.md from .build/bench.json.

    python3 table.py
"""

import json

import works


def milliseconds(number):
    return f"{number:,.0f} ms" if number >= 100 else f"{number:.1f} ms"


def verdict(goal):
    return f"{goal['wanted']:.3g}: {'yes' if goal['reached'] else '**no**'}, {goal['number']:.2f}"


results = json.loads((works.ROOT / ".build/bench.json").read_text())
print("| work | Bulkhead | floor | reference implementations: time, ratio (range) | targets |\n|---|---|---|---|---|")
for work in works.works(0):
    result = results.get(work.name, {})
    if "milliseconds" not in result:
        continue
    floor = result["floor"]
    floor = f"{milliseconds(floor)}, {result['milliseconds'] / floor:.2f}×" if floor else ""
    peers = "; ".join(
        f"{label} {milliseconds(peer['milliseconds'])}, {peer['ratio']:.2f}"
        + (f" ({peer['range'][0]:.2f} to {peer['range'][1]:.2f})" if result["rounds"] > 1 else "")
        for label, peer in sorted(result["peers"].items(), key=lambda item: item[1]["milliseconds"]))
    goals = "; ".join(f"{'fastest' if name == 'peer' else name} {verdict(goal)}" for name, goal in result["goals"].items())
    print(f"| {result['title']} | {milliseconds(result['milliseconds'])} | {floor} | {peers} | {goals} |")
