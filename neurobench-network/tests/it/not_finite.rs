//! Numbers that leave the range of the precision within a network: the first of them is an error.
#![allow(missing_docs, clippy::unwrap_used)]

use ndarray::{Array1, Array2, Array3, ArrayD, array};
use neurobench::Benchmark;
use neurobench::Needs;
use neurobench::data::InMemory;
use neurobench::model::{Layer, LayerKind, Model, Probe, Session, Tensor};
use neurobench::network::layer::{BuiltLayer, Hook, Kernel, Parts, Real, Workspace};
use neurobench::network::{InstructionSet, LeakyConfig, Network, NetworkBuilder, Reset, layer};

fn forward(network: &Network, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
    continue_with(network, &mut *network.session(), inputs)
}

fn continue_with(network: &Network, session: &mut dyn Session, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
    let mut outputs = Tensor::default();
    let mut probe = Probe::new(Needs::HOOKS, network.layers());
    session.forward(&inputs.into(), &mut probe, &mut outputs).map_err(|error| error.to_string())?;
    Ok(outputs)
}

/// The input plus ten times itself at the previous step, and spiking neurons, whose spikes look like any others.
fn unstable_loop() -> NetworkBuilder {
    let identity = array![[1.0, 0.0], [0.0, 1.0]];
    Network::builder([2])
        .time_steps(true)
        .linear("back", identity.clone() * 10.0, None)
        .with_inputs(&["act"])
        .with_input_shape([2])
        .relu("act")
        .with_inputs(&["input", "back"])
        .linear("fc", identity, None)
        .leaky("lif", LeakyConfig::new(0.9))
}

const ADVICE: &str = "; every number must be finite: the network is unstable, or its inputs or weights are too large";

/// 1.11..·10³⁸ is below the largest number of single precision, 3.4·10³⁸, and ten times as much is not. The largest number of
/// double precision is 1.8·10³⁰⁸.
#[test]
fn an_unstable_loop_fails_at_the_first_step_that_leaves_the_precision() {
    let inputs = |samples: usize, steps| {
        Array3::from_shape_fn(
            (samples, steps, 2),
            |(sample, _, neuron)| if sample == 1 && neuron == 1 { 1.0_f32 } else { 0.0 },
        )
    };
    let network = unstable_loop().build().unwrap();
    let finite = forward(&network, inputs(2, 39)).unwrap();
    assert_eq!(finite.shape(), [2, 39, 2]);
    let error = forward(&network, inputs(3, 100)).unwrap_err();
    assert_eq!(error, format!("layer `back`: output 1 is inf at step 39 for sample 1 of the batch{ADVICE}"));
    for set in InstructionSet::available() {
        let network = unstable_loop().build().unwrap().with_instruction_set(set).unwrap();
        assert_eq!(forward(&network, inputs(3, 100)).unwrap_err(), error);
    }
    let double = unstable_loop().double_precision().build().unwrap();
    assert!(forward(&double, inputs(2, 309)).is_ok());
    let error = forward(&double, inputs(2, 400)).unwrap_err();
    assert!(error.starts_with("layer `back`: output 1 is inf at step 309 for sample 1"), "{error}");
}

#[test]
fn a_run_names_the_sample_of_the_data_set() {
    let inputs = Array3::from_shape_fn((7, 50, 2), |(sample, _, _)| if sample >= 5 { 1.0_f32 } else { 0.0 });
    let data = InMemory::new(inputs, Array1::<i64>::zeros(7)).unwrap();
    let network = unstable_loop().build().unwrap();
    for batch_size in [1, 2, 3, 7] {
        let benchmark = Benchmark::builder().model(&network).data(&data).batch_size(batch_size);
        let benchmark = benchmark.metric_named("parameter_count");
        let error = benchmark.build().unwrap().run().unwrap_err().to_string();
        let expected = format!("sample 5 of the data set: layer `back`: output 0 is inf at step 39{ADVICE}");
        assert!(error.contains(&expected), "{error}");
    }
}

/// A membrane without reset is the sum of its inputs: the fourth exceeds 3.4·10³⁸. Its spikes are all 1.
fn sums() -> NetworkBuilder {
    let config = LeakyConfig::new(1.0).with_reset(Reset::None);
    Network::builder([2]).linear("fc", array![[0.0, 1e33], [1e33, 0.0], [0.0, 0.0]], None).leaky("lif", config)
}

