//! Resampling: confidence intervals, and the values of metrics on single samples.
//!
//! An interval is about the value over other samples, so each sample of a batch is folded once more, alone. Its state
//! is merged into the replicates of a bootstrap, a number of times that is Poisson distributed with mean 1, and into
//! one of 200 groups that a jackknife leaves out; or it is counted, or kept ([`samples`]). All of that merges as states
//! do, so that it can be split, saved and restored. At the end of the run, intervals and per-sample values are read
//! from it ([`read`]).
//!
//! Metrics that see only whole batches, through hooks or as workload metrics, need batches of one sample. For a model
//! that carries state, sequences are drawn in place of samples, because samples of a sequence are not independent.
//!
//! Invariant 14: resamples depend on seed, sample and replicate alone, by a hash. They do not depend on workers or
//! batches, and two runs over the same data differ on each replicate by the models alone. A run without intervals folds
//! no sample twice.

mod closed_form;
mod counts;
mod eligible;
mod per_sample;
mod plan;
mod read;
mod replicates;
mod resampled_values;
mod samples;
mod snapshot;
mod spread;
mod weights;

pub(crate) use plan::{ResamplePlan, ResampleRequest};
pub(crate) use read::{Reader, read};
pub(crate) use samples::Samples;
pub(crate) use snapshot::{SavedCoreSamples, SavedSamples};

use crate::stats::random::hashed;

/// Number of groups of the jackknife. The error of the acceleration is of the order 0.4 / groups.
const GROUPS: usize = 200;

/// The group of the jackknife that a unit is in. It does not depend on the bits that the unit's weights begin with.
fn group(seed: u64, unit: u64) -> usize {
    (hashed(!seed, unit) % GROUPS as u64) as usize
}
