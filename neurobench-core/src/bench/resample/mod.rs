//! Resampling: confidence intervals, and the values of metrics on single samples.
//!
//! An interval estimates how the value varies between sets of samples, so each sample of a batch is folded a second
//! time on its own. Its state is merged into the replicates of a bootstrap, a number of times that is Poisson
//! distributed with mean 1, and into one of the 200 groups that a jackknife leaves out. For some cores it is counted or
//! kept instead ([`samples`]). All of this merges as states do, so it can be split, saved and restored. At the end of
//! the run, intervals and per-sample values are read from it ([`read`]).
//!
//! Metrics that see only whole batches, through hooks or as workload metrics, need batches of one sample. For a model
//! that carries state, sequences are drawn instead of samples, because the samples of a sequence are not independent.
//!
//! Invariant 14: resamples depend only on a hash of seed, sample and replicate, not on workers or batches. On each
//! replicate, two runs over the same data therefore differ only by their models. A run without intervals or per-sample
//! values folds no sample twice.

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

/// Returns the jackknife group of a unit. It does not depend on the bits from which the unit's weights are drawn.
fn group(seed: u64, unit: u64) -> usize {
    (hashed(!seed, unit) % GROUPS as u64) as usize
}
