"""Records ranking metrics by scikit-learn and torchmetrics in ranking.json.

The cases are random, with a fixed seed. Recorded with numpy 2.2.6, scikit-learn 1.9.1, torch 2.6.0 and torchmetrics
1.9.0. If a class has no positive sample (or, for the area, no negative sample), the value is null, whatever a source
returns. Binned values come from torchmetrics. Their scores stay below the highest threshold, because torchmetrics'
curve lacks its beginning for scores that reach it. Run it from any directory: python3 record_ranking.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import average_precision_score, roc_auc_score
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    multiclass_accuracy,
    multiclass_auroc,
    multiclass_average_precision,
    multilabel_auroc,
    multilabel_average_precision,
)

SEED = 20_260_402
AVERAGES = ["macro", "weighted", "micro"]
THRESHOLDS = [0.0, 0.125, 0.25, 0.5, 0.625, 0.75, 1.0]


def cases(rng):
    """Yields the kind, scores and targets of each case.

    Scores are `[samples]` if binary, else `[samples, classes]`. Targets are classes, or labels if multi-label.
    """
    for index in range(300):
        samples, classes = int(rng.integers(1, 13)), int(rng.integers(2, 5))
        decimals = int(rng.integers(1, 4))
        scores = np.minimum(np.round(rng.random((samples, classes)), decimals), 0.999)
        kind = ["binary", "multiclass", "multilabel"][index % 3]
        if kind == "binary":
            targets = rng.integers(0, 2, samples)
            if index % 4:  # scores that correlate with the targets
                scores[:, 0] = np.clip(np.round(scores[:, 0] + 0.4 * targets - 0.2, decimals), 0, 0.999)
            yield kind, scores[:, 0], targets
        elif kind == "multiclass":
            if index % 2 and samples > classes:
                targets = np.concatenate([np.arange(classes), rng.integers(0, classes, samples - classes)])
            else:
                targets = rng.integers(0, classes, samples)
            yield kind, scores, targets
        else:
            yield kind, scores, (rng.random((samples, classes)) < 0.5).astype(int)
    for scores, targets in [
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1]),
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]),
        ([0.1, 0.2, 0.8], [1, 1, 1]),
        ([0.1, 0.2, 0.8], [0, 0, 0]),
        ([0.3], [1]),
        ([-0.0, 0.0, 0.25], [0, 1, 1]),
    ]:
        yield "binary", np.array(scores), np.array(targets)


def recorded(kind, scores, targets):
    scores, labels = np.atleast_2d(scores.T).T, targets
    if kind == "multiclass":
        labels = np.eye(scores.shape[1], dtype=int)[targets]
    labels = np.atleast_2d(labels.T).T
    positive, negative = labels.any(axis=0), (1 - labels).any(axis=0)
    values = {}
    for name, score, tm_binary, tm_multilabel, defined in [
        ("auroc", roc_auc_score, binary_auroc, multilabel_auroc, positive & negative),
        ("average_precision", average_precision_score, binary_average_precision, multilabel_average_precision, positive),
    ]:
        each = [score(labels[:, c], scores[:, c]) if defined[c] else None for c in range(scores.shape[1])]
        values[f"{name}_by_class"] = each
        pooled = labels.any() and (name != "auroc" or not labels.all())
        for average in AVERAGES:
            # A class without a positive sample has weight 0 in a weighted mean.
            known = {"micro": pooled, "macro": defined.all(), "weighted": positive.any() and defined[positive].all()}[average]
            values[f"{name}_{average}"] = float(score(labels, scores, average=average)) if known else None
            assert not known or np.isfinite(values[f"{name}_{average}"])
        thresholds = torch.tensor(THRESHOLDS, dtype=torch.float64)
        s, t = torch.from_numpy(scores.copy()), torch.from_numpy(labels.copy())
        if not defined.all():
            binned = None
        elif kind == "binary":
            binned = tm_binary(s[:, 0], t[:, 0], thresholds=thresholds).item()
        else:
            binned = tm_multilabel(s, t, num_labels=s.shape[1], average="macro", thresholds=thresholds).item()
        values[f"binned_{name}"] = binned
    return values


def places(rng):
    """Records torchmetrics' values of scores `[samples, classes, steps]` and targets `[samples, steps]`.

    Some targets are ignored. A place is one step of one sample. No two scores of a place are equal, so the order of
    ties does not matter. The area of a class is that of torchmetrics if the class has a positive and a negative place;
    its average precision needs a positive place. Otherwise the value is null.
    """
    for index in range(120):
        samples, classes, steps = int(rng.integers(1, 5)), int(rng.integers(2, 6)), int(rng.integers(1, 6))
        scores = rng.permuted(np.tile(np.arange(classes * 3), (samples, steps, 1)), axis=2)[:, :, :classes]
        scores = np.moveaxis(scores, 2, 1) / 16
        targets = rng.integers(0, classes, (samples, steps))
        ignore = int(rng.integers(-1, classes)) if index % 3 == 0 else None
        if ignore == -1:
            targets[rng.random((samples, steps)) < 0.3] = -1
        kept = targets[targets != ignore] if ignore is not None else targets.ravel()
        positive = np.array([(kept == c).any() for c in range(classes)])
        negative = np.array([(kept != c).any() for c in range(classes)])
        s, t = torch.from_numpy(scores.copy()), torch.from_numpy(targets.copy())
        case = {"scores": scores.tolist(), "targets": targets.tolist(), "ignore": ignore}
        for name, each, defined in [
            ("auroc", multiclass_auroc, positive & negative),
            ("average_precision", multiclass_average_precision, positive),
        ]:
            for binned, thresholds in [("", None), ("binned_", torch.tensor(THRESHOLDS, dtype=torch.float64))]:
                settings = {"num_classes": classes, "thresholds": thresholds, "ignore_index": ignore}
                values = each(s, t, average=None, **settings).tolist() if len(kept) else [None] * classes
                case[f"{binned}{name}"] = [value if known else None for value, known in zip(values, defined)]
                macro = each(s, t, average="macro", **settings).item() if defined.all() else None
                case[f"{binned}{name}_macro"] = macro
        case["top_k"] = [
            multiclass_accuracy(s, t, classes, top_k=k, average="micro", ignore_index=ignore).item() if len(kept) else None
            for k in range(1, classes + 1)
        ]
        yield case


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(SEED)
    lines = [
        json.dumps({"kind": kind, "scores": s.tolist(), "targets": t.tolist(), **recorded(kind, s, t)}, separators=(",", ":"))
        for kind, s, t in cases(rng)
    ]
    with_places = [json.dumps(case, separators=(",", ":"), allow_nan=False) for case in places(rng)]
    parts = [f'"thresholds":{json.dumps(THRESHOLDS)}'] + [
        f'"{name}":[\n' + ",\n".join(part) + "\n]" for name, part in [("cases", lines), ("places", with_places)]
    ]
    Path(__file__).with_name("ranking.json").write_text("{" + ",".join(parts) + "}\n")


if __name__ == "__main__":
    main()
