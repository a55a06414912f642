//! Whole networks, in samples a second: the forward pass alone, with counts, with all metrics; on one worker and on two.
//!
//! ```text
//! cargo bench --bench networks
//! ```
//!
//! With a folder behind `--`, networks and inputs are read from there: `NAME/network.toml`, `NAME/inputs.npy`,
//! `NAME/targets.npy`. Without one they are three networks of the sizes of NeuroBench's baselines with seeded random weights.
//! `benches/networks_reference.py` makes such a folder, and times Python NeuroBench on the same.
//!
//! Each line is of several rounds, in which its columns take turns: the best of each, and by how much more time counts and metrics
//! took in the median round, so that a machine that is slow now and then is so to all of them.

use std::path::Path;
use std::time::Instant;

use ndarray::{Array1, Array2, Array3, Array4, Array5};
use neurobench::data::InMemory;
use neurobench::model::LayerKind;
use neurobench::network::{BatchNormConfig, ConvConfig, InstructionSet, LeakyConfig, Network, PoolConfig};
use neurobench::prelude::*;
use neurobench::process::ChooseMaxCount;

const ROUNDS: usize = 9;

/// A network and what it is run on.
struct Case {
    name: String,
    network: Network,
    data: InMemory,
    batch_size: usize,
}

/// Numbers that are the same on every machine: SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    /// Between -limit and limit.
    fn within(&mut self, limit: f32) -> f32 {
        (self.unit() * 2.0 - 1.0) * limit
    }
}

/// Fully connected spiking layers over 201 steps of ternary events, one in ten of which is not zero.
fn gsc_snn() -> Case {
    const SAMPLES: usize = 1024;
    let random = &mut Random(1);
    let mut builder = Network::builder([20]).time_steps(true);
    // As many spikes as in the published network's first layers: some seven in a hundred.
    for (number, (inputs, outputs, gain)) in
        [(20, 256, 3.2), (256, 256, 3.2), (256, 256, 2.0), (256, 35, 2.0)].into_iter().enumerate()
    {
        let limit = gain / (inputs as f32).sqrt();
        let weight = Array2::from_shape_simple_fn((outputs, inputs), || random.within(limit));
        let bias = Array1::from_shape_simple_fn(outputs, || random.within(0.05));
        builder = builder.linear(&format!("{}", 2 * number + 1), weight, Some(bias));
        builder = builder.leaky(&format!("{}", 2 * number + 2), LeakyConfig::new(0.9));
    }
    let events = Array3::from_shape_simple_fn((SAMPLES, 201, 20), || match random.unit() {
        draw if draw < 0.05 => -1.0_f32,
        draw if draw < 0.1 => 1.0,
        _ => 0.0,
    });
    case("gsc_snn", builder.build(), Tensor::from(events), 35, 256, random)
}

/// Convolutions over raw audio, one pass a sample.
fn gsc_ann() -> Case {
    const SAMPLES: usize = 1024;
    let random = &mut Random(2);
    let mut builder = Network::builder([1, 8000]);
    let layers = [(1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)];
    for (number, (inputs, outputs, taps, stride)) in layers.into_iter().enumerate() {
        let number = number + 1;
        let limit = (6.0 / (inputs * taps) as f32).sqrt();
        let weight = Array3::from_shape_simple_fn((outputs, inputs, taps), || random.within(limit));
        let bias = Array1::from_shape_simple_fn(outputs, || random.within(0.1));
        let normal = BatchNormConfig::new(Array1::zeros(outputs), Array1::ones(outputs));
        builder = builder
            .conv1d(&format!("conv{number}"), weight, Some(bias), ConvConfig::new().with_stride(stride))
            .batch_norm1d(&format!("bn{number}"), normal)
            .relu(&format!("act{number}"))
            .max_pool1d(&format!("pool{number}"), &PoolConfig::new(4));
    }
    let weight = Array2::from_shape_simple_fn((35, 64), || random.within(0.1));
    let builder = builder.flatten("flatten").linear("fc1", weight, None).log_softmax("log_softmax");
    let audio = Array3::from_shape_simple_fn((SAMPLES, 1, 8000), || random.within(1.0));
    case("gsc_ann", builder.build(), Tensor::from(audio), 35, 256, random)
}

/// Spiking convolutions over 150 steps of event counts.
fn dvs_snn() -> Case {
    const SAMPLES: usize = 8;
    let random = &mut Random(3);
    let mut builder = Network::builder([2, 32, 32]).time_steps(true);
    for (number, (inputs, outputs)) in [(2, 16), (16, 32), (32, 64)].into_iter().enumerate() {
        let number = number + 1;
        // Few spikes, as in the published network: fewer than one neuron in a hundred at a step.
        let limit = 1.5 / ((inputs * 25) as f32).sqrt();
        let weight = Array4::from_shape_simple_fn((outputs, inputs, 5, 5), || random.within(limit));
        let bias = Array1::from_shape_simple_fn(outputs, || random.within(0.05));
        let config = ConvConfig::new().with_padding(neurobench::network::Padding::Same);
        builder = builder
            .conv2d(&format!("conv{number}"), weight, Some(bias), config)
            .max_pool2d(&format!("pool{number}"), &PoolConfig::new(2))
            .leaky(&format!("lif{number}"), LeakyConfig::new(0.8));
    }
    let weight = Array2::from_shape_simple_fn((11, 1024), || random.within(0.1));
    let builder = builder.flatten("flatten").linear("linear1", weight, None).leaky("lif4", LeakyConfig::new(0.8));
    let events = Array5::from_shape_simple_fn((SAMPLES, 150, 2, 32, 32), || match random.unit() {
        draw if draw < 0.004 => 2.0_f32,
        draw if draw < 0.045 => 1.0,
        _ => 0.0,
    });
    case("dvs_snn", builder.build(), Tensor::from(events), 11, 4, random)
}

