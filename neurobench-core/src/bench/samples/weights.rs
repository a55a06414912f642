//! How often each replicate draws a unit.

use crate::stats::random::poisson_weights;

/// The weights of one unit at a time: they are worked out when they are first asked for.
pub(super) struct PoissonWeights {
    unit: Option<u64>,
    weights: Vec<u8>,
}

impl PoissonWeights {
    pub(super) fn new(replicates: usize) -> Self {
        Self { unit: None, weights: vec![0; replicates] }
    }

    /// Those of a unit, which must always be asked for with the same seed.
    pub(super) fn of(&mut self, seed: u64, unit: u64) -> &[u8] {
        if self.unit != Some(unit) {
            poisson_weights(seed, unit, &mut self.weights);
            self.unit = Some(unit);
        }
        &self.weights
    }
}
