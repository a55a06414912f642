use neurobench::prelude::*;

#[workload_metric(variant("two", times = 2))]
fn word(predictions: Predictions<'_>, #[param] times: usize) -> String {
    "word".repeat(times * predictions.len())
}

#[workload_metric]
fn part(predictions: Predictions<'_>) -> Result<Ratio, MetricError> {
    Ok(Ratio::new(1, predictions.len() as u64))
}

fn main() {}
