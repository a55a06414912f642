//! Arrivals of queries by a Poisson process.

use neurobench_core::stats::random::{hashed, nth, uniform};

/// Times at which queries arrive by a Poisson process: the gaps between them are independent and exponentially distributed.
///
/// The k-th gap depends only on the seed and k.
///
/// ```
/// use neurobench_timing::PoissonArrivals;
/// // A thousand arrivals at 100 a second take about ten seconds.
/// let last = PoissonArrivals::new(100.0, 7).nth(999).unwrap_or(0);
/// assert!((9.0..11.0).contains(&(last as f64 * 1e-9)));
/// ```
#[derive(Clone, Debug)]
pub struct PoissonArrivals {
    mean_gap: f64,
    start: u64,
    index: u64,
    time: f64,
}

/// Place of the stream of random numbers, apart from that of the order of samples.
const STREAM: u64 = 1;

impl PoissonArrivals {
    /// Creates arrivals at a mean rate of queries in a second.
    #[must_use]
    pub fn new(rate: f64, seed: u64) -> Self {
        Self { mean_gap: 1e9 / rate, start: hashed(seed, STREAM), index: 0, time: 0.0 }
    }
}

impl Iterator for PoissonArrivals {
    type Item = u64;

    /// Returns the next arrival in nanoseconds since the start.
    fn next(&mut self) -> Option<u64> {
        // The sum is not rounded to whole nanoseconds, so that the mean rate holds for gaps of a few of them.
        self.time -= (-uniform(nth(self.start, self.index))).ln_1p() * self.mean_gap;
        self.index += 1;
        Some(self.time as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kolmogorov's distribution: the probability of a statistic of at least this size, √n·D.
    fn kolmogorov(scaled: f64) -> f64 {
        let term = |k: i32| {
            let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
            sign * (-2.0 * f64::from(k * k) * scaled * scaled).exp()
        };
        (1..100).map(term).sum()
    }

    /// p-value of the Kolmogorov-Smirnov test of values whose distribution function is given.
    fn p_value(mut values: Vec<f64>, distribution: impl Fn(f64) -> f64) -> f64 {
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let distance = |(rank, value): (usize, &f64)| {
            let expected = distribution(*value);
            (expected - rank as f64 / n).max((rank + 1) as f64 / n - expected)
        };
        let largest = values.iter().enumerate().map(distance).fold(0.0, f64::max);
        kolmogorov(largest * n.sqrt())
    }

    fn gaps(rate: f64, seed: u64, count: usize) -> Vec<f64> {
        let arrivals: Vec<u64> = std::iter::once(0).chain(PoissonArrivals::new(rate, seed).take(count)).collect();
        arrivals.windows(2).map(|pair| (pair[1] - pair[0]) as f64 * 1e-9).collect()
    }

    #[test]
    fn gaps_pass_the_kolmogorov_smirnov_test_of_the_exponential_distribution() {
        for (rate, seed) in [(100.0, 0), (100.0, 1), (2500.0, 2)] {
            let p = p_value(gaps(rate, seed, 10_000), |gap| 1.0 - (-gap * rate).exp());
            assert!(p > 0.01, "rate {rate}, seed {seed}: p = {p}");
            // The test is able to fail: the same gaps have another rate than this one.
            let p = p_value(gaps(rate, seed, 10_000), |gap| 1.0 - (-gap * rate * 1.1).exp());
            assert!(p < 1e-6, "rate {rate}, seed {seed}: p = {p}");
        }
    }

    #[test]
    fn counts_in_intervals_have_the_mean_and_variance_of_the_poisson_distribution() {
        let (rate, intervals) = (20.0, 5_000_usize);
        let mut counts = vec![0_u32; intervals];
        for time in PoissonArrivals::new(rate, 3).map(|time| (time / 1_000_000_000) as usize) {
            match counts.get_mut(time) {
                Some(count) => *count += 1,
                None => break,
            }
        }
        let mean = counts.iter().map(|count| f64::from(*count)).sum::<f64>() / intervals as f64;
        let variance = counts.iter().map(|count| (f64::from(*count) - mean).powi(2)).sum::<f64>() / intervals as f64;
        // Four standard errors: √(20/5000) of the mean, and 20·√(2/5000) of the variance.
        assert!((mean - rate).abs() < 0.26, "{mean}");
        assert!((variance - rate).abs() < 1.7, "{variance}");
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals() {
        let first = |seed| PoissonArrivals::new(10.0, seed).take(5).collect::<Vec<_>>();
        assert_eq!(first(4), first(4));
        assert_ne!(first(4), first(5));
    }
}
