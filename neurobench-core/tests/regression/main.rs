//! Predicted numbers against scikit-learn, scipy and torchmetrics, and what must hold whatever they say.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod identities;
mod merging;
mod recorded;
mod wrong_numbers;

use ndarray::{Array2, ArrayD};
use neurobench_core::Benchmark;
use neurobench_core::data::InMemory;
use neurobench_core::metric::{Metric, MetricValue};
use neurobench_core::testing::predictions;

/// A metric's value for predictions and targets that come in batches of so many samples, or why it has none.
pub(crate) fn value<M: Metric>(
    metric: M,
    predicted: &ArrayD<f64>,
    targets: &ArrayD<f64>,
    batch_size: usize,
) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let data = InMemory::new(predicted.clone(), targets.clone()).unwrap();
    let benchmark =
        Benchmark::builder().model(predictions()).data(data).batch_size(batch_size).metric(metric).build().unwrap();
    benchmark.run().unwrap().get::<M>().cloned().map_err(|error| error.to_string())
}

/// A metric's value for one output.
pub(crate) fn of_columns<M: Metric>(metric: M, predicted: &[f64], targets: &[f64]) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let column = |values: &[f64]| Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap().into_dyn();
    value(metric, &column(predicted), &column(targets), 3)
}
