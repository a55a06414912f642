//! What a snapshot keeps of single samples.

use serde::{Deserialize, Serialize};

use super::counted::Counted;
use super::kept::{CoreSamples, Kept, PartKey, Samples};
use super::spread::Spread;
use super::{GROUPS, SamplePlan};
use crate::bench::error::SnapshotError;
use crate::metric::MetricError;
use crate::metric::plan::{AnyState, Core};
use crate::report::intervals::{Intervals, SampleUnit};
use crate::value::Value;

/// How single samples were kept, how many, and the sizes of the jackknife's groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedSamples {
    unit: SampleUnit,
    intervals: Option<Intervals>,
    per_sample: bool,
    groups: Vec<u64>,
    units: u64,
}

/// What is kept of the samples of one core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedCoreSamples {
    Kept {
        /// SampleUnit, batch and state.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        parts: Option<Vec<(u64, u64, Value)>>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        counted: Option<Counted>,
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
    pub(crate) fn save(plan: &SamplePlan, samples: &Samples) -> Self {
        Self {
            unit: plan.unit,
            intervals: plan.wanted.intervals,
            per_sample: plan.wanted.per_sample,
            groups: samples.groups.clone(),
            units: samples.units,
        }
    }

    /// What differs from what a benchmark keeps, so that the two cannot be parts of one run.
    pub(crate) fn check(saved: Option<&Self>, plan: &SamplePlan) -> Result<(), SnapshotError> {
        let differ = |what, found: String, expected: String| {
            if found == expected { Ok(()) } else { Err(SnapshotError::Mismatch { what, found, expected }) }
        };
        let kept = |kept: bool| if kept { "kept" } else { "not kept" }.to_owned();
        if plan.wanted.per_sample {
            differ("the states of single samples", kept(saved.is_some_and(|saved| saved.per_sample)), kept(true))?;
        }
        if let Some(intervals) = &plan.wanted.intervals {
            let text = |intervals: &Intervals| format!("{} with the seed {}", intervals.replicates, intervals.seed);
            let found = saved.and_then(|saved| saved.intervals.as_ref()).map_or_else(|| "none".to_owned(), text);
            differ("the replicates", found, text(intervals))?;
        }
        Ok(())
    }

    /// The sizes of the groups, and how many samples or sequences there are.
    pub(crate) fn sizes(&self) -> Result<(Vec<u64>, u64), SnapshotError> {
        if self.groups.len() == GROUPS {
            return Ok((self.groups.clone(), self.units));
        }
        let (found, expected) = (self.groups.len().to_string(), GROUPS.to_string());
        Err(SnapshotError::Mismatch { what: "the number of groups", found, expected })
    }
}

impl SavedCoreSamples {
    /// What cannot be written is lost, and says so.
    fn save(core: &Core, samples: &CoreSamples) -> Self {
        let saved = match samples {
            CoreSamples::Failed { batch, error } => {
                return Self::Failed { batch: *batch, error: error.clone() };
            }
            CoreSamples::Kept(kept) => Self::of_kept(core, kept),
        };
        saved.unwrap_or_else(|error| {
            let error = MetricError::Other(format!("the states of its samples cannot be written: {error}"));
            Self::Failed { batch: None, error }
        })
    }

    fn of_kept(core: &Core, kept: &Kept) -> Result<Self, MetricError> {
        let save = |((unit, batch), part): (&PartKey, &AnyState)| Ok((*unit, *batch, core.fold.save(part)?));
        let parts = kept.parts.as_ref().map(|parts| parts.iter().map(save).collect::<Result<_, MetricError>>());
        let many = |many: &Option<_>| many.as_ref().map(|many| core.fold.save_many(many)).transpose();
        Ok(Self::Kept {
            parts: parts.transpose()?,
            counted: kept.counted.clone(),
            groups: many(&kept.groups)?,
            replicates: many(&kept.replicates)?,
            spread: kept.spread.clone(),
        })
    }

    fn restore(&self, core: &Core, plan: &SamplePlan) -> Result<CoreSamples, MetricError> {
        let (parts, counted, groups, replicates, spread) = match self {
            Self::Failed { batch, error } => {
                return Ok(CoreSamples::Failed { batch: *batch, error: error.clone() });
            }
            Self::Kept { parts, counted, groups, replicates, spread } => (parts, counted, groups, replicates, spread),
        };
        // Whoever asks for no intervals takes what is there.
        let draws = plan.wanted.intervals.is_some();
        if draws && !counted.as_ref().is_none_or(|counted| counted.is_of(plan.seed(), plan.replicates())) {
            return Err(MetricError::from("what its samples count was drawn otherwise"));
        }
        let part = |(unit, batch, part): &(u64, u64, Value)| Ok(((*unit, *batch), core.fold.restore(part)?));
        let parts = parts.as_ref().map(|parts| parts.iter().map(part).collect::<Result<_, MetricError>>());
        let many =
            |saved: &Option<Value>, count| saved.as_ref().map(|saved| core.fold.restore_many(saved, count)).transpose();
        Ok(CoreSamples::Kept(Kept {
            parts: parts.transpose()?,
            counted: counted.clone().filter(|_| draws),
            groups: many(groups, GROUPS)?,
            replicates: many(replicates, plan.replicates())?,
            spread: spread.clone(),
        }))
    }
}

impl Samples {
    /// By core.
    pub(crate) fn save_cores(&self, cores: &[Core]) -> Vec<SavedCoreSamples> {
        cores.iter().zip(&self.cores).map(|(core, samples)| SavedCoreSamples::save(core, samples)).collect()
    }

    /// From the sizes of the groups with the number of units and, by core, what was saved; a core of which nothing was has nothing.
    pub(crate) fn restore(
        plan: &SamplePlan,
        sizes: (Vec<u64>, u64),
        saved: &[(&Core, Option<&SavedCoreSamples>)],
    ) -> Result<Self, SnapshotError> {
        let restore = |(core, saved): &(&Core, Option<&SavedCoreSamples>)| match saved {
            None => Ok(CoreSamples::Kept(Kept::default())),
            Some(saved) => saved
                .restore(core, plan)
                .map_err(|error| SnapshotError::State { core: format!("{} on single samples", core.label), error }),
        };
        let cores = saved.iter().map(restore).collect::<Result<_, _>>()?;
        Ok(Self::of(plan, sizes, cores))
    }
}
