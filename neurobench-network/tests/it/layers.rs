//! Comparison of every kind of layer with PyTorch and snnTorch, as recorded by `data/layers/record_layers.py`: outputs, footprint,
//! spikes, membrane updates, and synaptic operations counted by a loop over every multiplication. The bits must be the same for
//! every instruction set and for every division into batches.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Counts, counted, directory, outputs, run};
use ndarray::{ArrayD, ArrayRefD, Axis, IxDyn};
use neurobench::inputs::{ConnectionOutputs, RecurrentStates};
use neurobench::metric::{BatchContext, Context, Input, Needs};
use neurobench::model::{CallOperations, ConnectionCount, Layer, Model, Probe, Tensor};
use neurobench::network::layer::layers;
use neurobench::network::{InstructionSet, Network};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

/// Recorded values of a case.
#[derive(Deserialize)]
struct Recorded {
    /// Tolerance of the outputs, relative to the largest.
    tolerance: f64,
    footprint: u64,
    parameters: u64,
    #[serde(default)]
    spikes: BTreeMap<String, Spikes>,
    #[serde(default)]
    updates: BTreeMap<String, u64>,
    #[serde(default)]
    operations: BTreeMap<String, Operations>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Spikes {
    nonzero: u64,
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Operations {
    effective: u64,
    dense: u64,
    ternary: Option<bool>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layers")
}

fn recorded() -> BTreeMap<String, Recorded> {
    serde_json::from_slice(&fs::read(folder().join("layers.json")).unwrap()).unwrap()
}

fn f64s(view: &TensorView<'_>) -> Vec<f64> {
    match view.dtype() {
        Dtype::F32 => view.data().as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect(),
        Dtype::F64 => view.data().as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
        other => panic!("{other}"),
    }
}

fn tensor(view: &TensorView<'_>) -> Tensor {
    let (shape, values) = (IxDyn(view.shape()), f64s(view));
    match view.dtype() {
        Dtype::F32 => {
            let single = values.into_iter().map(|value| value as f32).collect();
            ArrayD::from_shape_vec(shape, single).unwrap().into()
        }
        _ => ArrayD::from_shape_vec(shape, values).unwrap().into(),
    }
}

/// Loads the network of a case, whose weights are among those of all cases. Each test has its own folder.
fn load(test: &str, name: &str, tensors: &SafeTensors<'_>) -> Result<Network, String> {
    let here = directory(&format!("layers_{test}_{name}"));
    let prefix = format!("{name}/weights/");
    let names = tensors.names().into_iter().filter_map(|full| Some((full.strip_prefix(&prefix)?, full)));
    let weights: Vec<_> = names.map(|(name, full)| (name, tensors.tensor(full).unwrap())).collect();
    fs::write(here.join(format!("{name}.safetensors")), safetensors::serialize(weights, None).unwrap()).unwrap();
    let file = format!("{name}.toml");
    fs::copy(folder().join(&file), here.join(&file)).unwrap();
    Network::load(here.join(&file)).map_err(|error| error.to_string())
}

fn inputs(name: &str, tensors: &SafeTensors<'_>) -> Tensor {
    tensor(&tensors.tensor(&format!("{name}/input")).unwrap())
}

fn check(name: &str, recorded: &Recorded, tensors: &SafeTensors<'_>) -> Result<(), String> {
    let network = load("recorded", name, tensors)?;
    let inputs = inputs(name, tensors);
    let (found, counts) = run(&network, &inputs);
    if outputs(&network, &inputs).map_err(|error| error.to_string())? != found {
        return Err("counting changes the outputs".to_owned());
    }
    check_outputs(&found, &tensors.tensor(&format!("{name}/output")).unwrap(), recorded.tolerance)?;
    let sum = |of: fn(&Layer) -> u64| network.layers().iter().map(of).sum::<u64>();
    let stored = (sum(Layer::bytes), sum(Layer::parameter_count));
    same("bytes and parameters", &stored, &(recorded.footprint, recorded.parameters))?;
    check_counts(&counts, recorded)
}

fn check_outputs(found: &Tensor, expected: &TensorView<'_>, tolerance: f64) -> Result<(), String> {
    let (shape, values): (_, Vec<f64>) = match (found, expected.dtype()) {
        (Tensor::F32(array), Dtype::F32) => (array.shape(), array.iter().map(|value| f64::from(*value)).collect()),
        (Tensor::F64(array), Dtype::F64) => (array.shape(), array.iter().copied().collect()),
        _ => return Err(format!("outputs are {:?}", found.dtype())),
    };
    same("shape of the outputs", &shape, &expected.shape())?;
    let expected = f64s(expected);
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for (index, (found, expected)) in values.iter().zip(&expected).enumerate() {
        // `layers.json` explains the tolerance; spikes must be equal.
        let near = (found - expected).abs() <= tolerance * largest;
        if !near {
            return Err(format!("output number {index} is {found} instead of {expected}"));
        }
    }
    Ok(())
}

fn check_counts(counts: &Counts, recorded: &Recorded) -> Result<(), String> {
    for (path, expected) in &recorded.spikes {
        let count = counts.activations.get(path).ok_or_else(|| format!("`{path}` recorded no activations"))?;
        same(path, &Spikes { nonzero: count.nonzero, total: count.total }, expected)?;
    }
    let updates: BTreeMap<_, _> = counts.membranes.iter().map(|(path, count)| (path.clone(), count.updates)).collect();
    same("membrane updates", &updates, &recorded.updates)?;
    let paths: BTreeSet<_> = counts.connections.keys().collect();
    same("layers with operations", &paths, &recorded.operations.keys().collect())?;
    for (path, Operations { effective, dense, ternary }) in &recorded.operations {
        let count = &counts.connections[path];
        same(path, &(count.operations(), count.dense), &(*effective, *dense))?;
        same(path, &ternary.map(|_| ConnectionCount::ternary(count)), ternary)?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} instead of {expected:?}")) }
}

#[test]
fn outputs_and_counts_match_pytorch_and_snntorch() {
    let file = fs::read(folder().join("layers.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let cases = recorded();
    assert!(cases.len() > 100);
    let failed: Vec<_> = cases
        .iter()
        .filter_map(|(name, recorded)| Some(format!("{name}: {}", check(name, recorded, &tensors).err()?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// The inputs of a case, repeated often enough that several samples run together.
fn many(inputs: &Tensor) -> Tensor {
    fn repeated<N: Clone>(array: &ArrayRefD<N>) -> ArrayD<N> {
        ndarray::concatenate(Axis(0), &vec![array.view(); 5]).unwrap()
    }
    match inputs {
        Tensor::F32(array) => repeated(array).into(),
        Tensor::F64(array) => repeated(array).into(),
        other => panic!("{:?}", other.dtype()),
    }
}

/// The bits of every number.
fn bits(tensor: &Tensor) -> Vec<u64> {
    match tensor {
        Tensor::F32(array) => array.iter().map(|value| u64::from(value.to_bits())).collect(),
        Tensor::F64(array) => array.iter().map(|value| value.to_bits()).collect(),
        other => panic!("{:?}", other.dtype()),
    }
}

/// Outputs of a pass, and everything that the probe recorded.
fn pass(network: &Network, needs: Needs, inputs: &Tensor) -> (Vec<u64>, String) {
    let (mut probe, mut outputs) = (Probe::new(needs, network.layers()), Tensor::default());
    network.session().forward(inputs, &mut probe, &mut outputs).unwrap();
    // The printed form distinguishes all numbers, including -0 and 0, also in traces.
    (bits(&outputs), format!("{:?}", probe.record()))
}

#[test]
fn every_instruction_set_gives_the_same_outputs_and_records() {
    let file = fs::read(folder().join("layers.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let sets = InstructionSet::available();
    println!("instructions of this machine: {sets:?}");
    // Kernels may use other code paths if nothing or only counts are needed.
    let ways = [Needs::NONE, Needs::COUNTS, Needs::HOOKS];
    let mut failed = Vec::new();
    for name in recorded().into_keys() {
        let inputs = many(&inputs(&name, &tensors));
        let of_set = |set: &InstructionSet| {
            let network = load("instructions", &name, &tensors).unwrap().with_instruction_set(*set).unwrap();
            ways.map(|needs| pass(&network, needs, &inputs))
        };
        let passes: Vec<_> = sets.iter().map(of_set).collect();
        let outputs_agree = passes.iter().flatten().all(|(outputs, _)| *outputs == passes[0][0].0);
        if !outputs_agree || passes.iter().any(|of_set| *of_set != passes[0]) {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Splits a batch into single samples.
fn one_by_one(inputs: &Tensor) -> Vec<Tensor> {
    (0..inputs.samples()).map(|sample| inputs.rows(sample, sample + 1)).collect()
}

/// Outputs and counts of batches that run one after the other in one session.
fn batches(network: &Network, batches: &[Tensor]) -> (Vec<u64>, Counts) {
    let (mut session, mut all, mut counts) = (network.session(), Vec::new(), Counts::default());
    for inputs in batches {
        let (mut probe, mut outputs) = (Probe::new(Needs::COUNTS, network.layers()), Tensor::default());
        session.forward(inputs, &mut probe, &mut outputs).unwrap();
        all.extend(bits(&outputs));
        counts.add(counted(network, inputs, &outputs, &mut probe));
    }
    // If each sample is a step of a sequence, the batches differ, but their total counts must be equal.
    for count in counts.connections.values_mut() {
        let sum = CallOperations::new(count.operations(), ConnectionCount::ternary(count));
        count.calls = vec![sum];
    }
    (all, counts)
}

#[test]
fn single_samples_give_the_same_as_one_batch() {
    let file = fs::read(folder().join("layers.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    for name in recorded().into_keys() {
        let (network, inputs) = (load("batches", &name, &tensors).unwrap(), many(&inputs(&name, &tensors)));
        let apart = one_by_one(&inputs);
        assert_eq!(batches(&network, &apart), batches(&network, &[inputs]), "{name}");
    }
}

/// The numbers that the output layer of a network reports, if it is a connection, and the outputs among its states, if it has states
/// step by step: both are the recorded outputs.
#[test]
fn outputs_of_connections_and_states_match_pytorch() {
    let file = fs::read(folder().join("layers.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let (mut connections, mut cells) = (0, BTreeSet::new());
    for (name, recorded) in recorded() {
        let (network, inputs) = (load("hook_points", &name, &tensors).unwrap(), inputs(&name, &tensors));
        // A layer behind a window does not run in the first steps, in which the outputs are zeros.
        if network.layers().iter().any(|layer| layer.type_name() == "sliding_window") {
            continue;
        }
        let needs = Needs::CONNECTION_OUTPUT_TRACES.union(Needs::RECURRENT_STATE_TRACES);
        let (mut probe, mut outputs) = (Probe::new(needs, network.layers()), Tensor::default());
        network.session().forward(&inputs, &mut probe, &mut outputs).unwrap();
        let context = Context::for_batch(&network, BatchContext::new(0, &outputs, &inputs, probe.record()));
        let expected = f64s(&tensors.tensor(&format!("{name}/output")).unwrap());
        let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let compare = |found: &[f64]| {
            let near = |(found, expected): (&f64, &f64)| (found - expected).abs() <= recorded.tolerance * largest;
            assert!(found.len() == expected.len() && found.iter().zip(&expected).all(near), "{name}");
        };
        let is_output = |layer: &Layer| layer.path() == network.output();
        if let Ok(input) = ConnectionOutputs::get(&context)
            && let Some((_, trace)) = input.iter().find(|(layer, _)| is_output(layer))
        {
            compare(trace.values());
            connections += 1;
        }
        if let Ok(input) = RecurrentStates::get(&context)
            && let Some((layer, trace)) = input.iter().find(|(layer, _)| is_output(layer))
            && (layer.type_name().ends_with("_cell") || name.ends_with("_by_steps"))
        {
            // The outputs of the last layer of a stack, behind which LSTM has its cells.
            let units = network.output_shape()[0];
            let last = if layer.type_name() == "lstm" { 2 * units } else { units };
            compare(
                &trace.calls().flat_map(|(_, state)| state[state.len() - last..][..units].to_vec()).collect::<Vec<_>>(),
            );
            cells.insert(layer.type_name().to_owned());
        }
    }
    assert!(connections >= 30, "{connections} connections");
    assert_eq!(cells, ["gru", "gru_cell", "lstm", "rnn", "rnn_cell"].map(str::to_owned).into());
}

#[test]
fn every_network_file_has_a_case() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(files, recorded().into_keys().collect());
}

/// Kinds that are nodes of NIR graphs, which neither PyTorch nor snnTorch computes. `integrators` compares them with simulators
/// and hand-computed values.
const NODES_OF_GRAPHS: [&str; 9] = [
    "current_based_leaky_integrate_and_fire",
    "current_based_leaky_integrator",
    "delay",
    "integrate_and_fire",
    "integrator",
    "leaky_integrate_and_fire",
    "leaky_integrator",
    "scale",
    "threshold",
];

#[test]
fn every_kind_of_layer_has_a_recorded_case() {
    let mut recorded_kinds = BTreeSet::new();
    for name in recorded().keys() {
        let text = fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
        let file: toml::Table = toml::from_str(&text).unwrap();
        let layers = file["layers"].as_array().unwrap().iter();
        recorded_kinds.extend(layers.map(|layer| layer["kind"].as_str().unwrap().to_owned()));
    }
    // Tests define further kinds.
    let built_in = layers().iter().filter(|kind| kind.file.replace('\\', "/").contains("/src/layers/"));
    let without: Vec<&str> = built_in
        .map(|kind| kind.name)
        .filter(|name| !recorded_kinds.contains(*name) && !NODES_OF_GRAPHS.contains(name))
        .collect();
    assert!(
        without.is_empty(),
        "no recorded case has a layer of the kinds {without:?}: add one to tests/data/layers/record_layers.py"
    );
    for name in NODES_OF_GRAPHS {
        assert!(layers().find(name).is_ok(), "no kind of layer `{name}`");
        assert!(!recorded_kinds.contains(name), "`{name}` has a recorded case: remove it from `NODES_OF_GRAPHS`");
    }
}
