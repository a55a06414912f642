"""Records quantiles, confidence intervals and statistical tests in statistics.json.

Recorded with numpy 2.2.6, scipy 1.17.1 and statsmodels 0.15.0. Run it from any directory: python3 record_statistics.py
"""

import json
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

SEED = 20_250_311
METHODS = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]


def quantiles(random):
    cases = []
    qs = [0.0, 0.01, 0.1, 0.125, 0.25, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.75, 0.9, 0.99, 1.0]
    for n in [1, 2, 3, 4, 5, 8, 10, 11]:
        for ties in [False, True]:
            values = random.normal(size=n) * 3
            values = np.round(values) if ties else values
            of = {method: np.quantile(values, qs, method=method).tolist() for method in METHODS}
            cases.append({"values": sorted(values.tolist()), "of": of})
    return {"qs": qs, "cases": cases}


def proportions():
    cases = []
    counts = [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (10, 10), (3, 1000), (997, 1000), (355, 360), (1, 1_000_000)]
    counts += [(0, 1_000_000), (500_000, 1_000_000), (999_999, 1_000_000), (12_345, 98_765_432), (45_000_000, 100_000_000)]
    for part, whole in counts:
        for level in [0.5, 0.9, 0.95, 0.99, 0.999]:
            wilson = proportion_confint(part, whole, 1 - level, method="wilson")
            # Computed from the quantiles of both tails: statsmodels computes 1 - q, which loses digits near 0.
            tail = (1 - level) / 2
            low = stats.beta.ppf(tail, part, whole - part + 1) if part > 0 else 0.0
            high = stats.beta.isf(tail, part + 1, whole - part) if part < whole else 1.0
            expected = proportion_confint(part, whole, 1 - level, method="beta")
            assert np.allclose([low, high], expected, rtol=1e-6, atol=1e-9), (part, whole, level, low, high, expected)
            cases.append([part, whole, level, *map(float, wilson), float(low), float(high)])
    return cases


def means(random):
    cases = []
    for n in [2, 3, 5, 30, 400]:
        values = np.round(random.exponential(size=n), 6)
        for level in [0.5, 0.9, 0.95, 0.999]:
            low, high = stats.t.interval(level, n - 1, loc=values.mean(), scale=stats.sem(values))
            cases.append({"values": values.tolist(), "level": level, "interval": [float(low), float(high)]})
    return cases


def differences(random):
    cases = []
    for n, m in [(2, 2), (3, 5), (5, 5), (10, 40)]:
        a, b = np.round(random.normal(size=n), 6), np.round(random.normal(size=m) * 3 + 1, 6)
        found = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        cases.append({"a": a.tolist(), "b": b.tolist(), "interval": [float(found.low), float(found.high)]})
    return cases


def expanded(level, n):
    """Returns the deviate of an expanded percentile interval after Hesterberg: Student's t instead of the normal."""
    return float(stats.t.isf((1 - level) / 2, n - 1))


def bca_places(value, replicates, left_out, deviate):
    """Returns the quantiles of the replicates at which a BCa interval ends (Efron 1987)."""
    share = (np.sum(replicates < value) + np.sum(replicates <= value)) / (2 * len(replicates))
    bias = stats.norm.ppf(share)
    differences = np.mean(left_out) - left_out
    acceleration = np.sum(differences**3) / (6 * np.sum(differences**2) ** 1.5)
    ends = bias + np.array([-deviate, deviate])
    return stats.norm.cdf(bias + ends / (1 - acceleration * ends))


