//! How the values of single samples are spread, where the value of the run is their mean.

use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Mean, Moments, Ratio};
use crate::metric::plan::AnyState;

/// The values of single samples, and whether all weigh the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(super) values: Moments,
    /// The smallest and the largest weight of a sample that has a weight.
    weights: Option<(u64, u64)>,
}

impl Spread {
    /// One sample more. One without a weight says nothing, and takes no part in the value of the run either.
    pub(super) fn add(&mut self, state: &AnyState) {
        let (value, weight) = match (state.downcast_ref::<Ratio>(), state.downcast_ref::<Mean>()) {
            (Some(ratio), _) => (ratio.part as f64 / ratio.whole as f64, ratio.whole),
            (_, Some(mean)) => (mean.value().unwrap_or(f64::NAN), mean.weight()),
            (None, None) => return,
        };
        if weight > 0 {
            self.values.add(value);
            self.join_weights((weight, weight));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.values.merge(other.values);
        if let Some(weights) = other.weights {
            self.join_weights(weights);
        }
    }

    fn join_weights(&mut self, (low, high): (u64, u64)) {
        self.weights = Some(self.weights.map_or((low, high), |own| (own.0.min(low), own.1.max(high))));
    }

    /// The weight of every sample that has one, if it is the same.
    pub(super) fn common_weight(&self) -> Option<u64> {
        self.weights.filter(|(low, high)| low == high).map(|(weight, _)| weight)
    }
}
