use neurobench::prelude::*;

#[workload_metric(hooks)]
fn by_batch(predictions: Predictions<'_>) -> f64 {
    predictions.len() as f64
}

#[accumulated_metric(unit = "samples", hooks)]
fn by_run(samples: SampleCount) -> Count {
    Count(samples.0)
}

fn main() {}
