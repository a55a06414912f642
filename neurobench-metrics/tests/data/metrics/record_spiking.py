"""Records metrics of spike trains by elephant and scipy, for tests/it/spiking.

Recorded with elephant 1.2.1, neo 0.14.6, quantities 0.16.4, scipy 1.17.1, numpy 2.2.6 and Python 3.11:

    python record_spiking.py

The script writes spike_trains.json, spike_train_pairs.json and decisions.json to its own folder. Times are steps. All
random draws have fixed seeds.
"""

import json
import warnings
from pathlib import Path

import neo
import numpy as np
import quantities as pq
from elephant import conversion, spike_train_correlation, spike_train_dissimilarity, statistics
from scipy.spatial import distance

FOLDER = Path(__file__).parent
BINS = [1, 2, 5]
TIME_CONSTANTS = [0.5, 3.0, 40.0]
COSTS = [0.0, 0.07, 0.5, 3.0]


def train(times, steps):
    """Builds a train with each spike at the beginning of its step, so that bins of whole steps contain it."""
    return neo.SpikeTrain(np.asarray(times, dtype=float), units="s", t_start=0, t_stop=steps)


def rasters(random):
    """Yields rasters [sample, step, neuron]: hundreds of neurons in all, some of them silent or saturated."""
    for samples, steps, neurons in [(1, 1, 1), (1, 3, 2), (2, 2, 1), (1, 60, 3), (3, 20, 4), (5, 47, 6), (4, 30, 1)]:
        for rate in [0.0, 0.03, 0.2, 0.5, 0.9, 1.0]:
            rates = np.clip(rate + random.normal(0, 0.05 if 0 < rate < 1 else 0, neurons), 0, 1)
            yield random.random((samples, steps, neurons)) < rates
    # Identical neurons, and neurons of very different kinds.
    yield np.repeat(random.random((3, 40, 1)) < 0.3, 5, axis=2)
    yield random.random((4, 50, 8)) < np.array([0.0, 1.0, 0.02, 0.1, 0.5, 0.9, 0.0, 0.3])
    # A regular neuron, one that fires twice each time, and a burst.
    clocks = np.zeros((2, 60, 3), dtype=bool)
    clocks[:, ::7, 0] = True
    clocks[:, ::5, 1] = clocks[:, 1::5, 1] = True
    clocks[:, 20:29, 2] = True
    yield clocks
    for _ in range(20):
        shape = random.integers([1, 2, 1], [5, 40, 7])
        yield random.random(shape) < random.random(shape[2])


def neuron_figures(raster):
    """Computes the figures of one neuron with elephant; `raster` is [sample, step]."""
    trains = [np.flatnonzero(sample).astype(float) for sample in raster]
    intervals = [statistics.isi(times) for times in trains if len(times) > 1]
    together = np.concatenate(intervals) if intervals else np.array([])
    pairs = [gaps for gaps in intervals if len(gaps) > 1]
    weights = [len(gaps) - 1 for gaps in pairs]
    spikes = sum(map(len, trains))
    # The steps of all samples, concatenated.
    rate = statistics.mean_firing_rate(train(np.flatnonzero(raster.ravel()), raster.size))
    return {
        "spikes": spikes,
        "rate": float(rate.rescale(1 / pq.s)),
        "intervals": len(together),
        "steps": float(together.sum()),
        "cv": float(statistics.cv(together)) if len(together) > 1 else None,
        "cv2": float(np.average([statistics.cv2(gaps) for gaps in pairs], weights=weights)) if pairs else None,
        "fano": float(statistics.fanofactor([times * pq.s for times in trains])) if len(trains) > 1 and spikes else None,
    }


def synchrony(raster, size):
    """Computes Golomb's chi from elephant's covariances: the variance of a mean is the mean of all covariances."""
    samples, steps, neurons = raster.shape
    bins = steps // size
    if bins < 2:
        return None
    together = alone = 0.0
    for sample in raster:
        # Binned by numpy, because elephant bins times and the edges of its bins are floats.
        counts = sample[: bins * size].reshape(bins, size, neurons).sum(axis=1).T
        binned = conversion.BinnedSpikeTrain(counts, bin_size=size * pq.s, t_start=0 * pq.s, t_stop=bins * size * pq.s)
        covariance = np.atleast_2d(spike_train_correlation.covariance(binned))
        together += covariance.mean()
        alone += np.diag(covariance).mean()
    return float(np.sqrt(max(together, 0) / alone)) if alone > 1e-12 else None


