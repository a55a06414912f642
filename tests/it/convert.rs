//! `neurobench convert` and its output, as a user runs them.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::ndarray::array;
use neurobench::network::Network;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/neurobench-import/tests/data");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

/// Its output.
fn prints(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Its error message.
fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_network_becomes_a_graph_that_runs_with_the_same_results() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let network = format!("{DIGITS}/network.toml");
    let refused = fails(folder, &["convert", &network, "digits.nir", "--dt", "1e-3"]);
    assert!(
        refused.contains("the `reset` of layer `2`, `reset` of layer `4` would be lost; `--lose WHAT`"),
        "{refused}"
    );
    assert!(!folder.join("digits.nir").exists());
    prints(folder, &["convert", &network, "digits.nir", "--dt", "1e-3", "--lose", "reset"]);
    // Of a graph the metadata say how it is stepped.
    assert_eq!(inspected(folder, "digits.nir"), inspected(folder, &network));
    prints(folder, &["convert", "digits.nir", "back.toml"]);
    assert_eq!(inspected(folder, "back.toml"), inspected(folder, &network));

    let metrics = |model: &str, name: &str| {
        let file = format!(
            "name = \"{name}\"\n\
             preprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps=5)\"]\n\
             postprocessors = [\"choose_max_count\"]\n\
             metrics = [\"footprint\", \"classification_accuracy\", \"activation_sparsity\", \"synaptic_operations\"]\n\
             [model]\n{model}\n\
             [data]\ninputs = \"{DIGITS}/inputs.npy\"\ntargets = \"{DIGITS}/targets.npy\"\n"
        );
        std::fs::write(folder.join(format!("{name}.toml")), file).unwrap();
        prints(folder, &["run", &format!("{name}.toml")]);
        let results = std::fs::read(folder.join(format!("{name}.results.json"))).unwrap();
        let results: serde_json::Value = serde_json::from_slice(&results).unwrap();
        results["metrics"].clone()
    };
    let theirs = metrics(&format!("network = \"{network}\""), "network");
    assert!(theirs.as_array().unwrap().len() == 4);
    assert_eq!(metrics("nir = \"digits.nir\"", "graph"), theirs);
    assert_eq!(metrics("network = \"back.toml\"", "again"), theirs);
}

/// The layers of a model.
fn inspected(folder: &Path, file: &str) -> serde_json::Value {
    let mut inspected: serde_json::Value = serde_json::from_str(&prints(folder, &["inspect", file, "--json"])).unwrap();
    inspected.as_object_mut().unwrap().remove("fingerprint").unwrap();
    inspected
}

#[test]
fn a_graph_is_converted_with_the_given_options_and_no_file_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let graph = format!("{DATA}/nir/lif_norse.nir");
    assert!(fails(folder, &["inspect", &graph]).contains("node `1` (LIF) needs a time step"));
    assert!(fails(folder, &["convert", &graph, "a.toml", "--dt", "1e-4"]).contains("set `dynamics`"));
    let given = ["--dt", "1e-4", "--dynamics", "norse"];
    let table = prints(folder, &[&["inspect", &graph], &given[..]].concat());
    assert!(table.contains("leaky_integrate_and_fire"), "{table}");
    std::fs::write(folder.join("a.safetensors"), "mine").unwrap();
    let refused = fails(folder, &[&["convert", &graph, "a.toml"], &given[..]].concat());
    assert!(refused.contains("`a.safetensors` already exists"), "{refused}");
    assert_eq!(std::fs::read(folder.join("a.safetensors")).unwrap(), b"mine");
    prints(folder, &[&["convert", &graph, "b.toml"], &given[..]].concat());
    prints(folder, &["convert", "b.toml", "b.nir"]);
    assert_eq!(inspected(folder, "b.nir"), inspected(folder, "b.toml"));
    assert!(fails(folder, &["convert", "b.toml", "b.nir"]).contains("already exists"));
    assert!(
        fails(folder, &["inspect", "b.toml", "--dt", "1"])
            .contains("`--dt` is only for files of these formats: a NIR graph (.nir)")
    );
    let error = fails(folder, &["inspect", &graph, "--dt", "nan", "--dynamics", "norse"]);
    assert!(error.contains("setting `dt`: the value is NaN, which is not a finite number"), "{error}");
    let error = fails(folder, &["inspect", &graph, "--dt", "0", "--dynamics", "norse"]);
    assert!(error.contains("invalid time step: 0 s"), "{error}");
    assert!(fails(folder, &["convert", "b.toml", "b.onnx"]).contains("`b.onnx` has none of the extensions"));
    assert!(fails(folder, &["convert", "b.nir", "b.pt"]).contains(
        "`b.nir` cannot be converted to `b.pt`; conversions are from .pt or .pth to .safetensors, from .nir to .toml, from .toml to .nir"
    ));
    let unknown = neurobench(folder, &["convert", "b.toml", "c.nir", "--lose", "rest"]);
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("did you mean `reset`?"));
}

