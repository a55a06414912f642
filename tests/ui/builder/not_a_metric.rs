use neurobench::metrics::Accuracy;
use neurobench::prelude::*;

#[accumulated_metric]
fn counted(samples: SampleCount, #[param(default = 1)] k: u64) -> Count {
    Count(samples.0 * k)
}

fn main() {
    let _ = Benchmark::builder().metric(Counted);
    let _ = Benchmark::builder().metric(Accuracy);
    let _ = Benchmark::builder().metric(counted);
    let _ = Benchmark::builder().metric("counted");
    let _ = Benchmark::builder().metric_as("own", "counted");
}
