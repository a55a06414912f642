"""Records scikit-learn's classification metrics of random and degenerate cases in classification.json.

    python record_classification.py

Needs numpy==2.2.6 and scikit-learn==1.9.1. scikit-learn computes precision, recall, F-measures, the Jaccard index,
accuracy, balanced accuracy, the Matthews correlation coefficient, Cohen's kappa, top-k accuracy, the counts of each
class against all others, and, for two classes, the likelihood ratios. Specificity and the negative predictive value
of a class are scikit-learn's recall and precision of the complement of the class. The other rates are quotients of
its counts, averaged with numpy.

Each case has one `zero_division`: `zero`, `one` or `skip` stands for scikit-learn's 0, 1 or NaN. Null means that
there is no value. neurobench applies `zero_division` to the Matthews correlation coefficient of a single class, which
is 0 in scikit-learn. Weighted kappas take all integers from the lowest class to the highest as labels, so distances
are those between the numbers.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20250917)
CONVENTIONS = {"zero": 0.0, "one": 1.0, "skip": np.nan}


def plain(value):
    """Converts a number for JSON; numbers that are not finite become null."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def divide(numerator, denominator, convention):
    return numerator / denominator if denominator else CONVENTIONS[convention]


def averages(values, weights, pooled):
    """Returns micro, macro and weighted averages and the values by class.

    As in scikit-learn, NaN is left out, and weights that are all zero are ignored.
    """
    kept = ~np.isnan(values)
    macro = np.mean(values[kept]) if kept.any() else np.nan
    weighted = np.average(values[kept], weights=weights[kept]) if weights[kept].sum() > 0 else macro
    return [plain(pooled), plain(macro), plain(weighted), [plain(value) for value in values]]


def rate_from_counts(name, tp, fp, fn, tn, convention):
    p, n = tp + fn, fp + tn
    quotient = {
        "specificity": (tn, n),
        "negative_predictive_value": (tn, tn + fn),
        "false_negative_rate": (fn, p),
        "false_positive_rate": (fp, n),
        "false_discovery_rate": (fp, fp + tp),
        "false_omission_rate": (fn, fn + tn),
        "positive_likelihood_ratio": (tp * n, fp * p),
        "negative_likelihood_ratio": (fn * n, tn * p),
    }
    if name == "prevalence_threshold":
        if p == 0 or n == 0 or (tp == 0 and fp == 0):
            return CONVENTIONS[convention]
        tpr, fpr = tp / p, fp / n
        return math.sqrt(fpr) / (math.sqrt(tpr) + math.sqrt(fpr))
    return divide(*quotient[name], convention)


RATES = [
    "specificity",
    "negative_predictive_value",
    "false_negative_rate",
    "false_positive_rate",
    "false_discovery_rate",
    "false_omission_rate",
    "positive_likelihood_ratio",
    "negative_likelihood_ratio",
    "prevalence_threshold",
]


AVERAGED = ["precision", "recall", "f1_score", "f_beta_score", "jaccard_index", *RATES]


def averaged_metrics(targets, predicted, labels, counts, convention, beta):
    """Computes all metrics with averages; `labels` are classes or indices of columns."""
    zero = CONVENTIONS[convention]
    support = np.array([tp + fn for tp, fp, fn, tn in counts])
    sklearn = {
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
        "f1_score": metrics.f1_score,
        "f_beta_score": lambda *args, **kwargs: metrics.fbeta_score(*args, beta=beta, **kwargs),
    }
    if convention != "skip":
        sklearn["jaccard_index"] = metrics.jaccard_score
    found = {}
    for name, score in sklearn.items():
        values = [score(targets, predicted, labels=labels, average=average, zero_division=zero) for average in ["micro", "macro", "weighted"]]
        by_class = score(targets, predicted, labels=labels, average=None, zero_division=zero)
        found[name] = [plain(value) for value in values] + [[plain(value) for value in by_class]]
    pooled = np.sum(counts, axis=0).tolist()
    for name in RATES:
        values = np.array([rate_from_counts(name, *row, convention) for row in counts])
        found[name] = averages(values, support, rate_from_counts(name, *pooled, convention))
    return found


def listed(found):
    """Lists the values in the order of the names, which the file lists once, at the top."""
    return [found.get(name) for name in AVERAGED]


def check_against_complement(targets, predicted, labels, found, convention):
    zero = CONVENTIONS[convention]
    for place, label in enumerate(labels):
        not_target, not_predicted = targets != label, predicted != label
        for name, score in [("specificity", metrics.recall_score), ("negative_predictive_value", metrics.precision_score)]:
            expected, ours = score(not_target, not_predicted, zero_division=zero), found[name][3][place]
            assert (ours is None and np.isnan(expected)) or ours == expected, (name, ours, expected)


