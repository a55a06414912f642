//! Detected boxes against pycocotools, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod degenerate;
mod identities;
mod merging;
mod recorded;

use ndarray::Array3;
use neurobench::metric::{Metric, MetricValue};
use neurobench::metrics::MatchedBoxes;

/// Sample: rows of targets and of predictions.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
pub(crate) struct Sample {
    pub(crate) targets: Vec<Vec<f64>>,
    pub(crate) predictions: Vec<Vec<f64>>,
}

/// Rows of every sample as one array, padded with rows that are not boxes.
pub(crate) fn padded<'a>(samples: impl Iterator<Item = &'a Vec<Vec<f64>>> + Clone, columns: usize) -> Array3<f64> {
    let rows = samples.clone().map(Vec::len).max().unwrap_or(0);
    let mut array = Array3::zeros((samples.clone().count(), rows, columns));
    array.slice_mut(ndarray::s![.., .., 0]).fill(-1.0);
    array.slice_mut(ndarray::s![.., .., 5]).fill(-1.0);
    for (at, sample) in samples.enumerate() {
        for (row, values) in sample.iter().enumerate() {
            for (column, value) in values.iter().take(columns).enumerate() {
                array[[at, row, column]] = *value;
            }
        }
    }
    array
}

/// Predictions and targets.
pub(crate) fn arrays(samples: &[Sample]) -> (Array3<f64>, Array3<f64>) {
    let predictions = padded(samples.iter().map(|sample| &sample.predictions), 7);
    (predictions, padded(samples.iter().map(|sample| &sample.targets), 8))
}

/// Value of a metric for samples in batches of `batch_size`.
pub(crate) fn value<M: Metric>(metric: M, samples: &[Sample], batch_size: usize) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let (predictions, targets) = arrays(samples);
    crate::one_metric::value(metric, predictions, targets, batch_size)
}

/// Filters of NeuroBench.
pub(crate) fn neurobench_boxes() -> MatchedBoxes {
    MatchedBoxes { skip_time: 500_000.0, min_diagonal: 60.0, ..MatchedBoxes::default() }
}
