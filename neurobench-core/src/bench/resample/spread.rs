//! Spread of the per-sample values of a metric whose value over the run is their mean.

use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Moments};
use crate::metric::WeightedValue;

/// Moments of the per-sample values, with the range of the samples' weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(super) values: Moments,
    /// Smallest and largest nonzero weight of a sample.
    weights: Option<(u64, u64)>,
}

impl Spread {
    /// Adds the value of one sample. A sample with zero weight does not affect the value of the run and is ignored.
    pub(super) fn add(&mut self, WeightedValue { value, weight }: WeightedValue) {
        if weight > 0 {
            self.values.add(value);
            self.extend_weights((weight, weight));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.values.merge(other.values);
        if let Some(weights) = other.weights {
            self.extend_weights(weights);
        }
    }

    fn extend_weights(&mut self, (low, high): (u64, u64)) {
        self.weights = Some(self.weights.map_or((low, high), |own| (own.0.min(low), own.1.max(high))));
    }

    /// Returns the nonzero weight that all samples share; none if the weights differ.
    pub(super) fn common_weight(&self) -> Option<u64> {
        self.weights.filter(|(low, high)| low == high).map(|(weight, _)| weight)
    }
}
