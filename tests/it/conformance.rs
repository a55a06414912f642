//! Cases of Python NeuroBench's own test suite that concern whole metrics, with the values asserted there.
//!
//! Those that concern layers alone stand with the layers.

use ndarray::{Array1, Array2, Array3, array, s};
use neurobench::data::InMemory;
use neurobench::metrics::{
    ActivationSparsityByLayer, ClassificationAccuracy, ConnectionSparsity, Footprint, MembraneUpdates, Mse,
    NeuronOperations, ParameterCount, SynapticOperations,
};
use neurobench::network::{LeakyConfig, Network};
use neurobench::prelude::*;
use neurobench::testing::predictions;

/// The suite's `net`: 20-256-256-256-35 with leaky neurons after every layer, every parameter given by its place.
fn net(mut parameter: impl FnMut(usize, usize) -> f32) -> Network {
    let mut builder = Network::builder([20]).time_steps(true).flatten("0");
    for (place, (inputs, outputs)) in [(20, 256), (256, 256), (256, 256), (256, 35)].into_iter().enumerate() {
        let weight = Array2::from_shape_fn((outputs, inputs), |(row, _)| parameter(row, outputs));
        let bias = Array1::from_shape_fn(outputs, |row| parameter(row, outputs));
        let (linear, leaky) = ((2 * place + 1).to_string(), (2 * place + 2).to_string());
        builder = builder.linear(&linear, weight, Some(bias)).leaky(&leaky, LeakyConfig::new(0.9));
    }
    builder.build().unwrap()
}

fn of_model<M: neurobench::metric::Metric>(model: &Network, metric: M) -> M::Output
where
    M::Output: MetricValue,
{
    let benchmark = Benchmark::builder().model(model).metric(metric).build().unwrap();
    benchmark.run().unwrap().get::<M>().unwrap().clone()
}

/// test_footprint, test_parameter_count
#[test]
fn s1_s2_footprint_and_parameters_of_a_fresh_net() {
    let net = net(|_, _| 0.5);
    assert_eq!(of_model(&net, Footprint::default()), 583_900);
    assert_eq!(of_model(&net, ParameterCount), 145_955);
}

/// test_connection_sparsity
#[test]
fn s3_connection_sparsity() {
    assert_eq!(of_model(&net(|_, _| 0.0), ConnectionSparsity), 1.0);
    assert_eq!(of_model(&net(|_, _| 1.0), ConnectionSparsity), 0.0);
    let half = of_model(&net(|row, rows| if row < rows / 2 { 0.0 } else { 1.0 }), ConnectionSparsity);
    // 17 of the last layer's 35 rows are the smaller half.
    let zeros = 128 * 20 + 2 * 128 * 256 + 17 * 256;
    assert_eq!(half, f64::from(zeros) / f64::from(20 * 256 + 2 * 256 * 256 + 35 * 256));
    // The values that the suite asserts.
    assert!((half - 0.5).abs() < 0.001);
}

fn accuracy(predicted: Array1<i64>) -> f64 {
    let targets = Array1::from_iter(1..=10_i64);
    let benchmark = Benchmark::builder()
        .model(predictions())
        .data(InMemory::new(predicted, targets).unwrap())
        .metric(ClassificationAccuracy)
        .build()
        .unwrap();
    *benchmark.run().unwrap().get::<ClassificationAccuracy>().unwrap()
}

/// test_classification_accuracy
#[test]
fn w1_classification_accuracy() {
    assert_eq!(accuracy(Array1::zeros(10)), 0.0);
    assert_eq!(accuracy(Array1::ones(10)), 0.1);
    assert_eq!(accuracy(Array1::from_iter((0..10).map(|i| if i % 2 == 0 { 0 } else { i + 1 }))), 0.5);
    assert_eq!(accuracy(Array1::from_iter(1..=10)), 1.0);
}

