//! The committed JSON Schemas accept the files that the library writes and the examples, and refuse damaged ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, Schemas};
use ndarray::array;
use neurobench::data::InMemory;
use neurobench::network::Network;
use neurobench::prelude::*;
use serde_json::{Value, json};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Checks instances against one schema.
struct Validator {
    schemas: Schemas,
    index: boon::SchemaIndex,
}

impl Validator {
    fn new(name: &str) -> Self {
        let file = format!("{ROOT}/schemas/{name}.schema.json");
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let location = format!("https://example.com/{name}.schema.json");
        compiler.add_resource(&location, schema).unwrap();
        let index = compiler.compile(&location, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, instance: &Value, name: &str) {
        if let Err(error) = self.schemas.validate(instance, self.index) {
            panic!("{name}: {error:#}");
        }
    }

    /// Checks that a change of a valid instance is refused.
    fn refuses(&self, instance: &Value, name: &str, change: impl Fn(&mut Value)) {
        let mut damaged = instance.clone();
        change(&mut damaged);
        assert_ne!(&damaged, instance, "{name}");
        assert!(self.schemas.validate(&damaged, self.index).is_err(), "{name} is accepted");
    }
}

fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap();
    match file.extension().unwrap().to_str().unwrap() {
        "json" => serde_json::from_str(&text).unwrap(),
        _ => toml::from_str(&text).unwrap(),
    }
}

/// TOML files in the folders of a folder, at any depth.
fn toml_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files
}

/// Network files, and benchmark files, of this repository.
fn files() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let folders = ["examples", "neurobench-tasks/tasks", "neurobench-network/tests/data", "tests/data"];
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| toml_files(folder)).collect();
    files.into_iter().partition(|file| read(file).get("format") == Some(&"neurobench-network".into()))
}

#[test]
fn the_committed_schemas_are_those_that_the_command_prints() {
    for name in ["results", "benchmark", "network", "snapshot"] {
        let output = Command::new(env!("CARGO_BIN_EXE_neurobench")).args(["schema", name]).output().unwrap();
        let committed = std::fs::read(format!("{ROOT}/schemas/{name}.schema.json")).unwrap();
        assert!(
            output.stdout == committed,
            "schemas/{name}.schema.json is not current: run `cargo run -- schema {name} > schemas/{name}.schema.json`"
        );
    }
}

#[test]
fn benchmark_files_are_valid_and_damaged_ones_are_not() {
    let (_, benchmarks) = files();
    assert!(benchmarks.len() >= 15, "{benchmarks:?}");
    let validator = Validator::new("benchmark");
    for file in &benchmarks {
        validator.accepts(&read(file), &file.display().to_string());
    }
    let digits = read(&Path::new(ROOT).join("examples/digits/benchmark.toml"));
    validator.refuses(&digits, "a benchmark without a name", |file| {
        file.as_object_mut().unwrap().remove("name");
    });
    validator.refuses(&digits, "an unknown key", |file| file["metric"] = json!([]));
    validator.refuses(&digits, "a metric that is a number", |file| file["metrics"][0] = 1.into());
    validator.refuses(&digits, "an unknown metric", |file| file["metrics"][0] = json!({ "name": "footprnt" }));
    validator.refuses(&digits, "a setting of another type", |file| {
        file["preprocessors"][1] = json!({ "name": "repeat_over_time", "steps": "many" });
    });
    validator.refuses(&digits, "a setting out of its range", |file| {
        file["preprocessors"][1] = json!({ "name": "repeat_over_time", "steps": 0 });
    });
    validator.refuses(&digits, "a model without file", |file| file["model"] = json!({}));
    validator.refuses(&digits, "a batch size of zero", |file| file["data"]["batch_size"] = 0.into());
}

#[test]
fn network_files_are_valid_and_damaged_ones_are_not() {
    let (networks, _) = files();
    assert!(networks.len() >= 90, "{}", networks.len());
    let validator = Validator::new("network");
    for file in &networks {
        validator.accepts(&read(file), &file.display().to_string());
    }
    let digits = read(&Path::new(ROOT).join("examples/digits/network.toml"));
    validator.refuses(&digits, "another version", |file| file["version"] = 2.into());
    validator.refuses(&digits, "an unknown key", |file| file["time_step"] = true.into());
    validator.refuses(&digits, "an unknown kind", |file| file["layers"][1]["kind"] = "liner".into());
    validator.refuses(&digits, "an unknown key of a layer", |file| file["layers"][1]["features"] = 64.into());
    validator.refuses(&digits, "a setting of another type", |file| file["layers"][1]["in_features"] = "64".into());
    validator.refuses(&digits, "a layer without path", |file| {
        file["layers"][0].as_object_mut().unwrap().remove("path");
    });
    validator.refuses(&digits, "an empty axis", |file| file["input_shape"] = json!([8, 0]));
}

