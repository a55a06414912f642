//! Three custom metrics, run beside built-in ones on the digits network, with every batch shown as it is done.
//!
//! ```text
//! cargo run --release --example custom_metrics
//! ```

use neurobench::data::InMemory;
use neurobench::network::Network;
use neurobench::prelude::*;
use neurobench::process::{Aggregate, RepeatOverTime, Scale};

/// Number of parameters of the model.
#[static_metric(unit = "parameters", higher_is_better = false)]
pub fn count_parameters(model: &dyn Model) -> u64 {
    model.layers().iter().map(Layer::parameter_count).sum()
}

/// Fraction of a batch that is classified right, averaged over batches.
#[workload_metric(unit = "fraction", higher_is_better = true, bounds = 0.0..=1.0)]
pub fn batch_accuracy(predicted: Classes<'_>, targets: TargetClasses<'_>) -> f64 {
    let right = predicted.iter().zip(targets.iter()).filter(|(predicted, target)| predicted == target).count();
    right as f64 / targets.len() as f64
}

/// Largest number of spikes by which a wrong class is ahead of the target; 0 if none is.
#[accumulated_metric(unit = "spikes", higher_is_better = false)]
pub fn max_loss(counts: Predictions<'_, Ix2>, targets: TargetClasses<'_>) -> Max {
    Max::from_values(counts.rows().into_iter().zip(targets.iter()).map(|(row, target)| {
        let target = *target as usize;
        let wrong = row.iter().enumerate().filter(|(class, _)| *class != target);
        wrong.map(|(_, count)| count - row[target]).fold(0.0, f64::max)
    }))
}

/// Runs the benchmark.
pub fn report() -> Result<neurobench::report::Report, Box<dyn std::error::Error>> {
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
    let benchmark = Benchmark::builder()
        .model(Network::load(format!("{digits}/network.toml"))?)
        .data(InMemory::from_npy(format!("{digits}/inputs.npy"), format!("{digits}/targets.npy"))?)
        .batch_size(90)
        .preprocess(Scale { factor: 1.0 / 16.0 })
        .preprocess(RepeatOverTime { steps: 25 })
        // Spikes by class, so that metrics see scores.
        .postprocess(Aggregate)
        .metric(CountParameters)
        .metric(BatchAccuracy)
        .metric(MaxLoss)
        .metric_named("classification_accuracy")
        // One line for each batch, on the standard error.
        .verbose()
        .build()?;
    Ok(benchmark.run()?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = report()?;
    println!("{report}");
    println!("parameters: {}", report.get::<CountParameters>()?);
    println!("batch accuracy: {}", report.get::<BatchAccuracy>()?);
    println!("worst case: {} spikes behind", report.get::<MaxLoss>()?);
    println!("accuracy: {}", report["classification_accuracy"]);
    Ok(())
}
