//! One metric over predictions and targets, for the tests of metrics.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use neurobench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metric::{Metric, MetricValue};
use neurobench::model::Tensor;
use neurobench::testing::predictions;

/// Value of a metric for predictions and targets in batches of a given size, or the reason why it has none.
pub(crate) fn value<M: Metric>(
    metric: M,
    predicted: impl Into<Tensor>,
    targets: impl Into<Tensor>,
    batch_size: usize,
) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let data = InMemory::new(predicted, targets).unwrap();
    let benchmark =
        Benchmark::builder().model(predictions()).data(data).batch_size(batch_size).metric(metric).build().unwrap();
    benchmark.run().unwrap().get::<M>().cloned().map_err(|error| error.to_string())
}
