use neurobench::prelude::*;

#[workload_metric]
fn of_a_batch(samples: SampleCount, #[param] name: &str, #[param] (low, high): (f64, f64)) -> f64 {
    samples.0 as f64 * name.len() as f64 * low * high
}

#[accumulated_metric]
fn count(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[accumulated_metric(of = CountMetric)]
fn of_another(state: &Count, #[param] core: u64) -> u64 {
    state.0 * core
}

fn main() {}
