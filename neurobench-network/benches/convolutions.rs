//! What convolutional networks cost, with inputs that are numbers and with spikes, without counting and with all counts.
//!
//! ```text
//! cargo bench -p neurobench-network --bench convolutions
//! ```
//!
//! The networks have the shapes of two that are used to compare benchmarks of neuromorphic models: of keywords in a second of
//! sound (1.88 million multiplications a sample), and of gestures before an event camera (5.94 million a step if nothing is
//! zero; about three in a hundred are done). Times are for one sample, and for one step; one thread.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array1, Array2, Array3, Array4, ArrayD, IxDyn};
use neurobench::metric::Needs;
use neurobench::model::{Model, Probe, Tensor};
use neurobench::network::{BatchNormConfig, ConvConfig, LeakyConfig, Network, NetworkError, PoolConfig};

/// Splitmix64: numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// From -1 to 1.
    fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Four convolutions with batch normalization, ReLU and pooling, and a weighted sum.
fn keywords(random: &mut Random) -> Result<Network, NetworkError> {
    let mut builder = Network::builder([1, 8000]);
    let layers = [(1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)];
    for (number, (inputs, outputs, taps, stride)) in layers.into_iter().enumerate() {
        let scale = (3.0 / (inputs * taps) as f64).sqrt();
        let weight = Array3::from_shape_simple_fn((outputs, inputs, taps), || random.number() * scale);
        let norm = BatchNormConfig::new(Array1::zeros(outputs), Array1::from_elem(outputs, 0.25));
        builder = builder
            .conv1d(&format!("conv{number}"), weight, None, ConvConfig::new().with_stride(stride))
            .batch_norm1d(&format!("norm{number}"), norm)
            .relu(&format!("relu{number}"))
            .max_pool1d(&format!("pool{number}"), &PoolConfig::new(4));
    }
    let weight = Array2::from_shape_simple_fn((35, 64), || random.number());
    builder.flatten("flat").linear("out", weight, None).build()
}

/// Three convolutions with pooling and leaky neurons, and a weighted sum.
fn gestures(random: &mut Random) -> Result<Network, NetworkError> {
    let mut builder = Network::builder([2, 32, 32]).time_steps(true);
    for (number, (inputs, outputs)) in [(2, 16), (16, 32), (32, 64)].into_iter().enumerate() {
        let scale = (2.0 / (inputs * 25) as f64).sqrt();
        let weight = Array4::from_shape_simple_fn((outputs, inputs, 5, 5), || random.number() * scale);
        builder = builder
            .conv2d(&format!("conv{number}"), weight, None, ConvConfig::new().with_padding(2))
            .max_pool2d(&format!("pool{number}"), &PoolConfig::new(2))
            .leaky(&format!("leaky{number}"), LeakyConfig::new(0.5).with_threshold(1.0));
    }
    let weight = Array2::from_shape_simple_fn((11, 1024), || random.number() * 0.1);
    builder.flatten("flat").linear("out", weight, None).leaky("spikes", LeakyConfig::new(0.9)).build()
}

fn measure(criterion: &mut Criterion, name: &str, network: &Network, inputs: &Tensor, elements: u64) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(elements)).warm_up_time(Duration::from_millis(500));
    let counts = Needs::CONNECTION_COUNTS;
    let all = counts.union(Needs::ACTIVATION_COUNTS).union(Needs::MEMBRANE_COUNTS);
    for (what, needs) in [("forward", Needs::NONE), ("operations", counts), ("all counts", all)] {
        let mut probe = Probe::new(needs, network.layers());
        let (mut session, mut outputs) = (network.session(), Tensor::default());
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                probe.clear();
                session.forward(inputs, &mut probe, &mut outputs)
            });
        });
    }
    group.finish();
}

fn convolutions(criterion: &mut Criterion) {
    let mut random = Random(0);
    match keywords(&mut random) {
        Ok(network) => {
            let sound = ArrayD::from_shape_simple_fn(IxDyn(&[16, 1, 8000]), || random.number() as f32);
            measure(criterion, "keywords", &network, &sound.into(), 16);
        }
        Err(error) => panic!("{error}"),
    }
    match gestures(&mut random) {
        Ok(network) => {
            let event = || if random.number() > 0.92 { 1.0_f32 } else { 0.0 };
            let events = ArrayD::from_shape_simple_fn(IxDyn(&[4, 30, 2, 32, 32]), event);
            measure(criterion, "gestures", &network, &events.into(), 4 * 30);
        }
        Err(error) => panic!("{error}"),
    }
}

criterion_group!(benches, convolutions);
criterion_main!(benches);