def bootstraps(random):
    """Computes intervals from the replicates of scipy's resamples and from leave-one-out values.

    scipy neither expands intervals for few samples nor takes quantiles at (R + 1)p. The code therefore first
    reproduces scipy's own intervals, to show that nothing else differs, and then uses Student's deviate and numpy's
    "weibull" quantiles.
    """
    cases = []
    statistics = {"mean": np.mean, "std": np.std, "median": np.median}
    for n, statistic in [(12, "mean"), (25, "std"), (40, "mean"), (33, "median")]:
        values = np.round(random.exponential(size=n), 6)
        of = statistics[statistic]
        left_out = np.array([of(np.delete(values, at)) for at in range(n)])
        for level in [0.9, 0.95]:
            own = {}
            for method in ["percentile", "BCa"]:
                # Both methods draw the same resamples.
                own[method] = stats.bootstrap(
                    (values,), of, n_resamples=399, confidence_level=level, method=method, rng=np.random.default_rng(n)
                )
            replicates = own["percentile"].bootstrap_distribution
            assert np.array_equal(replicates, own["BCa"].bootstrap_distribution)
            z, t = float(stats.norm.isf((1 - level) / 2)), expanded(level, n)
            places = {
                "percentile": lambda deviate: stats.norm.cdf([-deviate, deviate]),
                "BCa": lambda deviate: bca_places(of(values), replicates, left_out, deviate),
            }
            for method, place in places.items():
                found = np.quantile(replicates, place(z), method="linear")
                assert np.allclose(found, own[method].confidence_interval, rtol=1e-9), (method, found, own[method])
            cases.append(
                {
                    "level": level,
                    "samples": n,
                    "value": float(of(values)),
                    "replicates": replicates.tolist(),
                    "left_out": left_out.tolist(),
                    "percentile": np.quantile(replicates, places["percentile"](t), method="weibull").tolist(),
                    "bca": np.quantile(replicates, places["BCa"](t), method="weibull").tolist(),
                }
            )
    return cases


def tails():
    """Computes the share of replicates beyond an end for each number of samples and level.

    The last number of a case is the p-value if all 2000 replicates are on one side of zero.
    """
    samples = [3, 4, 5, 10, 30, 360, 10_000, 10_001, 10_002, 100_000, 10**6, 10**8, 10**9, 10**12]
    cases = []
    for n in samples:
        smallest = float(2 * stats.t.sf(stats.norm.isf(1 / 2001), n - 1))
        cases += [[n, level, float(stats.norm.sf(expanded(level, n))), smallest] for level in [0.5, 0.9, 0.95, 0.999]]
    return cases


def paired_proportions():
    """Computes Tango's intervals for tables (first alone, second alone, all).

    scipy searches for the most likely probabilities and for the ends.
    """
    tables = [(12, 2, 50), (0, 0, 54), (30, 0, 30), (0, 7, 7), (5, 0, 41), (1, 7, 21), (6, 16, 161), (3, 4, 7), (0, 0, 1), (1, 0, 1)]
    tables += [(3, 1, 360), (40, 20, 160), (120, 90, 10_000), (1, 0, 10**6), (10**5, 2 * 10**5, 10**9)]
    return [[*table, level, *tango(*table, level)] for table in tables for level in [0.9, 0.95, 0.999]]


def tango(b, c, n, level):
    z = float(stats.norm.isf((1 - level) / 2))

    def score(difference):
        """Returns the deviation of b and c in standard deviations.

        The difference is given; all other probabilities are the most likely ones.
        """
        # `share` is the smaller of the two probabilities, relative to its maximum.
        most = (1 - abs(difference)) / 2

        def slope(share):
            """Returns the slope of the likelihood; counts of zero contribute nothing."""
            smaller = most * share
            parts = [(b, smaller + max(difference, 0), 1), (c, smaller + max(-difference, 0), 1)]
            parts.append((n - b - c, 2 * most * (1 - share), -2))
            return sum(sign * count / p for count, p, sign in parts if count)

        ends = 1e-15, 1 - 1e-15
        if slope(ends[0]) <= 0:
            share = 0.0
        elif slope(ends[1]) >= 0:
            share = 1.0
        else:
            share = optimize.brentq(slope, *ends, xtol=1e-300, rtol=1e-15)
        variance = n * (2 * most * share + abs(difference) - difference**2)
        return (b - c - n * difference) / np.sqrt(variance)

    found = (b - c) / n
    low = -1.0 if c == n else optimize.brentq(lambda d: score(d) - z, -1 + 1e-12, found - 1e-12, xtol=1e-15)
    high = 1.0 if b == n else optimize.brentq(lambda d: score(d) + z, found + 1e-12, 1 - 1e-12, xtol=1e-15)
    return [float(low), float(high)]


