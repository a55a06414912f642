//! The command, as a user runs it.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::{Command, Output};

use neurobench::report::{Results, Status};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A benchmark file in a folder of its own, with these metrics, over copies of the digits' files.
fn benchmark(metrics: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    let file = format!(
        "name = \"small\"\n\
         preprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps=2)\"]\n\
         postprocessors = [\"choose_max_count\"]\n\
         metrics = [{metrics}]\n\
         [model]\nnetwork = \"network.toml\"\n\
         [data]\ninputs = \"inputs.npy\"\ntargets = \"targets.npy\"\nbatch_size = 50\n"
    );
    std::fs::write(folder.path().join("benchmark.toml"), file).unwrap();
    folder
}

fn results(path: &Path) -> Results {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_main_job_prints_a_table_and_writes_results() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, workers: &str| {
        let output = neurobench(
            folder.path(),
            &["run", &format!("{DIGITS}/benchmark.toml"), "--workers", workers, "--output", name],
        );
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), results(&folder.path().join(name)))
    };
    let (table, one) = run("one.json", "1");
    for part in [
        "digits: 360 samples in 6 batches",
        "on 1 worker\n",
        "footprint",
        "38480",
        "bytes",
        "lower",
        "MACs/sample",
        "ok",
    ] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
    let (_, mut two) = run("two.json", "2");
    assert_eq!(one.schema, 1);
    assert_eq!(one.library, concat!("neurobench ", env!("CARGO_PKG_VERSION")));
    assert_eq!(one.benchmark.as_deref(), Some("digits"));
    assert_eq!((one.samples, one.batches, one.batch_size), (360, 6, Some(64)));
    assert!(one.model.as_ref().unwrap().starts_with("sha256:"));
    assert!(one.data.as_ref().unwrap().starts_with("sha256:"));
    assert!(one.metrics.iter().all(|metric| metric.status == Status::Ok));
    assert!(one.timing.total_seconds > 0.0);
    // Durations aside, the same on any number of workers.
    two.timing = one.timing;
    assert_eq!(two, one);
}

#[test]
fn a_metric_without_a_value_makes_the_command_fail_and_the_others_stay() {
    let folder = benchmark("\"footprint\", \"mse\"");
    let weights = folder.path().join("network.toml");
    assert!(weights.exists());
    // Targets that are no numbers of the same shape: `mse` of scores against classes.
    let file = std::fs::read_to_string(folder.path().join("benchmark.toml")).unwrap();
    let file = file.replace("postprocessors = [\"choose_max_count\"]", "postprocessors = [\"aggregate\"]");
    std::fs::write(folder.path().join("benchmark.toml"), file).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
    assert!(!output.status.success());
    let table = text(&output.stdout);
    assert!(table.contains("failed: its core `mse` failed in batch 0"), "{table}");
    let results = results(&folder.path().join("small.results.json"));
    assert_eq!(results.metrics[0].status, Status::Ok);
    assert_eq!(results.metrics[1].status, Status::Failed);
    assert_eq!(results.metrics[1].value, None);
}

#[test]
fn mistakes_in_a_benchmark_file_are_told_with_their_place() {
    let cases = [
        ("\"footprnt\"", "did you mean `footprint`?"),
        (
            "{ name = \"synaptic_operations\", per_cal = true }",
            "no param `per_cal`; it has per_call; did you mean `per_call`?",
        ),
        ("\"footprint\", \"footprint\"", "two metrics have the name `footprint`"),
        ("\"synaptic_operations(per_call=3)\"", "param `per_call`: invalid type: integer `3`, expected a boolean"),
    ];
    for (metrics, message) in cases {
        let output = neurobench(benchmark(metrics).path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains(message), "{metrics}: {}", text(&output.stderr));
    }
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    for (from, to, message) in [
        ("batch_size", "batchsize", "unknown field `batchsize`"),
        ("choose_max_count", "chose_max_count", "did you mean `choose_max_count`?"),
        ("steps=2", "step=2", "step"),
        ("network = \"network.toml\"", "network = \"net.toml\"", "net.toml"),
        ("inputs = \"inputs.npy\"", "inputs = \"targets.npy\"", "takes"),
        ("name = \"small\"", "", "missing field `name`"),
    ] {
        std::fs::write(&path, file.replace(from, to)).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success(), "{to}");
        assert!(text(&output.stderr).contains(message), "{to}: {}", text(&output.stderr));
    }
}

#[test]
fn broken_files_are_errors_that_name_the_file() {
    for file in ["weights.safetensors", "inputs.npy", "targets.npy"] {
        let folder = benchmark("\"footprint\"");
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        let error = text(&output.stderr);
        assert!(error.contains(file) && !error.contains("panic"), "{error}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_the_run() {
    let folder = benchmark("\"footprint\"");
    for path in ["nowhere/results.json", "."] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", path]);
        assert!(!output.status.success());
        let error = text(&output.stderr);
        assert!(error.starts_with(&format!("error: cannot write `{path}`")), "{error}");
        assert!(output.stdout.is_empty());
    }
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[test]
fn verbose_shows_every_batch() {
    let folder = benchmark("\"classification_accuracy\"");
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--verbose", "--workers", "1"]);
    let lines = text(&output.stderr);
    assert_eq!(lines.lines().filter(|line| line.starts_with("batch ")).count(), 8, "{lines}");
    assert!(lines.contains("batch 7 (10 samples): classification_accuracy = "), "{lines}");
}

#[test]
fn list_prints_what_the_functions_say() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["list"]);
    assert!(output.status.success());
    let table = text(&output.stdout);
    for metric in ["footprint", "classification_accuracy, accuracy", "MACs/sample", "per_call=false"] {
        assert!(table.contains(metric), "{metric} is not in\n{table}");
    }
    let details = text(&neurobench(folder.path(), &["list", "SynapticOperations"]).stdout);
    for part in ["synaptic_operations (accumulated metric", "setting: per_call: bool = false", "source: Yik et al."] {
        assert!(details.contains(part), "{part} is not in\n{details}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&neurobench(folder.path(), &["list", "--json"]).stdout).unwrap();
    let accuracy = json.as_array().unwrap().iter().find(|metric| metric["name"] == "classification_accuracy").unwrap();
    assert_eq!(accuracy["higher_is_better"], true);
    assert_eq!(accuracy["bounds"], "0..=1");
    assert_eq!(accuracy["value"], "float");
    let output = neurobench(folder.path(), &["list", "fotprint"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("did you mean `footprint`?"));
}
