//! Counts by whole number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::MetricError;

/// Number of times that each whole number was seen: bins, classes, spike counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<i64, u64>);

impl Histogram {
    /// Histogram of these numbers.
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = i64>) -> Self {
        let mut histogram = Self::default();
        for value in values {
            histogram.add(value, 1);
        }
        histogram
    }

    /// Adds `count` occurrences of a number.
    pub fn add(&mut self, value: i64, count: u64) {
        if count > 0 {
            add_counts(self.0.entry(value).or_default(), count);
        }
    }

    /// Number of times that a number was seen.
    #[must_use]
    pub fn count(&self, value: i64) -> u64 {
        self.0.get(&value).copied().unwrap_or(0)
    }

    /// Iterates over the numbers that were seen, in order, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.0.iter().map(|(value, count)| (*value, *count))
    }
}

impl Accumulator for Histogram {
    fn merge(&mut self, other: Self) {
        for (value, count) in other.0 {
            self.add(value, count);
        }
    }
}

impl Finish for Histogram {
    type Output = BTreeMap<i64, u64>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        Ok(self.0.clone())
    }
}
