"""Compares the speed of confusion matrices of 35 classes with torchmetrics, scikit-learn and numpy on the same machine.

    python benches/confusion_reference.py

Needs torch==2.6.0, torchmetrics==1.9.0, scikit-learn==1.9.1 and numpy. Rates are in millions of records per second.
The libraries take turns, round after round, so other load on the machine affects all of them. Each ratio compares
rates of the same round; the median ratio is printed beside the best rates.

neurobench runs its whole engine on two workers: data set, batches and six metrics (`cargo bench --bench confusion`).
The others only update the matrix, with the batch size that is fastest for each, and torch on two threads. numpy
receives precomputed indices and only counts them.
"""

import re
import statistics
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import confusion_matrix
from torchmetrics.classification import MulticlassConfusionMatrix

ROOT = Path(__file__).resolve().parent.parent
CLASSES, ROUNDS = 35, 3

warnings.filterwarnings("ignore")
torch.set_num_threads(2)


def ours():
    """Returns the rate of neurobench with two workers, in millions of records per second."""
    command = ["cargo", "bench", "--quiet", "--bench", "confusion"]
    printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"^35 classes +2 workers .* s +(\d+) million", printed, re.MULTILINE)[1])


def rate(update, targets, predicted, batch):
    """Returns the rate of `update`, which takes a batch, in millions of records per second."""
    begun = time.perf_counter()
    for start in range(0, len(targets), batch):
        update(targets[start : start + batch], predicted[start : start + batch])
    return len(targets) / (time.perf_counter() - begun) / 1e6


def main():
    rng = np.random.default_rng(1)
    targets = rng.integers(0, CLASSES, 1 << 24)
    predicted = np.where(rng.random(len(targets)) < 0.8, targets, rng.integers(0, CLASSES, len(targets)))
    index = targets * CLASSES + predicted
    on_torch = torch.from_numpy(targets), torch.from_numpy(predicted)
    few = targets[: 1 << 22], predicted[: 1 << 22]
    metric = MulticlassConfusionMatrix(CLASSES)
    unchecked = MulticlassConfusionMatrix(CLASSES, validate_args=False)
    sizes = [1 << 14, 1 << 17, 1 << 20]
    theirs = {
        "torchmetrics": lambda: max(rate(lambda t, p: metric.update(p, t), *on_torch, size) for size in sizes),
        "torchmetrics, unchecked": lambda: max(rate(lambda t, p: unchecked.update(p, t), *on_torch, size) for size in sizes),
        "scikit-learn": lambda: max(rate(lambda t, p: confusion_matrix(t, p, labels=range(CLASSES)), *few, size) for size in sizes),
        "numpy.bincount": lambda: max(rate(lambda i, _: np.bincount(i, minlength=CLASSES**2), index, index, size) for size in sizes),
    }
    rates = [{"neurobench": ours()} | {name: run() for name, run in theirs.items()} for _ in range(ROUNDS)]
    print(f"{'million records/s, the best of ' + str(ROUNDS) + ' rounds':<48}{'neurobench is (median)':>24}")
    for name in rates[0]:
        times = statistics.median(each["neurobench"] / each[name] for each in rates)
        print(f"{name:<28}{max(each[name] for each in rates):>12.1f}{times:>30.1f} times as fast")


if __name__ == "__main__":
    main()
