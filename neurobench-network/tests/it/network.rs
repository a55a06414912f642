//! Networks from the public API: outputs, counts and errors.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use crate::common::{Counts, Numbers, f32s, outputs, run};
use ndarray::{Array1, Array2, Array3, ArrayD, Axis, IxDyn, array, concatenate};
use neurobench::model::{LayerKind, Model, StoredTensor, Tensor, TensorRole};
use neurobench::network::{LeakyConfig, Network, Reset};
use proptest::prelude::*;

fn random(numbers: &mut Numbers, outputs: usize, inputs: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((outputs, inputs), || numbers.sparse())
}

// Outputs.

#[test]
fn leaky_neurons_match_hand_computed_spikes() {
    let currents = [1.5_f32, 1.5, 0.25, 0.0, 2.0];
    let cases = [
        // Membranes: 1.5, 1.25, -0.125, -0.0625, 1.96875.
        (Reset::Subtract, [1.0, 1.0, 0.0, 0.0, 1.0], 5),
        // 1.5, 1.5 again, 0.25, 0.125, 2.0625.
        (Reset::Zero, [1.0, 1.0, 0.0, 0.0, 1.0], 4),
        // 1.5, 2.25, 1.375, 0.6875, 2.34375.
        (Reset::None, [1.0, 1.0, 1.0, 0.0, 1.0], 5),
    ];
    for (reset, spikes, updates) in cases {
        let leaky = LeakyConfig::new(0.5).with_reset(reset);
        let network = Network::builder([1]).time_steps(true).leaky("0", leaky).build().unwrap();
        let inputs = Array3::from_shape_vec((1, 5, 1), currents.to_vec()).unwrap();
        let (outputs, counts) = run(&network, &inputs.into());
        assert_eq!(f32s(&outputs).as_slice().unwrap(), spikes, "{reset:?}");
        assert_eq!(counts.membranes["0"].updates, updates);
        assert_eq!(counts.activations["0"].nonzero, spikes.iter().filter(|spike| **spike == 1.0).count() as u64);
    }
}

#[test]
fn unchanged_membranes_count_no_updates_after_the_first_step() {
    let network = Network::builder([2]).time_steps(true).leaky("0", LeakyConfig::new(1.0)).build().unwrap();
    // The first neuron does not change at any step, the second one not at the last.
    let (_, counts) = run(&network, &array![[[0.0_f32, 0.25], [0.0, 0.25], [0.0, 0.0]]].into());
    assert_eq!((counts.membranes["0"].updates, counts.membranes["0"].total), (3, 6));
}

#[test]
fn beta_is_clamped_and_constants_may_differ_by_neuron() {
    let config = LeakyConfig::new(vec![2.0, -1.0]).with_threshold(vec![10.0, 0.5]).with_reset(Reset::None);
    let network = Network::builder([2]).time_steps(true).leaky("0", config).build().unwrap();
    // With β = 1 four currents of 3 exceed 10; with β = 0 each current acts alone.
    let inputs = array![[[3.0_f32, 0.5], [3.0, 0.75], [3.0, 0.0], [3.0, 0.75]]];
    let spikes = array![[[0.0_f32, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]]];
    assert_eq!(outputs(&network, &inputs.into()).unwrap(), spikes.into());
}

#[test]
fn every_call_and_every_sample_starts_from_rest() {
    let network = Network::builder([1]).time_steps(true).leaky("0", LeakyConfig::new(1.0)).build().unwrap();
    let inputs: Tensor = array![[[0.75_f32], [0.75]], [[0.75], [0.75]]].into();
    let expected: Tensor = array![[[0.0_f32], [1.0]], [[0.0], [1.0]]].into();
    let mut session = network.session();
    let mut probe = neurobench::model::Probe::new(neurobench::Needs::NONE, network.layers());
    let mut outputs = Tensor::default();
    for _ in 0..2 {
        session.forward(&inputs, &mut probe, &mut outputs).unwrap();
        assert_eq!(outputs, expected);
    }
    // Another batch size replaces the output tensor.
    session.forward(&inputs.rows(0, 1), &mut probe, &mut outputs).unwrap();
    assert_eq!(outputs, expected.rows(0, 1));
}

