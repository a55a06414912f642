//! Scores in bins: rankings in bounded memory.

use super::scores::by_class;
use crate::accumulate::{PerOutput, ScoreCounts};
use crate::prelude::*;

/// The thresholds between which scores count as equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Thresholds {
    /// So many, evenly spaced from 0 to 1, both included: `200`.
    Even(u64),
    /// These, in ascending order: `[0.0, 0.25, 0.9]`.
    At(Vec<f64>),
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::Even(200)
    }
}

/// How many even thresholds there may be: beyond it `ranked_scores` takes no more memory.
const MOST: u64 = 1 << 20;

impl Thresholds {
    fn values(&self) -> Result<Vec<f64>, MetricError> {
        match self {
            Self::Even(count) if (2..=MOST).contains(count) => {
                Ok((0..*count).map(|at| at as f64 / (count - 1) as f64).collect())
            }
            Self::Even(count) => Err(format!("{count} is no number of thresholds: 2 to {MOST} are possible").into()),
            Self::At(values) if values.is_empty() => Err("there are no thresholds".into()),
            Self::At(values) => match values.windows(2).find(|pair| pair[0] >= pair[1]) {
                Some(pair) => {
                    Err(format!("the thresholds are not ascending: {} comes before {}", pair[0], pair[1]).into())
                }
                None => Ok(values.clone()),
            },
        }
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
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let thresholds = thresholds.values()?;
    by_class(&scores, &targets, ignore_index, |score| {
        let reached = thresholds.partition_point(|threshold| *threshold <= score);
        reached.checked_sub(1).map_or(f64::NEG_INFINITY, |highest| thresholds[highest])
    })
}
