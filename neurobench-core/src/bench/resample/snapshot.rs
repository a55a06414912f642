//! Samples in a snapshot: beside the state of each core, under the name `single`. They merge as states do.

use serde::{Deserialize, Serialize};

use super::GROUPS;
use super::counts::DrawnCounts;
use super::plan::ResamplePlan;
use super::samples::{CoreSamples, KeptSamples, PartKey, Samples};
use super::spread::Spread;
use crate::bench::error::SnapshotError;
use crate::metric::MetricError;
use crate::metric::plan::Core;
use crate::metric::state::AnyState;
use crate::metric::state_list::StateList;
use crate::report::intervals::{Intervals, SampleUnit};
use crate::value::Value;

/// The request for single samples, their number, and the sizes of the groups of the jackknife.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedSamples {
    unit: SampleUnit,
    intervals: Option<Intervals>,
    per_sample: bool,
    groups: Vec<u64>,
    units: u64,
}

/// The kept samples of one core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedCoreSamples {
    Kept {
        /// Unit, batch and state.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        parts: Option<Vec<(u64, u64, Value)>>,
        #[serde(rename = "counted", skip_serializing_if = "Option::is_none", default)]
        counts: Option<DrawnCounts>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        groups: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        replicates: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        spread: Option<Spread>,
    },
    Failed {
        batch: Option<u64>,
        error: MetricError,
    },
}

impl SavedSamples {
    pub(crate) fn save(plan: &ResamplePlan, samples: &Samples) -> Self {
        Self {
            unit: plan.unit,
            intervals: plan.request.intervals,
            per_sample: plan.request.per_sample,
            groups: samples.groups.clone(),
            units: samples.units,
        }
    }

    /// Checks that a snapshot keeps the samples as this benchmark does, so that both can be parts of one run.
    pub(crate) fn check(saved: Option<&Self>, plan: &ResamplePlan) -> Result<(), SnapshotError> {
        let differ = |what, found: String, expected: String| {
            if found == expected { Ok(()) } else { Err(SnapshotError::Mismatch { what, found, expected }) }
        };
        let kept = |kept: bool| if kept { "kept" } else { "not kept" }.to_owned();
        if plan.request.per_sample {
            differ("the states of single samples", kept(saved.is_some_and(|saved| saved.per_sample)), kept(true))?;
        }
        if let Some(intervals) = &plan.request.intervals {
            let text = |intervals: &Intervals| format!("{} with seed {}", intervals.replicates, intervals.seed);
            let found = saved.and_then(|saved| saved.intervals.as_ref()).map_or_else(|| "none".to_owned(), text);
            differ("the replicates", found, text(intervals))?;
        }
        Ok(())
    }

    /// The sizes of the groups, and the number of samples or sequences.
    pub(crate) fn sizes(&self) -> Result<(Vec<u64>, u64), SnapshotError> {
        if self.groups.len() == GROUPS {
            return Ok((self.groups.clone(), self.units));
        }
        let (found, expected) = (self.groups.len().to_string(), GROUPS.to_string());
        Err(SnapshotError::Mismatch { what: "the number of groups", found, expected })
    }
}

impl SavedCoreSamples {
    /// Writes what is kept; what cannot be written becomes a failure.
    fn save(samples: &CoreSamples) -> Self {
        let saved = match samples {
            CoreSamples::Failed { batch, error } => {
                return Self::Failed { batch: *batch, error: error.clone() };
            }
            CoreSamples::Kept(kept) => Self::from_kept(kept),
        };
        saved.unwrap_or_else(|error| {
            let error = MetricError::Other(format!("the states of its samples cannot be written: {error}"));
            Self::Failed { batch: None, error }
        })
    }

    fn from_kept(kept: &KeptSamples) -> Result<Self, MetricError> {
        let save = |((unit, batch), part): (&PartKey, &AnyState)| Ok((*unit, *batch, part.save()?));
        let parts = kept.parts.as_ref().map(|parts| parts.iter().map(save).collect::<Result<_, MetricError>>());
        let save_list = |list: &Option<StateList>| list.as_ref().map(|list| list.save()).transpose();
        Ok(Self::Kept {
            parts: parts.transpose()?,
            counts: kept.counts.clone(),
            groups: save_list(&kept.groups)?,
            replicates: save_list(&kept.replicates)?,
            spread: kept.spread.clone(),
        })
    }

    fn restore(&self, core: &Core, plan: &ResamplePlan) -> Result<CoreSamples, MetricError> {
        let (parts, counts, groups, replicates, spread) = match self {
            Self::Failed { batch, error } => {
                return Ok(CoreSamples::Failed { batch: *batch, error: error.clone() });
            }
            Self::Kept { parts, counts, groups, replicates, spread } => (parts, counts, groups, replicates, spread),
        };
        // Without intervals, the draws are not read.
        let draws = plan.request.intervals.is_some();
        if draws && !counts.as_ref().is_none_or(|counts| counts.matches(plan.seed(), plan.replicates())) {
            return Err(MetricError::from(
                "the counts of its samples were drawn with another seed or number of replicates",
            ));
        }
        let part = |(unit, batch, part): &(u64, u64, Value)| Ok(((*unit, *batch), core.fold.restore(part)?));
        let parts = parts.as_ref().map(|parts| parts.iter().map(part).collect::<Result<_, MetricError>>());
        let restore_list =
            |saved: &Option<Value>, count| saved.as_ref().map(|saved| core.fold.restore_list(saved, count)).transpose();
        Ok(CoreSamples::Kept(KeptSamples {
            parts: parts.transpose()?,
            counts: counts.clone().filter(|_| draws),
            groups: restore_list(groups, GROUPS)?,
            replicates: restore_list(replicates, plan.replicates())?,
            spread: spread.clone(),
        }))
    }
}

impl Samples {
    /// Writes what is kept, by core.
    pub(crate) fn save_cores(&self) -> Vec<SavedCoreSamples> {
        self.cores.iter().map(SavedCoreSamples::save).collect()
    }

    /// Reads what was saved: the sizes of the groups with the number of units and, by core, what was kept of its samples, if anything.
    pub(crate) fn restore(
        plan: &ResamplePlan,
        sizes: (Vec<u64>, u64),
        saved: &[(&Core, Option<&SavedCoreSamples>)],
    ) -> Result<Self, SnapshotError> {
        let restore = |(core, saved): &(&Core, Option<&SavedCoreSamples>)| match saved {
            None => Ok(CoreSamples::Kept(KeptSamples::default())),
            Some(saved) => saved
                .restore(core, plan)
                .map_err(|error| SnapshotError::State { core: format!("{} on single samples", core.label), error }),
        };
        let cores = saved.iter().map(restore).collect::<Result<_, _>>()?;
        Ok(Self::new(plan, sizes, cores))
    }
}
