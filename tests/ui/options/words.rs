use neurobench::prelude::*;

#[accumulated_metric(requires_hooks = true)]
fn one(activations: ActivationCounts<'_>) -> Count {
    Count(activations.iter().count() as u64)
}

#[accumulated_metric(hooks = true)]
fn two(activations: ActivationCounts<'_>) -> Count {
    Count(activations.iter().count() as u64)
}

#[accumulated_metric(hooks(traces))]
fn three(activations: Activations<'_>) -> Count {
    let _ = activations;
    Count(1)
}

#[accumulated_metric("hooks")]
fn four(activations: ActivationCounts<'_>) -> Count {
    Count(activations.iter().count() as u64)
}

#[accumulated_metric(extreme(true))]
fn five(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[derive(Clone, Serialize, MetricValue)]
struct Extremes {
    #[value(extreme = true)]
    largest: f64,
    #[value = "J"]
    energy: f64,
    #[value("J")]
    power: f64,
}

fn main() {}
