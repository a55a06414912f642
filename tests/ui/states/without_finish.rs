use neurobench::prelude::*;

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge(sum)]
    hits: u64,
}

#[accumulated_metric]
fn hits(samples: SampleCount) -> Tally {
    Tally { hits: samples.0 }
}

fn main() {}
