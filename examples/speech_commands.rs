//! Average activity of the speech-commands network of NeuroBench's workshop: 20 inputs and fully connected layers of
//! 256, 256, 256 and 35 leaky neurons with β = 0.9, over 201 steps of ternary events.
//!
//! **The weights and the inputs are random**, from a fixed seed: activity and sparsity show how the metrics work, not
//! how the trained network behaves, and there is no accuracy. With the published weights as a network file, the network
//! is real, and only the inputs are random:
//!
//! ```text
//! cargo run --release --example speech_commands
//! cargo run --release --example speech_commands -- --network FILE.toml
//! ```

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Array3};
use neurobench::data::InMemory;
use neurobench::metrics::{ActivationSparsityByLayer, AverageActivity};
use neurobench::network::{LeakyConfig, Network, NetworkBuilder};
use neurobench::prelude::*;
use neurobench::process::ChooseMaxCount;
use neurobench::report::Report;

/// Number of time steps of a sample.
pub const STEPS: usize = 201;

/// Number of samples.
pub const SAMPLES: usize = 4;

/// Inputs and outputs of each layer, and the largest weight relative to `1/sqrt(inputs)`.
const LAYERS: [(usize, usize, f32); 4] = [(20, 256, 3.2), (256, 256, 3.2), (256, 256, 2.0), (256, 35, 2.0)];

/// Random numbers that are the same on every machine: SplitMix64.
struct Random(u64);

impl Random {
    /// Draws a number between 0 and 1.
    fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((bits ^ (bits >> 31)) >> 40) as f32) / (1 << 24) as f32
    }

    /// Draws a number between `-limit` and `limit`, rounded to a multiple of 1/1024 so that sums of weights are exact.
    fn weight(&mut self, limit: f32) -> f32 {
        ((self.draw() * 2.0 - 1.0) * limit * 1024.0).round() / 1024.0
    }
}

/// Weights `[outputs, inputs]` and bias of each layer, from a seed.
pub fn random_weights() -> Vec<(Array2<f32>, Array1<f32>)> {
    let random = &mut Random(1);
    let layer = |(inputs, outputs, gain): (usize, usize, f32)| {
        let limit = gain / (inputs as f32).sqrt();
        let weight = Array2::from_shape_simple_fn((outputs, inputs), || random.weight(limit));
        (weight, Array1::from_shape_simple_fn(outputs, || random.weight(0.05)))
    };
    LAYERS.into_iter().map(layer).collect()
}

/// The network with random weights. Layers have the names of the published network: `1` to `8`.
pub fn random_network() -> NetworkBuilder {
    let mut builder = Network::builder([20]).time_steps(true);
    for (number, (weight, bias)) in random_weights().into_iter().enumerate() {
        builder = builder.linear(&format!("{}", 2 * number + 1), weight, Some(bias));
        builder = builder.leaky(&format!("{}", 2 * number + 2), LeakyConfig::new(0.9));
    }
    builder
}

/// Random events `[sample, step, channel]`: 5 in 100 are −1, 5 in 100 are 1.
pub fn random_events() -> Array3<f32> {
    let random = &mut Random(2);
    Array3::from_shape_simple_fn((SAMPLES, STEPS, 20), || match random.draw() {
        draw if draw < 0.05 => -1.0,
        draw if draw < 0.1 => 1.0,
        _ => 0.0,
    })
}

/// Runs the benchmark, with random weights if there is no network file.
pub fn report(network: Option<&Path>) -> Result<Report, Box<dyn std::error::Error>> {
    let network = match network {
        Some(file) => Network::load(file)?,
        None => random_network().build()?,
    };
    let benchmark = Benchmark::builder()
        .model(network)
        // Random inputs have no classes; no metric here reads the targets.
        .data(InMemory::new(random_events(), Array1::<i64>::zeros(SAMPLES))?)
        .postprocess(ChooseMaxCount)
        .metric(AverageActivity::default())
        .metric(ActivationSparsityByLayer::default())
        .metric_named("footprint")
        .metric_named("synaptic_operations")
        .workers(2)
        .build()?;
    Ok(benchmark.run()?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let network: Option<PathBuf> =
        std::env::args_os().skip_while(|argument| argument != "--network").nth(1).map(Into::into);
    match &network {
        Some(file) => println!("network: {}; the inputs are random", file.display()),
        None => println!("the weights and the inputs are random: these are not figures of the published network"),
    }
    let report = report(network.as_deref())?;
    println!("spikes per neuron and step");
    for (layer, activity) in report.get::<AverageActivity>()?.iter() {
        println!(
            "  layer {layer}: mean {:.4} ± {:.4}, min {:.4}, q1 {:.4}, median {:.4}, q3 {:.4}, max {:.4}",
            activity.mean, activity.std, activity.min, activity.q1, activity.median, activity.q3, activity.max
        );
    }
    println!("{report}");
    Ok(())
}
