"""Writes detections.json: random objects and detections with their average precisions, computed by pycocotools and numpy.

    VENV/bin/python make_detections.py FOLDER        (numpy, pycocotools; FOLDER holds groundtruths and detections of
                                                      github.com/rafaelpadilla/Object-Detection-Metrics, MIT)

`sets` is a list of 60 sets: classes, objects [image, class, x, y, width, height, difficult, crowd], detections [image, class,
x, y, width, height, score], and

    coco     pycocotools.cocoeval's twelve numbers (AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl); -1 is
             undefined. Areas are those of boxes; difficult marks are not seen.
    coco_of_class  AP of each class
    voc      for each class its 11 points and all points AP at an overlap of 0.5 by the loop below, null without objects

Half of the scores are tied. Set 60, `published`, holds the published example, whose AP at 0.3 is 24.57 % (all points) and
26.84 % (11 points); its boxes have inclusive corners, so that a width of w covers w + 1 pixels.
"""

import contextlib
import io
import json
import pathlib
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random = np.random.default_rng(7)


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared) if shared > 0 else 0.0


def voc(objects, detections, label, threshold):
    """The evaluation of VOC's development kit: [11 points, all points]; None without objects."""
    truth = [object for object in objects if object[1] == label]
    wanted = sum(not (object[6] or object[7]) for object in truth)
    found = sorted((d for d in detections if d[1] == label), key=lambda d: -d[6])
    taken, right, wrong = set(), [], []
    for detection in found:
        overlaps = [overlap(detection[2:6], o[2:6]) if o[0] == detection[0] else -1 for o in truth]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best < 0 or overlaps[best] < threshold:
            right.append(0), wrong.append(1)
        elif not (truth[best][6] or truth[best][7]):
            right.append(0 if best in taken else 1), wrong.append(1 if best in taken else 0)
            taken.add(best)
        else:
            right.append(0), wrong.append(0)
    if wanted == 0:
        return None
    right, wrong = np.cumsum(right), np.cumsum(wrong)
    recall = right / wanted
    precision = right / np.maximum(right + wrong, np.finfo(float).eps)
    eleven = sum(
        (np.max(precision[recall >= level]) if np.any(recall >= level) else 0) / 11 for level in np.arange(0, 1.1, 0.1))
    recall = np.concatenate([[0], recall, [1]])
    precision = np.concatenate([[0], precision, [0]])
    for index in range(len(precision) - 1, 0, -1):
        precision[index - 1] = max(precision[index - 1], precision[index])
    change = np.where(recall[1:] != recall[:-1])[0]
    return [float(eleven), float(np.sum((recall[change + 1] - recall[change]) * precision[change + 1]))]


def coco(objects, detections, classes, images):
    truth = COCO()
    truth.dataset = {
        "images": [{"id": image + 1} for image in range(images)],
        "categories": [{"id": label + 1} for label in range(classes)],
        "annotations": [
            {"id": index + 1, "image_id": o[0] + 1, "category_id": o[1] + 1, "bbox": o[2:6], "area": o[4] * o[5],
             "iscrowd": o[7], "ignore": 0} for index, o in enumerate(objects)]}
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([
            {"image_id": d[0] + 1, "category_id": d[1] + 1, "bbox": list(d[2:6]), "score": d[6]} for d in detections])
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    of_class = []
    for label in range(classes):
        values = evaluation.eval["precision"][:, :, label, 0, 2]
        of_class.append(float(np.mean(values[values > -1])) if np.any(values > -1) else -1.0)
    return [float(value) for value in evaluation.stats], of_class


def random_set(number):
    images, classes = int(random.integers(1, 8)), int(random.integers(1, 5))
    largest = int(random.choice([40, 150, 400]))
    objects, detections = [], []

    def box():
        return [int(value) for value in (*random.integers(0, 300, 2), *random.integers(1, largest, 2))]

    for _ in range(int(random.integers(1, 25))):
        marked = random.random() < 0.15
        objects.append([int(random.integers(images)), int(random.integers(classes)), *box(),
                        int(marked and random.random() < 0.5), 0])
        if marked and not objects[-1][6]:
            objects[-1][7] = 1
    for _ in range(int(random.integers(1, 60))):
        image, label, place = int(random.integers(images)), int(random.integers(classes)), box()
        if random.random() < 0.75:
            image, label, *place = objects[random.integers(len(objects))][:6]
            place = [value + int(random.integers(-spread, spread + 1)) for value, spread in
                     zip(place, (3, 3, 2, 2))]
            place[2:] = [max(side, 1) for side in place[2:]]
        score = float(random.integers(0, 6)) / 5 if number % 2 else round(float(random.random()), 4)
        detections.append([image, label, *place, score])
    if number % 10 == 0:  # More detections of an image than count.
        detections += [[0, 0, *box(), round(float(random.random()), 4)] for _ in range(130)]
    numbers, of_class = coco(objects, detections, classes, images)
    return {"classes": classes, "objects": objects, "detections": detections, "coco": numbers, "coco_of_class": of_class,
            "voc": [voc(objects, detections, label, 0.5) for label in range(classes)]}


def published(folder):
    def rows(name, count):
        result = []
        for image, path in enumerate(sorted((folder / name).glob("*.txt"))):
            for line in path.read_text().split("\n"):
                if line.strip():
                    values = [float(value) for value in line.split()[1:]]
                    place = values[-4:]
                    result.append([image, 0, place[0], place[1], place[2] + 1, place[3] + 1, *values[:-4]])
        return result

    objects = [row + [0, 0] for row in rows("groundtruths", 4)]
    detections = rows("detections", 5)
    return {"objects": objects, "detections": detections, "percent": [26.84, 24.57],
            "voc": voc(objects, detections, 0, 0.3)}


sets = [random_set(number) for number in range(60)]
assert sum(value is None for one in sets for value in one["voc"]) > 5
example = published(pathlib.Path(sys.argv[1]))
assert [round(100 * value, 2) for value in example["voc"]] == example["percent"], example["voc"]
target = pathlib.Path(__file__).parent / "detections.json"
target.write_text(json.dumps({"sets": sets, "published": example}, separators=(",", ":")) + "\n")
