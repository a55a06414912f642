"""Records regression metrics by scikit-learn, scipy and torchmetrics in regression.json.

The cases are random, with a fixed seed. Recorded with numpy 2.2.6, scikit-learn 1.9.1, scipy 1.17.1, torch 2.6.0 and
torchmetrics 1.9.0. A value that a source leaves undefined (NaN or an infinity) is null. Run it from any directory:
python3 record_regression.py
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from sklearn import metrics
from torchmetrics.functional.regression import symmetric_mean_absolute_percentage_error

SEED = 20_260_401
RANDOM = 240


def number(value):
    return float(value) if math.isfinite(value) else None


def numbers(values):
    return [number(value) for value in np.atleast_1d(values)]


def cases(rng):
    """Yields predictions and targets `[samples, outputs]`, with few decimals so that there are ties."""
    for index in range(RANDOM):
        samples, outputs = int(rng.integers(2, 11)), int(rng.integers(1, 4))
        decimals = int(rng.integers(0, 4))
        offset = float(rng.choice([0.0, 0.0, 100.0, -1e6]))
        scale = float(rng.choice([1.0, 5.0, 50.0]))
        targets = np.round(offset + scale * rng.standard_normal((samples, outputs)), decimals)
        noise = float(rng.choice([0.0, 0.1, 1.0, 10.0]))
        predictions = np.round(targets + scale * noise * rng.standard_normal((samples, outputs)), decimals)
        if index % 7 == 0:
            predictions = predictions[:, ::-1]
        yield predictions, targets
    column = lambda *values: np.array(values, dtype=float)[:, None]
    yield column(1, 2, 3), column(1, 2, 3)
    yield column(3, 2, 1), column(1, 2, 3)
    yield column(5, 5, 5), column(1, 2, 3)
    yield column(1, 2, 3), column(4, 4, 4)
    yield column(4, 4, 4), column(4, 4, 4)
    yield column(5, 5, 5), column(4, 4, 4)
    yield column(0, 1, 2), column(0, 1, 2)
    yield column(0, 1, 2), column(0, 0, 2)
    yield column(-0.0, 0, 2), column(0, -0.0, 3)
    yield column(7), column(8)
    yield column(7), column(7)
    yield column(1e8 + 1, 1e8 + 2, 1e8 + 4), column(1e8 + 1, 1e8 + 2, 1e8 + 3)
    yield np.array([[1.0, 4], [2, 4], [4, 4]]), np.array([[1.0, 4], [2, 4], [3, 4]])
    yield np.array([[1.0, 4], [2, 5], [4, 4]]), np.array([[1.0, 4], [2, 4], [3, 4]])
    yield np.array([[1.0, 2, 9], [2, 3, 1], [3, 4, -4]]), np.array([[1.0, 2, 3], [2, 3, 4], [3, 4, 5]])


def by_output(predictions, targets, correlation):
    each = [correlation(p, t) for p, t in zip(predictions.T, targets.T)] if len(targets) > 1 else [math.nan]
    return numbers(each)


def recorded(predictions, targets):
    values = {
        "mse": metrics.mean_squared_error(targets, predictions),
        "mae": metrics.mean_absolute_error(targets, predictions),
        "mape": metrics.mean_absolute_percentage_error(targets, predictions),
        "smape": 100
        * symmetric_mean_absolute_percentage_error(
            torch.from_numpy(predictions.copy()), torch.from_numpy(targets.copy())
        ).item(),
        # These two metrics accept one output only.
        "max_error": metrics.max_error(targets.ravel(), predictions.ravel()),
        "median_absolute_error": metrics.median_absolute_error(targets.ravel(), predictions.ravel()),
    }
    values = {name: number(value) for name, value in values.items()}
    for name, score in [("r2", metrics.r2_score), ("explained_variance", metrics.explained_variance_score)]:
        for finite in [False, True]:
            of = lambda average: score(targets, predictions, multioutput=average, force_finite=finite)
            kind = f"{name}_finite" if finite else name
            few = len(targets) < 2  # explained variance does not report this itself
            # Outputs without variance have weight 0; in scikit-learn their NaN would make the whole mean NaN.
            varied = (targets != targets[0]).any(axis=0)
            if not finite and varied.any():
                weighted = lambda: score(targets[:, varied], predictions[:, varied], multioutput="variance_weighted")
            else:
                weighted = lambda: of("variance_weighted")
            scores = {
                f"{kind}_by_output": [None] if few else numbers(of("raw_values")),
                f"{kind}_uniform": None if few else number(float(np.mean(of("uniform_average")))),
                f"{kind}_weighted": None if few else number(float(np.mean(weighted()))),
            }
            # The values for `force_finite` are recorded only where they can differ.
            if not finite or None in values[f"{name}_by_output"]:
                values.update(scores)
    errors = np.abs(predictions - targets).ravel()
    # A quartile is the smallest error that at least this share of the errors does not exceed.
    quartiles = np.quantile(errors, [0, 0.25, 0.5, 0.75, 1], method="inverted_cdf")
    values["distribution"] = numbers([*quartiles, errors.mean(), errors.std()])
    differences = targets - predictions
    values["errors_by_output"] = np.stack([differences.mean(0), (differences**2).mean(0), targets.var(0)], axis=1).tolist()
    covariances = [np.cov(p, t, bias=True) for p, t in zip(predictions.T, targets.T)]
    values["covariances_by_output"] = [[c[0, 0], c[1, 1], c[0, 1]] for c in covariances]
    values["pearson_by_output"] = by_output(predictions, targets, lambda p, t: stats.pearsonr(p, t).statistic)
    values["spearman_by_output"] = by_output(predictions, targets, lambda p, t: stats.spearmanr(p, t).statistic)
    return values


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(SEED)
    lines = [
        json.dumps({"predictions": p.tolist(), "targets": t.tolist(), **recorded(p, t)}, separators=(",", ":"))
        for p, t in cases(rng)
    ]
    Path(__file__).with_name("regression.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
