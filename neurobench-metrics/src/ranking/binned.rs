//! Scores in bins: rankings in bounded memory.

use super::scores::by_class;
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::prelude::*;

/// The thresholds between which scores count as equal, in ascending order.
///
/// As a setting they are their number, evenly spaced from 0 to 1, both included, `200`, or a list, `[0.0, 0.25, 0.9]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Thresholds {
    written: Written,
    values: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "thresholds are a number of them, as 200, or a list, as [0.0, 0.25, 0.9]")]
enum Written {
    Even(u64),
    At(Vec<f64>),
}

/// How many even thresholds there may be: beyond it `ranked_scores` takes no more memory.
const MOST: u64 = 1 << 20;

impl Thresholds {
    /// So many, evenly spaced from 0 to 1, both included.
    ///
    /// # Errors
    ///
    /// Fewer than 2, or more than 2²⁰.
    pub fn even(count: u64) -> Result<Self, MetricError> {
        if !(2..=MOST).contains(&count) {
            return Err(format!("{count} is no number of thresholds: 2 to {MOST} are possible").into());
        }
        Ok(Self::of(count))
    }

    /// These.
    ///
    /// # Errors
    ///
    /// None at all, or such that are not finite or do not ascend.
    pub fn at(values: impl Into<Vec<f64>>) -> Result<Self, MetricError> {
        let values = values.into();
        if values.is_empty() {
            return Err("there are no thresholds".into());
        }
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(format!("{bad} is no threshold").into());
        }
        if let Some(pair) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!("the thresholds are not ascending: {} comes before {}", pair[0], pair[1]).into());
        }
        Ok(Self { written: Written::At(values.clone()), values })
    }

    fn of(count: u64) -> Self {
        let values = (0..count).map(|at| at as f64 / (count - 1) as f64).collect();
        Self { written: Written::Even(count), values }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::of(200)
    }
}

impl TryFrom<Written> for Thresholds {
    type Error = MetricError;

    fn try_from(written: Written) -> Result<Self, MetricError> {
        match written {
            Written::Even(count) => Self::even(count),
            Written::At(values) => Self::at(values),
        }
    }
}

impl From<Thresholds> for Written {
    fn from(thresholds: Thresholds) -> Self {
        thresholds.written
    }
}

/// How many positive and negative samples have a score from each threshold up to the next, by class: what `binned_auroc` and
/// `binned_average_precision` read.
///
/// Scores count as equal from one threshold up to the next, and so do all below the lowest. Shapes are those of
/// `ranked_scores`. Memory: O(classes × thresholds), whatever the data set.
#[accumulated_metric(
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn binned_scores(
    scores: Predictions<'_>,
    targets: Targets<'_>,
    /// Their number, evenly spaced from 0 to 1, or a list of them.
    #[param]
    thresholds: Thresholds,
    /// A target that is left out, in multi-label batches the label of a sample alone.
    #[param]
    ignore_index: Option<i64>,
    /// Where targets have more axes than `[samples]`, that of the classes in predictions: 1 of `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let thresholds = &thresholds.values;
    by_class(&scores, &targets, ignore_index, class_axis, |score| {
        let reached = thresholds.partition_point(|threshold| *threshold <= score);
        reached.checked_sub(1).map_or(f64::NEG_INFINITY, |highest| thresholds[highest])
    })
}
