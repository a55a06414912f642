use neurobench::prelude::*;

#[accumulated_metric(name = "", alias = "1st", variant("top k", k = 1), variant("top(2)", k = 2))]
fn top(samples: SampleCount, #[param] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric]
fn _hidden(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[accumulated_metric(name = "own")]
fn self_(samples: SampleCount) -> Count {
    Count(samples.0)
}

fn main() {}
