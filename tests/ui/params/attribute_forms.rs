use neurobench::prelude::*;

#[accumulated_metric]
fn value(samples: SampleCount, #[param(3)] k: u64, #[param(1..=5)] l: u64, #[param(-0.5)] m: f64) -> Count {
    let _ = m;
    Count(samples.0 * k * l)
}

#[accumulated_metric]
fn equal(samples: SampleCount, #[param = 3] k: u64, #[param("3")] l: String) -> Count {
    let _ = l;
    Count(samples.0 * k)
}

#[accumulated_metric]
fn ends(samples: SampleCount, #[param(min = 1)] k: u64, #[param(default = 2, max = 5)] l: u64) -> Count {
    Count(samples.0 * k * l)
}

fn main() {}