def one_class_a_sample(targets, predicted):
    """Computes the metrics of the whole confusion matrix."""
    classes = np.unique(np.concatenate([targets, predicted]))
    numbers = np.arange(classes[0], classes[-1] + 1) if classes[-1] - classes[0] < 100 else None
    kappas = [metrics.cohen_kappa_score(targets, predicted) if len(classes) > 1 else np.nan]
    for weights in ["linear", "quadratic"]:
        known = numbers is not None and len(classes) > 1
        kappas.append(metrics.cohen_kappa_score(targets, predicted, labels=numbers, weights=weights) if known else np.nan)
    single = len(np.unique(targets)) == 1 or len(np.unique(predicted)) == 1
    return {
        "accuracy": metrics.accuracy_score(targets, predicted),
        "hamming_loss": metrics.hamming_loss(targets, predicted),
        "balanced_accuracy": plain(metrics.balanced_accuracy_score(targets, predicted)),
        "adjusted_balanced_accuracy": plain(metrics.balanced_accuracy_score(targets, predicted, adjusted=True)),
        "matthews_correlation_coefficient": None if single else plain(metrics.matthews_corrcoef(targets, predicted)),
        "cohens_kappa": [plain(kappa) for kappa in kappas],
        "distances_known": numbers is not None,
    }


def settings():
    convention = rng.choice(list(CONVENTIONS)).item()
    beta = rng.choice([0.0, 0.25, 0.5, 2.0, 3.0]).item()
    return convention, beta


def counts_of(matrices):
    """Returns tp, fp, fn and tn of each matrix."""
    return [[int(m[1, 1]), int(m[0, 1]), int(m[1, 0]), int(m[0, 0])] for m in matrices]


def multiclass(targets, predicted, ignore=None):
    targets, predicted = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    case = {"targets": targets.tolist(), "predicted": predicted.tolist(), "ignore": ignore}
    if ignore is not None:
        kept = targets != ignore
        targets, predicted = targets[kept], predicted[kept]
    if len(targets) == 0:
        return case | {"empty": True}
    convention, beta = settings()
    labels = np.unique(np.concatenate([targets, predicted]))
    counts = counts_of(metrics.multilabel_confusion_matrix(targets, predicted, labels=labels))
    found = averaged_metrics(targets, predicted, labels, counts, convention, beta)
    check_against_complement(targets, predicted, labels, found, convention)
    return case | {
        "zero_division": convention,
        "beta": beta,
        "labels": labels.tolist(),
        "counts": counts,
        "averaged": listed(found),
        **one_class_a_sample(targets, predicted),
    }


def random_multiclass():
    size, classes = int(rng.integers(1, 40)), int(rng.integers(1, 6))
    numbers = np.arange(classes)
    kind = rng.integers(5)
    if kind == 0:
        numbers = np.sort(rng.choice(np.arange(-20, 60), classes, replace=False))
    elif kind == 1:
        numbers = np.sort(rng.integers(-(2**62), 2**62, classes))
    frequencies = rng.dirichlet(np.full(classes, 0.7))
    targets = rng.choice(numbers, size, p=frequencies)
    right = rng.random(size) < rng.random()
    predicted = np.where(right, targets, rng.choice(numbers, size))
    ignore = numbers[rng.integers(classes)].item() if rng.random() < 0.25 else None
    return multiclass(targets, predicted, ignore)