fn case(
    name: &str,
    network: Result<Network, impl std::fmt::Display>,
    inputs: Tensor,
    classes: u64,
    batch_size: usize,
    random: &mut Random,
) -> Case {
    let network = network.unwrap_or_else(|error| panic!("{name}: {error}"));
    let targets = Array1::from_shape_simple_fn(inputs.samples(), || (random.bits() % classes) as i64);
    let data = InMemory::new(inputs, targets).unwrap_or_else(|error| panic!("{name}: {error}"));
    Case { name: name.to_owned(), network, data, batch_size }
}

/// The networks of a folder.
fn cases_in(folder: &Path) -> Vec<Case> {
    let read = |name: &str| {
        let file = |file: &str| folder.join(name).join(file);
        let network = Network::load(file("network.toml")).unwrap_or_else(|error| panic!("{error}"));
        let data = InMemory::from_npy(file("inputs.npy"), file("targets.npy"));
        let data = data.unwrap_or_else(|error| panic!("{error}"));
        Case { name: name.to_owned(), network, data, batch_size: if name == "dvs_snn" { 4 } else { 256 } }
    };
    ["gsc_snn", "gsc_ann", "dvs_snn"].into_iter().filter(|name| folder.join(name).exists()).map(read).collect()
}

/// What is asked of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Counts,
    Everything,
}

/// Seconds that a run takes.
fn seconds(case: &Case, network: &Network, asked: Asked, workers: usize) -> f64 {
    let metrics: &[&str] = match asked {
        Asked::Nothing => &["parameter_count"],
        Asked::Counts => &["activation_sparsity", "synaptic_operations", "membrane_updates"],
        Asked::Everything => &[
            "footprint",
            "parameter_count",
            "connection_sparsity",
            "classification_accuracy",
            "activation_sparsity",
            "activation_sparsity_by_layer",
            "synaptic_operations",
            "membrane_updates",
            "average_activity",
        ],
    };
    let builder = Benchmark::builder().model(network).data(&case.data);
    let mut builder = builder.batch_size(case.batch_size).workers(workers);
    if network.has_time_steps() {
        builder = builder.postprocess(ChooseMaxCount);
    }
    let has_membranes = network.layers().iter().any(|layer| layer.kind() == LayerKind::Neuron);
    for metric in metrics.iter().filter(|metric| has_membranes || **metric != "membrane_updates") {
        builder = builder.metric_named(metric);
    }
    let benchmark = builder.build().unwrap_or_else(|error| panic!("{error}"));
    let begun = Instant::now();
    let report = benchmark.run().unwrap_or_else(|error| panic!("{error}"));
    let elapsed = begun.elapsed().as_secs_f64();
    assert!(report.is_complete(), "a metric failed");
    elapsed
}

fn main() {
    // Cargo adds `--bench` of its own.
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let cases = match folder {
        Some(folder) => cases_in(Path::new(&folder)),
        None => vec![gsc_snn(), gsc_ann(), dvs_snn()],
    };
    println!("samples/s                  forward           counts      all metrics");
    for mut case in cases {
        for workers in [1, 2] {
            row(&case, workers, &format!("{workers} workers"));
        }
        for set in InstructionSet::available() {
            case.network = match case.network.with_instruction_set(set) {
                Some(network) => network,
                None => unreachable!("{set:?} is available"),
            };
            row(&case, 1, &format!("{set:?}"));
        }
    }
}

fn row(case: &Case, workers: usize, what: &str) {
    let samples = case.data.inputs().samples() as f64;
    let asked = [Asked::Nothing, Asked::Counts, Asked::Everything];
    let rounds: Vec<[f64; 3]> =
        (0..ROUNDS).map(|_| asked.map(|asked| seconds(case, &case.network, asked, workers))).collect();
    let best = |column: usize| rounds.iter().map(|round| round[column]).fold(f64::INFINITY, f64::min);
    let (forward, counts, all) = (best(0), best(1), best(2));
    let over = |column: usize| {
        let mut ratios: Vec<f64> = rounds.iter().map(|round| round[column] / round[0]).collect();
        ratios.sort_by(f64::total_cmp);
        (ratios[ROUNDS / 2] - 1.0) * 100.0
    };
    println!(
        "{:<9} {what:<10} {:>7.0} {:>6.3} s {:>7.0} ({:>4.1} %) {:>7.0} ({:>4.1} %) {all:>6.3} s",
        case.name,
        samples / forward,
        forward,
        samples / counts,
        over(1),
        samples / all,
        over(2),
    );
}
