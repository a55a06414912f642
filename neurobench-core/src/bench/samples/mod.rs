//! Single samples: what is kept of them beside the states of the whole run, for intervals and for per-sample values.
//!
//! Each sample of a batch is folded once more, alone. What it gives is merged into the replicates of a bootstrap and into the groups
//! of a jackknife, or kept. All of that merges as states do, so that it may be split, written and read back.

mod draws;
mod kept;
mod reading;
mod saved;
mod spread;

use serde::{Deserialize, Serialize};

pub(crate) use kept::{Place, Samples};
pub(crate) use reading::{Reader, read};
pub(crate) use saved::{SavedCoreSamples, SavedSamples};

use crate::accumulate::{Mean, Ratio};
use crate::bench::intervals::{IntervalMethod, Intervals};
use crate::bench::request::Asked;
use crate::metric::plan::{AnyState, Core};
use crate::metric::{MetricKind, Shape};

/// How many groups the jackknife has. The acceleration's error is of the order 0.4 / groups.
const GROUPS: usize = 200;

/// What stands for all that might have been drawn: what a bootstrap draws, and what has a value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleUnit {
    /// A sample.
    Sample,
    /// Where state flows on from sample to sample, samples of a sequence are not independent of each other.
    Sequence,
}

/// What a builder asks of single samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) intervals: Option<Intervals>,
    pub(crate) per_sample: bool,
}

impl Wanted {
    pub(crate) fn is_nothing(self) -> bool {
        self.intervals.is_none() && !self.per_sample
    }
}

/// What a run keeps of single samples.
#[derive(Debug)]
pub(crate) struct SamplePlan {
    unit: SampleUnit,
    wanted: Wanted,
    /// By core.
    cores: Vec<Keep>,
}

/// What is kept of the samples of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Keep {
    /// Every sample's own state.
    parts: bool,
    groups: bool,
    replicates: bool,
    spread: bool,
    /// The core sees whole batches: through hooks, or because its value is one of batches.
    whole_batches: bool,
}

impl Keep {
    fn anything(self) -> bool {
        self.parts || self.groups || self.replicates || self.spread
    }
}

impl SamplePlan {
    /// None if nothing is wanted.
    pub(crate) fn of(wanted: Wanted, asked: &[Asked], cores: &[Core], carries_state: bool) -> Option<Self> {
        if wanted.is_nothing() {
            return None;
        }
        let unit = if carries_state { SampleUnit::Sequence } else { SampleUnit::Sample };
        let mut plan = Self { unit, wanted, cores: vec![Keep::default(); cores.len()] };
        for asked in asked {
            let closed = plan.has_closed_form(asked, cores);
            for at in &asked.cores {
                let (core, keep) = (&cores[*at], &mut plan.cores[*at]);
                keep.whole_batches =
                    core.needs.intersects(crate::model::Needs::HOOKS) || core.about.kind == MetricKind::Workload;
                if wanted.per_sample && is_scalar(&asked.requested.shape) {
                    keep.parts = true;
                }
                if wanted.intervals.is_some() && has_floats(&asked.requested.shape) {
                    if core.fold.keeps_order() {
                        keep.parts = true;
                    } else {
                        keep.groups = true;
                        keep.replicates |= !closed;
                        keep.spread |= closed;
                    }
                }
            }
        }
        Some(plan)
    }

    /// Whether a metric is a quotient of counts or a mean itself, and intervals in closed form are wanted.
    fn has_closed_form(&self, asked: &Asked, cores: &[Core]) -> bool {
        let [core] = asked.cores.as_slice() else { return false };
        let core = &cores[*core];
        let empty = core.fold.empty();
        self.unit == SampleUnit::Sample
            && self.wanted.intervals.is_some_and(|intervals| intervals.method == IntervalMethod::Auto)
            && core.about.id() == asked.requested.about.id()
            && core.about.kind == MetricKind::Accumulated
            && (is::<Ratio>(&empty) || is::<Mean>(&empty))
    }

    pub(crate) fn unit(&self) -> SampleUnit {
        self.unit
    }

    fn replicates(&self) -> usize {
        self.wanted.intervals.map_or(0, |intervals| intervals.replicates as usize)
    }

    fn seed(&self) -> u64 {
        self.wanted.intervals.map_or(0, |intervals| intervals.seed)
    }
}

fn is<T: 'static>(state: &AnyState) -> bool {
    state.downcast_ref::<T>().is_some()
}

/// Whether a value has floats that are not in a list: counts are of these samples alone, and lists may be of any length.
fn has_floats(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::NumberOrByClass => true,
        Shape::Optional(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => has_floats(inner),
        Shape::Record(fields) => fields.iter().any(|field| has_floats(&field.shape)),
        _ => false,
    }
}

/// Whether a value is one number, or may be one.
fn is_scalar(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::Integer | Shape::Bool | Shape::NumberOrByClass => true,
        Shape::Optional(inner) => is_scalar(inner),
        _ => false,
    }
}
