use neurobench::prelude::*;

struct Energy;

impl Energy {
    #[workload_metric]
    fn by_reference(&self, samples: SampleCount) -> f64 {
        samples.0 as f64
    }

    #[workload_metric]
    fn by_value(self, samples: SampleCount, #[param(default = 1.0)] weight: f64) -> f64 {
        samples.0 as f64 * weight
    }
}

fn main() {}
