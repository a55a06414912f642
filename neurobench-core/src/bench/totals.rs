//! Totals of a run.

use std::time::Duration;

use crate::bench::guard::guarded_metric;
use crate::bench::origin::Origin;
use crate::bench::ranges::BatchRanges;
use crate::bench::resample::Samples;
use crate::metric::Context;
use crate::metric::plan::{Core, CoreState};

/// The states of all cores after some set of batches. Totals of disjoint sets merge.
pub(crate) struct Totals {
    pub(crate) states: Vec<CoreState>,
    pub(crate) batches: BatchRanges,
    pub(crate) samples: u64,
    /// The kept samples, if any are requested.
    pub(crate) single: Option<Samples>,
    /// Time inside the model's forward passes, summed over workers.
    pub(crate) forward: Duration,
    /// Layers that did not spike in any of the batches, in the order of the model; `None` if that is unknown.
    pub(crate) silent: Option<Vec<String>>,
}

impl Totals {
    /// Totals before any batch.
    pub(crate) fn empty(cores: &[Core]) -> Self {
        Self {
            states: cores.iter().map(|core| CoreState::Good(core.fold.empty())).collect(),
            batches: BatchRanges::default(),
            samples: 0,
            single: None,
            forward: Duration::ZERO,
            silent: None,
        }
    }

    /// Copies the states, without the kept samples.
    pub(crate) fn copy(&self, cores: &[Core]) -> Self {
        let copy = |(core, state): (&Core, &CoreState)| match state {
            CoreState::Good(state) => {
                let mut copy = core.fold.empty();
                copy.merge_copy(&**state);
                CoreState::Good(copy)
            }
            CoreState::Failed { batch, error } => CoreState::Failed { batch: *batch, error: error.clone() },
        };
        Self {
            states: cores.iter().zip(&self.states).map(copy).collect(),
            batches: self.batches.clone(),
            samples: self.samples,
            single: None,
            forward: self.forward,
            silent: self.silent.clone(),
        }
    }

    /// Folds one more batch. Batches must come in ascending order, so that the first failure of a core is its lowest. With the origin of
    /// the batch, errors name the sample in the data.
    pub(crate) fn fold(
        &mut self,
        cores: &[Core],
        context: &Context<'_>,
        batch: u64,
        samples: usize,
        origin: Option<&Origin<'_>>,
    ) {
        for (core, state) in cores.iter().zip(&mut self.states) {
            if let CoreState::Good(good) = state
                && let Err(error) = guarded_metric(|| core.fold.fold(good, context, batch))
            {
                let error = match origin {
                    Some(origin) => origin.locate_metric_error(core, context, error),
                    None => error,
                };
                // The half-changed state is dropped.
                *state = CoreState::Failed { batch: Some(batch), error };
            }
        }
        self.batches.insert(batch);
        self.samples += samples as u64;
    }
}
