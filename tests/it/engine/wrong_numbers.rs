//! Cases in which Python NeuroBench 2.3.0 gives a wrong number, with the right one.

use ndarray::{Array2, ArrayD, IxDyn, array, s};
use neurobench::data::InMemory;
use neurobench::metrics::{
    ActivationSparsity, ActivationSparsityByLayer, ClassificationAccuracy, ConnectionSparsity, Footprint,
    MembraneUpdates, NeuronActivity, SynapticOperations,
};
use neurobench::model::{Call, Dtype, FanOut, FnModel, ModelError, Probe, StoredTensor, TensorRole};
use neurobench::network::Network;
use neurobench::prelude::*;

use super::{constant_inputs, digits, identity, numbered};

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// There: ignored, a perfect model scores 0.
#[test]
fn a_preprocessor_may_change_the_targets() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(10))
        .batch_size(4)
        .preprocess_as("add_five", |inputs: Tensor, targets: Tensor| match (inputs, targets) {
            (Tensor::I64(inputs), Tensor::I64(targets)) => Ok(((inputs + 5).into(), (targets + 5).into())),
            other => Ok(other),
        })
        .metric(ClassificationAccuracy)
        .build()
        .unwrap();
    assert_eq!(*benchmark.run().unwrap().get::<ClassificationAccuracy>().unwrap(), 1.0);
}

/// There: divided by the length of the whole data set, 0.8.
#[test]
fn a_dropped_last_batch_leaves_a_perfect_model_perfect() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(10))
        .batch_size(4)
        .metric(ClassificationAccuracy)
        .build()
        .unwrap();
    let full_batches = benchmark.run_batches(&neurobench::bench::BatchRanges::from(0..2)).unwrap();
    assert_eq!(full_batches.samples(), 8);
    let report = benchmark.report_snapshot(&full_batches).unwrap();
    assert_eq!(*report.get::<ClassificationAccuracy>().unwrap(), 1.0);
}

/// There: computed in f32, 16801802.67.
#[test]
fn dense_operations_of_a_large_layer_are_exact() {
    let model = FnModel::new(
        vec![Layer::connection("linear", "linear", FanOut::full(4099, 4099))],
        |inputs: &Tensor, probe: &mut Probe| -> Result<Tensor, ModelError> {
            let inputs = inputs.to_f32();
            probe.connection(0, Call::default(), inputs.as_slice().unwrap_or(&[]));
            Ok(inputs.into())
        },
    );
    let ones = Array2::<f32>::ones((3, 4099));
    let benchmark = Benchmark::builder()
        .model(model)
        .data(InMemory::new(ones, array![0_i64, 0, 0]).unwrap())
        .metric(SynapticOperations::default())
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    let operations = report.get::<SynapticOperations>().unwrap();
    assert_eq!(operations.dense, 16_801_801.0);
    assert_eq!(operations.effective_acs, 16_801_801.0);
    assert_eq!(operations.effective_macs, 0.0);
}

/// There: parameters of a quantized model are not seen, 0 bytes.
#[test]
fn footprint_is_of_the_bytes_as_stored() {
    let weight = StoredTensor::new("weight", [3, 5], Dtype::I8, 4).with_role(TensorRole::Weight);
    let scale = StoredTensor::new("scale", [3], Dtype::F16, 0);
    let layer = Layer::connection("fc", "linear", FanOut::full(5, 3)).with_parameter(weight).with_buffer(scale);
    let model = FnModel::new(vec![layer], |inputs: &Tensor, _: &mut Probe| Ok(inputs.clone()));
    let benchmark =
        Benchmark::builder().model(model).metric(Footprint::default()).metric(ConnectionSparsity).build().unwrap();
    let report = benchmark.run().unwrap();
    assert_eq!(*report.get::<Footprint>().unwrap(), 3 * 5 + 3 * 2);
    assert_eq!(*report.get::<ConnectionSparsity>().unwrap(), ratio(4, 15));
}

/// A layer whose inputs are ternary in the first sample alone.
fn half_ternary() -> (impl Model, InMemory) {
    let network = Network::builder([2]).linear("fc", Array2::<f32>::ones((3, 2)), None).build().unwrap();
    (network, InMemory::new(array![[1.0_f32, -1.0], [0.5, 0.0]], array![0_i64, 0]).unwrap())
}

/// There: decided call by call, so that the split depends on the batch size.
#[test]
fn accumulates_are_distinguished_from_multiplications_per_layer_over_the_run() {
    let split = |batch_size, per_call| {
        let (model, data) = half_ternary();
        let metric = SynapticOperations { per_call, ..SynapticOperations::default() };
        let benchmark =
            Benchmark::builder().model(model).data(data).batch_size(batch_size).metric(metric).build().unwrap();
        let operations = *benchmark.run().unwrap().get::<SynapticOperations>().unwrap();
        (operations.effective_macs, operations.effective_acs)
    };
    // 6 operations of the first sample, 3 of the second, over 2 samples.
    assert_eq!(split(2, false), (4.5, 0.0));
    assert_eq!(split(1, false), (4.5, 0.0));
    // As the reference does it.
    assert_eq!(split(2, true), (4.5, 0.0));
    assert_eq!(split(1, true), (1.5, 3.0));
}

/// Layers with different numbers of outputs in a batch: 4 for the first sample, none for the later ones.
fn uneven_activations() -> impl Model {
    FnModel::new(vec![Layer::activation("relu", "relu", 2)], |inputs: &Tensor, probe: &mut Probe| {
        let rows = inputs.to_f32();
        for (sample, row) in rows.outer_iter().enumerate() {
            // The first number of a sample is the number of runs of the layer.
            for step in 0..row[[0]] as usize {
                probe.activation(0, Call::new(sample, step), &[row[[1]], 1.0]);
            }
        }
        Ok(rows.slice(s![.., 0]).to_owned().into())
    })
}

