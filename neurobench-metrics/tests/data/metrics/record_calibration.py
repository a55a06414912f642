"""Records metrics of predicted probabilities by scikit-learn, PyTorch and torchmetrics in calibration.json.

The cases are random, with a fixed seed. Recorded with numpy 2.2.6, scikit-learn 1.9.1, torch 2.6.0 and torchmetrics
1.9.0. Run it from any directory: python3 record_calibration.py

* `probabilities` are multiples of 1/64, so they are short and sum to 1 exactly; some are zero. Recorded are
  `log_loss` (scikit-learn, which clips at 2^-52), and `brier` with its two scalings (scikit-learn).
* `labels` are probabilities of several labels, from 1/64 to 63/64. Recorded are `log_loss` and `brier` of each label
  and of all labels together (scikit-learn), and the `expected` calibration error (torchmetrics) of each label with
  `bins` bins. No probability lies on the edge of a bin.
* `logits` have few decimals. Recorded are `cross_entropy` (PyTorch, f64), and the `expected` and `maximum`
  calibration errors (torchmetrics, which computes in f32) of their softmax or logistic function with `bins` bins.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import brier_score_loss, log_loss
from torch.nn import functional
from torchmetrics.functional.classification import binary_calibration_error, multiclass_calibration_error

SEED = 20_260_403


def probability_case(rng, index):
    samples, classes = int(rng.integers(1, 9)), int(rng.integers(2, 6))
    shares = [rng.multinomial(64, rng.dirichlet(np.full(classes, 0.5))) for _ in range(samples)]
    probabilities = np.array(shares) / 64
    targets = rng.integers(0, classes, samples)
    if index % 3 == 0:  # only the probability of class 1
        probabilities, targets, classes = probabilities[:, 0], np.minimum(targets, 1), 2
    labels = list(range(classes))
    if probabilities.ndim == 1:
        rows = np.stack([1 - probabilities, probabilities], axis=1)
    else:
        rows = probabilities
    brier = lambda half: float(brier_score_loss(targets, rows if classes > 2 else rows[:, 1], labels=labels, scale_by_half=half))
    return {
        "probabilities": probabilities.tolist(),
        "targets": targets.tolist(),
        "log_loss": float(log_loss(targets, rows, labels=labels)),
        "brier": brier("auto"),
        "brier_half": brier(True),
        "brier_whole": brier(False),
    }


def label_case(rng, index):
    samples, labels = int(rng.integers(1, 12)), int(rng.integers(1, 5))
    probabilities = rng.integers(1, 64, (samples, labels)) / 64
    targets = (rng.random((samples, labels)) < rng.random(labels)).astype(int)
    bins = int(rng.choice([3, 7, 15]))
    columns = list(zip(targets.T, probabilities.T))
    loss = lambda t, p: float(log_loss(t, p, labels=[0, 1]))
    brier = lambda t, p: float(brier_score_loss(t, p, labels=[0, 1]))
    expected = lambda t, p: binary_calibration_error(torch.from_numpy(p.copy()), torch.from_numpy(t.copy()), n_bins=bins).item()
    return {
        "labels": probabilities.tolist(),
        "targets": targets.tolist(),
        "bins": bins,
        "log_loss": [loss(t, p) for t, p in columns],
        "log_loss_of_all": loss(targets.ravel(), probabilities.ravel()),
        "brier": [brier(t, p) for t, p in columns],
        "brier_of_all": brier(targets.ravel(), probabilities.ravel()),
        "expected_by_label": [expected(t, p) for t, p in columns],
        "expected_of_all": expected(targets.ravel(), probabilities.ravel()),
    }


def logit_case(rng, index):
    samples, classes = int(rng.integers(1, 15)), int(rng.integers(2, 5))
    logits = np.round(rng.standard_normal((samples, classes)) * 3, 2)
    if index % 5 == 0:
        logits = np.round(logits * 100, 1)
    targets = rng.integers(0, classes, samples)
    bins = int(rng.choice([1, 2, 3, 10, 15, 100]))
    if index % 3 == 0:
        logits, targets = logits[:, 0], np.minimum(targets, 1)
        x, t = torch.from_numpy(logits), torch.from_numpy(targets)
        entropy = functional.binary_cross_entropy_with_logits(x, t.double())
        error = lambda norm: binary_calibration_error(x.sigmoid(), t, n_bins=bins, norm=norm)
    else:
        x, t = torch.from_numpy(logits), torch.from_numpy(targets)
        entropy = functional.cross_entropy(x, t)
        error = lambda norm: multiclass_calibration_error(x.softmax(1), t, num_classes=classes, n_bins=bins, norm=norm)
    confidence = x.sigmoid() if x.ndim == 1 else x.softmax(1).max(1).values
    case = {"logits": logits.tolist(), "targets": targets.tolist(), "bins": bins, "cross_entropy": entropy.item()}
    # torchmetrics puts a confidence that rounds to 1 into a separate bin.
    if confidence.float().max() < 1:
        case.update(expected=error("l1").item(), maximum=error("max").item())
    return case


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(SEED)
    cases = [probability_case(rng, index) for index in range(200)] + [logit_case(rng, index) for index in range(200)]
    cases += [label_case(rng, index) for index in range(150)]
    lines = [json.dumps(case, separators=(",", ":")) for case in cases]
    Path(__file__).with_name("calibration.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