def binary(targets, scores, threshold=0.5, ignore=None):
    targets, scores = np.asarray(targets, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    case = {"targets": targets.tolist(), "scores": scores.tolist(), "threshold": threshold, "ignore": ignore}
    if ignore is not None:
        kept = targets != ignore
        targets, scores = targets[kept], scores[kept]
    if len(targets) == 0:
        return case | {"empty": True}
    convention, beta = settings()
    predicted = (scores > threshold).astype(np.int64)
    counts = counts_of(metrics.multilabel_confusion_matrix(targets, predicted, labels=[0, 1])[1:])
    found = averaged_metrics(targets, predicted, [1], counts, convention, beta)
    tp, fp, fn, tn = counts[0]
    if tp + fn and fp and tn:
        positive, negative = metrics.class_likelihood_ratios(targets, predicted)
        assert found["positive_likelihood_ratio"][0] == positive and found["negative_likelihood_ratio"][0] == negative
    return case | {
        "zero_division": convention,
        "beta": beta,
        "labels": [1],
        "counts": counts,
        "averaged": listed(found),
        **one_class_a_sample(targets, predicted),
    }


def random_binary():
    size = int(rng.integers(1, 40))
    targets = (rng.random(size) < rng.random()).astype(np.int64)
    scores = np.clip(np.round(0.3 * targets + rng.random(size) * 0.7, 2), 0, 1)
    threshold = rng.choice([0.5, 0.25, 0.4, 0.75]).item()
    ignore = None
    if rng.random() < 0.3:
        ignore = rng.choice([-1, 0, 1, 255]).item()
        if ignore not in (0, 1):
            targets[rng.random(size) < 0.3] = ignore
    return binary(targets, scores, threshold, ignore)


def multilabel(targets, scores, threshold=0.5, ignore=None):
    targets, scores = np.asarray(targets, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    case = {"targets": targets.tolist(), "scores": scores.tolist(), "threshold": threshold, "ignore": ignore}
    convention, beta = settings()
    predicted = (scores > threshold).astype(np.int64)
    labels = list(range(targets.shape[1]))
    if ignore is None:
        counts = counts_of(metrics.multilabel_confusion_matrix(targets, predicted))
        found = averaged_metrics(targets, predicted, labels, counts, convention, beta)
    else:
        # scikit-learn cannot ignore single labels of a sample: each label is counted separately, and numpy
        # averages the results.
        kept = targets != ignore
        columns = [(targets[kept[:, k], k], predicted[kept[:, k], k]) for k in labels]
        none = np.zeros((2, 2), dtype=np.int64)
        counts = counts_of([metrics.confusion_matrix(t, p, labels=[0, 1]) if len(t) else none for t, p in columns])
        support, pooled = np.array([row[0] + row[2] for row in counts]), np.sum(counts, axis=0).tolist()
        found = {}
        for name in RATES:
            values = np.array([rate_from_counts(name, *row, convention) for row in counts])
            found[name] = averages(values, support, rate_from_counts(name, *pooled, convention))
    if np.sum(counts) == 0:
        return case | {"empty": True}
    right = sum(row[0] + row[3] for row in counts)
    if ignore is None:
        exact = metrics.accuracy_score(targets, predicted)
    else:
        rows = [(t[t != ignore], p[t != ignore]) for t, p in zip(targets, predicted)]
        exact = float(np.mean([(t == p).all() for t, p in rows if len(t)]))
    return case | {
        "zero_division": convention,
        "beta": beta,
        "labels": labels,
        "counts": counts,
        "averaged": listed(found),
        "accuracy": right / int(np.sum(counts)) if ignore is not None else 1 - metrics.hamming_loss(targets, predicted),
        "exact_match": exact,
    }


def random_multilabel():
    size, labels = int(rng.integers(1, 20)), int(rng.integers(2, 5))
    targets = (rng.random((size, labels)) < rng.random(labels)).astype(np.int64)
    scores = np.clip(np.round(0.3 * targets + rng.random((size, labels)) * 0.7, 2), 0, 1)
    threshold = rng.choice([0.5, 0.25, 0.75]).item()
    ignore = None
    if rng.random() < 0.3:
        ignore = -1
        targets[rng.random((size, labels)) < 0.3] = ignore
    return multilabel(targets, scores, threshold, ignore)


def with_steps(targets, scores, ignore=None):
    """Records scikit-learn's metrics with every step as a sample.

    Targets are `[samples, steps]`, scores `[samples, classes, steps]`.
    """
    targets, scores = np.asarray(targets, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    predicted = scores.argmax(axis=1)
    case = {"targets": targets.tolist(), "scores": scores.tolist(), "ignore": ignore}
    kept = np.ones(targets.shape, dtype=bool) if ignore is None else targets != ignore
    if not kept.any():
        return case | {"empty": True}
    t, p = targets[kept], predicted[kept]
    rows = [(t[k], p[k]) for t, p, k in zip(targets, predicted, kept) if k.any()]
    return case | {
        "exact_match": float(np.mean([metrics.accuracy_score(t, p) == 1 for t, p in rows])),
        "accuracy": metrics.accuracy_score(t, p),
        "precision": metrics.precision_score(t, p, average="macro", zero_division=0),
        "f1_score": metrics.f1_score(t, p, average="weighted", zero_division=0),
    }


def random_with_steps():
    samples, classes, steps = int(rng.integers(1, 6)), int(rng.integers(2, 5)), int(rng.integers(1, 6))
    targets = rng.integers(0, classes, (samples, steps))
    scores = rng.integers(0, 5, (samples, classes, steps)) / 4
    right = rng.random((samples, steps)) < rng.random()
    sample, step = np.nonzero(right)
    scores[sample, targets[sample, step], step] += 2
    ignore = int(rng.integers(-1, classes)) if rng.random() < 0.4 else None
    return with_steps(targets, scores, ignore)


def top_k(targets, scores, ignore=None, sklearn=True):
    targets, scores = np.asarray(targets, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    case = {"targets": targets.tolist(), "scores": scores.tolist(), "ignore": ignore}
    kept = np.ones(len(targets), dtype=bool) if ignore is None else targets != ignore
    targets, scores = targets[kept], scores[kept]
    classes = scores.shape[1]
    order = np.argsort(-scores, axis=1, kind="stable")
    found = []
    for k in range(1, classes):
        by_order = np.mean([target in row[:k] for target, row in zip(targets, order)]).item() if len(targets) else None
        if sklearn and len(targets) and classes > 2:
            assert by_order == metrics.top_k_accuracy_score(targets, scores, k=k, labels=range(classes))
        found.append(by_order)
    return case | {"found": found}


def random_top_k():
    size, classes = int(rng.integers(1, 25)), int(rng.integers(3, 8))
    targets = rng.integers(0, classes, size)
    scores = np.array([rng.permutation(classes * 3)[:classes] for _ in range(size)]) / 8 - 1
    ignore = int(rng.integers(-1, classes)) if rng.random() < 0.3 else None
    return top_k(targets, scores, ignore)


def tied_top_k():
    size, classes = int(rng.integers(5, 25)), int(rng.integers(2, 6))
    return top_k(rng.integers(0, classes, size), rng.integers(0, 3, (size, classes)) / 2, sklearn=False)


cases = {
    "multiclass": [
        multiclass([3, 3, 3], [3, 3, 3]),
        multiclass([0, 0, 0], [1, 1, 1]),
        multiclass([0, 0, 0], [0, 1, 2]),
        multiclass([0, 1, 2], [1, 1, 1]),
        multiclass([0, 1, 2, 3], [0, 1, 2, 3]),
        multiclass([0, 1, 2, 3], [1, 2, 3, 0]),
        multiclass([5], [5]),
        multiclass([5], [6]),
        multiclass([1, 1, 2], [2, 1, 2], ignore=1),
        multiclass([-100, -100], [0, 1], ignore=-100),
        multiclass([1, 2, 1, 4, 4, 2], [1, 4, 2, 4, 2, 2]),
        multiclass([0, 100, 1024, 2048, 100], [100, 100, 1024, 0, 1024]),
        *(random_multiclass() for _ in range(110)),
    ],
    "binary": [
        binary([1, 1, 1], [0.9, 0.8, 0.7]),
        binary([0, 0, 0], [0.1, 0.2, 0.3]),
        binary([1, 1, 1], [0.1, 0.2, 0.3]),
        binary([0, 0, 0], [0.9, 0.8, 0.7]),
        binary([0, 1, 0, 1], [0.5, 0.5, 0.4, 0.6]),
        binary([1, -1, -1], [0.5, 0.7, 0.2], ignore=-1),
        binary([-1, -1], [0.7, 0.2], ignore=-1),
        binary([1, 0, 1], [1.5, -2.0, 0.0], threshold=0.0),
        *(random_binary() for _ in range(100)),
    ],
    "multilabel": [
        multilabel([[0, 0], [0, 0]], [[0.1, 0.2], [0.3, 0.4]]),
        multilabel([[0, 0], [0, 0]], [[0.9, 0.2], [0.3, 0.6]]),
        multilabel([[1, 1], [1, 1]], [[0.9, 0.8], [0.7, 0.6]]),
        multilabel([[1, 0], [0, 0]], [[0.9, 0.1], [0.2, 0.1]]),
        multilabel([[-1, -1], [-1, -1]], [[0.9, 0.1], [0.2, 0.1]], ignore=-1),
        multilabel([[-1, 1], [-1, 0]], [[0.9, 0.1], [0.2, 0.1]], ignore=-1),
        *(random_multilabel() for _ in range(80)),
    ],
    "with_steps": [
        with_steps([[2, 2]], [[[0, 1], [0, 1], [0, 1]]], ignore=2),
        with_steps([[2, 2], [1, 0]], [[[0, 1], [0, 1], [0, 1]], [[0, 1], [1, 0], [0, 0]]], ignore=2),
        with_steps([[1, 1], [1, 1]], [[[0, 1], [1, 1]], [[0, 0], [0, 1]]]),
        *(random_with_steps() for _ in range(100)),
    ],
    "top_k": [
        top_k([0, 1], [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]], ignore=2),
        top_k([2, 2], [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]], ignore=2),
        *(random_top_k() for _ in range(30)),
        *(tied_top_k() for _ in range(30)),
    ],
}
lines = json.dumps("averaged") + ": " + json.dumps(AVERAGED) + ",\n" + ",\n".join(
    json.dumps(name) + ": [\n" + ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in part) + "\n]"
    for name, part in cases.items()
)
Path(__file__).with_name("classification.json").write_text("{\n" + lines + "\n}\n")
