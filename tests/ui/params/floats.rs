use neurobench::prelude::*;

#[accumulated_metric]
fn range_of_floats(samples: SampleCount, #[param(default = 1, range = 0.5..=1.0)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric(variant("half", k = 0.5))]
fn variant_of_floats(samples: SampleCount, #[param(default = 1, range = 0..=10)] k: u64) -> Count {
    Count(samples.0 * k)
}

#[preprocessor]
fn processor(#[param(range = 0.5..)] k: u64) -> impl Preprocessor {
    let _ = k;
    |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
}

fn main() {}
