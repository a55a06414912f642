//! Networks from files: the example, and invalid files.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Counts, directory, outputs, run};
use ndarray::{Array3, Axis, array};
use neurobench::Benchmark;
use neurobench::data::{Dataset, InMemory};
use neurobench::metrics::SynapticOperations;
use neurobench::model::{Dtype, Layer, Model, Tensor};
use neurobench::network::{LeakyConfig, Network, NetworkBuilder, NetworkError};
use neurobench::process::{Postprocessor, Preprocessor, choose_max_count, repeat_over_time, scale};
use safetensors::tensor::TensorView;

// The example.

fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits")
}

#[test]
fn the_digits_example_matches_all_recorded_numbers() {
    let reference: serde_json::Value =
        serde_json::from_slice(&fs::read(digits().join("reference.json")).unwrap()).unwrap();
    let network = Network::load(digits().join("network.toml")).unwrap();
    let data = InMemory::from_npy(digits().join("inputs.npy"), digits().join("targets.npy")).unwrap();
    let steps = usize::try_from(reference["time_steps"].as_u64().unwrap()).unwrap();

    let results = &reference["batch_sizes"]["360"]["results"];
    assert_eq!(network.layers().iter().map(Layer::bytes).sum::<u64>(), results["Footprint"]);
    assert_eq!(network.layers().iter().map(Layer::parameter_count).sum::<u64>(), results["ParameterCount"]);

    for batch_size in [360, 64, 7] {
        let totals = &reference["batch_sizes"][batch_size.to_string()]["totals"];
        let (mut counts, mut predictions, mut spike_counts, mut right) = (Counts::default(), vec![], vec![], 0);
        for start in (0..data.samples()).step_by(batch_size) {
            let (inputs, targets) = data.batch(start..data.samples().min(start + batch_size)).unwrap();
            let (inputs, targets) = scale(1.0 / 16.0).process(inputs, targets).unwrap();
            let (inputs, targets) = repeat_over_time(steps).process(inputs, targets).unwrap();
            let (outputs, batch) = run(&network, &inputs);
            counts.add(batch);
            let Tensor::F32(spikes) = &outputs else { panic!("not f32") };
            for sample in spikes.sum_axis(Axis(1)).outer_iter() {
                spike_counts.push(sample.iter().map(|count| *count as u64).collect::<Vec<_>>());
            }
            let (Tensor::I64(classes), Tensor::I64(targets)) = (choose_max_count().process(&outputs).unwrap(), targets)
            else {
                panic!("not i64")
            };
            right += classes.iter().zip(&targets).filter(|(class, target)| class == target).count();
            predictions.extend(classes);
        }
        assert_eq!(serde_json::json!(predictions), reference["predictions"]);
        assert_eq!(serde_json::json!(spike_counts), reference["reference_spike_counts"]);
        assert_eq!(serde_json::json!(right), totals["correct_predictions"]);
        for layer in ["2", "4"] {
            assert_eq!(serde_json::json!(counts.activations[layer].nonzero), totals["spikes_by_layer"][layer]);
            assert_eq!(serde_json::json!(counts.activations[layer].total), totals["outputs_by_layer"][layer]);
        }
        assert_eq!(serde_json::json!(counts.macs()), totals["synaptic_macs"]);
        assert_eq!(serde_json::json!(counts.acs()), totals["synaptic_acs"]);
        assert_eq!(serde_json::json!(counts.dense()), totals["synaptic_dense"]);
        assert_eq!(serde_json::json!(counts.updates()), totals["membrane_updates"]);
        for layer in network.layers().iter().filter(|layer| layer.fan_out().is_some()) {
            let weight = &layer.parameters()[0];
            assert_eq!(serde_json::json!(weight.elements()), totals["weights_by_layer"][layer.path()]);
            assert_eq!(serde_json::json!(weight.zeros), totals["zero_weights_by_layer"][layer.path()]);
        }
    }
}

#[test]
fn the_fingerprint_is_the_digest_of_both_files() {
    use sha2::Digest;
    let mut digest = sha2::Sha256::new();
    digest.update(fs::read(digits().join("network.toml")).unwrap());
    digest.update(fs::read(digits().join("weights.safetensors")).unwrap());
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let network = Network::load(digits().join("network.toml")).unwrap();
    assert_eq!(network.fingerprint().unwrap(), format!("sha256:{hex}"));
}

// Errors.

