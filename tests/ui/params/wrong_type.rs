use neurobench::prelude::*;

#[workload_metric(variant("top_half", k = 0.5))]
fn top_k(samples: SampleCount, #[param(default = 1)] k: usize, #[param(default = 1)] threshold: f64) -> f64 {
    samples.0 as f64 * k as f64 * threshold
}

fn main() {}
