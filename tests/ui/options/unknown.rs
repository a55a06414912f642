use neurobench::prelude::*;

#[workload_metric(hook, colour = "red", of = Mse, unit = "samples")]
fn of_a_batch(samples: SampleCount) -> f64 {
    samples.0 as f64
}

#[static_metric(hooks = traces, higher_is_beter = true)]
fn of_the_model(layers: Layers<'_>) -> u64 {
    layers.len() as u64
}

#[accumulated_metric]
fn of_a_run(samples: SampleCount, #[param(defualt = 1)] weight: u64, #[param(min = 1)] least: u64) -> Count {
    Count(samples.0 * weight + least)
}

fn main() {}
