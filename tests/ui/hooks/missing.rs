use neurobench::prelude::*;

#[workload_metric]
fn by_batch(activations: ActivationCounts<'_>) -> f64 {
    activations.iter().count() as f64
}

#[accumulated_metric(unit = "updates")]
fn by_run(predicted: Classes<'_>, membranes: MembraneCounts<'_>, neurons: NeuronCounts<'_>) -> Count {
    Count((predicted.len() + membranes.iter().count() + neurons.iter().count()) as u64)
}

fn main() {}
