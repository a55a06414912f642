use neurobench::prelude::*;

const MOST: usize = 100;

#[workload_metric(variant("top_most", k = MOST))]
fn top_k(
    samples: SampleCount,
    #[param(default = MOST + 1, range = 1..MOST)] k: usize,
    #[param(default = f64::NAN, range = 0.0..)] threshold: f64,
) -> f64 {
    samples.0 as f64 * k as f64 * threshold
}

fn main() {}
