use neurobench::prelude::*;

#[workload_metric(variant("top_3", j = 3), variant("top_5", k = 5, threshhold = 0.5), variant("same"))]
fn top_k(samples: SampleCount, #[param] k: usize, #[param] threshold: f64) -> f64 {
    samples.0 as f64 * k as f64 * threshold
}

#[workload_metric(variant("other", k = 3), variant("twice", k = 1, k = 2))]
fn plain(samples: SampleCount) -> f64 {
    samples.0 as f64
}

fn main() {}
