use neurobench::prelude::*;

#[accumulated_metric(variant(half, k = 1))]
fn unquoted(samples: SampleCount, #[param(default = 1)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric(variant("half", "k" = 2))]
fn quoted(samples: SampleCount, #[param(default = 1)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric(variant(k = 2))]
fn unnamed(samples: SampleCount, #[param(default = 1)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric(variant("float", k = 3.5), variant("text", k = "3"))]
fn typed(samples: SampleCount, #[param(default = 1, range = 0..10)] k: u64) -> Count {
    Count(samples.0 * k)
}

fn main() {}
