//! Predicted numbers against scikit-learn, scipy and torchmetrics, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod identities;
mod merging;
mod recorded;
mod wrong_numbers;

use crate::one_metric::value;
use ndarray::Array2;
use neurobench::metric::{Answer, Metric, MetricValue};

/// Value of a metric for one output.
pub(crate) fn column_value<M: Metric>(metric: M, predicted: &[f64], targets: &[f64]) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let column = |values: &[f64]| Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap();
    value(metric, column(predicted), column(targets), 3)
}

/// Values of answers, each of which must have one.
pub(crate) fn all<V: Clone>(answers: Result<Vec<Answer<V>>, String>) -> Result<Vec<V>, String> {
    answers?.iter().map(|answer| answer.value().cloned().map_err(|why| why.to_string())).collect()
}