fn benchmark<'b>() -> neurobench::bench::BenchmarkBuilder<'b> {
    let network = Network::builder([2])
        .linear("first", array![[1.0, -1.0], [0.0, 1.0]], None)
        .relu("relu")
        .linear("readout", array![[1.0, -1.0], [0.0, -1.0]], None)
        .build()
        .unwrap();
    let inputs = array![[1.0_f32, 0.0], [1.0, 1.0], [0.5, 0.0], [0.25, 1.0]];
    let builder = Benchmark::builder().model(network).data(InMemory::new(inputs, array![0_i64, 1, 1, 0]).unwrap());
    let metrics = ["classification_accuracy", "footprint", "average_activity", "recall(average=none)", "mse"];
    metrics.iter().fold(builder.batch_size(1), |builder, metric| builder.metric_named(metric))
}

#[test]
fn results_are_valid_and_damaged_ones_are_not() {
    let validator = Validator::new("results");
    for name in ["schema_2", "schema_3"] {
        validator.accepts(&read(&Path::new(ROOT).join(format!("tests/data/results/{name}.json"))), name);
    }
    let intervals = neurobench::bench::Intervals { replicates: 200, ..Default::default() };
    let with_everything = benchmark().intervals(intervals).per_sample().build().unwrap().run().unwrap().results();
    let mut results = serde_json::to_value(with_everything).unwrap();
    // One metric fails: classes have no squared error with two scores.
    assert!(results["metrics"].as_array().unwrap().iter().any(|metric| metric["status"] == "failed"));
    validator.accepts(&results, "results with intervals and per-sample values");
    results["leaderboard"] = json!({
        "columns": [{ "name": "a", "unit": "b", "value": 1 }, { "name": "c", "reason": "none" }],
        "published": [{ "model": "m", "values": [0.5, "-"] }],
    });
    validator.accepts(&results, "results with a leaderboard");
    validator.refuses(&results, "another schema", |file| file["schema"] = 1.into());
    validator.refuses(&results, "an unknown key", |file| file["metric"] = json!([]));
    validator.refuses(&results, "no samples", |file| {
        file.as_object_mut().unwrap().remove("samples");
    });
    validator.refuses(&results, "an unknown status", |file| file["metrics"][0]["status"] = "fine".into());
    validator.refuses(&results, "a value beside an error", |file| file["metrics"][0]["error"] = "none".into());
    validator.refuses(&results, "a metric without definition", |file| {
        file["metrics"][0].as_object_mut().unwrap().remove("metric");
    });
    validator.refuses(&results, "a negative number of workers", |file| file["timing"]["workers"] = (-1).into());
    let golden = read(&Path::new(ROOT).join("tests/data/results/schema_3.json"));
    validator
        .refuses(&golden, "a digest of another form", |file| file["provenance"]["files"][0]["digest"] = "x".into());
    validator.refuses(&golden, "an unknown key of the host", |file| file["provenance"]["host"]["name"] = "x".into());
}

#[test]
fn snapshots_are_valid_and_damaged_ones_are_not() {
    let validator = Validator::new("snapshot");
    let batches = neurobench::bench::BatchRanges::from(0..2);
    let plain = benchmark().build().unwrap().run_batches(&batches).unwrap();
    let snapshot = serde_json::to_value(plain).unwrap();
    validator.accepts(&snapshot, "a snapshot");
    let intervals = neurobench::bench::Intervals { replicates: 200, ..Default::default() };
    let kept = benchmark().intervals(intervals).per_sample().build().unwrap().run_batches(&batches).unwrap();
    validator.accepts(&serde_json::to_value(kept).unwrap(), "a snapshot with single samples");
    validator.refuses(&snapshot, "another schema", |file| file["schema"] = 1.into());
    validator.refuses(&snapshot, "an unknown key", |file| file["metrics"] = json!([]));
    validator.refuses(&snapshot, "an open range", |file| file["batches"] = json!([[0]]));
    validator.refuses(&snapshot, "a core without state", |file| {
        let core = file["cores"][0].as_object_mut().unwrap();
        core.remove("state");
        core.remove("failed");
    });
}
