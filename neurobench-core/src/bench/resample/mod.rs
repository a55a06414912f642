//! Resampling: confidence intervals, and the values of metrics on single samples.
//!
//! Each sample of a batch is folded once more, alone. Its state is merged into the replicates of a bootstrap and into the groups
//! of a jackknife, or counted, or kept ([`samples`]). All of that merges as states do, so that it can be split, saved and restored.
//! At the end of the run, intervals and per-sample values are read from it ([`read`]).

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
