use neurobench::prelude::*;

#[accumulated_metric(hooks)]
struct Energy {
    joules: f64,
}

#[static_metric]
const SIZE: u64 = 5;

fn main() {}
