use neurobench::prelude::*;

#[accumulated_metric(extreme = true, unit = "J")]
fn extreme(samples: SampleCount, #[param(3)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[workload_metric(variant("half", "k" = 2), variant(quarter, k = 4))]
fn strings(samples: SampleCount, #[param] k: f64) -> f64 {
    samples.0 as f64 / k
}

fn main() {
    let _ = (Extreme { k: 3 }, Strings { k: 2.0 });
}
