"""Records the detection metrics of pycocotools in detection.json.

The cases are random, with a fixed seed. Recorded with numpy 2.2.6 and pycocotools 2.0.11. Run it from any directory:
python3 record_detection.py

A case has samples. A sample has rows of targets (time, x, y, width, height, class, crowd, area) and of predictions
(time, x, y, width, height, class, score). Each time of a target is an image; class -1 means that the image has no
box, and a row with a negative time is padding. Cases with `settings` are filtered before pycocotools evaluates them,
by the rules that are published with the automotive data sets. `figures` are the twelve figures of COCO, with null for
pycocotools' -1. `by_class` is the average precision of the classes that have objects.
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SEED = 20_260_404
NAMES = "ap ap_50 ap_75 ap_small ap_medium ap_large ar_1 ar_10 ar ar_small ar_medium ar_large".split()
PADDING = [-1.0, 0, 0, 0, 0, -1, 0, 0]


def random_box(rng):
    side = float(rng.choice([8.0, 20.0, 32.0, 50.0, 96.0, 150.0]))
    width, height = np.round(side * rng.uniform(0.5, 1.6, 2))
    x, y = np.round(rng.uniform(0, 60, 2))
    return [float(v) for v in (x, y, width, height)]


def near(rng, box, spread):
    x, y, width, height = np.array(box) + np.round(rng.normal(0, spread, 4) * np.array([1, 1, 0.5, 0.5]))
    return [float(x), float(y), float(max(width, 0)), float(max(height, 0))]


def random_image(rng, time, classes, busy):
    """Draws the targets and predictions of an image; many of them nearly agree."""
    targets, predictions = [], []
    for _ in range(int(rng.integers(0, 3 + 4 * busy))):
        box, label = random_box(rng), int(rng.integers(0, classes))
        crowd = float(rng.random() < 0.15)
        area = box[2] * box[3] if rng.random() < 0.8 else float(np.round(box[2] * box[3] * rng.uniform(0.3, 1.0)))
        targets.append([time, *box, label, crowd, area])
        if rng.random() < 0.1:
            targets.append(list(targets[-1]))
    for _ in range(int(rng.integers(0, 4 + 6 * busy))):
        decimals = int(rng.integers(1, 4))
        if targets and rng.random() < 0.75:
            seed = targets[int(rng.integers(0, len(targets)))]
            box, label = near(rng, seed[1:5], float(rng.choice([0.0, 1.0, 3.0, 8.0]))), seed[5]
        else:
            box, label = random_box(rng), int(rng.integers(0, classes))
        predictions.append([time, *box, label, float(np.round(rng.random(), decimals))])
    return targets, predictions


def random_case(rng, times, busy=1):
    classes = int(rng.integers(1, 4))
    samples = []
    for _ in range(int(rng.integers(1, 5))):
        targets, predictions = [], []
        for time in times(rng):
            t, p = random_image(rng, time, classes, busy)
            if not t:
                t = [[time, 0, 0, 0, 0, -1, 0, 0]]
            targets += t
            predictions += p
        if rng.random() < 0.3:  # a time without targets, so not an image
            predictions.append([123.0, *random_box(rng), 0, 0.99])
        samples.append({"targets": targets, "predictions": predictions})
    return samples


def one(targets, predictions):
    return [{"targets": targets, "predictions": predictions}]


def degenerate():
    box, other = [10.0, 10, 40, 40], [100.0, 100, 40, 40]
    object_, found = [0.0, *box, 0, 0, 1600], [0.0, *box, 0, 0.9]
    yield one([PADDING], [])
    yield one([object_], [])
    yield one([[0.0, 0, 0, 0, 0, -1, 0, 0]], [found])
    yield one([object_], [found])
    yield one([object_], [found, found])
    yield one([object_, object_], [found])
    yield one([object_], [[0.0, *other, 0, 0.9]])
    yield one([object_], [[0.0, *box, 1, 0.9]])
    yield one([object_], [[0.0, *other, 0, 0.9], found])
    yield one([object_], [[0.0, *other, 0, 0.8], found])
    yield one([[0.0, *box, 0, 1, 1600]], [found])
    yield one([[0.0, *box, 0, 1, 1600], [0.0, *other, 0, 0, 1600]], [found, found, [0.0, 110, 110, 20, 20, 0, 0.5]])
    yield one([[0.0, *box, 0, 1, 1600], object_], [found, found])
    yield one([[0.0, 10, 10, 0, 0, 0, 0, 0]], [[0.0, 10, 10, 0, 0, 0, 0.5]])
    yield one([[0.0, 10, 10, 32, 32, 0, 0, 1024]], [[0.0, 10, 10, 32, 32, 0, 0.5]])
    yield one([[0.0, 10, 10, 96, 96, 0, 0, 9216]], [[0.0, 10, 10, 96, 96, 0, 0.5]])
    # Overlaps exactly at a threshold.
    for width in range(10, 21):
        yield one([[0.0, 0, 0, 20, 10, 0, 0, 200]], [[0.0, 0, 0, width, 10, 0, 0.5]])
    # More detections than the limit, and recalls exactly at a step.
    many = [[0.0, 10.0 * k, 0, 8, 8, 0, 0, 64] for k in range(100)]
    hits = [[0.0, 10.0 * k, 0, 8, 8, 0, 0.5] for k in range(0, 100, 2)]
    misses = [[0.0, 10.0 * k, 50, 8, 8, 0, 0.6] for k in range(70)]
    yield one(many, hits)
    yield one(many, hits[:29] + misses[:3] + hits[29:])
    yield one(many, misses + hits)


def images_of(samples, settings):
    """Yields the filtered boxes of each image, in the order of samples and times."""
    skip, tolerance = settings.get("skip_time", 0), settings.get("time_tolerance", 0)
    diagonal, side = settings.get("min_diagonal", 0), settings.get("min_side", 0)
    large = lambda row: np.hypot(row[3], row[4]) >= diagonal and min(row[3], row[4]) >= side
    for sample in samples:
        times = sorted({row[0] for row in sample["targets"] if row[0] >= 0})
        predictions = sorted((row for row in sample["predictions"]), key=lambda row: row[0])
        for time in times:
            if time < skip:
                continue
            targets = [row for row in sample["targets"] if row[0] == time and row[5] >= 0 and large(row)]
            found = [row for row in predictions if abs(row[0] - time) <= tolerance]
            if not settings.get("keep_small_detections", False):
                found = [row for row in found if large(row)]
            yield targets, found


def evaluated(samples, settings):
    annotations, detections, images = [], [], []
    for image, (targets, found) in enumerate(images_of(samples, settings), start=1):
        images.append({"id": image})
        for row in targets:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": row[5],
                    "bbox": row[1:5],
                    "iscrowd": int(row[6]),
                    "area": row[7],
                }
            )
        detections += [
            {"image_id": image, "category_id": row[5], "bbox": list(row[1:5]), "score": row[6]} for row in found
        ]
    labels = sorted({a["category_id"] for a in annotations} | {d["category_id"] for d in detections})
    if not annotations:
        return [None] * 12, {}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": images, "annotations": annotations, "categories": [{"id": c} for c in labels]}
        truth.createIndex()
        if detections:
            results = truth.loadRes(detections)
        else:
            results = COCO()
            results.dataset = {"images": images, "annotations": [], "categories": truth.dataset["categories"]}
            results.createIndex()
        run = COCOeval(truth, results, "bbox")
        run.params.maxDets = [1, 10, settings.get("max_detections", 100)]
        run.evaluate()
        run.accumulate()
        run.summarize()
    figures = run.stats.tolist()
    # The summary reads the first figure at 100 detections, whatever the limit in `maxDets`.
    precision = run.eval["precision"]  # overlap, recall, class, areas, detections
    known = precision[:, :, :, 0, -1]
    figures[0] = float(known[known > -1].mean()) if (known > -1).any() else -1
    by_class = {}
    for place, label in enumerate(labels):
        own = precision[:, :, place, 0, -1]
        if own.max() > -1:
            by_class[label] = float(own.mean())
    return [None if figure == -1 else figure for figure in figures], by_class


def main():
    rng = np.random.default_rng(SEED)
    cases = [(samples, {}) for samples in degenerate()]
    single = lambda rng: [0.0]
    cases += [(random_case(rng, single), {}) for _ in range(200)]
    cases += [(random_case(rng, single, busy=6), {"max_detections": 11}) for _ in range(6)]
    frames = lambda rng: [float(t) for t in rng.choice(np.arange(0, 1_000_000, 50_000), 2, replace=False)]
    for index in range(45):
        settings = [
            {"skip_time": 500_000.0, "min_diagonal": 60.0},
            {"skip_time": 500_000.0, "min_diagonal": 60.0, "keep_small_detections": True},
            {"skip_time": 500_000.0, "min_diagonal": 30.0, "min_side": 20.0, "time_tolerance": 50_000.0},
        ][index % 3]
        cases.append((random_case(rng, frames), settings))
    lines = []
    for samples, settings in cases:
        figures, by_class = evaluated(samples, settings)
        case = {"settings": settings, "samples": samples, "figures": dict(zip(NAMES, figures)), "by_class": by_class}
        lines.append(json.dumps(case, separators=(",", ":")).replace(".0,", ",").replace(".0]", "]"))
    Path(__file__).with_name("detection.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
