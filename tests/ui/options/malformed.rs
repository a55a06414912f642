use neurobench::prelude::*;

#[accumulated_metric(
    unit = 5,
    higher_is_better,
    version = 0,
    bounds = 1,
    hooks = deep,
    alias "second"
    cite = "somewhere",
    variant("two", weight),
    name =
)]
fn energy(samples: SampleCount, #[param(range = 7)] weight: u64, #[param(range = ..)] least: u64) -> Count {
    Count(samples.0 * weight + least)
}

#[accumulated_metric(bounds = 1.0..=0.0, variant)]
fn empty(samples: SampleCount, #[param(range = 5..5, default = 5)] weight: u64) -> Count {
    Count(samples.0 * weight)
}

fn main() {}
