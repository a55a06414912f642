//! Values in the order of the data set.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, MetricValue, Resampling, ResamplingForm};

/// All values, by the index of their batch. Merging is a union, so that the order of workers does not matter, and the value is in the
/// order of the data set. Memory grows with the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Concat<T> {
    /// Values that the engine has not assigned to a batch yet.
    unplaced: Vec<T>,
    parts: BTreeMap<u64, Vec<T>>,
}

impl<T> Default for Concat<T> {
    fn default() -> Self {
        Self { unplaced: Vec::new(), parts: BTreeMap::new() }
    }
}

impl<T> Concat<T> {
    /// The values of one batch.
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = T>) -> Self {
        Self { unplaced: values.into_iter().collect(), parts: BTreeMap::new() }
    }

    /// Iterates over all values, in the order of the batches.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.parts.values().flatten().chain(&self.unplaced)
    }
}

/// Adds values of the current batch, for metrics that change their state in place.
impl<T> Extend<T> for Concat<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.unplaced.extend(values);
    }
}

impl<T: MetricValue + DeserializeOwned> Accumulator for Concat<T> {
    fn merge(&mut self, other: Self) {
        for (batch, values) in other.parts {
            let previous = self.parts.insert(batch, values);
            assert!(previous.is_none(), "batch {batch} was merged twice");
        }
        self.unplaced.extend(other.unplaced);
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_form(ResamplingForm::Parts)
    }

    fn place(&mut self, batch: u64) {
        let values = std::mem::take(&mut self.unplaced);
        if !values.is_empty() {
            self.parts.entry(batch).or_default().extend(values);
        }
    }
}

impl<T: MetricValue> Finish for Concat<T> {
    type Output = Vec<T>;

    fn finish(&self) -> Result<Vec<T>, MetricError> {
        Ok(self.iter().cloned().collect())
    }
}
