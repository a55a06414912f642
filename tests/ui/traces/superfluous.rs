use neurobench::prelude::*;

#[workload_metric(hooks = traces)]
fn counts_would_do(activations: ActivationCounts<'_>) -> f64 {
    activations.iter().count() as f64
}

#[accumulated_metric(hooks = traces)]
fn nothing_is_needed(samples: SampleCount) -> Count {
    Count(samples.0)
}

fn main() {}
