//! The first values in the order of the data set.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, MetricValue};

/// The first values in the order of the data set, up to a limit: for metrics that show examples.
///
/// Memory is bounded by the limit and one batch, whatever the data set. Merging keeps the batches that come first, so that neither the
/// order of workers nor the number of shards matters.
///
/// ```
/// use neurobench::accumulate::{Accumulator, Finish, First};
///
/// let mut later = First::from_values(3, [40.0, 50.0]);
/// later.place(1);
/// let mut earlier = First::from_values(3, [10.0, 20.0]);
/// earlier.place(0);
/// later.merge(earlier);
/// assert_eq!(later.finish().unwrap(), [10.0, 20.0, 40.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct First<T> {
    limit: u64,
    /// Values that the engine has not assigned to a batch yet.
    unplaced: Vec<T>,
    /// Values by the index of their batch. Only batches that begin before the limit are kept.
    parts: BTreeMap<u64, Vec<T>>,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { limit: 0, unplaced: Vec::new(), parts: BTreeMap::new() }
    }
}

impl<T> First<T> {
    /// The first `limit` values of one batch.
    #[must_use]
    pub fn from_values(limit: u64, values: impl IntoIterator<Item = T>) -> Self {
        let first = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, unplaced: values.into_iter().take(first).collect(), parts: BTreeMap::new() }
    }

    /// Iterates over the first values, in the order of the batches.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let first = usize::try_from(self.limit).unwrap_or(usize::MAX);
        self.parts.values().flatten().chain(&self.unplaced).take(first)
    }

    /// Drops batches that begin behind the limit. Batches that are merged later can only move the others back, so that no dropped value
    /// would return.
    fn drop_later(&mut self) {
        let mut before = 0_u64;
        let mut end = None;
        for (batch, values) in &self.parts {
            if before >= self.limit {
                end = Some(*batch);
                break;
            }
            before = before.saturating_add(values.len() as u64);
        }
        if let Some(end) = end {
            self.parts.split_off(&end);
        }
    }
}

impl<T: MetricValue + DeserializeOwned> Accumulator for First<T> {
    fn merge(&mut self, other: Self) {
        self.limit = self.limit.max(other.limit);
        for (batch, values) in other.parts {
            let previous = self.parts.insert(batch, values);
            assert!(previous.is_none(), "batch {batch} was merged twice");
        }
        self.unplaced.extend(other.unplaced);
        self.drop_later();
    }

    fn place(&mut self, batch: u64) {
        let values = std::mem::take(&mut self.unplaced);
        if !values.is_empty() {
            self.parts.entry(batch).or_default().extend(values);
            self.drop_later();
        }
    }
}

impl<T: MetricValue> Finish for First<T> {
    type Output = Vec<T>;

    fn finish(&self) -> Result<Vec<T>, MetricError> {
        Ok(self.iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(index: u64, values: &[u64]) -> First<u64> {
        let mut state = First::from_values(4, values.iter().copied());
        state.place(index);
        state
    }

    #[test]
    fn the_order_of_merging_does_not_matter_and_memory_is_bounded() {
        let batches: Vec<First<u64>> =
            (0..50).map(|index| batch(index, &[3 * index, 3 * index + 1, 3 * index + 2])).collect();
        let merge = |order: &[usize]| {
            let mut all = First::default();
            for index in order {
                all.merge(batches[*index].clone());
                assert!(all.parts.len() <= 3);
            }
            all
        };
        let ascending: Vec<usize> = (0..50).collect();
        let descending: Vec<usize> = (0..50).rev().collect();
        let mixed: Vec<usize> = (0..50).map(|at| (at * 17 + 3) % 50).collect();
        assert_eq!(merge(&ascending), merge(&descending));
        assert_eq!(merge(&ascending), merge(&mixed));
        assert_eq!(merge(&mixed).finish().unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn fewer_values_than_the_limit_are_all_kept() {
        let mut state = batch(7, &[5]);
        state.merge(batch(2, &[]));
        state.merge(First::default());
        assert_eq!(state.finish().unwrap(), [5]);
    }
}
