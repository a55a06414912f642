use neurobench::prelude::*;

#[workload_metric]
fn of_a_batch(samples: SampleCount, #[param] name: String) -> f64 {
    samples.0 as f64 * name.len() as f64
}

#[accumulated_metric]
fn of_a_run(samples: SampleCount, #[param(default = 1)] r#name: u64) -> neurobench::accumulate::Count {
    neurobench::accumulate::Count(samples.0 * name)
}

#[accumulated_metric]
fn called_otherwise(samples: SampleCount, #[param(default = 1)] r#as: u64) -> neurobench::accumulate::Count {
    neurobench::accumulate::Count(samples.0 * r#as)
}

fn main() {}
