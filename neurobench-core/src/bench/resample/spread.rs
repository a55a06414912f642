//! The spread of the values of single samples, where the value of the run is their mean.

use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Moments};
use crate::metric::WeightedValue;

/// The moments of the values of single samples, and whether all samples weigh the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(super) values: Moments,
    /// The smallest and the largest weight of a sample that has a weight.
    weights: Option<(u64, u64)>,
}

impl Spread {
    /// Adds the value of one sample. A sample without weight has no part in the value of the run, and is ignored.
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

    /// The weight of every sample that has one, if all weigh the same.
    pub(super) fn common_weight(&self) -> Option<u64> {
        self.weights.filter(|(low, high)| low == high).map(|(weight, _)| weight)
    }
}
