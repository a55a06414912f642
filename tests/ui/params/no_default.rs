use neurobench::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Average {
    Macro,
    Micro,
}

#[accumulated_metric]
fn of_a_run(samples: SampleCount, #[param] average: Average) -> Count {
    match average {
        Average::Macro => Count(samples.0),
        Average::Micro => Count(0),
    }
}

fn main() {}
