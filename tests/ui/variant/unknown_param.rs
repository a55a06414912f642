use neurobench::prelude::*;

#[workload_metric]
fn top_k(samples: SampleCount, #[param] k: usize) -> f64 {
    samples.0 as f64 * k as f64
}

variant!("top_7", TopK { j: 7 });
variant!("top_8", TopK { k: 0.8 });

fn main() {}
