//! Kinds of layers that a user defines: they are named in network files, checked, counted and described like built-in kinds.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;

use crate::common::{directory, outputs, run};
use ndarray::array;
use neurobench::Value;
use neurobench::metric::Needs;
use neurobench::model::{CallOperations, FanOut, Layer, Model, TensorRole};
use neurobench::network::layer::{
    BuiltLayer, Hook, Joins, Kernel, NetworkError, Parts, Real, TensorError, Workspace, layers,
};
use neurobench::network::{Network, layer};
use neurobench::prelude::*;

/// Square of each input: `y = x²`.
#[derive(Clone, Debug, Settings)]
struct SquareConfig {}

layer!("square", SquareConfig, |_, parts| Ok(square(&parts)));

fn square<R: Real>(parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let outputs = parts.elements();
    let layer = Layer::activation(parts.path(), parts.kind(), outputs);
    BuiltLayer::vectorized(layer, Square { outputs }, parts.shape().to_vec())
}

struct Square {
    outputs: usize,
}

impl<R: Real> Kernel<R> for Square {
    fn outputs(&self) -> usize {
        self.outputs
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        for (input, output) in inputs.iter().zip(&mut *outputs) {
            *output = *input * *input;
        }
        let nonzero = outputs.iter().filter(|output| !output.is_zero()).count() as u64;
        hook.activations(nonzero, outputs, self.outputs);
    }
}

/// A weight for each input: `y = scale·weight·x`.
///
/// An operation is a pair of a nonzero input and a nonzero weight.
#[derive(Clone, Debug, Settings)]
struct DiagonalConfig {
    /// Number of inputs.
    #[param(range = 1..)]
    features: usize,
    /// Factor of all weights.
    #[param(default = 1.0)]
    scale: f64,
}

layer!("diagonal", DiagonalConfig, |config, parts| diagonal(&config, parts));

fn diagonal<R: Real>(config: &DiagonalConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let DiagonalConfig { features, scale } = *config;
    if parts.shape() != [features] {
        return Err(parts.problem(format!("expected inputs of shape [{features}], found {:?}", parts.shape())));
    }
    let weight = parts.required_tensor::<R>("weight", &[features])?;
    if let Some(negative) = weight.values.iter().find(|weight| **weight < R::zero()) {
        let problem =
            TensorError::Value { found: negative.as_f64(), expected: "weights must not be negative".to_owned() };
        return Err(parts.tensor_problem("weight", problem));
    }
    let bias = parts.optional_tensor::<R>("bias", &[features])?;
    let per_input: Vec<u64> = weight.values.iter().map(|weight| u64::from(!weight.is_zero())).collect();
    let fan_out = FanOut::new(per_input, features as u64);
    let mut layer = Layer::connection(parts.path(), parts.kind(), fan_out)
        .with_parameter(weight.stored.with_role(TensorRole::Weight));
    let mut sums = vec![R::zero(); features];
    if let Some(bias) = bias {
        sums = bias.values;
        layer = layer.with_parameter(bias.stored.with_role(TensorRole::Bias));
    }
    let weights = weight.values.into_iter().map(|weight| R::nearest(scale) * weight).collect();
    Ok(BuiltLayer::new(layer, Diagonal { weights, bias: sums }, vec![features]))
}

struct Diagonal<R> {
    weights: Vec<R>,
    bias: Vec<R>,
}

impl<R: Real> Kernel<R> for Diagonal<R> {
    fn outputs(&self) -> usize {
        self.weights.len()
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let width = self.weights.len();
        for (inputs, outputs) in inputs.chunks_exact(width).zip(outputs.chunks_exact_mut(width)) {
            for (index, output) in outputs.iter_mut().enumerate() {
                *output = self.bias[index] + self.weights[index] * inputs[index];
            }
        }
        if hook.wants(Needs::CONNECTION_COUNTS) {
            let operations = inputs.chunks_exact(width).map(|inputs| {
                let pairs = inputs.iter().zip(&self.weights);
                let effective = pairs.filter(|(input, weight)| !input.is_zero() && !weight.is_zero()).count();
                CallOperations::new(effective as u64, inputs.iter().all(|input| input.is_ternary()))
            });
            hook.connections(operations, inputs);
        } else {
            hook.connection_traces(inputs, inputs.len() / width);
        }
    }
}

/// Neurons without leak or reset: the membrane is the sum of all inputs, and the output.
#[derive(Clone, Debug, Settings)]
struct TallyConfig {
    /// Membranes before the first step.
    #[param(default = 0.0, range = 0.0..=100.0)]
    initial: f64,
}

layer!("tally", TallyConfig, |config, parts| Ok(tally(&config, &parts)), joins = |_| Joins::Sum);

fn tally<R: Real>(config: &TallyConfig, parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let neurons = parts.elements();
    let layer = Layer::neuron(parts.path(), parts.kind(), neurons);
    let kernel = Tally { neurons, initial: R::nearest(config.initial) };
    BuiltLayer::new(layer, kernel, parts.shape().to_vec()).with_operations_per_update(1)
}

struct Tally<R> {
    neurons: usize,
    initial: R,
}

impl<R: Real> Kernel<R> for Tally<R> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        self.neurons
    }

    fn rest(&self, state: &mut [R]) {
        state.fill(self.initial);
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let rows = inputs.chunks_exact(self.neurons).zip(outputs.chunks_exact_mut(self.neurons));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let mut changed = 0;
            for (index, input) in inputs.iter().enumerate() {
                state[index] += *input;
                changed += u64::from(!input.is_zero());
            }
            outputs.copy_from_slice(state);
            hook.membranes(row, changed, state);
        }
        let nonzero = outputs.iter().filter(|output| !output.is_zero()).count() as u64;
        hook.activations(nonzero, outputs, self.neurons);
    }
}

