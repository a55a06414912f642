use neurobench::prelude::*;

#[derive(Clone, Default, Accumulator)]
struct Tally {
    #[merge(sum)]
    hits: u64,
}

impl Finish for Tally {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.hits)
    }
}

#[accumulated_metric]
fn hits(samples: SampleCount) -> Tally {
    Tally { hits: samples.0 }
}

fn main() {}
