//! The number of times that each replicate draws a unit.

use crate::stats::random::poisson_weights;

/// The weights of one unit at a time, computed when they are first needed.
pub(super) struct PoissonWeights {
    unit: Option<u64>,
    weights: Vec<u8>,
}

impl PoissonWeights {
    pub(super) fn new(replicates: usize) -> Self {
        Self { unit: None, weights: vec![0; replicates] }
    }

    /// Returns the weight of a unit in each replicate. All calls must have the same seed.
    pub(super) fn for_unit(&mut self, seed: u64, unit: u64) -> &[u8] {
        if self.unit != Some(unit) {
            poisson_weights(seed, unit, &mut self.weights);
            self.unit = Some(unit);
        }
        &self.weights
    }
}
