"""Pages of runs and of a study in a real browser: headless Chromium with axe-core's rules of accessibility.

    python3 test_pages.py [--quick]

A classifier, a detector and a study of a few seconds on made-up pictures are trained, and a run that is not finished is begun. At
the width of a desk and of a telephone, light and dark, each page must load without a message on the console and without a request,
must not be wider than the window, folded and unfolded, and axe must find nothing. Values must show by arrow keys, and headings sort
their tables. With --quick it is one width for each of the two schemes. The negative control is a page that is wrong in each of
these ways. A missing library or browser is one line.
"""

import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright
except ImportError as error:
    print(f"missing: playwright or axe ({error}); pages were not looked at in a browser")
    sys.exit(0)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM:
    print("missing: chromium; pages were not looked at in a browser")
    sys.exit(0)

STUDY = """
name: small
domains:
  - {name: a, source: a.h5, target: a.h5}
  - {name: b, target: a.h5, shift: inverted}
arms:
  - {name: fc, settings: {network: {head: {kind: fc, width: 8, depth: 1}}}}
  - {name: gap, settings: {network: {head: {kind: gap}}}}
seeds: [1]
learningRates: [0.05]
search: {extensions: 0}
workers: 2
common: {data: {sizes: [28], evaluationSize: 28, batch: 8}}
pretraining: {epochs: 2}
finetuning: {epochs: 2, data: {trainPerClass: 8}}
"""
CLASSIFIER = """
network: {head: {kind: fc, width: 8, depth: 1}}
data: {path: a.h5, batch: 8, resize: {shorter: 28}, augment: {flip: true, jitter: {brightness: 0.5}}}
epochs: 3
threads: 1
"""
DETECTOR = """
task: detection
network: {head: {kind: fc, width: 16, dropout: 0}}
detection: {regionsPerImage: 16, anchors: {scales: [12, 16, 20], ratios: [1]}, network: {width: 16}}
data: {path: boxes.h5, batch: 2}
optimizer: {learningRate: 0.02}
epochs: 4
threads: 1
"""
WRONG = """<!DOCTYPE html><html><head><title>wrong</title></head><body><img src="http://127.0.0.1:9/x.png"/>
<div style="width: 3000px">wide</div><script>console.error("message")</script></body></html>"""


def png(rows):
    """A gray PNG file."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def prepare(folder):
    """Datasets, runs and a study; the pages to look at."""
    def bulkhead(*arguments):
        subprocess.run([BULKHEAD, *arguments], cwd=folder, check=True, capture_output=True)

    rows = []
    for image in range(80):
        pixels = [(150 if place // 32 == image % 2 else 20) + (place * 7 + image * 13) % 80 for place in range(64)]
        rows.append(",".join(map(str, pixels + [image % 2 if image % 9 else 1 - image % 2])))
    (folder / "a.csv").write_text("\n".join(rows))
    draw = random.Random(3)
    (folder / "photos").mkdir()
    lines = ["image,x1,y1,x2,y2,label"]
    for index in range(20):
        pixels = [[draw.randrange(40) for _ in range(48)] for _ in range(40)]
        x, y = draw.randrange(32), draw.randrange(24)
        for row in pixels[y:y + 16]:
            row[x:x + 16] = [220] * 16
        (folder / f"photos/{index}.png").write_bytes(png(pixels))
        lines.append(f"{index}.png,{x},{y},{x + 15},{y + 15},square")
    (folder / "boxes.csv").write_text("\n".join(lines))
    for name, text in (("small", STUDY), ("classifier", CLASSIFIER), ("detector", DETECTOR)):
        (folder / f"{name}.yaml").write_text(text)
    bulkhead("prepare", "csv", "a.csv", "--label", "last", "--test", "10", "--validation", "10", "--output", "a.h5")
    bulkhead("prepare", "csv-boxes", "boxes.csv", "--images", "photos", "--test", "5", "--validation", "5", "--output",
             "boxes.h5")
    for name in ("classifier", "detector"):
        bulkhead("train", f"{name}.yaml", "--run", name)
        bulkhead("report", name, "--picture", "1")
    # Begun and not trained: what a page shows before the first epoch.
    (folder / "begun").mkdir()
    shutil.copy(folder / "classifier/configuration.yaml", folder / "begun")
    bulkhead("report", "begun")
    bulkhead("study", "run", "small.yaml")
    return [folder / name / "report.html" for name in ("classifier", "detector", "begun")] + [
        folder / "checkpoints/small/report/index.html"]


WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(browser, path, width, scheme):
    """What is wrong with a page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url[:60]))
    page.goto(path.as_uri())
    wrong = [f"console: {message}" for message in messages]
    wrong += [f"requests {url}" for url in requests[1:] if not url.startswith("data:")]
    for state in ("folded", "unfolded"):
        if over := page.evaluate(WIDER):
            wrong.append(f"{state}, {over} pixels wider than the window")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for one in Axe().run(page).response["violations"]:
        wrong.append(f"axe: {one['id']}, {len(one['nodes'])} times, such as {one['nodes'][0]['html'][:120]}")
    if (plot := page.locator(".plot > svg").first).count():
        plot.focus()
        page.keyboard.press("ArrowRight")
        if not page.locator("#tip").inner_text().strip():
            wrong.append("an arrow key shows no value")
        head = page.locator("thead th").first
        head.focus()
        page.keyboard.press("Enter")
        if head.get_attribute("aria-sort") != "ascending":
            wrong.append("a heading does not sort its table")
    context.close()
    return wrong


def main(folder, quick):
    pages = prepare(folder)
    views = [(1280, "light"), (420, "dark")] if quick else [(w, s) for w in (1280, 420) for s in ("light", "dark")]
    wrong = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for path in pages:
            for width, scheme in views:
                name = f"{path.relative_to(folder)}, {width} pixels, {scheme}"
                wrong += [f"{name}: {one}" for one in look(browser, path, width, scheme)]
        control = folder / "wrong.html"
        control.write_text(WRONG)
        found = " ".join(look(browser, control, 420, "light"))
        wrong += [f"a page that is wrong passes: nothing is said of {word}"
                  for word in ("console: message", "requests http", "wider than", "axe: image-alt") if word not in found]
        browser.close()
    print("\n".join(wrong) or f"Chromium: {len(pages)} pages in {len(views)} views without a finding, by axe's rules too")
    return bool(wrong)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.exit(main(pathlib.Path(name), "--quick" in sys.argv[1:]))
