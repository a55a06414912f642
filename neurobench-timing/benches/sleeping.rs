//! Times of a model that sleeps, on the clock of the system: every percentile in every scenario should read the time that it
//! sleeps, up to what the system adds to a sleep.

use std::time::Duration;

use ndarray::{Array1, Array2};
use neurobench_core::data::InMemory;
use neurobench_core::model::FnModel;
use neurobench_timing::{LoadGenerator, Pipeline, Scenario};

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = InMemory::new(Array2::<f32>::zeros((64, 4)), Array1::<f32>::zeros(64))?;
    for (sleep, rate) in [(Duration::from_millis(2), 25.0), (Duration::from_millis(20), 2.5)] {
        let multi = Scenario::MultiStream { samples_per_query: 8 };
        for scenario in [Scenario::SingleStream, multi, Scenario::Offline, Scenario::Server { rate }] {
            let model = FnModel::new(Vec::new(), move |inputs, _| {
                std::thread::sleep(sleep);
                Ok(inputs.clone())
            });
            let generator = LoadGenerator {
                min_duration: Duration::from_secs(4),
                min_queries: 1,
                min_samples: 1,
                warmup: Duration::ZERO,
                ..LoadGenerator::new(scenario)
            };
            let timing = generator.run(&Pipeline::new(model), &data)?;
            let milliseconds =
                |percentile| timing.latencies.percentile(percentile).map_or(0.0, |found| found as f64 * 1e-6);
            let found = [0.0, 50.0, 90.0, 99.0, 100.0].map(|percentile| format!("{:.3}", milliseconds(percentile)));
            println!("{sleep:?} {:>13}: p0, p50, p90, p99, p100 = {} ms", scenario.name(), found.join(", "));
        }
    }
    Ok(())
}