/// test_MSE
#[test]
fn w2_mean_squared_error() {
    let targets = Array1::from_iter((0..10).map(f64::from));
    let benchmark = Benchmark::builder()
        .model(predictions())
        .data(InMemory::new(targets.mapv(|target| 1.1 * target), targets).unwrap())
        .batch_size(3)
        .metric(Mse)
        .build()
        .unwrap();
    // 0.01 · (0² + … + 9²) / 10 = 0.285 to the three digits that the suite compares; 1.1 is no float.
    assert!((benchmark.run().unwrap().get::<Mse>().unwrap() - 0.285).abs() < 1e-15);
}

/// The suite's `net_snn` on ones(5, 10, 20), with weights of which one neuron gets a current of 0.3 and the others none.
///
/// By hand, β = 0.9: 0.3, 0.57, 0.813, 1.0317 (spike), 0.2285, 0.5057, 0.7551, 0.9796, 1.1816 (spike), 0.3635: two spikes
/// of 5 neurons × 10 steps, as in the suite.
fn net_snn() -> (Network, InMemory) {
    let mut weight = Array2::zeros((5, 20));
    weight.slice_mut(s![2, ..]).fill(0.015);
    let network = Network::builder([20])
        .time_steps(true)
        .linear("0", weight, None)
        .leaky("1", LeakyConfig::new(0.9))
        .build()
        .unwrap();
    (network, InMemory::new(Array3::<f32>::ones((5, 10, 20)), array![0_i64, 0, 0, 0, 0]).unwrap())
}

/// test_synaptic_ops, test_membrane_potential_updates, test_activation_sparsity_by_layer
#[test]
fn w6f_w7_w8_of_a_spiking_network() {
    let (network, data) = net_snn();
    let dense = Network::builder([20])
        .time_steps(true)
        .linear("0", Array2::from_elem((5, 20), 0.015), None)
        .leaky("1", LeakyConfig::new(0.9))
        .build()
        .unwrap();
    let run = |model: &Network| {
        let benchmark = Benchmark::builder()
            .model(model)
            .data(&data)
            .batch_size(2)
            .metric(SynapticOperations::default())
            .metric(MembraneUpdates::default())
            .metric(ActivationSparsityByLayer::default())
            .build()
            .unwrap();
        benchmark.run().unwrap()
    };
    let report = run(&dense);
    let operations = report.get::<SynapticOperations>().unwrap();
    assert_eq!((operations.effective_macs, operations.effective_acs, operations.dense), (0.0, 1000.0, 1000.0));
    assert_eq!(*report.get::<MembraneUpdates>().unwrap(), 50.0);

    let report = run(&network);
    let sparsity: Vec<(&str, f64)> =
        report.get::<ActivationSparsityByLayer>().unwrap().iter().map(|(path, value)| (path, *value)).collect();
    assert_eq!(sparsity, [("1", 0.96)]);
    // Four neurons stay at zero: they count at the first step alone, and the weights that are zero never.
    let operations = report.get::<SynapticOperations>().unwrap();
    assert_eq!((operations.effective_acs, operations.dense), (200.0, 1000.0));
    assert_eq!(*report.get::<MembraneUpdates>().unwrap(), 10.0 + 4.0);
}

/// test_neuron_operations, test_neuron_operations_no_spikes
#[test]
fn w9_w10_of_a_spiking_network() {
    let (_, ones) = net_snn();
    let zeros = InMemory::new(Array3::<f32>::zeros((5, 10, 20)), array![0_i64, 0, 0, 0, 0]).unwrap();
    let network = Network::builder([20])
        .time_steps(true)
        .linear("0", Array2::from_elem((5, 20), 0.015), None)
        .leaky("1", LeakyConfig::new(0.9))
        .build()
        .unwrap();
    let operations = |data: &InMemory| {
        let benchmark = Benchmark::builder().model(&network).data(data).batch_size(2);
        let report = benchmark.metric(NeuronOperations::default()).build().unwrap().run().unwrap();
        let operations = report.get::<NeuronOperations>().unwrap();
        (operations.effective, operations.dense)
    };
    assert_eq!(operations(&ones), (200.0, 200.0));
    assert_eq!(operations(&zeros), (20.0, 200.0));
}