def mcnemars():
    counts = [(0, 1), (1, 1), (0, 5), (3, 12), (12, 3), (7, 7), (40, 60), (0, 60), (1000, 1100), (5000, 5000)]
    counts += [(1, 999), (499_000, 500_000), (0, 1000), (2_000_000, 2_000_001), (4990, 5011), (20_000, 21_000)]
    counts += [(1_000_000, 1_004_000), (49_990_000, 50_000_000), (30_000, 70_000), (0, 20_000)]
    return [[b, c, float(mcnemar([[9, b], [c, 9]], exact=True).pvalue)] for b, c in counts]


def wilcoxon(nonzero):
    """Returns the sums of ranks of Wilcoxon's test, whether its p-value is exact, and the p-value.

    The p-value is exact for up to 50 differences. scipy has no exact distribution of tied ranks; its own answer for up
    to 13 tied differences is the enumeration of all signs.
    """
    ranks = stats.rankdata(np.abs(nonzero))
    sums = [float(ranks[nonzero > 0].sum()), float(ranks[nonzero < 0].sum())]
    exact = len(nonzero) <= 50
    tied = len(set(np.abs(nonzero))) < len(nonzero)
    if exact and tied:
        p = exact_of_ties(ranks, min(sums))
        if len(nonzero) <= 13:
            assert np.isclose(p, stats.wilcoxon(nonzero, method="auto").pvalue, rtol=1e-12)
    else:
        method = "exact" if exact else "asymptotic"
        found = stats.wilcoxon(nonzero, zero_method="wilcox", correction=not exact, method=method)
        assert found.statistic == min(sums)
        p = float(found.pvalue)
    return sums, exact, p


def exact_of_ties(ranks, smaller):
    """Counts the signs with sums at least as far apart, in whole numbers: the coefficients of the product of 1 + x^(2 rank)."""
    ways = {0: 1}
    for rank in ranks:
        with_rank = {total + round(2 * rank): count for total, count in ways.items()}
        ways = {total: ways.get(total, 0) + with_rank.get(total, 0) for total in ways.keys() | with_rank.keys()}
    as_small = sum(count for total, count in ways.items() if total <= round(2 * smaller))
    return float(min(Fraction(1), Fraction(2 * as_small, 2 ** len(ranks))))


def few_ties():
    """Records Wilcoxon's test of few differences with ties, as scipy computes it by itself."""
    sets = [[1, 1, 2, 3, 4], [1, 1, 1, 1, 2], [1, 1, -1, 2, 2], [-1, -1, 0, 0, -3], [2, 2], [0.5] * 12, [1, -1]]
    sets += [[1, 2, 2, -3, 3, 3, 4, -4, 5, 5, 5, 6, 7], [3, -3, 3, -3, 1, 1, 2, 2, -2]]
    cases = []
    for differences in sets:
        nonzero = np.array([difference for difference in differences if difference != 0], dtype=float)
        cases.append({"differences": differences, "p": float(stats.wilcoxon(nonzero, method="auto").pvalue)})
    return cases


