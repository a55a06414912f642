use neurobench::prelude::*;

#[workload_metric]
fn top_k(samples: SampleCount, #[param] k: usize) -> f64 {
    samples.0 as f64 * k as f64
}

variant!("top_7");
variant!(TopK { k: 7 });
variant!("top_7", 7);
variant!("top 7", TopK { k: 7 });
variant!("top_7", TopK {});
variant!("top_7", TopK { k: 7, ..TopK::default() });
variant!("top_7", TopK { k: 7 }, krate = neurobench);

fn main() {}