#[test]
fn a_graph_carries_its_state_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let network = std::fs::read_to_string(format!("{DIGITS}/network.toml")).unwrap();
    std::fs::copy(format!("{DIGITS}/weights.safetensors"), folder.join("weights.safetensors")).unwrap();
    std::fs::write(folder.join("network.toml"), network.replace("time_steps = true", "carries_state = true")).unwrap();
    prints(folder, &["convert", &format!("{DIGITS}/network.toml"), "digits.nir", "--dt", "1e-3", "--lose", "reset"]);
    let metrics = |model: &str, sequences: &str| {
        let file = format!(
            "name = \"b\"\nmetrics = [\"activation_sparsity\", \"membrane_updates\", \"synaptic_operations\"]\n\
             [model]\n{model}\n\
             [data]\ninputs = \"{DIGITS}/inputs.npy\"\ntargets = \"{DIGITS}/targets.npy\"\nsequences = {sequences}\n"
        );
        std::fs::write(folder.join("b.toml"), file).unwrap();
        prints(folder, &["run", "b.toml"]);
        let results = std::fs::read(folder.join("b.results.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&results).unwrap()["metrics"].clone()
    };
    let graph = "nir = \"digits.nir\"\ncarries_state = true";
    let found = metrics(graph, "[300, 60]");
    assert_eq!(found, metrics("network = \"network.toml\"", "[300, 60]"));
    assert_ne!(found, metrics(graph, "[60, 300]"));
}

#[test]
fn tensors_are_listed_and_converted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let checkpoint = format!("{DATA}/pytorch/checkpoint.pt");
    let table = prints(folder, &["inspect", &checkpoint]);
    assert!(table.starts_with("31 tensors\n"), "{table}");
    assert!(table.contains("not a tensor: `epoch`, an int\n"), "{table}");
    let model = ["--within", "model_state_dict"];
    let output = neurobench(folder, &[&["convert", &checkpoint, "model.safetensors"], &model[..]].concat());
    assert!(output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("left out: `epoch`, an int\n"));
    let inspected: serde_json::Value =
        serde_json::from_str(&prints(folder, &["inspect", "model.safetensors", "--json"])).unwrap();
    let tensors = inspected["tensors"].as_array().unwrap();
    let weight = serde_json::json!({ "name": "0.weight", "dtype": "f32", "shape": [4, 3], "bytes": 48 });
    assert_eq!((tensors.len(), tensors.contains(&weight)), (9, true));
    assert_eq!(inspected["bytes"], 184);
    std::fs::write(folder.join("bad.safetensors"), "no").unwrap();
    assert!(fails(folder, &["inspect", "bad.safetensors"]).contains("cannot read `bad.safetensors`"));
}

#[test]
fn a_benchmark_file_names_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let problem = |model: &str| {
        let file = format!("name = \"b\"\n[model]\n{model}\n[data]\ninputs = \"x.npy\"\ntargets = \"y.npy\"\n");
        std::fs::write(folder.path().join("b.toml"), file).unwrap();
        fails(folder.path(), &["run", "b.toml"])
    };
    let missing = problem("");
    assert!(
        missing.contains("[model]: missing key: name the model file with one of `echo_state_network`, `network`, "),
        "{missing}"
    );
    assert!(missing.contains("`nir`") && missing.contains("`file`"), "{missing}");
    assert!(problem("network = \"n.toml\"\nnir = \"n.nir\"").contains("exclude each other"));
    assert!(problem("network = \"n.toml\"\ndt = 1e-3").contains("`network`: no setting `dt`; it has none"));
    assert!(
        problem("network = \"n.toml\"\ncarries_state = true")
            .contains("`network`: no setting `carries_state`; it has none")
    );
    let graph = format!("nir = \"{DATA}/nir/lif_norse.nir\"\ndynamics = \"norse\"");
    assert!(problem(&graph).contains("needs a time step"));
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let checkpoint = format!("{DATA}/pytorch/checkpoint.pt");
    let refused = fails(folder, &["convert", &checkpoint, "nowhere/a.safetensors", "--within", "model_state_dict"]);
    assert!(refused.contains("nowhere/a.safetensors") && refused.contains("there is no folder `nowhere`"), "{refused}");

    // The weights are written first, and then the network file cannot be.
    std::fs::create_dir(folder.join("n.toml")).unwrap();
    let network = || Network::builder([2]).linear("0", array![[1.0, 2.0]], None);
    network().write(folder.join("n.toml")).unwrap_err();
    assert!(!folder.join("n.safetensors").exists());
    // A failed call does not remove a file that existed before.
    std::fs::write(folder.join("n.safetensors"), "mine").unwrap();
    network().write(folder.join("n.toml")).unwrap_err();
    assert!(folder.join("n.safetensors").exists());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
}

/// In `/proc` not even root makes files.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_nobody_asked_for_is_not_named() {
    let network = Network::builder([2]).linear("0", array![[1.0, 2.0]], None);
    let error = network.write("/proc/n.toml").unwrap_err();
    assert_eq!(error.to_string(), "cannot write /proc/n.safetensors: entity not found");
}