def paired(random, sizes):
    cases = []
    for n in sizes:
        for kind in ["plain", "ties", "zeros", "shifted", "equal", "binary"]:
            a = random.normal(size=n)
            b = a + random.normal(size=n) * 0.5
            if kind == "shifted":
                b = b - 1.5
            if kind == "ties":
                a, b = np.round(a * 2), np.round(b * 2) + 0.5
            if kind == "zeros":
                b[::3] = a[::3]
            if kind == "equal":
                b = a.copy()
            if kind == "binary":
                a, b = (a > 0).astype(float), (b > 0.3).astype(float)
            if kind != "ties" and kind != "binary":
                a, b = np.round(a, 5), np.where(b == a, np.round(a, 5), np.round(b, 5))
            difference = a - b
            case = {"n": n, "kind": kind, "a": a.tolist(), "b": b.tolist()}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if difference.std() > 1e-9:
                    t = stats.ttest_rel(a, b)
                    case["t"] = [float(t.statistic), float(t.df), float(t.pvalue)]
                    case["d"] = float(difference.mean() / difference.std(ddof=1))
                nonzero = difference[difference != 0]
                if len(nonzero):
                    sums, exact, p = wilcoxon(nonzero)
                    case["wilcoxon"] = [*sums, exact, p]
                    case["rank_biserial"] = (sums[0] - sums[1]) / sum(sums)
                if n <= 15:
                    found = stats.permutation_test(
                        (a, b),
                        lambda x, y, axis: np.mean(x - y, axis=axis),
                        permutation_type="samples",
                        vectorized=True,
                        n_resamples=np.inf,
                        alternative="two-sided",
                    )
                    # scipy doubles the smaller tail. By symmetry, this is the share of means that are
                    # at least as large in magnitude.
                    assert found.pvalue <= 1
                    case["permutation"] = float(found.pvalue)
            cases.append(case)
    return cases


def edges():
    """Records paired tests on degenerate differences: the value of scipy, or None if scipy has no number."""
    tenths = [0.1 * k for k in range(1, 8)]
    sets = {
        "one": [0.7],
        "one that is zero": [0.0],
        "zeros": [0.0] * 12,
        "equal": [0.25] * 9,
        "equal but for rounding": [0.3 - 0.2, 0.2 - 0.1, 0.4 - 0.3, 0.6 - 0.5],
        "all on one side": [0.5, 1.25, 2.0, 0.75, 3.0, 0.125],
        "one alone is not zero": [0.0] * 20 + [1.5],
        "two opposite": [1.0, -1.0],
        "an outlier": [1e9, -1.0, 2.0, -3.0, 4.0, -5.5],
        "tiny": [3e-120, -1e-120, 2e-120, 5e-120],
        "sums of tenths": [0.1, 0.2, -0.3, 0.7, -0.6, -0.1 - 0.2] + tenths,
        "fifty": [((37 * k) % 101 - 45) / 8 for k in range(1, 51)],
        "fifty-one": [((37 * k) % 101 - 45) / 8 for k in range(1, 52)],
    }
    cases = []
    for name, differences in sets.items():
        d = np.array(differences)
        case = {"name": name, "differences": differences}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            t = stats.ttest_1samp(d, 0.0)
            # If the variance is only rounding error, scipy warns and still returns numbers, which are omitted.
            varies = len(d) > 1 and np.std(d, ddof=1) > 1e-14 * abs(d.mean())
            case["t"] = [float(t.statistic), float(t.pvalue)] if varies else None
            nonzero = d[d != 0]
            case["wilcoxon"] = wilcoxon(nonzero)[2] if len(nonzero) else None
            case["permutation"] = signs(d) if len(nonzero) and len(nonzero) <= 20 else None
        cases.append(case)
    return cases


