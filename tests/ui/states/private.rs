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

#[allow(private_interfaces)]
#[accumulated_metric]
pub fn hits(samples: SampleCount) -> Tally {
    Tally { hits: samples.0 }
}

#[derive(Clone, Serialize, MetricValue)]
struct Report {
    count: f64,
}

#[allow(private_interfaces)]
#[static_metric]
pub fn count(layers: Layers<'_>) -> Result<Report, MetricError> {
    Ok(Report { count: layers.len() as f64 })
}

fn main() {}
