//! Estimates of percentiles from few queries, after the early stopping of MLPerf LoadGen.
//!
//! The largest of a few latencies may be below the 99th percentile by chance. LoadGen therefore estimates the percentile p
//! of n latencies by the t-th highest one, with the largest t ≥ 1 for which
//!
//! P(X ≤ t) = Σ (n choose k)·(1 − p)ᵏ·pⁿ⁻ᵏ over k = 0..t  <  1 − c,  X binomial with n draws of probability 1 − p,
//!
//! with the confidence c = 0.99. If the true percentile were above the estimate, each latency would reach the estimate
//! with a probability above 1 − p, and that only t of n do would have a probability below 1 %. So the
//! estimate is an upper confidence bound of the percentile. With t = 1, p90 needs at least 64 latencies, and p99 at least 662.
//!
//! The rule is described in the MLPerf inference rules (appendix on early stopping) and carried out in LoadGen's
//! `early_stopping.cc`; this is an independent implementation of the formula.

/// Confidence of the estimates.
const CONFIDENCE: f64 = 0.99;

/// Returns the rank from the top, t, of the latency that estimates a percentile of this number of latencies; `None` if there
/// are too few of them.
///
/// ```
/// use neurobench_timing::rank_from_top;
/// assert_eq!((rank_from_top(63, 0.9), rank_from_top(64, 0.9)), (None, Some(1)));
/// assert_eq!((rank_from_top(661, 0.99), rank_from_top(662, 0.99)), (None, Some(1)));
/// ```
#[must_use]
pub fn rank_from_top(latencies: u64, percentile: f64) -> Option<u64> {
    let n = latencies as f64;
    // Logarithms, because the first terms are below the smallest float for many latencies.
    let odds = ((1.0 - percentile) / percentile).ln();
    let (mut log_term, mut sum) = (n * percentile.ln(), 0.0);
    for t in 0..latencies {
        sum += log_term.exp();
        if sum >= 1.0 - CONFIDENCE {
            return t.checked_sub(1).filter(|rank| *rank > 0);
        }
        let k = t as f64;
        log_term += ((n - k) / (k + 1.0)).ln() + odds;
    }
    None
}

/// Returns the lowest number of latencies from which a percentile can be estimated.
#[must_use]
pub fn least_latencies(percentile: f64) -> u64 {
    let mut latencies = 1;
    while rank_from_top(latencies, percentile).is_none() {
        latencies += 1;
    }
    latencies
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(X ≤ t) for a binomial X, from exact binomial coefficients.
    fn at_most(t: u64, n: u64, p: f64) -> f64 {
        let mut coefficient = 1.0;
        let mut sum = 0.0;
        for k in 0..=t {
            sum += coefficient * (1.0 - p).powi(k as i32) * p.powi((n - k) as i32);
            coefficient *= (n - k) as f64 / (k + 1) as f64;
        }
        sum
    }

    #[test]
    fn the_ninetieth_percentile_needs_64_latencies_and_the_ninety_ninth_662() {
        assert_eq!(least_latencies(0.9), 64);
        assert_eq!(least_latencies(0.99), 662);
        // The bound itself, computed another way.
        assert!(at_most(1, 64, 0.9) < 0.01 && at_most(1, 63, 0.9) >= 0.01);
        assert!(at_most(1, 662, 0.99) < 0.01 && at_most(1, 661, 0.99) >= 0.01);
    }

    #[test]
    fn the_rank_is_the_largest_within_the_bound_and_approaches_the_percentile() {
        for (n, p) in [(100, 0.9), (500, 0.9), (1000, 0.99)] {
            let t = rank_from_top(n, p).unwrap_or(0);
            assert!(at_most(t, n, p) < 0.01 && at_most(t + 1, n, p) >= 0.01, "{n} {p} {t}");
        }
        for (n, p) in [(1_000_000, 0.9), (1_000_000, 0.99)] {
            let share = rank_from_top(n, p).unwrap_or(0) as f64 / n as f64;
            // 2.33 standard deviations below 1 − p.
            let expected = 1.0 - p - 2.326 * (p * (1.0 - p) / n as f64).sqrt();
            assert!((share - expected).abs() < 2e-5, "{n} {p}: {share} for {expected}");
        }
    }
}