#[test]
fn inputs_of_every_type_and_memory_order_are_accepted() {
    let mut numbers = Numbers::new(3);
    let network = Network::builder([3]).linear("0", random(&mut numbers, 4, 3), None).build().unwrap();
    let inputs = array![[0_u8, 1, 2], [3, 0, 255]];
    let expected = outputs(&network, &inputs.mapv(f32::from).into()).unwrap();
    assert_eq!(outputs(&network, &inputs.mapv(i64::from).into()).unwrap(), expected);
    assert_eq!(outputs(&network, &inputs.mapv(f64::from).into()).unwrap(), expected);
    assert_eq!(outputs(&network, &inputs.clone().into()).unwrap(), expected);
    let transposed = inputs.mapv(f32::from).reversed_axes().as_standard_layout().into_owned().reversed_axes();
    assert!(!transposed.is_standard_layout());
    assert_eq!(outputs(&network, &transposed.into()).unwrap(), expected);
}

#[test]
fn a_network_with_only_flatten_returns_its_inputs() {
    let network = Network::builder([2, 2]).flatten("0").build().unwrap();
    let found = outputs(&network, &array![[[1.0_f32, 2.0], [3.0, 4.0]]].into()).unwrap();
    assert_eq!(found, array![[1.0_f32, 2.0, 3.0, 4.0]].into());
    assert_eq!(network.layers()[0].kind(), LayerKind::Other);
}

/// A linear layer and the layer after it, computed by a plain loop over every product.
struct Naive {
    weight: Array2<f32>,
    bias: Option<Array1<f32>>,
    neurons: Neurons,
}

#[derive(Clone, Copy, Debug)]
enum Neurons {
    Relu,
    Leaky(Reset, f32, f32),
}

fn naive(layers: &[Naive], inputs: &Array3<f32>) -> (Array3<f32>, Counts) {
    let (samples, steps, _) = inputs.dim();
    let width = layers.last().unwrap().weight.nrows();
    let mut outputs = Array3::zeros((samples, steps, width));
    let mut counts = Counts::default();
    for sample in 0..samples {
        let mut membranes: Vec<Vec<f32>> = layers.iter().map(|layer| vec![0.0; layer.weight.nrows()]).collect();
        for step in 0..steps {
            let mut values = inputs.index_axis(Axis(0), sample).row(step).to_vec();
            for (index, (layer, membranes)) in layers.iter().zip(&mut membranes).enumerate() {
                let mut batch = Counts::default();
                let connection = batch.connections.entry(format!("{}", 2 * index)).or_default();
                connection.dense = layer.weight.len() as u64;
                let none = neurobench::model::CallOperations::new(0, true);
                connection.calls = vec![none; steps];
                let mut next = Vec::new();
                for (output, row) in layer.weight.rows().into_iter().enumerate() {
                    let mut sum = layer.bias.as_ref().map_or(0.0, |bias| bias[output]);
                    for (value, weight) in values.iter().zip(row) {
                        sum += value * weight;
                        let operation = *value != 0.0 && *weight != 0.0;
                        connection.calls[step].operations += u64::from(operation);
                    }
                    next.push(sum);
                }
                connection.calls[step].ternary = values.iter().all(|value| [-1.0, 0.0, 1.0].contains(value));
                let path = format!("{}", 2 * index + 1);
                for (value, membrane) in next.iter_mut().zip(membranes.iter_mut()) {
                    match layer.neurons {
                        Neurons::Relu => *value = value.max(0.0),
                        Neurons::Leaky(reset, beta, threshold) => {
                            let before = *membrane;
                            let r = if before - threshold > 0.0 { 1.0 } else { 0.0 };
                            *membrane = match reset {
                                Reset::Subtract => (beta * before + *value) - r * threshold,
                                Reset::Zero => beta * ((1.0 - r) * before) + *value,
                                Reset::None => beta * before + *value,
                            };
                            *value = if *membrane - threshold > 0.0 { 1.0 } else { 0.0 };
                            let count = batch.membranes.entry(path.clone()).or_default();
                            count.total += 1;
                            count.updates += u64::from(step == 0 || *membrane != before);
                        }
                    }
                    let count = batch.activations.entry(path.clone()).or_default();
                    count.total += 1;
                    count.nonzero += u64::from(*value != 0.0);
                }
                counts.add(batch);
                values = next;
            }
            outputs.index_axis_mut(Axis(0), sample).row_mut(step).assign(&Array1::from(values));
        }
    }
    (outputs, counts)
}

