use neurobench::prelude::*;

struct Odd;

#[workload_metric]
fn of_a_batch(samples: SampleCount) -> Result<f64, Odd> {
    if samples.0 == 0 { Err(Odd) } else { Ok(1.0) }
}

#[accumulated_metric]
fn in_place(count: &mut Count, samples: SampleCount) -> Result<(), Odd> {
    count.0 += samples.0;
    Err(Odd)
}

fn main() {}
