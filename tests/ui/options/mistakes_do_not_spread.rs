use neurobench::prelude::*;

#[accumulated_metric(unti = "samples")]
fn counted(samples: SampleCount, #[param] k: u64) -> Count {
    Count(samples.0 * k)
}

#[accumulated_metric(of = Counted)]
fn reader(count: &Count) -> u64 {
    count.0
}

#[workload_metric(version = 0)]
fn batched(samples: SampleCount, #[param] k: u64) -> f64 {
    (samples.0 * k) as f64
}

#[accumulated_metric(of = Batched)]
fn batches(mean: &Mean) -> Option<f64> {
    mean.value()
}

variant!("counted_twice", Counted { k: 2 });
variant!("batched_twice", Batched { k: 2 });

fn main() {
    let _ = (Counted::default(), counted(SampleCount(1), 2), Batched { k: 1 });
    let _ = serde_json::to_string(&Counted { k: 3 });
}