fn built(layers: &[Naive]) -> Network {
    let mut builder = Network::builder([layers[0].weight.ncols()]).time_steps(true);
    for (index, layer) in layers.iter().enumerate() {
        builder = builder.linear(&(2 * index).to_string(), layer.weight.clone(), layer.bias.clone());
        let path = (2 * index + 1).to_string();
        builder = match layer.neurons {
            Neurons::Relu => builder.relu(&path),
            Neurons::Leaky(reset, beta, threshold) => {
                builder.leaky(&path, LeakyConfig::new(beta).with_threshold(threshold).with_reset(reset))
            }
        };
    }
    builder.build().unwrap()
}

fn neurons() -> impl Strategy<Value = Neurons> {
    let reset = prop_oneof![Just(Reset::Subtract), Just(Reset::Zero), Just(Reset::None)];
    prop_oneof![
        1 => Just(Neurons::Relu),
        3 => (reset, 0.0_f32..1.0, 0.1_f32..1.5).prop_map(|(reset, beta, threshold)| Neurons::Leaky(reset, beta, threshold)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn networks_match_a_plain_loop(
        seed in any::<u64>(),
        (samples, steps, inputs) in (1_usize..4, 1_usize..7, 1_usize..9),
        shapes in prop::collection::vec((1_usize..40, any::<bool>(), neurons()), 1..4),
        ternary in any::<bool>(),
    ) {
        let mut numbers = Numbers::new(seed);
        let mut width = inputs;
        let layers: Vec<Naive> = shapes.iter().map(|(outputs, bias, neurons)| {
            let weight = random(&mut numbers, *outputs, width);
            width = *outputs;
            let bias = bias.then(|| Array1::from_shape_simple_fn(*outputs, || numbers.sparse()));
            Naive { weight, bias, neurons: *neurons }
        }).collect();
        let inputs = Array3::from_shape_simple_fn((samples, steps, inputs), || {
            if ternary { numbers.ternary() } else { numbers.sparse() }
        });
        let (expected, expected_counts) = naive(&layers, &inputs);
        let network = built(&layers);
        let inputs = Tensor::from(inputs);
        let (found, counts) = run(&network, &inputs);
        prop_assert_eq!(&found, &expected.into());
        prop_assert_eq!(&counts, &expected_counts);

        // Every division into batches gives the same outputs and counts.
        let mut sum = Counts::default();
        let mut parts = Vec::new();
        for sample in 0..samples {
            let (part, counts) = run(&network, &inputs.rows(sample, sample + 1));
            parts.push(part);
            sum.add(counts);
        }
        let views: Vec<_> = parts.iter().map(|part| f32s(part).view()).collect();
        prop_assert_eq!(Tensor::from(concatenate(Axis(0), &views).unwrap()), found);
        prop_assert_eq!(sum, counts);
    }
}

#[test]
fn layers_longer_than_a_stretch_are_counted_completely() {
    let width = 10_000;
    let threshold: Vec<f32> = (0..width).map(|neuron| if neuron % 2 == 0 { 0.5 } else { 2.0 }).collect();
    let config = LeakyConfig::new(1.0).with_threshold(threshold);
    let network = Network::builder([width]).time_steps(true).leaky("0", config).build().unwrap();
    let (outputs, counts) = run(&network, &Array3::<f32>::ones((1, 1, width)).into());
    assert_eq!(counts.activations["0"].nonzero, 5000);
    assert!(f32s(&outputs).iter().enumerate().all(|(neuron, spike)| *spike == f32::from(neuron % 2 == 0)));
    let relu = Network::builder([width]).relu("0").build().unwrap();
    assert_eq!(run(&relu, &Array2::<f32>::ones((2, width)).into()).1.activations["0"].nonzero, 20_000);
}

// The same cases as the tests of NeuroBench in Python, version 2.3.0.

fn net() -> Network {
    let mut numbers = Numbers::new(0);
    let mut builder = Network::builder([20]).time_steps(true).flatten("0");
    for (index, (inputs, outputs)) in [(20, 256), (256, 256), (256, 256), (256, 35)].into_iter().enumerate() {
        let bias = Array1::from_shape_simple_fn(outputs, || numbers.real());
        let weight = Array2::from_shape_simple_fn((outputs, inputs), || numbers.real());
        builder = builder.linear(&(2 * index + 1).to_string(), weight, Some(bias));
        builder = builder.leaky(&(2 * index + 2).to_string(), LeakyConfig::new(0.9));
    }
    builder.build().unwrap()
}

#[test]
fn inputs_without_steps_are_rejected() {
    let network = Network::builder([1]).time_steps(true).leaky("0", LeakyConfig::new(0.5)).build().unwrap();
    let error = outputs(&network, &Array3::<f32>::zeros((2, 0, 1)).into()).unwrap_err();
    assert_eq!(error.to_string(), "inputs of shape [2, 0, 1] have no time steps");
}

#[test]
fn footprint_and_parameters_of_the_spiking_network() {
    let network = net();
    assert_eq!(network.layers().iter().map(neurobench::model::Layer::bytes).sum::<u64>(), 583_900);
    assert_eq!(network.layers().iter().map(neurobench::model::Layer::parameter_count).sum::<u64>(), 145_955);
    assert_eq!(network.layers().iter().filter(|layer| layer.is_activation()).count(), 4);
}

#[test]
fn zeros_of_weights_are_counted() {
    let weight = array![[0.0_f32, 1.0], [-0.0, 2.0], [0.0, 0.5]];
    let network = Network::builder([2]).linear("a.b", weight, Some(array![0.0, 0.0, 1.0])).build().unwrap();
    let stored =
        |name: &str, shape: &[usize], zeros| StoredTensor::new(name, shape, neurobench::model::Dtype::F32, zeros);
    let layer = &network.layers()[0];
    assert_eq!(
        layer.parameters(),
        [
            stored("weight", &[3, 2], 3).with_role(TensorRole::Weight),
            stored("bias", &[3], 2).with_role(TensorRole::Bias)
        ]
    );
    let fan_out = layer.fan_out().unwrap();
    assert_eq!((fan_out.per_input(), fan_out.dense()), (&[0, 3][..], 6));
}

#[test]
fn shapes_of_the_spiking_network() {
    let network = net();
    let shape = |shape: &[usize]| outputs(&network, &ArrayD::<f32>::zeros(IxDyn(shape)).into());
    assert_eq!(shape(&[8, 10, 20]).unwrap().shape(), [8, 10, 35]);
    assert_eq!(shape(&[8, 10, 2, 2, 5]).unwrap().shape(), [8, 10, 35]);
    assert_eq!(shape(&[0, 10, 20]).unwrap().shape(), [0, 10, 35]);
    assert_eq!(
        shape(&[8, 10, 10, 5]).unwrap_err().to_string(),
        "the inputs have shape [8, 10, 10, 5], but the model takes [batch, step, 20] or any shape with as many elements"
    );
    assert!(shape(&[20]).is_err());
    assert!(shape(&[]).is_err());
}

#[test]
fn inputs_must_have_the_input_shape_without_flatten() {
    let network = Network::builder([2, 3]).relu("0").build().unwrap();
    assert_eq!(outputs(&network, &Array3::<f32>::zeros((4, 2, 3)).into()).unwrap().shape(), [4, 2, 3]);
    let steps = outputs(&network, &ArrayD::<f32>::zeros(IxDyn(&[4, 5, 2, 3])).into()).unwrap_err().to_string();
    assert!(steps.contains("takes [batch, 2, 3]; if the second axis is time"), "{steps}");
    assert_eq!(
        outputs(&network, &Array2::<f32>::zeros((4, 6)).into()).unwrap_err().to_string(),
        "the inputs have shape [4, 6], but the model takes [batch, 2, 3]"
    );
}

#[test]
fn axes_in_another_order_are_refused_wherever_the_shape_shows_it() {
    let problem = |network: &Network, shape: &[usize]| {
        outputs(network, &ArrayD::<f32>::zeros(IxDyn(shape)).into()).unwrap_err().to_string()
    };
    // [batch, channel, step] for [batch, step, channel].
    let steps = Network::builder([20]).time_steps(true).flatten("0").relu("1").build().unwrap();
    assert_eq!(
        problem(&steps, &[8, 20, 10]),
        "the inputs have shape [8, 20, 10], but the model takes [batch, step, 20] or any shape with as many elements; if the \
         last axis is time, save the inputs with time as the second: `numpy.moveaxis(inputs, -1, 1)`"
    );
    // [.., height, width, channel] for [.., channel, height, width].
    for time_steps in [false, true] {
        let image = Network::builder([2, 34, 33]).time_steps(time_steps).flatten("0").relu("1").build().unwrap();
        let shape = |axes: [usize; 3]| {
            let leading: &[usize] = if time_steps { &[8, 10] } else { &[8] };
            [leading, &axes].concat()
        };
        assert!(outputs(&image, &ArrayD::<f32>::zeros(IxDyn(&shape([2, 34, 33]))).into()).is_ok());
        assert!(outputs(&image, &ArrayD::<f32>::zeros(IxDyn(&shape([4, 17, 33]))).into()).is_ok());
        for other in [[34, 33, 2], [2, 33, 34]] {
            let message = problem(&image, &shape(other));
            assert!(message.ends_with("; the axes are in another order: transpose the inputs"), "{message}");
        }
    }
    // Axes of length 1 do not change the order of the elements.
    let gray = Network::builder([1, 28, 28]).flatten("0").relu("1").build().unwrap();
    assert!(outputs(&gray, &ArrayD::<f32>::zeros(IxDyn(&[4, 28, 28, 1])).into()).is_ok());
}

#[test]
fn any_shape_is_accepted_only_if_all_first_layers_flatten_it() {
    let shape = |network: Network| {
        let found = outputs(&network, &Array2::<f32>::zeros((4, 6)).into());
        found.map(|outputs| outputs.shape().to_vec()).map_err(|error| error.to_string())
    };
    let network = || Network::builder([2, 3]).flatten("flat").relu("relu");
    assert_eq!(shape(network().build().unwrap()), Ok(vec![4, 6]));
    let branch = network().relu("beside").with_inputs(&["input"]).build().unwrap();
    assert_eq!(shape(branch).unwrap_err(), "the inputs have shape [4, 6], but the model takes [batch, 2, 3]");
    let twice = network().flatten("again").with_inputs(&["input"]).build().unwrap();
    assert_eq!(shape(twice), Ok(vec![4, 6]));
}

#[test]
fn activation_sparsity() {
    let ones: Tensor = Array2::<f32>::ones((1, 20)).into();
    let half: Tensor = Array2::from_shape_fn((1, 20), |(_, column)| if column < 10 { -1.0_f32 } else { 1.0 }).into();
    let relu = Network::builder([20]).relu("1").build().unwrap();
    assert_eq!(run(&relu, &ones).1.sparsity(), 0.0);
    assert_eq!(run(&relu, &half).1.sparsity(), 0.5);
    let four = Network::builder([20]).relu("0").relu("1").relu("2").relu("3").build().unwrap();
    assert_eq!(run(&four, &ones).1.sparsity(), 0.0);
    assert_eq!(run(&four, &half).1.sparsity(), 0.5);
    let sigmoid = Network::builder([20]).sigmoid("1").build().unwrap();
    assert_eq!(run(&sigmoid, &ones).1.sparsity(), 0.0);
    let tanh = Network::builder([20]).tanh("1").build().unwrap();
    assert_eq!(f32s(&run(&tanh, &ones).0)[[0, 0]], 1.0_f32.tanh());
}

#[test]
fn synaptic_operations() {
    let dense = |outputs, inputs| Array2::from_elem((outputs, inputs), 0.25_f32);
    let inputs: Tensor = Array2::from_shape_fn((1, 20), |(_, column)| if column < 10 { 5.0_f32 } else { 1.0 }).into();
    let relu = Network::builder([20]).linear("0", dense(25, 20), None).sigmoid("1");
    let relu = relu.linear("2", dense(25, 25), None).relu("3").build().unwrap();
    let (_, counts) = run(&relu, &inputs);
    assert_eq!((counts.macs(), counts.acs()), (1125, 0));
    let sigmoids = Network::builder([20]).linear("0", dense(20, 20), None).sigmoid("1");
    let sigmoids = sigmoids.linear("2", dense(25, 20), None).sigmoid("3").linear("4", dense(25, 25), None).sigmoid("5");
    let sigmoids = sigmoids.linear("6", dense(25, 25), None).sigmoid("7").build().unwrap();
    let (_, counts) = run(&sigmoids, &inputs);
    assert_eq!((counts.macs(), counts.acs()), (2150, 0));
}

#[test]
fn operations_and_updates_of_a_spiking_layer() {
    let mut numbers = Numbers::new(1);
    let weight = Array2::from_shape_simple_fn((5, 20), || 0.1 + 0.1 * numbers.real());
    let network = Network::builder([20]).time_steps(true).linear("0", weight, None);
    let network = network.leaky("1", LeakyConfig::new(0.9)).build().unwrap();
    let (_, counts) = run(&network, &Array3::<f32>::ones((5, 10, 20)).into());
    assert_eq!((counts.macs(), counts.acs() / 5, counts.dense() / 5), (0, 1000, 1000));
    assert_eq!(counts.updates() / 5, 50);
    assert_eq!(counts.membranes["1"].total, 250);
    let (_, counts) = run(&network, &Array3::<f32>::zeros((5, 10, 20)).into());
    assert_eq!((counts.updates() / 5, counts.acs()), (5, 0));
}

// Fingerprints.

#[test]
fn the_fingerprint_depends_on_layers_and_weights() {
    let fingerprint_of = |path: &str, weight: f32, beta: f32| {
        let network = Network::builder([1]).linear(path, array![[weight]], None).leaky("n", LeakyConfig::new(beta));
        network.build().unwrap().fingerprint().unwrap()
    };
    let fingerprint = fingerprint_of("0", 0.5, 0.9);
    assert!(fingerprint.starts_with("sha256:") && fingerprint.len() == 7 + 64);
    assert_eq!(fingerprint, fingerprint_of("0", 0.5, 0.9));
    for other in [fingerprint_of("1", 0.5, 0.9), fingerprint_of("0", 0.25, 0.9), fingerprint_of("0", 0.5, 0.8)] {
        assert_ne!(fingerprint, other);
    }
}

#[test]
fn a_built_network_has_the_fingerprint_of_the_files_it_is_written_to() {
    let builder = Network::builder([2])
        .double_precision()
        .time_steps(true)
        .linear("readout", array![[1.0, -0.5]], Some(array![0.25]))
        .leaky("spikes", LeakyConfig::new(0.9));
    let fingerprint = builder.clone().build().unwrap().fingerprint().unwrap();
    // Snapshots record the fingerprint: it must not change between releases.
    assert_eq!(fingerprint, "sha256:ce3a147f79b4d9ada33dcfbe549ce81e09bb5bb632f64f54fefe7ded24d9517f");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    builder.write(&file).unwrap();
    assert_eq!(Network::load(&file).unwrap().fingerprint().unwrap(), fingerprint);

    // Without tensors, the name of the file does not matter.
    let builder = Network::builder([2]).relu("0");
    let file = folder.path().join("relu.toml");
    builder.clone().write(&file).unwrap();
    assert_eq!(Network::load(&file).unwrap().fingerprint(), builder.build().unwrap().fingerprint());
}

#[test]
fn inputs_that_are_not_finite_are_rejected_with_their_index() {
    let network = Network::builder([2]).time_steps(true).linear("1", array![[1.0_f32, 1.0]], None).build().unwrap();
    for (value, name) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut inputs = Array3::<f32>::zeros((3, 2, 2));
        inputs[[2, 0, 1]] = value;
        let mut probe = neurobench::model::Probe::new(neurobench::Needs::NONE, network.layers());
        let mut outputs = Tensor::default();
        let error = network.session().forward(&inputs.into(), &mut probe, &mut outputs).unwrap_err().to_string();
        assert_eq!(error, format!("the inputs contain {name} at [2, 0, 1]; every number must be finite"));
    }
}

#[test]
fn a_layer_can_take_only_the_previous_outputs_of_a_later_layer() {
    // y is x plus twice the y of the previous step.
    let network = Network::builder([1])
        .time_steps(true)
        .linear("back", array![[2.0]], None)
        .with_inputs(&["y"])
        .with_input_shape([1])
        .linear("y", array![[1.0]], None)
        .with_inputs(&["input", "back"])
        .build()
        .unwrap();
    let inputs = Tensor::from(array![[[1.0_f32], [0.0], [3.0]], [[5.0], [0.5], [0.0]]]);
    let expected = Tensor::from(array![[[1.0_f32], [2.0], [7.0]], [[5.0], [10.5], [21.0]]]);
    assert_eq!(outputs(&network, &inputs).unwrap(), expected);
}

#[test]
fn a_missing_tensor_is_reported_with_one_whose_name_has_a_prefix() {
    let settings = ["in_features", "out_features"].map(|key| (key.to_owned(), toml::Value::Integer(1)));
    let builder = Network::builder([1]).layer("a", "linear", settings.into_iter().collect());
    let problem = |prefix: &str| {
        builder.clone().tensor(&format!("{prefix}a"), "weight", &[1, 1], [1.0]).build().unwrap_err().to_string()
    };
    assert_eq!(
        problem("module."),
        "layer `a`: tensor `a.weight` is missing, but there is `module.a.weight`: save the tensors without the prefix `module.`"
    );
    assert_eq!(problem("b"), "layer `a`: tensor `a.weight` is missing");
}
