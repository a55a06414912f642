use neurobench::prelude::*;

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge(sum)]
    float: f64,
    #[merge(sum)]
    signed: i64,
    #[merge(min)]
    smallest: f64,
    #[merge]
    list: Vec<u32>,
    #[merge(max)]
    text: String,
    #[merge(with = join)]
    joined: Vec<u32>,
}

fn join(own: &mut Vec<u32>, other: &[u32]) {
    own.extend(other);
}

impl Finish for Tally {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(0)
    }
}

fn main() {}
