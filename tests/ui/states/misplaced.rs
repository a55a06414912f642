use neurobench::prelude::*;

#[accumulated_metric]
fn not_first(samples: SampleCount, count: &mut Count) {
    count.0 += samples.0;
}

#[accumulated_metric]
fn twice(count: &mut Count, mean: &mut Mean, samples: SampleCount) {
    count.0 += samples.0;
    mean.add(1.0);
}

#[accumulated_metric]
fn returns_too(count: &mut Count, samples: SampleCount) -> Count {
    count.0 += samples.0;
    *count
}

fn main() {}