def signs(differences):
    """Computes the p-value over all signs from scipy's permutations.

    scipy's tolerance for equal statistics is relative to the statistic, and misses sums that cancel.
    """
    # scipy does not accept a sample of one. Appending a zero changes nothing, because it has no sign.
    differences = np.append(differences, 0.0) if len(differences) == 1 else differences
    found = stats.permutation_test(
        (differences, np.zeros_like(differences)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    magnitude = np.abs(differences).sum()
    sums = found.null_distribution * len(differences)
    observed = differences.sum()
    return float(np.mean(np.abs(sums) >= abs(observed) - 1e-12 * magnitude))


def whole_signs():
    """Computes exact p-values of integer differences by convolution, where enumerating all signs is infeasible."""
    cases = []
    for n, shift in [(40, 3), (200, 1), (400, 0)]:
        d = np.array([((53 * k) % 23 - 11) + (shift if k % 3 == 0 else 0) for k in range(1, n + 1)])
        total = int(np.abs(d).sum())
        shares = np.array([1.0])
        for x in np.abs(d):
            steps = np.zeros(2 * x + 1)
            steps[0] += 0.5
            steps[-1] += 0.5
            shares = np.convolve(shares, steps)
        sums = np.arange(-total, total + 1)
        p = float(shares[np.abs(sums) >= abs(int(d.sum()))].sum())
        cases.append({"differences": d.tolist(), "p": p})
    return cases


def paired_bootstraps(random):
    """Records a statistic of two models on scipy's resamples of pairs.

    The interval of the difference is computed as in `bootstraps`.
    """
    cases = []
    statistics = {"mean": np.mean, "std": np.std, "median": np.median}
    plan = [(30, "mean", 0.0, 0.9), (40, "std", 0.1, 0.95), (25, "median", 0.4, 0.9), (60, "mean", 0.6, 0.95)]
    plan += [(35, "median", 0.0, 0.8)]
    for n, statistic, shift, level in plan:
        of = statistics[statistic]
        x = np.round(random.exponential(size=n), 3)
        y = np.round(x + random.normal(size=n) * 0.5 - shift, 3)

        def drawn(what):
            return stats.bootstrap(
                (x, y),
                what,
                paired=True,
                vectorized=True,
                n_resamples=299,
                confidence_level=level,
                method="percentile",
                rng=np.random.default_rng(n),
            )

        first = drawn(lambda x, y, axis: of(x, axis=axis)).bootstrap_distribution
        second = drawn(lambda x, y, axis: of(y, axis=axis)).bootstrap_distribution
        both = drawn(lambda x, y, axis: of(x, axis=axis) - of(y, axis=axis))
        differences = both.bootstrap_distribution
        assert np.array_equal(first - second, differences)
        z, t = stats.norm.isf((1 - level) / 2), expanded(level, n)
        ends = np.quantile(differences, stats.norm.cdf([-z, z]), method="linear")
        assert np.allclose(ends, both.confidence_interval, rtol=1e-9)
        zero = np.abs(differences) < 1e-12
        below, above = np.sum((differences < 0) | zero), np.sum((differences > 0) | zero)

        def p_value(beyond):
            return float(min(1.0, 2 * stats.t.sf(stats.norm.isf(beyond / 300), n - 1)))

        cases.append(
            {
                "level": level,
                "first": first.tolist(),
                "second": second.tolist(),
                "samples": n,
                "interval": np.quantile(differences, stats.norm.cdf([-t, t]), method="weibull").tolist(),
                "p": p_value(min(below + 1, above + 1)),
                "smallest_p": p_value(1),
            }
        )
    return cases


def corrections(random):
    cases = []
    for n in [1, 2, 3, 5, 12]:
        p = np.round(random.uniform(size=n) ** 3, 6)
        cases.append({"p": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist()})
    tied = [0.01, 0.02, 0.01, 1.0, 0.0]
    cases.append({"p": tied, "holm": multipletests(tied, method="holm")[1].tolist()})
    return cases


def record():
    random = np.random.default_rng(SEED)
    return {
        "quantiles": quantiles(random),
        "proportions": proportions(),
        "means": means(random),
        "bootstraps": bootstraps(random),
        "tails": tails(),
        "paired_proportions": paired_proportions(),
        "mcnemar": mcnemars(),
        "paired": paired(random, [2, 3, 4, 6, 8, 11, 15, 24, 40, 49, 80, 300])
        + paired(np.random.default_rng(SEED + 1), [60, 120]),
        "holm": corrections(random),
        "differences": differences(random),
        "edges": edges(),
        "few_ties": few_ties(),
        "whole_signs": whole_signs(),
        "paired_bootstraps": paired_bootstraps(random),
    }


def main():
    text = json.dumps(record(), separators=(",", ":"))
    Path(__file__).with_name("statistics.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
