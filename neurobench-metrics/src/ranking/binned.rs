//! Scores in bins: rankings in bounded memory.

use super::scores::by_class;
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::prelude::*;

/// Thresholds between which scores count as equal, in ascending order.
///
/// A setting gives their number, evenly spaced from 0 to 1, both included, such as `200`, or a list, such as `[0.0,
/// 0.25, 0.9]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ThresholdsForm", into = "ThresholdsForm")]
pub struct Thresholds {
    form: ThresholdsForm,
    values: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number of thresholds, such as 200, or a list, such as [0.0, 0.25, 0.9]")]
enum ThresholdsForm {
    Count(u64),
    List(Vec<f64>),
}

/// Maximum number of even thresholds: with more, `ranked_scores` takes no more memory.
const MOST: u64 = 1 << 20;

impl Thresholds {
    /// Creates thresholds evenly spaced from 0 to 1, both included.
    ///
    /// # Errors
    ///
    /// Fewer than 2, or more than 2²⁰.
    pub fn even(count: u64) -> Result<Self, MetricError> {
        if !(2..=MOST).contains(&count) {
            return Err(format!("{count} thresholds; the number must be between 2 and {MOST}").into());
        }
        Ok(Self::from_count(count))
    }

    /// Creates thresholds from a list.
    ///
    /// # Errors
    ///
    /// An empty list, or values that are not finite or do not ascend.
    pub fn from_values(values: impl Into<Vec<f64>>) -> Result<Self, MetricError> {
        let values = values.into();
        if values.is_empty() {
            return Err("the list of thresholds is empty".into());
        }
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(format!("the threshold {bad} is not finite").into());
        }
        if let Some(pair) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!("the thresholds must ascend: {} comes before {}", pair[0], pair[1]).into());
        }
        Ok(Self { form: ThresholdsForm::List(values.clone()), values })
    }

    fn from_count(count: u64) -> Self {
        let values = (0..count).map(|at| at as f64 / (count - 1) as f64).collect();
        Self { form: ThresholdsForm::Count(count), values }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::from_count(200)
    }
}

impl TryFrom<ThresholdsForm> for Thresholds {
    type Error = MetricError;

    fn try_from(form: ThresholdsForm) -> Result<Self, MetricError> {
        match form {
            ThresholdsForm::Count(count) => Self::even(count),
            ThresholdsForm::List(values) => Self::from_values(values),
        }
    }
}

impl From<Thresholds> for ThresholdsForm {
    fn from(thresholds: Thresholds) -> Self {
        thresholds.form
    }
}

/// Number of positive and negative samples with a score from each threshold up to the next, by class: the core of
/// `binned_auroc` and `binned_average_precision`.
///
/// Scores from one threshold up to the next count as equal, and so do all below the lowest. Shapes are those of
/// `ranked_scores`. Memory: O(classes × thresholds), whatever the data set.
#[accumulated_metric(
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn binned_scores(
    scores: Predictions<'_>,
    targets: Targets<'_>,
    /// Number of thresholds, evenly spaced from 0 to 1, or a list of thresholds.
    #[param]
    thresholds: Thresholds,
    /// Target value to leave out; in multi-label batches, only that label of the sample is left out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in predictions when targets have more axes than `[samples]`: 1 for `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let thresholds = &thresholds.values;
    by_class(&scores, &targets, ignore_index, class_axis, |score| {
        let reached = thresholds.partition_point(|threshold| *threshold <= score);
        reached.checked_sub(1).map_or(f64::NEG_INFINITY, |highest| thresholds[highest])
    })
}
