use neurobench::prelude::*;

#[accumulated_metric(
    alias = "first",
    alias = "first",
    variant("top", k = 1),
    variant("Top-2", k = 2),
    variant("top_2", k = 3),
    variant("first", k = 4)
)]
fn top(samples: SampleCount, #[param] k: u64) -> Count {
    Count(samples.0 * k)
}

fn main() {}