#[test]
fn a_membrane_that_overflows_is_found_behind_its_spikes() {
    let network = sums().time_steps(true).build().unwrap();
    let inputs = |number: f32| {
        Array3::from_shape_fn((2, 90, 2), |(sample, _, input)| if sample == input { number } else { 0.0 })
    };
    assert!(forward(&network, inputs(1e3)).is_ok());
    // Beyond the inputs for which the bounds of the layers hold, all numbers are checked.
    for number in [1e5, 1e5_f32.next_up()] {
        let error = forward(&network, inputs(number)).unwrap_err();
        assert_eq!(error, format!("layer `lif`: state value 1 is inf at step 3 for sample 0 of the batch{ADVICE}"));
    }
    let error = forward(&network, inputs(1e7)).unwrap_err();
    assert_eq!(error, format!("layer `fc`: output 1 is inf at step 0 for sample 0 of the batch{ADVICE}"));
}

#[test]
fn a_membrane_that_overflows_in_a_later_batch_of_a_sequence_is_found() {
    let network = sums().carrying_state().build().unwrap();
    let inputs = |numbers: &[f32]| Array2::from_shape_fn((numbers.len(), 2), |(row, _)| numbers[row]);
    let mut session = network.session();
    session.restart();
    assert!(continue_with(&network, &mut *session, inputs(&[1e5, 0.0, 1e5])).is_ok());
    let error = continue_with(&network, &mut *session, inputs(&[0.0, 1e5, 0.0, 1e5, 1e5])).unwrap_err();
    assert_eq!(error, format!("layer `lif`: state value 0 is inf for sample 3 of the batch{ADVICE}"));
}

#[test]
fn a_network_without_time_steps_names_the_sample() {
    let weight = array![[1e30, 0.0], [0.0, 1e30]];
    let network =
        Network::builder([2]).linear("0", weight.clone(), None).linear("1", weight, None).relu("2").build().unwrap();
    let mut inputs = Array2::<f32>::zeros((300, 2));
    assert!(forward(&network, inputs.clone()).is_ok());
    inputs[[217, 1]] = -1.0;
    // A ReLU turns it into zero.
    let error = forward(&network, inputs).unwrap_err();
    assert_eq!(error, format!("layer `1`: output 1 is -inf for sample 217 of the batch{ADVICE}"));
}

#[test]
fn a_sum_of_inputs_that_overflows_is_found() {
    let network = Network::builder([1])
        .linear("a", array![[3e38]], None)
        .linear("b", array![[3e38]], None)
        .with_inputs(&["input"])
        .sigmoid("sum")
        .with_inputs(&["a", "b"])
        .build()
        .unwrap();
    assert!(forward(&network, array![[0.5_f32]]).is_ok());
    let error = forward(&network, array![[0.0_f32], [1.0]]).unwrap_err();
    assert_eq!(error, format!("layer `sum`: input 0 is inf for sample 1 of the batch{ADVICE}"));
}

/// Hides all inputs but the first ones: the others become minus infinity.
#[derive(Clone, Debug, neurobench::Settings)]
struct HideConfig {
    /// Number of inputs that stay.
    #[param]
    stay: usize,
}

layer!("hide", HideConfig, |config, parts| Ok(hide(&config, &parts)));

fn hide<R: Real>(config: &HideConfig, parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let layer = Layer::new(parts.path(), LayerKind::Other, parts.kind());
    BuiltLayer::new(layer, Hide { stay: config.stay, outputs: parts.elements() }, parts.shape().to_vec())
}

struct Hide {
    stay: usize,
    outputs: usize,
}

impl<R: Real> Kernel<R> for Hide {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn has_infinite_outputs(&self) -> bool {
        true
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        for (at, (input, output)) in inputs.iter().zip(outputs).enumerate() {
            *output = if at % self.outputs < self.stay { *input } else { R::nearest(f64::NEG_INFINITY) };
        }
    }
}

#[test]
fn intended_infinities_are_no_error() {
    let settings = toml::Table::from_iter([("stay".to_owned(), toml::Value::Integer(2))]);
    let hidden = |builder: NetworkBuilder| builder.layer("mask", "hide", settings.clone());
    let network = hidden(Network::builder([3])).softmax("softmax").build().unwrap();
    assert_eq!(forward(&network, array![[1.0_f32, 1.0, 9.0]]), Ok(array![[0.5_f32, 0.5, 0.0]].into()));
    let network = hidden(Network::builder([3])).log_softmax("logarithms").build().unwrap();
    let outputs: ArrayD<f32> = match forward(&network, array![[1.0_f32, 1.0, 9.0]]).unwrap() {
        Tensor::F32(outputs) => outputs.to_owned().into_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(outputs[[0, 2]], f32::NEG_INFINITY);
    // The difference of two infinities is NaN.
    let network = hidden(Network::builder([3])).linear("fc", array![[0.0, 1.0, -1.0], [0.0, 0.0, 0.0]], None);
    let network = network.build().unwrap();
    let error = forward(&network, array![[1.0_f32, 1.0, 9.0]]).unwrap_err();
    assert_eq!(error, format!("layer `fc`: output 1 is NaN for sample 0 of the batch{ADVICE}"));
}