/// A stored tensor: name, type, shape, bytes.
type Stored = (&'static str, safetensors::Dtype, Vec<usize>, Vec<u8>);

fn f32s(name: &'static str, shape: &[usize], values: &[f32]) -> Stored {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    (name, safetensors::Dtype::F32, shape.to_vec(), bytes)
}

fn i64s(name: &'static str, value: i64) -> Stored {
    (name, safetensors::Dtype::I64, vec![], value.to_le_bytes().to_vec())
}

fn serialize(tensors: &[Stored]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

const HEAD: &str = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\n";

/// A network file with two inputs and these layers.
fn file(layers: &[&str]) -> String {
    let layers: String = layers.iter().map(|layer| format!("[[layers]]\n{layer}\n")).collect();
    format!("{HEAD}input_shape = [2]\ntime_steps = true\n{layers}")
}

const LINEAR: &str = "path = \"0\"\nkind = \"linear\"\nin_features = 2\nout_features = 3";
const LEAKY: &str = "path = \"1\"\nkind = \"leaky\"\nreset = \"subtract\"";

fn weights() -> Vec<Stored> {
    vec![
        f32s("0.weight", &[3, 2], &[0.5, 0.0, 0.25, 1.0, -0.5, 0.75]),
        f32s("0.bias", &[3], &[0.0, 0.125, 0.0]),
        f32s("1.beta", &[], &[0.5]),
        f32s("1.threshold", &[], &[1.0]),
        f32s("1.graded_spikes_factor", &[], &[1.0]),
        i64s("1.reset_mechanism_val", 0),
    ]
}

/// The same weights with one tensor changed.
fn changed(tensor: Stored) -> Vec<Stored> {
    let mut weights = weights();
    weights.retain(|(name, ..)| *name != tensor.0);
    weights.push(tensor);
    weights
}

fn without(names: &[&str]) -> Vec<Stored> {
    weights().into_iter().filter(|(name, ..)| !names.contains(name)).collect()
}

fn load(test: &str, network: &str, weights: &[u8]) -> Result<Network, NetworkError> {
    let directory = directory(test);
    fs::write(directory.join("n.toml"), network).unwrap();
    fs::write(directory.join("w.safetensors"), weights).unwrap();
    Network::load(directory.join("n.toml"))
}

/// Error message without the directory.
fn problem(test: &str, network: &str, weights: &[Stored]) -> String {
    let Err(error) = load(test, network, &serialize(weights)) else { panic!("{network} was loaded") };
    let text = error.to_string();
    let directory = format!("{}/", Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).display());
    assert!(text.contains(&directory), "{text} names no file");
    text.replace(&directory, "")
}

/// The message of an error without line and column, and without the line of the file below it.
fn message(error: &str) -> String {
    let first = error.lines().next().unwrap();
    let Some(rest) = first.strip_prefix("n.toml:").filter(|rest| !rest.starts_with(' ')) else {
        return first.to_owned();
    };
    let mut parts = rest.splitn(3, ':');
    let place = [parts.next(), parts.next()];
    assert!(place.iter().all(|number| number.unwrap().parse::<usize>().is_ok()), "{error}");
    format!("n.toml:{}", parts.next().unwrap())
}

#[test]
fn the_unchanged_file_is_valid() {
    let network = load("good", &file(&[LINEAR, LEAKY]), &serialize(&weights())).unwrap();
    assert_eq!((network.input_shape(), network.output_shape(), network.has_time_steps()), (&[2][..], &[3][..], true));
    assert_eq!(network.layers().iter().map(Layer::bytes).sum::<u64>(), 4 * 9 + 20);
    let found = outputs(&network, &array![[[2.0_f32, 1.0]]].into()).unwrap();
    // Currents: 1, 0.125 + 0.5 + 1, -1 + 0.75; a membrane on the threshold does not spike.
    assert_eq!(found, array![[[0.0_f32, 1.0, 0.0]]].into());
}

#[test]
fn constants_may_be_keys_or_tensors_of_other_types() {
    let constants = ["1.beta", "1.threshold", "1.graded_spikes_factor", "1.reset_mechanism_val"];
    let keys = format!("{LEAKY}\nbeta = [0.5, 0.5, 0.5]\nthreshold = 1");
    let network = load("keys", &file(&[LINEAR, &keys]), &serialize(&without(&constants))).unwrap();
    assert_eq!(network.layers()[1].bytes(), 0);
    let inputs: Tensor = Array3::<f32>::ones((2, 9, 2)).into();
    let expected = outputs(&network, &inputs).unwrap();

    // Both are allowed if they agree.
    let network = load("both", &file(&[LINEAR, &keys]), &serialize(&weights())).unwrap();
    assert_eq!(outputs(&network, &inputs).unwrap(), expected);

    // An integer threshold is stored as an integer.
    let network = load("integer", &file(&[LINEAR, LEAKY]), &serialize(&changed(i64s("1.threshold", 1)))).unwrap();
    let threshold = &network.layers()[1].buffers()[1];
    assert_eq!((threshold.name.as_str(), threshold.dtype, threshold.bytes()), ("threshold", Dtype::I64, 8));
    assert_eq!(outputs(&network, &inputs).unwrap(), expected);

    // One for each neuron.
    let each = changed(f32s("1.beta", &[3], &[0.5; 3]));
    let network = load("each", &file(&[LINEAR, LEAKY]), &serialize(&each)).unwrap();
    assert_eq!(network.layers()[1].bytes(), 28);
    assert_eq!(outputs(&network, &inputs).unwrap(), expected);
}

#[test]
fn a_network_without_tensors_needs_no_weights_file() {
    let text =
        "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n[[layers]]\npath = \"0\"\nkind = \"relu\"\n";
    let network = load("no_weights", text, b"").unwrap();
    assert_eq!(outputs(&network, &array![[-1.0_f32, 2.0]].into()).unwrap(), array![[0.0_f32, 2.0]].into());
}

#[test]
fn errors_describe_invalid_network_files() {
    let relu = "path = \"0\"\nkind = \"relu\"";
    let replaced = |from: &str, to: &str| file(&[LINEAR, LEAKY]).replace(from, to);
    let cases = [
        (String::new(), "n.toml: missing key `format`"),
        ("= 3".to_owned(), "n.toml: "),
        (replaced("input_shape", "shape"), "n.toml: unknown key `shape`; expected"),
        (replaced("[2]", "[2, 0]"), "n.toml: `input_shape` [2, 0] has an axis of length 0"),
        (replaced("[2]", "[9223372036854775807, 4]"), "has too many elements"),
        (replaced("[2]", "[4294967296]"), "has too many elements"),
        (replaced("[2]", "[3]"), "n.toml: layer `0` (linear): expected inputs of shape [2], found [3]"),
        (
            replaced("[2]", "[2, 1]"),
            "n.toml: layer `0` (linear): expected inputs of shape [2], found [2, 1]; add a flatten layer before it",
        ),
        (file(&[]), "n.toml: the network has no layers"),
        (file(&[LINEAR, relu]), "n.toml: duplicate layer `0`: every layer needs a unique path"),
        (replaced("\"leaky\"", "\"laeky\""), "n.toml: layer `1`: unknown layer kind `laeky`; did you mean `leaky`?"),
        (
            replaced("\"leaky\"", "\"soma\""),
            "n.toml: layer `1`: unknown layer kind `soma`; `neurobench list layers` shows all",
        ),
        (
            replaced("in_features", "in_feature"),
            "n.toml: layer `0` (linear): no setting `in_feature`; it has in_features, out_features; did you mean `in_features`?",
        ),
        (
            replaced("in_features = 2\n", ""),
            "n.toml: layer `0` (linear): setting `in_features` is missing; it has no default",
        ),
        (
            replaced("in_features = 2", "in_features = \"2\""),
            "n.toml: layer `0` (linear): setting `in_features`: expected a whole number of at least 0, found text \"2\"",
        ),
        (
            replaced("in_features = 2", "in_features = -2"),
            "n.toml: layer `0` (linear): setting `in_features`: expected a whole number of at least 0, found -2",
        ),
        (replaced("in_features = 2", "in_features = 0"), "setting `in_features` must be in `1..`, not 0"),
        (
            replaced("subtract", "substract"),
            "n.toml: layer `1` (leaky): setting `reset`: unknown value `substract`; expected one of",
        ),
        (
            replaced("reset = \"subtract\"", ""),
            "n.toml: layer `1` (leaky): setting `reset` is missing; it has no default",
        ),
        (
            replaced("reset", "beta = 0.25\nreset"),
            "n.toml: layer `1` (leaky): the key `beta` and the tensor `1.beta` differ",
        ),
        (replaced("reset", "beta = nan\nreset"), "`layers[1].beta`: nan is not a finite number"),
        (replaced("reset", "beta = [1, 1]\nreset"), "`beta` has 2 numbers, but the layer has 3 neurons"),
        (replaced("reset", "beta = \"a\"\nreset"), "expected a number, or a list of numbers, one for each neuron"),
        (
            replaced("[[layers]]\npath = \"0\"", "[[layers]]"),
            "n.toml: layer number 1 (counted from 1): `path` is missing",
        ),
        (replaced("w.safetensors", "absent.safetensors"), "cannot read absent.safetensors: "),
    ];
    for (network, expected) in cases {
        let found = problem("network_file", &network, &weights());
        assert!(message(&found).contains(expected), "{network}\n{found}\n{expected}");
        // The message is one line; below it is the line of the file with a caret, if the error has a place there.
        let lines = found.lines().count();
        assert!(lines == 1 || lines == 4 && found.ends_with('^'), "{found}");
    }
}

#[test]
fn errors_show_their_line_with_a_caret() {
    let replaced = |from: &str, to: &str| file(&[LINEAR, LEAKY]).replace(from, to);
    let cases = [
        (replaced("input_shape = [2]", "input_shape = [2"), 5, "time_steps = true", "^"),
        (replaced("input_shape", "shape"), 4, "shape = [2]", "^^^^^"),
        (replaced("time_steps = true", "time_steps = 1"), 5, "time_steps = 1", "             ^"),
        (replaced("in_features = 2", "in_feature = 2"), 9, "in_feature = 2", "^^^^^^^^^^"),
        (replaced("in_features = 2", "in_features = 0"), 9, "in_features = 0", "^^^^^^^^^^^"),
        (replaced("\"leaky\"", "\"laeky\""), 13, "kind = \"laeky\"", "       ^^^^^^^"),
        (file(&[LINEAR, "path = \"0\"\nkind = \"relu\""]), 12, "path = \"0\"", "       ^^^"),
    ];
    for (network, line, text, caret) in cases {
        let found = problem("carets", &network, &weights());
        let (number, column) = (line.to_string(), 1 + caret.find('^').unwrap());
        let margin = " ".repeat(number.len());
        let shown = format!("\n{margin} |\n{number} | {text}\n{margin} | {caret}");
        assert!(
            found.starts_with(&format!("n.toml:{line}:{column}: ")) && found.ends_with(&shown),
            "{network}\n{found}"
        );
    }
}

#[test]
fn builders_report_networks_that_cannot_be_written() {
    let scale = |path: &str| Network::builder([2]).scale(path, 2.0);
    let message = |network: NetworkBuilder| network.build().unwrap_err().to_string();
    assert_eq!(message(scale("")), "layer number 1 (counted from 1): `path` must be a string that is not empty");
    let early = Network::builder([2]).with_inputs(&["input"]).relu("0");
    assert_eq!(message(early), "`with_inputs` changes the layer that was added last, but no layer has been added");
    let early = Network::builder([2]).with_input_shape([2]).relu("0");
    assert!(message(early.clone()).starts_with("`with_input_shape` changes the layer"));
    let folder = directory("unwritable");
    assert!(early.write(folder.join("n.toml")).is_err());
    // The weights file would have the name of the network file.
    let file = folder.join("n.safetensors");
    let problem = scale("0").leaky("1", LeakyConfig::new(0.5)).write(&file).unwrap_err().to_string();
    assert!(problem.contains("the weights file would have the same name"), "{problem}");
    assert!(!file.exists());
}

#[test]
fn errors_describe_invalid_inputs_of_layers() {
    let own = |shape: &str| format!("path = \"a\"\nkind = \"relu\"\ninputs = [\"a\"]\ninput_shape = {shape}");
    let scale = |path: &str, more: &str| format!("path = \"{path}\"\nkind = \"scale\"\nscale = 1.0\n{more}");
    let later = scale("a", "inputs = [\"b\"]\ninput_shape = [3]");
    let still = file(&[&later, &scale("b", "inputs = [\"input\"]")]).replace("time_steps = true\n", "");
    let cases = [
        (file(&[&own("[0]")]), "layer `a`: `inputs` have the `input_shape` [0], which has an axis of length 0"),
        (
            file(&[&own("[4294967296, 4294967296]")]),
            "layer `a`: `inputs` have the `input_shape` [4294967296, 4294967296]",
        ),
        (file(&[&own("[1099511627776]").replace("relu", "low_pass\"\nrate = 0.5 # ")]), "which has too many elements"),
        (
            file(&[&later, &scale("b", "inputs = [\"input\"]")]),
            "layer `a`: `inputs` must have shape [3], but the outputs of `b`, which comes later, have shape [2]",
        ),
        (still, "layer `a`: `inputs` contain `b`, which comes later, but the network has no time steps"),
    ];
    for (network, expected) in cases {
        let found = problem("own_inputs", &network, &[]);
        assert!(found.contains(expected), "{network}\n{found}\n{expected}");
    }
}

#[test]
fn errors_describe_invalid_weights() {
    let f64_weight = ("0.weight", safetensors::Dtype::F64, vec![3, 2], vec![0; 48]);
    let u64_beta = ("1.beta", safetensors::Dtype::U64, vec![], vec![0; 8]);
    let mut unclaimed = weights();
    unclaimed.push(f32s("2.weight", &[1], &[0.0]));
    unclaimed.push(f32s("0.scale", &[1], &[0.0]));
    let fine_beta = ("1.beta", safetensors::Dtype::F64, vec![], 0.9_f64.to_le_bytes().to_vec());
    let cases = [
        (without(&["0.weight"]), "layer `0`: tensor `0.weight` is missing"),
        (changed(f32s("0.weight", &[2, 3], &[0.0; 6])), "layer `0`: tensor `0.weight` has shape [2, 3], not [3, 2]"),
        (changed(f32s("0.bias", &[2], &[0.0; 2])), "layer `0`: tensor `0.bias` has shape [2], not [3]"),
        (changed(f64_weight), "layer `0`: tensor `0.weight` holds F64, not F32 or a narrower type"),
        (
            changed(f32s("0.weight", &[3, 2], &[0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0])),
            "layer `0`: tensor `0.weight` holds NaN at element 3; every number must be finite",
        ),
        (
            changed(f32s("0.bias", &[3], &[f32::INFINITY, 0.0, 0.0])),
            "layer `0`: tensor `0.bias` holds inf at element 0",
        ),
        (changed(u64_beta), "layer `1`: tensor `1.beta` holds U64, not F64, F32, F16, BF16 or integers"),
        (
            changed(fine_beta),
            "layer `1`: tensor `1.beta` holds 0.9 as F64 at element 0, which single precision does not",
        ),
        (changed(f32s("1.beta", &[2], &[0.5; 2])), "layer `1`: tensor `1.beta` has shape [2], not [3]"),
        (
            changed(f32s("1.graded_spikes_factor", &[], &[2.0])),
            "layer `1`: tensor `1.graded_spikes_factor` holds 2; it must be 1",
        ),
        (
            changed(i64s("1.reset_mechanism_val", 1)),
            "layer `1`: tensor `1.reset_mechanism_val` holds 1; it must be 0, because `reset` is \"subtract\"",
        ),
        (unclaimed, "no layer uses the tensors `0.scale`, `2.weight`; the footprint would not include them"),
    ];
    for (weights, expected) in cases {
        let found = problem("weights", &file(&[LINEAR, LEAKY]), &weights);
        assert!(found.starts_with(&format!("w.safetensors: {expected}")), "{found}\n{expected}");
    }
    let found = problem("no_beta", &file(&[LINEAR, LEAKY]), &without(&["1.beta"]));
    assert_eq!(
        message(&found),
        "n.toml: layer `1` (leaky): missing `beta`: set it as a key of the layer or as a tensor"
    );
}

#[test]
fn quantized_weights_are_read_exactly_and_counted_at_their_width() {
    // The numbers are those of IEEE 754: 1.5, -2, the smallest above zero, the largest, zero, a third.
    let halves: [u16; 6] = [0x3e00, 0xc000, 0x0001, 0x7bff, 0x0000, 0x3555];
    let bytes = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
    let third = 1365.0_f32 / 4096.0;
    let quantized = [
        (safetensors::Dtype::F16, bytes, [1.5, -2.0, 2.0_f32.powi(-24), 65504.0, 0.0, third], 12),
        (
            safetensors::Dtype::BF16,
            [[0xc0, 0x3f], [0x00, 0xc0]].concat().repeat(3),
            [1.5, -2.0, 1.5, -2.0, 1.5, -2.0],
            12,
        ),
        (safetensors::Dtype::I8, vec![1, 255, 0, 127, 128, 3], [1.0, -1.0, 0.0, 127.0, -128.0, 3.0], 6),
    ];
    for (dtype, bytes, [a, b, c, d, e, f], width) in quantized {
        let network =
            load("quantized", &file(&[LINEAR]), &serialize(&[("0.weight", dtype, vec![3, 2], bytes)])).unwrap();
        let units = array![[[1.0_f32, 0.0], [0.0, 1.0]]];
        assert_eq!(outputs(&network, &units.into()).unwrap(), array![[[a, c, e], [b, d, f]]].into());
        assert_eq!(network.layers()[0].bytes(), width);
    }
}

/// NeuroBench counts multiply-accumulates. Weights of −1, 0 and 1 do not multiply, whatever the inputs.
#[test]
fn ternary_weights_count_accumulates() {
    let split = |dtype, bytes: &[u8]| {
        let tensors = [("0.weight", dtype, vec![3, 2], bytes.to_vec())];
        let network = load("ternary", &file(&[LINEAR]), &serialize(&tensors)).unwrap();
        let data = InMemory::new(array![[[0.5_f32, 2.0], [0.0, 3.0]]], array![0_i64]).unwrap();
        let of = |per_call| {
            let metric = SynapticOperations { per_call, ..SynapticOperations::default() };
            let benchmark = Benchmark::builder().model(&network).data(&data).metric(metric).build().unwrap();
            let operations = *benchmark.run().unwrap().get::<SynapticOperations>().unwrap();
            (operations.effective_macs, operations.effective_acs)
        };
        assert_eq!(of(true), of(false));
        of(false)
    };
    // Two weights of the first input are nonzero and three of the second, which is nonzero at both steps.
    assert_eq!(split(safetensors::Dtype::I8, &[1, 255, 0, 1, 255, 1]), (0.0, 8.0));
    assert_eq!(split(safetensors::Dtype::I8, &[2, 255, 0, 1, 255, 1]), (8.0, 0.0));
    // Floating-point weights count as in NeuroBench, whatever their values.
    let floats: Vec<u8> = [1.0_f32, -1.0, 0.0, 1.0, -1.0, 1.0].iter().flat_map(|weight| weight.to_le_bytes()).collect();
    assert_eq!(split(safetensors::Dtype::F32, &floats), (8.0, 0.0));
}

#[test]
fn truncated_or_damaged_weights_are_an_error() {
    let whole = serialize(&weights());
    let directory = directory("damaged");
    fs::write(directory.join("n.toml"), file(&[LINEAR, LEAKY])).unwrap();
    let load = |bytes: &[u8]| {
        fs::write(directory.join("w.safetensors"), bytes).unwrap();
        Network::load(directory.join("n.toml"))
    };
    assert!(load(&whole).is_ok());
    for length in 0..whole.len() {
        let Err(error) = load(&whole[..length]) else { panic!("{length} bytes were enough") };
        assert!(error.to_string().contains("w.safetensors: not a safetensors file, or damaged: "), "{error}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(load(&longer).is_err());
    // A header that declares more than the file contains.
    assert!(load(&u64::MAX.to_le_bytes()).is_err());
    let mut huge = 99_999_999_u64.to_le_bytes().to_vec();
    huge.push(b'{');
    assert!(load(&huge).is_err());
    // A changed byte may change a number, but never causes a panic.
    for at in 0..whole.len() {
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x11;
        let _ = load(&spoilt);
    }
}

#[test]
fn truncated_network_files_never_panic() {
    let text = file(&[LINEAR, LEAKY]);
    let directory = directory("cut");
    fs::write(directory.join("w.safetensors"), serialize(&weights())).unwrap();
    for length in 0..text.len() {
        fs::write(directory.join("n.toml"), &text[..length]).unwrap();
        let _ = Network::load(directory.join("n.toml"));
    }
    // Nested brackets, and shapes that would exhaust the memory if they were allocated.
    fs::write(directory.join("n.toml"), format!("format = {}", "[".repeat(1 << 20))).unwrap();
    assert!(Network::load(directory.join("n.toml")).is_err());
    let wide = format!("{LEAKY}\nbeta = 0.5\nthreshold = 1");
    let wide = file(&[&wide]).replace("[2]", "[1099511627776, 1024]");
    fs::write(directory.join("n.toml"), wide).unwrap();
    fs::write(directory.join("w.safetensors"), serialize(&weights()[2..])).unwrap();
    let Err(error) = Network::load(directory.join("n.toml")) else { panic!("loaded") };
    assert!(error.to_string().ends_with("`input_shape` [1099511627776, 1024] has too many elements"), "{error}");

    fs::write(directory.join("n.toml"), b"format = \"\xff\"").unwrap();
    let Err(error) = Network::load(directory.join("n.toml")) else { panic!("loaded") };
    assert!(error.to_string().ends_with("n.toml: line 1: not UTF-8 text"), "{error}");
    assert!(matches!(Network::load(directory.join("none.toml")), Err(NetworkError::Read { .. })));
}
