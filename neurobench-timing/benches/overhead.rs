//! Overhead of the engine: the time of a query beyond that of the model, with a model that does nothing.

use std::time::Duration;

use ndarray::{Array1, Array2};
use neurobench_core::data::InMemory;
use neurobench_core::model::{Layer, Model, ModelError, Probe, Session, Tensor};
use neurobench_timing::{LoadGenerator, Pipeline, Scenario};

/// Model that returns at once.
struct Nothing;

impl Model for Nothing {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Self)
    }
}

impl Session for Nothing {
    fn forward(&mut self, _: &Tensor, _: &mut Probe, _: &mut Tensor) -> Result<(), ModelError> {
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = InMemory::new(Array2::<f32>::zeros((64, 4)), Array1::<f32>::zeros(64))?;
    for scenario in [
        Scenario::SingleStream,
        Scenario::MultiStream { samples_per_query: 8 },
        Scenario::Offline,
        // All queries are late, so that none is waited for.
        Scenario::Server { rate: 1e9 },
    ] {
        let generator = LoadGenerator {
            batch_size: match scenario {
                Scenario::MultiStream { samples_per_query } => samples_per_query,
                _ => 1,
            },
            min_duration: Duration::from_millis(500),
            min_queries: 1,
            max_queries: Some(20_000_000),
            ..LoadGenerator::new(scenario)
        };
        let timing = generator.run(&Pipeline::new(Nothing), &data)?;
        let queries = timing.latencies.count();
        println!("{:>13}: {:7.1} ns per query", scenario.name(), timing.duration as f64 / queries as f64);
    }
    Ok(())
}