/// There: batches weighted by samples, so that the value depends on the batch size.
#[test]
fn activation_sparsity_pools_all_activations() {
    let samples = array![[3.0_f32, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
    for batch_size in 1..=4 {
        let benchmark = Benchmark::builder()
            .model(uneven_activations())
            .data(InMemory::new(samples.clone(), array![0_i64, 0, 0, 0]).unwrap())
            .batch_size(batch_size)
            .metric(ActivationSparsity::default())
            .build()
            .unwrap();
        assert_eq!(*benchmark.run().unwrap().get::<ActivationSparsity>().unwrap(), ratio(4, 10), "{batch_size}");
    }
}

/// There: layers of one name in two submodules are merged.
#[test]
fn layers_are_identified_by_their_full_path() {
    let layers = vec![Layer::activation("encoder.relu", "relu", 1), Layer::activation("decoder.relu", "relu", 1)];
    let model = FnModel::new(layers, |inputs: &Tensor, probe: &mut Probe| {
        probe.activation(0, Call::default(), &[0.0_f32]);
        probe.activation(1, Call::default(), &[1.0_f32]);
        Ok(inputs.clone())
    });
    let benchmark = Benchmark::builder()
        .model(model)
        .data(numbered(1))
        .metric(ActivationSparsityByLayer::default())
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    let layers: Vec<(&str, f64)> =
        report.get::<ActivationSparsityByLayer>().unwrap().iter().map(|(path, value)| (path, *value)).collect();
    assert_eq!(layers, [("encoder.relu", 1.0), ("decoder.relu", 0.0)]);
}

/// There: GELU, Tanh, leaky ReLU and functional activations are not seen, and the sparsity is 0.0.
#[test]
fn every_activation_is_measured_and_none_is_an_error() {
    let data = InMemory::new(array![[0.0_f32, 2.0], [0.0, -2.0]], array![0_i64, 0]).unwrap();
    let network = || Network::builder([2]);
    for (activations, sparsity) in [
        (network().tanh("act"), 0.5),
        (network().gelu("act"), 0.5),
        (network().leaky_relu("act", 0.01), 0.5),
        (network().relu("act"), 0.75),
        // Never zero, which is measured and not assumed.
        (network().sigmoid("act"), 0.0),
    ] {
        let network = activations.build().unwrap();
        let benchmark = Benchmark::builder().model(&network).data(&data).metric(ActivationSparsity::default());
        let report = benchmark.build().unwrap().run().unwrap();
        assert_eq!(*report.get::<ActivationSparsity>().unwrap(), sparsity, "{}", network.layers()[0].type_name());
    }

    let benchmark = Benchmark::builder().model(identity()).data(&data).metric(ActivationSparsity::default());
    let error = benchmark.build().unwrap_err().to_string();
    assert!(error.ends_with("the model has no activation layers"), "{error}");
}

/// There: the hooks of one benchmark are removed or doubled by another, and a second run has a larger footprint.
#[test]
fn benchmarks_of_one_model_and_second_runs_do_not_disturb_each_other() {
    let (network, data) = digits();
    let build = || {
        Benchmark::builder()
            .model(&network)
            .data(&data)
            .preprocess(neurobench::process::Scale { factor: 1.0 / 16.0 })
            .preprocess(neurobench::process::RepeatOverTime { steps: 3 })
            .metric(Footprint::default())
            .metric(MembraneUpdates::default())
            .metric(ActivationSparsity::default())
            .build()
            .unwrap()
    };
    let (first, second) = (build(), build());
    let metrics =
        |benchmark: &Benchmark<'_>| serde_json::to_string(&benchmark.run().unwrap().results().metrics).unwrap();
    let alone = metrics(&first);
    assert_eq!(metrics(&second), alone);
    assert_eq!(metrics(&first), alone);
    assert_eq!(*first.run().unwrap().get::<Footprint>().unwrap(), 38480);
}

/// There: `compute` of an accumulated metric is never called by the engine, and `reset` keeps its spikes, so that memory
/// grows with the data set. Here the state's size depends on the neurons alone.
#[test]
fn average_activity_takes_memory_for_neurons_and_not_for_samples() {
    let size_of_state = |samples: usize| {
        let network = Network::builder([3])
            .time_steps(true)
            .linear("fc", Array2::from_elem((5, 3), 0.4), None)
            .leaky("lif", neurobench::network::LeakyConfig::new(0.5))
            .build()
            .unwrap();
        let inputs: ArrayD<f32> = constant_inputs(samples, 4, 3, 1.0);
        let targets = ArrayD::<i64>::zeros(IxDyn(&[samples]));
        let benchmark = Benchmark::builder()
            .model(network)
            .data(InMemory::new(inputs, targets).unwrap())
            .metric(NeuronActivity::default())
            .build()
            .unwrap();
        let batches = neurobench::bench::BatchRanges::from(0..benchmark.batches().unwrap());
        let snapshot = serde_json::to_value(benchmark.run_batches(&batches).unwrap()).unwrap();
        let counts = snapshot["cores"][0]["state"][0][2]["counts"].as_array().unwrap();
        (counts.len(), counts[0].as_u64().unwrap())
    };
    // A current of 1.2 at every step: the potential is 1.2, then 1.2/2 + 1.2 − 1 = 0.8, then 1.6, then 1.0.
    assert_eq!(size_of_state(1), (5, 2));
    assert_eq!(size_of_state(500), (5, 1000));
}
