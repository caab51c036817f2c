"""Time and memory of a step against the size of the work, one dimension at a time.

For each dimension: the median step and the peak memory of a process at every size, the straight line through the first
and the last time, and how far the sizes between lie off it. Rows come out as the tables of docs/performance.md.
"""

import statistics

import works

HEAD = ["--preset", "vgg16", "--features", "--channels", "512", "--sizes", "7", "--classes", "21", "--steps", "5",
        "--warmup", "2"]
SMALL = ["--steps", "30"]


def training(fixed, option, sizes, unit, per=lambda size: size):
    return [(size, per(size), ["benchmark", "training", *fixed, option, str(size)]) for size in sizes], unit


AXES = {
    "batch, VGG16's head": training(HEAD, "--batch", [1, 8, 32, 64, 128, 256], "row"),
    "batch, the default network": training(SMALL, "--batch", [8, 16, 32, 64, 128, 256], "image"),
    "side of the image, default backbone with GAP head": training(
        [*SMALL, "--head", "gap"], "--sizes", [16, 32, 64, 128, 256], "thousand pixels",
        lambda side: side * side / 1000),
    "width of fc6 and fc7 on 25,088 rows": training(
        [*HEAD, "--batch", "32"], "--width", [256, 512, 1024, 2048, 4096], "million weights",
        lambda width: (25088 * width + width * width + 21 * width) / 1e6),
    "classes of VGG16's head": training(
        [*(word for word in HEAD if word not in ("--classes", "21")), "--batch", "32"], "--classes",
        [2, 20, 200, 2000, 20000], "thousand classes", lambda classes: classes / 1000),
    "regions, ROIPool": (
        [(count, count, ["benchmark", "roi-pool", "--rounds", "30", "--regions", str(count)])
         for count in [16, 32, 64, 128, 256, 512, 1024]], "region"),
}


def measure(run, threads, rounds):
    """Measures every dimension and prints its table; returns the numbers by dimension."""
    result = {}
    for title, (points, unit) in AXES.items():
        rows = []
        for size, amount, words in points:
            reports = []
            for _ in range(rounds):
                report, problem = run(works.command(words, threads))
                if problem:
                    raise SystemExit(f"{title}, {size}: {problem}")
                reports.append(report)
            rows.append({
                "size": size, "amount": amount,
                "milliseconds": min(statistics.median(r["milliseconds"]) for r in reports),
                "megabytes": max(r["peak_bytes"] for r in reports) / 1e6})
        first, last = rows[0], rows[-1]
        slopes = {
            key: (last[key] - first[key]) / (last["amount"] - first["amount"]) for key in ("milliseconds", "megabytes")}
        print(f"\n**{title}**: {slopes['milliseconds']:.3g} ms and {slopes['megabytes']:.3g} MB a {unit}\n")
        print("| size | ms | off the line | MB | off the line |\n|---|---|---|---|---|", flush=True)
        for row in rows:
            off = []
            for key in ("milliseconds", "megabytes"):
                line = first[key] + slopes[key] * (row["amount"] - first["amount"])
                row[key + " off the line"] = row[key] / line - 1
                off.append(f"{row[key]:.4g} | {100 * (row[key] / line - 1):+.0f} %")
            print(f"| {row['size']} | {' | '.join(off)} |")
        result[title] = rows
    return result
