use neurobench::prelude::*;

#[accumulated_metric]
fn counted(samples: SampleCount, #[param(default = 1, range = 1..=100)] k: u64, #[param(range = 0.0..1.0)] share: f64) -> Count {
    let _ = share;
    Count(samples.0 * k)
}

neurobench::variant!("too_many", Counted { k: 300 });
neurobench::variant!("negative", Counted { k: 2, share: -0.5 });

fn main() {}
