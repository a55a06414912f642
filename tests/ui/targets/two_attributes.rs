use neurobench::prelude::*;

#[accumulated_metric]
#[workload_metric]
fn counted(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[preprocessor]
#[neurobench::postprocessor(name = "other")]
fn unchanged() -> impl Preprocessor {
    |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
}

fn main() {
    let _ = (Counted, Unchanged);
}
