//! Activity of the neurons of a spiking network: five numbers for each layer, and each neuron's own. Draws box plots with each neuron as
//! a point if a file is named.
//!
//! ```text
//! cargo run --release --example average_activity -- activity.svg
//! ```

use neurobench::data::InMemory;
use neurobench::figure::{Figure, Plot};
use neurobench::metrics::{AverageActivity, NeuronActivity};
use neurobench::network::Network;
use neurobench::prelude::*;
use neurobench::process::{RepeatOverTime, Scale};
use neurobench::report::Report;
use neurobench::reporting::draw::{Style, svg};

/// Runs the benchmark.
pub fn report() -> Result<Report, Box<dyn std::error::Error>> {
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
    let benchmark = Benchmark::builder()
        .model(Network::load(format!("{digits}/network.toml"))?)
        .data(InMemory::from_npy(format!("{digits}/inputs.npy"), format!("{digits}/targets.npy"))?)
        .preprocess(Scale { factor: 1.0 / 16.0 })
        .preprocess(RepeatOverTime { steps: 25 })
        .metric(AverageActivity::default())
        .metric(NeuronActivity::default())
        .workers(2)
        .build()?;
    Ok(benchmark.run()?)
}

/// Box plots of the activity of each layer, with each neuron as a point.
pub fn figure(report: &Report) -> Result<Figure, Box<dyn std::error::Error>> {
    let activity = report.get::<NeuronActivity>()?;
    Ok(activity.plot().named("neuron_activity", Some("non-zero outputs/step")))
}

/// Runs the benchmark, and draws the figure to the file that the first argument names.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    run(std::env::args_os().nth(1))
}

/// Prints the results, and draws them to a file if there is one.
pub fn run(file: Option<std::ffi::OsString>) -> Result<(), Box<dyn std::error::Error>> {
    let report = report()?;
    let neurons = report.get::<NeuronActivity>()?;
    for (layer, activity) in report.get::<AverageActivity>()?.iter() {
        println!("layer {layer}, spikes per neuron and step:");
        println!("  min {:.4}  q1 {:.4}  median {:.4}", activity.min, activity.q1, activity.median);
        println!("  q3 {:.4}  max {:.4}  mean {:.4} ± {:.4}", activity.q3, activity.max, activity.mean, activity.std);
        let silent = neurons.get(layer).map_or(0, |rates| rates.iter().filter(|rate| **rate == 0.0).count());
        println!("  neurons that never spiked: {silent}");
    }
    if let Some(file) = file {
        std::fs::write(file, svg(&figure(&report)?, &Style::default())?)?;
    }
    Ok(())
}
