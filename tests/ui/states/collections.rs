use neurobench::prelude::*;
use std::collections::HashMap;

#[accumulated_metric]
fn list(samples: SampleCount) -> Vec<Mean> {
    vec![Mean::weighted(1.0, samples.0)]
}

#[accumulated_metric]
fn in_place(means: &mut Vec<Mean>, samples: SampleCount) {
    means.push(Mean::weighted(1.0, samples.0));
}

#[accumulated_metric]
fn map(samples: SampleCount) -> Result<HashMap<String, Mean>, MetricError> {
    Ok(HashMap::from([("all".to_owned(), Mean::weighted(1.0, samples.0))]))
}

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge]
    means: Vec<Mean>,
    #[merge]
    counts: HashMap<String, Count>,
}

impl Finish for Tally {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(0)
    }
}

fn main() {}
