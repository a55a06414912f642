use neurobench::prelude::*;

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
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
fn tally(samples: SampleCount) -> Tally {
    Tally { hits: samples.0 }
}

#[accumulated_metric(type = Tally)]
fn in_place(tally: &mut Tally, samples: SampleCount) {
    tally.hits += samples.0;
}

fn main() {}
