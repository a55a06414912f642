use neurobench::prelude::*;

#[static_metric]
fn of_the_model(total: &mut u64) -> u64 {
    *total
}

#[workload_metric]
fn of_a_batch(total: &mut Mean, samples: SampleCount) -> f64 {
    total.add(1.0);
    samples.0 as f64
}

#[workload_metric]
fn unnamed(anything: impl Input<'static>) -> f64 {
    let _ = anything;
    0.0
}

fn main() {}
