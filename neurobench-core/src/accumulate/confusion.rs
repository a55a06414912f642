//! Targets against predictions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::MetricError;

/// How often each class was predicted for each target class. Only pairs that occurred take memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, i64, u64)>", into = "Vec<(i64, i64, u64)>")]
pub struct ConfusionMatrix(BTreeMap<(i64, i64), u64>);

impl From<Vec<(i64, i64, u64)>> for ConfusionMatrix {
    fn from(cells: Vec<(i64, i64, u64)>) -> Self {
        let mut matrix = Self::default();
        for (target, predicted, count) in cells {
            matrix.add(target, predicted, count);
        }
        matrix
    }
}

impl From<ConfusionMatrix> for Vec<(i64, i64, u64)> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.0.into_iter().map(|((target, predicted), count)| (target, predicted, count)).collect()
    }
}

impl ConfusionMatrix {
    /// The matrix of these pairs of a target and a prediction.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut matrix = Self::default();
        for (target, predicted) in pairs {
            matrix.add(target, predicted, 1);
        }
        matrix
    }

    /// So many more of a pair.
    pub fn add(&mut self, target: i64, predicted: i64, count: u64) {
        if count > 0 {
            add_counts(self.0.entry((target, predicted)).or_default(), count);
        }
    }

    /// How often `predicted` was predicted for `target`.
    #[must_use]
    pub fn count(&self, target: i64, predicted: i64) -> u64 {
        self.0.get(&(target, predicted)).copied().unwrap_or(0)
    }

    /// Every class that occurred, as a target or as a prediction, in order.
    #[must_use]
    pub fn classes(&self) -> Vec<i64> {
        let all: BTreeSet<i64> = self.0.keys().flat_map(|(target, predicted)| [*target, *predicted]).collect();
        all.into_iter().collect()
    }

    /// Every pair that occurred: target, prediction, how often.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64, u64)> {
        self.0.iter().map(|((target, predicted), count)| (*target, *predicted, *count))
    }

    /// All pairs.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl Accumulator for ConfusionMatrix {
    fn merge(&mut self, other: Self) {
        for ((target, predicted), count) in other.0 {
            self.add(target, predicted, count);
        }
    }
}

impl Finish for ConfusionMatrix {
    /// By target class, then by predicted class.
    type Output = BTreeMap<i64, BTreeMap<i64, u64>>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        let mut rows: Self::Output = BTreeMap::new();
        for (target, predicted, count) in self.iter() {
            rows.entry(target).or_default().insert(predicted, count);
        }
        Ok(rows)
    }
}
