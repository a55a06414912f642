use neurobench::prelude::*;

struct Plain {
    hits: u64,
}

#[accumulated_metric]
fn of_plain(samples: SampleCount) -> Plain {
    Plain { hits: samples.0 }
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Unmerged {
    hits: u64,
}

#[accumulated_metric]
fn in_place(state: &mut Unmerged, samples: SampleCount) {
    state.hits += samples.0;
}

#[derive(Accumulator)]
struct Merged {
    #[merge(sum)]
    hits: u64,
}

impl Finish for Merged {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.hits)
    }
}

#[accumulated_metric]
fn of_merged(samples: SampleCount) -> Merged {
    Merged { hits: samples.0 }
}

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Outer {
    #[merge]
    inner: Unmerged,
}

impl Finish for Outer {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.inner.hits)
    }
}

fn main() {}
