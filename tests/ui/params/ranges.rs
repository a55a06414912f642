use neurobench::prelude::*;

const LEAST: u32 = 3;

#[accumulated_metric]
fn text(samples: SampleCount, #[param(range = "a".."b")] k: u64, #[param(range = 1..3)] label: String) -> Count {
    let _ = label;
    Count(samples.0 * k)
}

#[accumulated_metric]
fn optional(samples: SampleCount, #[param(range = 1..=3)] k: Option<u64>) -> Count {
    Count(samples.0 * k.unwrap_or(1))
}

#[accumulated_metric(variant("seven", k = 7))]
fn constant(samples: SampleCount, #[param(default = 5, range = LEAST..)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[derive(Clone, Debug, Settings)]
struct Config {
    #[param(default = 1.5, range = LEAST..)]
    length: f64,
}

fn main() {}
