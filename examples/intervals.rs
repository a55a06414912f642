//! Confidence intervals, and a comparison of two runs: the digits network with 25 time steps and with 4.
//!
//! ```text
//! cargo run --release --example intervals
//! ```

use neurobench::bench::Intervals;
use neurobench::compare::{ComparisonSettings, NamedResults, RunComparison, compare_runs};
use neurobench::data::InMemory;
use neurobench::network::Network;
use neurobench::prelude::*;
use neurobench::process::{ChooseMaxCount, RepeatOverTime, Scale};
use neurobench::report::Report;

/// Runs the network for a number of time steps.
pub fn report(steps: usize) -> Result<Report, Box<dyn std::error::Error>> {
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
    let benchmark = Benchmark::builder()
        .model(Network::load(format!("{digits}/network.toml"))?)
        .data(InMemory::from_npy(format!("{digits}/inputs.npy"), format!("{digits}/targets.npy"))?)
        .preprocess(Scale { factor: 1.0 / 16.0 })
        .preprocess(RepeatOverTime { steps })
        .postprocess(ChooseMaxCount)
        .metric_named("accuracy")
        // The mean of ten recalls is not a mean of samples: its interval is from a bootstrap.
        .metric_named("recall(average=macro)")
        .intervals(Intervals { level: 0.9, replicates: 500, ..Intervals::default() })
        // Comparisons need the value of every sample.
        .per_sample()
        .workers(2)
        .build()?;
    Ok(benchmark.run()?)
}

/// Compares two runs over the same samples; the first is the baseline.
pub fn comparison(baseline: &Report, candidate: &Report) -> Result<RunComparison, Box<dyn std::error::Error>> {
    let runs = [NamedResults::new("25 steps", baseline.results()), NamedResults::new("4 steps", candidate.results())];
    Ok(compare_runs(&runs, &ComparisonSettings::default())?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (long, short) = (report(25)?, report(4)?);
    for entry in long.entries() {
        for interval in entry.intervals() {
            println!("{}: {:.4} to {:.4} ({:?})", entry.name(), interval.low, interval.high, interval.kind);
        }
        if let Some(reason) = entry.no_interval() {
            println!("{}: no interval: {reason}", entry.name());
        }
    }
    let comparison = comparison(&long, &short)?;
    for number in &comparison.samples {
        println!("{} with {}: {:+.4}", number.metric, number.candidate, number.mean_difference);
    }
    for test in comparison.tests() {
        match (&test.p_value, test.corrected_p) {
            (Ok(p), Some(corrected)) => println!("  {}: p = {p:.4}, {corrected:.4} after Holm", test.name),
            (Ok(p), None) => println!("  {}: p = {p:.4}", test.name),
            (Err(reason), _) => println!("  {}: {reason}", test.name),
        }
    }
    Ok(())
}
