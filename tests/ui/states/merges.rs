use neurobench::prelude::*;

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    hits: u64,
    #[merge(sun)]
    misspelt: u64,
    #[merge(concat)]
    unknown: Vec<u32>,
    #[merge(sum)]
    #[merge(max)]
    twice: u64,
    #[merge(with)]
    no_path: u64,
    #[merge()]
    empty: u64,
    #[merge(sum, max)]
    both: u64,
    #[merge = "sum"]
    equal: u64,
    #[merge("sum")]
    quoted: u64,
}

impl Finish for Tally {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(0)
    }
}

#[derive(Accumulator)]
enum Choice {
    This,
}

#[accumulated_metric]
fn hits(samples: SampleCount) -> Tally {
    Tally { hits: samples.0, ..Tally::default() }
}

fn main() {}
