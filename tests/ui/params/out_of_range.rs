use neurobench::prelude::*;

#[workload_metric(variant("top_0", k = 0), variant("top_3", k = 3), variant("top_101", k = 101))]
fn top_k(
    samples: SampleCount,
    #[param(default = 0, range = 1..=100)] k: usize,
    #[param(default = -0.5, range = 0.0..1.0)] threshold: f64,
) -> f64 {
    samples.0 as f64 * k as f64 * threshold
}

fn main() {}