const HEAD: &str = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\ntime_steps = true\n";
const DIAGONAL: &str = "path = \"w\"\nkind = \"diagonal\"\nfeatures = 2\nscale = 0.5";

/// Loads a network file with these layers and the tensor `w.weight`, if there are numbers for it.
fn load(test: &str, layers: &[&str], weight: &[f32]) -> Result<Network, String> {
    let folder = directory(&format!("own_layer_{test}"));
    let layers: String = layers.iter().map(|layer| format!("[[layers]]\n{layer}\n")).collect();
    let mut text = HEAD.to_owned();
    if !weight.is_empty() {
        text.push_str("weights = \"w.safetensors\"\n");
        let bytes: Vec<u8> = weight.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![weight.len()], &bytes).unwrap();
        fs::write(folder.join("w.safetensors"), safetensors::serialize([("w.weight", view)], None).unwrap()).unwrap();
    }
    fs::write(folder.join("n.toml"), text + &layers).unwrap();
    Network::load(folder.join("n.toml")).map_err(|error| error.to_string())
}

#[test]
fn a_network_file_names_own_kinds_and_their_operations_are_counted() {
    let (square, tally) = ("path = \"s\"\nkind = \"square\"", "path = \"t\"\nkind = \"tally\"\ninitial = 1");
    let network = load("counts", &[square, DIAGONAL, tally], &[4.0, 0.0]).unwrap();
    let inputs = array![[[3.0_f32, 1.0], [0.0, -2.0]]].into();
    let (found, counts) = run(&network, &inputs);
    // Squares: 9, 1 and 0, 4. Weights: 2 and 0. Sums from 1: 19, 1 and 19, 1.
    assert_eq!(found, array![[[19.0_f32, 1.0], [19.0, 1.0]]].into());
    assert_eq!(outputs(&network, &inputs).unwrap(), found);
    assert_eq!((counts.activations["s"].nonzero, counts.activations["s"].total), (3, 4));
    assert_eq!((counts.connections["w"].operations(), counts.connections["w"].dense), (1, 4));
    // All membranes change in the step from rest.
    assert_eq!((counts.membranes["t"].updates, counts.membranes["t"].total), (2, 4));
    let weights = &network.layers()[1];
    assert_eq!((weights.type_name(), weights.parameter_count(), weights.bytes()), ("diagonal", 2, 8));
}

#[test]
fn a_builder_adds_own_kinds_in_both_precisions() {
    let settings = || toml::Table::from_iter([("features".to_owned(), toml::Value::Integer(2))]);
    let builder = Network::builder([2])
        .layer("0", "diagonal", settings())
        .tensor("0", "weight", &[2], [0.1, 2.0])
        .tensor("0", "bias", &[2], [1.0, 0.0]);
    let single = builder.clone().build().unwrap();
    assert_eq!(outputs(&single, &array![[1.0_f32, 2.0]].into()).unwrap(), array![[1.1_f32, 4.0]].into());
    let double = builder.double_precision().build().unwrap();
    assert_eq!(outputs(&double, &array![[1.0_f64, 2.0]].into()).unwrap(), array![[1.1_f64, 4.0]].into());
}

#[test]
fn mistakes_in_the_keys_and_tensors_of_own_kinds_are_errors() {
    let changed = |from: &str, to: &str| DIAGONAL.replace(from, to);
    let cases = [
        (
            changed("features", "featurs"),
            "layer `w` (diagonal): no setting `featurs`; it has features, scale; did you mean `features`?",
        ),
        (changed("features = 2\n", ""), "layer `w` (diagonal): setting `features` is missing; it has no default"),
        (changed("= 2", "= 0"), "layer `w` (diagonal): setting `features` must be in `1..`, not 0"),
        (
            changed("= 2", "= \"2\""),
            "layer `w` (diagonal): setting `features`: expected a whole number of at least 0, found text \"2\"",
        ),
        (changed("0.5", "inf"), "`layers[0].scale`: inf is not a finite number"),
        (changed("= 2", "= 3"), "layer `w` (diagonal): expected inputs of shape [3], found [2]"),
        (changed("\"w\"", "\"v\""), "layer `v`: tensor `v.weight` is missing"),
        (changed("diagonal", "diagnal"), "layer `w`: unknown layer kind `diagnal`; did you mean `diagonal`?"),
        (DIAGONAL.to_owned(), "layer `w`: tensor `w.weight` holds -1; weights must not be negative"),
    ];
    for (layer, expected) in cases {
        let found = load("mistakes", &[&layer], &[-1.0, 1.0]).map(drop).unwrap_err();
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
    let found = load("range", &["path = \"t\"\nkind = \"tally\"\ninitial = -1"], &[]).map(drop).unwrap_err();
    assert!(found.contains("layer `t` (tally): setting `initial` must be in `0.0..=100.0`, not -1"), "{found}");
}

#[test]
fn own_kinds_are_described_like_built_in_kinds() {
    let diagonal = layers().find("diagonal").unwrap();
    assert_eq!(diagonal.about.summary(), "A weight for each input: `y = scale·weight·x`.");
    assert!(diagonal.file.ends_with("own_layer.rs"), "{}", diagonal.file);
    let [features, scale] = diagonal.about.params else { panic!("{:?}", diagonal.about.params) };
    assert_eq!((features.name, features.docs.trim(), features.range), ("features", "Number of inputs.", Some("1..")));
    assert!(features.required && !scale.required);
    let defaults = (diagonal.constructor.defaults)().unwrap();
    assert_eq!(defaults.into_iter().collect::<Vec<_>>(), [("scale".to_owned(), Value::Float(1.0))]);
    assert_eq!(layers().duplicates().count(), 0);
}
