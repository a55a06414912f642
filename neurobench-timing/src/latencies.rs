//! Histograms of latencies.

use hdrhistogram::Histogram;

use crate::early_stopping::rank_from_top;

/// Highest latency that has a bucket of its own, in nanoseconds: about a day. The maximum is exact in any case.
const HIGHEST: u64 = 100_000_000_000_000;
/// Significant decimal digits of a bucket: it is at most 0.1 % wide.
const DIGITS: u8 = 3;

/// Latencies in nanoseconds: an HDR histogram, with the exact lowest and highest one.
#[derive(Clone, Debug)]
pub struct Latencies {
    histogram: Histogram<u64>,
    lowest: u64,
    highest: u64,
    count: u64,
}

impl Latencies {
    /// Creates an empty histogram.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the bounds are constants, which every test uses")]
    pub fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, HIGHEST, DIGITS).expect("the bounds are valid");
        Self { histogram, lowest: u64::MAX, highest: 0, count: 0 }
    }

    /// Adds a latency.
    pub fn record(&mut self, nanoseconds: u64) {
        self.histogram.saturating_record(nanoseconds);
        self.lowest = self.lowest.min(nanoseconds);
        self.highest = self.highest.max(nanoseconds);
        self.count += 1;
    }

    /// Adds all latencies of another histogram.
    pub fn merge(&mut self, other: &Self) {
        // It fails only for values out of range, but both have the same bounds.
        let _ = self.histogram.add(&other.histogram);
        self.lowest = self.lowest.min(other.lowest);
        self.highest = self.highest.max(other.highest);
        self.count += other.count;
    }

    /// Returns the number of latencies.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the buckets that are not empty in ascending order: the highest latency of the bucket and the number of latencies
    /// in it.
    #[must_use]
    pub fn buckets(&self) -> Vec<(u64, u64)> {
        let mut buckets: Vec<(u64, u64)> = self
            .histogram
            .iter_recorded()
            .map(|bucket| (bucket.value_iterated_to().clamp(self.lowest, self.highest), bucket.count_at_value()))
            .collect();
        if let Some(last) = buckets.last_mut() {
            last.0 = self.highest;
        }
        buckets
    }

    /// Returns a percentile, 0 to 100, in nanoseconds: the latency of rank ⌈n·p/100⌉, up to the width of a bucket. The lowest and
    /// the highest one are exact. `None` without latencies.
    #[must_use]
    pub fn percentile(&self, percentile: f64) -> Option<u64> {
        match percentile {
            _ if self.count == 0 => None,
            ..=0.0 => Some(self.lowest),
            // The tolerance keeps 99.9 % of 1000 at rank 999, although 99.9/100 is no float.
            _ => self.at_rank((self.count as f64 * percentile / 100.0 - 1e-9).ceil() as u64),
        }
    }

    /// Returns the estimate of a percentile by early stopping in nanoseconds; `None` for too few latencies.
    #[must_use]
    pub fn estimate(&self, percentile: u32) -> Option<u64> {
        let from_top = rank_from_top(self.count, f64::from(percentile) / 100.0)?;
        self.at_rank(self.count - from_top + 1)
    }

    /// The latency of a rank, counted from 1 at the lowest.
    fn at_rank(&self, rank: u64) -> Option<u64> {
        let mut below = 0;
        self.buckets().into_iter().find_map(|(nanoseconds, count)| {
            below += count;
            (below >= rank).then_some(nanoseconds)
        })
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(values: impl IntoIterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::new();
        values.into_iter().for_each(|value| latencies.record(value));
        latencies
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_latencies() {
        let all = latencies((1..=1000).rev());
        let at = |percentile| all.percentile(percentile);
        assert_eq!([at(0.0), at(50.0), at(90.0), at(99.0)], [Some(1), Some(500), Some(900), Some(990)]);
        assert_eq!([at(99.9), at(100.0)], [Some(999), Some(1000)]);
        assert_eq!(latencies([]).percentile(50.0), None);
    }

    #[test]
    fn one_latency_is_every_percentile_exactly() {
        for value in [0, 1, 1_234_567_891, 5_000_000_000, 3 * HIGHEST] {
            let same = latencies([value; 70]);
            for percentile in [0.0, 50.0, 99.9, 100.0] {
                assert_eq!(same.percentile(percentile), Some(value));
            }
            assert_eq!((same.estimate(90), same.estimate(99)), (Some(value), None));
        }
    }

    #[test]
    fn the_estimate_of_64_latencies_is_the_highest() {
        let all = latencies(1..=64);
        assert_eq!((all.percentile(90.0), all.estimate(90)), (Some(58), Some(64)));
        assert_eq!(latencies(1..=63).estimate(90), None);
    }

    #[test]
    fn merged_histograms_are_the_histogram_of_all() {
        let mut merged = latencies(1..=500);
        merged.merge(&latencies(501..=1000));
        assert_eq!(merged.buckets(), latencies(1..=1000).buckets());
        assert_eq!(merged.count(), 1000);
    }

    #[test]
    fn buckets_are_at_most_a_thousandth_wide() {
        let value = 123_456_789;
        let found = latencies([1, value, 2 * value]).percentile(50.0).unwrap_or(0);
        assert!(found >= value && (found - value) as f64 <= value as f64 * 1e-3, "{found}");
    }
}
