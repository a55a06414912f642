use neurobench::prelude::*;

#[workload_metric]
async fn later(samples: SampleCount) -> f64 {
    samples.0 as f64
}

#[workload_metric]
fn generic<T: Into<f64>, const N: usize>(samples: SampleCount, #[param] weight: T) -> f64 {
    samples.0 as f64 * weight.into() + N as f64
}

#[static_metric]
unsafe fn careless(layers: Layers<'_>) -> u64 {
    layers.len() as u64
}

#[static_metric]
extern "C" fn foreign(layers: Layers<'_>) -> u64 {
    layers.len() as u64
}

fn main() {}
