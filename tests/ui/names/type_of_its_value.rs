use neurobench::prelude::*;

#[derive(Clone, Serialize, MetricValue)]
struct SpikeStatistics {
    spikes: f64,
}

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge(sum)]
    spikes: u64,
}

impl Finish for Tally {
    type Output = SpikeStatistics;

    fn finish(&self) -> Result<SpikeStatistics, MetricError> {
        Ok(SpikeStatistics { spikes: self.spikes as f64 })
    }
}

#[accumulated_metric]
fn spike_statistics(samples: SampleCount) -> Tally {
    Tally { spikes: samples.0 }
}

fn main() {}