def record_rasters(random):
    cases = []
    for raster in rasters(random):
        samples, steps, neurons = raster.shape
        cases.append(
            {
                "shape": [samples, steps, neurons],
                "trains": [[np.flatnonzero(raster[s, :, n]).tolist() for n in range(neurons)] for s in range(samples)],
                "neurons": [neuron_figures(raster[:, :, n].astype(int)) for n in range(neurons)],
                "synchrony": [synchrony(raster.astype(int), size) for size in BINS],
            }
        )
    return {"bins": BINS, "cases": cases}


def pairs(random):
    """Yields pairs of spike counts by step: sparse, dense, equal, empty, and with several spikes in a step."""
    for steps in [1, 8, 40]:
        yield np.zeros(steps, dtype=int), np.zeros(steps, dtype=int)
        yield np.ones(steps, dtype=int), np.zeros(steps, dtype=int)
        same = (random.random(steps) < 0.3).astype(int)
        yield same, same
    one = np.eye(30, dtype=int)
    for shift in [0, 1, 2, 7, 29]:
        yield one[0], one[shift]
    for _ in range(90):
        steps = random.integers(2, 50)
        rates = random.random(2) ** 2
        yield tuple((random.random(steps) < rate).astype(int) for rate in rates)
    for _ in range(20):
        yield tuple(random.poisson(0.4, (2, 12)))


def record_pairs(random):
    cases = []
    for first, second in pairs(random):
        steps = len(first)
        times = [np.repeat(np.arange(steps), spikes) for spikes in (first, second)]
        trains = [train(spikes, steps) for spikes in times]
        van_rossum = [
            float(spike_train_dissimilarity.van_rossum_distance(trains, tau * pq.s)[0, 1]) for tau in TIME_CONSTANTS
        ]
        victor_purpura = [
            float(spike_train_dissimilarity.victor_purpura_distance(trains, cost / pq.s)[0, 1]) for cost in COSTS
        ]
        silent = not (first.any() and second.any())
        cases.append(
            {
                "steps": int(steps),
                "times": [spikes.tolist() for spikes in times],
                "van_rossum": van_rossum,
                "victor_purpura": victor_purpura,
                "cosine": None if silent else 1 - float(distance.cosine(first, second)),
            }
        )
    return {"time_constants": TIME_CONSTANTS, "costs": COSTS, "cases": cases}


def cutoff(right):
    """Returns the optimal cutoff time step of a sample, counted from 1: min{t : for all t1 >= t right}.

    `right` marks the steps whose prediction is right. After Wu et al. 2025, doi 10.3389/fnins.2025.1522788, where a
    step is right if it predicts the target.
    """
    return next(t + 1 for t in range(len(right)) if right[t:].all())


def record_decisions(random):
    """Records outputs [sample, step, class] without equal scores; the final prediction replaces the target."""
    cases = []
    for _ in range(60):
        samples, steps, classes = random.integers([1, 1, 2], [6, 12, 5])
        outputs = random.permuted(np.tile(np.arange(64), (samples, steps, 1)), axis=2)[:, :, :classes]
        # Each class adds a different power of two, so sums are never equal.
        outputs = outputs + 2.0 ** -np.arange(8, 8 + classes)
        found = {"outputs": outputs.tolist()}
        for evidence, scores in [("sum", outputs.cumsum(axis=1)), ("latest", outputs)]:
            predicted = scores.argmax(axis=2)
            found[evidence] = [cutoff(row == row[-1]) for row in predicted]
        cases.append(found)
    return {"cases": cases}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for name, record in [("spike_trains", record_rasters), ("spike_train_pairs", record_pairs), ("decisions", record_decisions)]:
        text = json.dumps(record(np.random.default_rng(20261122)), separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text + "\n")
