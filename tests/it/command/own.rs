//! The command with components of another crate.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::component::InputPath;
use neurobench::prelude::*;
use neurobench::process::ProcessError;
use neurobench::report::{Results, Status};

use super::{benchmark, results, text};

/// Samples of the run, several times.
#[accumulated_metric(alias = "samples_of_the_run", variant("samples_thrice", times = 3))]
fn repeated_samples(samples: SampleCount, #[param(default = 1)] times: u64) -> Count {
    Count(samples.0 * times)
}

/// Cannot be computed.
#[workload_metric]
fn out_of_luck(samples: SampleCount) -> f64 {
    assert_eq!(samples.0, 0, "no luck");
    0.0
}

/// Has the name of a built-in.
#[accumulated_metric(name = "mape", type = OwnMape)]
fn own_mape(samples: SampleCount) -> Count {
    Count(samples.0)
}

const ARGUMENTS: &str = "NEUROBENCH_TEST_ARGUMENTS";

/// The command as a user's own binary, with the components above: the binary of this test, which runs only `own_command`.
/// The output includes that of the test harness.
fn own_neurobench(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "command::own::own_command", "--nocapture", "--test-threads=1"]).current_dir(folder);
    command.env(ARGUMENTS, arguments.join("\n")).env_remove("RUST_BACKTRACE").output().unwrap()
}

/// Length of a text for each sample, which has nothing to do with devices of energy.
#[accumulated_metric]
fn text_length(samples: SampleCount, #[param] device: String) -> Count {
    Count(samples.0 * device.len() as u64)
}

/// Files with a factor for the inputs.
#[model_format(type = FactorFormat)]
fn factor(#[param(default = 0.0)] offset: f32) -> impl ModelFormat {
    FactorFiles { offset }
}

struct FactorFiles {
    offset: f32,
}

impl ModelFormat for FactorFiles {
    fn extensions(&self) -> &'static [&'static str] {
        &["factor"]
    }

    fn description(&self) -> &'static str {
        "a factor (.factor)"
    }

    fn conversions(&self) -> &'static [(&'static str, &'static str)] {
        &[("factor", "percent")]
    }

    fn convert(&self, from: &Path, to: &Path, _: &[String]) -> Result<(), neurobench::model::ModelFileError> {
        let factor = std::fs::read_to_string(from)?.trim().parse::<f32>()?;
        Ok(std::fs::write(to, format!("{}\n", factor * 100.0))?)
    }

    fn read(&self, file: &Path) -> Result<Box<dyn Model>, neurobench::model::ModelFileError> {
        let (factor, offset) = (std::fs::read_to_string(file)?.trim().parse::<f32>()?, self.offset);
        let model = neurobench::model::FnModel::new(Vec::new(), move |inputs, _| {
            Ok(Tensor::from(inputs.to_f32().mapv(|input| input * factor + offset)))
        });
        Ok(Box::new(model))
    }
}

/// Names of the metrics, one a line.
#[exporter]
fn names_only(#[param] prefix: String) -> impl Exporter {
    NamesExporter(prefix)
}

struct NamesExporter(String);

impl Exporter for NamesExporter {
    fn extension(&self) -> &'static str {
        "txt"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, neurobench::report::export::ExportError> {
        let lines = results.metrics.iter().map(|metric| format!("{}{}\n", self.0, metric.name));
        Ok(lines.collect::<String>().into_bytes())
    }
}

#[test]
fn a_crate_adds_a_model_format_and_an_exporter() {
    let folder = benchmark("\"mse\"");
    let path = folder.path().join("benchmark.toml");
    std::fs::copy(folder.path().join("inputs.npy"), folder.path().join("targets.npy")).unwrap();
    std::fs::write(folder.path().join("one.factor"), "1.0\n").unwrap();
    let run = |model: &str| {
        let data = "[data]\ninputs = \"inputs.npy\"\ntargets = \"targets.npy\"";
        let exports = "exports = [{ name = \"names_only\", prefix = \"- \" }]";
        std::fs::write(&path, format!("name = \"small\"\nmetrics = [\"mse\"]\n{exports}\n[model]\n{model}\n{data}\n"))
            .unwrap();
        let output = own_neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!text(&output.stderr).contains("error"), "{}", text(&output.stderr));
        assert_eq!(std::fs::read_to_string(folder.path().join("small.results.txt")).unwrap(), "- mse\n");
        results(&folder.path().join("small.results.json")).metrics[0].value.as_ref().and_then(neurobench::Value::as_f64)
    };
    assert_eq!(run("file = \"one.factor\""), Some(0.0));
    assert_eq!(run("factor = \"one.factor\"\noffset = 2"), Some(4.0));
}

/// Adds a number that a file contains.
#[preprocessor]
fn shift(#[param] file: InputPath) -> Result<impl Preprocessor, std::io::Error> {
    let shift = std::fs::read_to_string(&file)?.trim().parse::<f32>().map_err(std::io::Error::other)?;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        Ok((Tensor::from(inputs.to_f32().mapv(|input| input + shift)), targets))
    })
}

#[test]
fn the_input_file_of_a_processor_is_never_overwritten_even_by_force() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let shift = "preprocessors = [{ name = \"shift\", file = \"shift.txt\" }, ";
    std::fs::write(&path, file.replace("preprocessors = [", shift)).unwrap();
    std::fs::write(folder.path().join("shift.txt"), "0.5\n").unwrap();
    let run = |output: &str| own_neurobench(folder.path(), &["run", "benchmark.toml", "--output", output, "--force"]);
    let errors = text(&run("shift.txt").stderr);
    assert!(errors.ends_with("error: cannot write `shift.txt`: the benchmark reads it\n"), "{errors}");
    assert_eq!(std::fs::read_to_string(folder.path().join("shift.txt")).unwrap(), "0.5\n");
    run("out.json");
    assert_eq!(results(&folder.path().join("out.json")).metrics[0].status, Status::Ok);
}

#[test]
fn a_model_format_of_a_crate_is_inspected_and_converted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("half.factor"), "0.5\n").unwrap();
    let table = text(&own_neurobench(folder.path(), &["inspect", "half.factor"]).stdout);
    assert!(table.contains("0 layers\n"), "{table}");
    let json = text(&own_neurobench(folder.path(), &["inspect", "half.factor", "--json"]).stdout);
    assert!(json.contains("\"input_shape\": null") && json.contains("\"layers\": []"), "{json}");
    own_neurobench(folder.path(), &["convert", "half.factor", "half.percent"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("half.percent")).unwrap(), "50\n");

    let error = |arguments: &[&str]| text(&own_neurobench(folder.path(), arguments).stderr);
    let existing = error(&["convert", "half.factor", "half.percent"]);
    assert!(existing.contains("`half.percent` already exists"), "{existing}");
    let setting = error(&["inspect", "half.factor", "--dt", "1"]);
    assert!(setting.contains("`--dt` is only for files of these formats: a NIR graph (.nir)"), "{setting}");
    let unknown = error(&["inspect", "half.onnx"]);
    for part in
        ["`half.onnx` has none of the extensions", "a factor (.factor)", "a network file (.toml)", "(.safetensors)"]
    {
        assert!(unknown.contains(part), "{unknown}");
    }
    let pair = error(&["convert", "half.factor", "half.toml"]);
    assert!(pair.contains("cannot be converted") && pair.contains("from .factor to .percent"), "{pair}");
}

#[test]
fn own_command() {
    if let Ok(arguments) = std::env::var(ARGUMENTS) {
        let _ = neurobench::cli::main_with(std::iter::once("neurobench").chain(arguments.lines()));
    }
}

#[test]
fn a_variant_is_listed_without_the_aliases_of_its_base() {
    let folder = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str]| text(&own_neurobench(folder.path(), arguments).stdout);
    assert!(list(&["describe", "repeated_samples"]).contains("aliases: samples_of_the_run"));
    let details = list(&["describe", "samples_thrice"]);
    assert!(details.contains("variant of: repeated_samples") && !details.contains("samples_of_the_run"), "{details}");
    let page = list(&["list", "--markdown", "repeated_samples", "samples_thrice"]);
    for part in [
        "## Neurobench",
        "* also: `samples_of_the_run`",
        "[`repeated_samples`](#repeated_samples) with other settings.",
        "* setting: `times`: `u64` = `3`",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let listed = list(&["describe", "--json", "repeated_samples", "samples_thrice"]);
    let (start, end) = (listed.find("[\n").unwrap(), listed.rfind("\n]").unwrap());
    let json: serde_json::Value = serde_json::from_str(&listed[start..end + 2]).unwrap();
    assert_eq!(json[0]["aliases"], serde_json::json!(["samples_of_the_run"]));
    assert_eq!(json[1]["variant_of"], "repeated_samples");
    assert_eq!(json[1]["aliases"], serde_json::json!([]));
}

#[test]
fn a_panic_is_reported_in_one_line_with_its_place_and_message() {
    let folder = benchmark("\"footprint\", \"out_of_luck\"");
    let errors = text(&own_neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1"]).stderr);
    let line = errors.lines().find(|line| line.starts_with("panicked at ")).unwrap();
    assert!(line.contains("tests/it/command/own.rs:"), "{line}");
    assert!(line.ends_with(": assertion `left == right` failed: no luck left: 50 right: 0"), "{line}");
    let results = results(&folder.path().join("small.results.json"));
    assert_eq!((results.metrics[0].status, results.metrics[1].status), (Status::Ok, Status::Failed));
}

#[test]
fn a_duplicate_name_is_reported_after_all_other_lines() {
    let folder = benchmark("\"footprint\"");
    let last_two = |arguments: &[&str]| {
        let errors =
            text(&own_neurobench(folder.path(), &[&["run", "benchmark.toml", "--verbose"], arguments].concat()).stderr);
        let lines: Vec<&str> = errors.lines().collect();
        lines[lines.len().saturating_sub(2)..].iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let is_warning = |line: &str| line.starts_with("warning: the name `mape` is registered by");
    let lines = last_two(&[]);
    assert!(lines[0].starts_with("batch ") && is_warning(&lines[1]), "{lines:?}");
    // Before nothing but the error that ends the command.
    let lines = last_two(&["--output", "nowhere/out.json"]);
    assert!(is_warning(&lines[0]) && lines[1].starts_with("error: cannot write"), "{lines:?}");
}

#[test]
fn a_text_setting_named_device_reaches_its_metric_unchanged() {
    let folder =
        benchmark("{ name = \"text_length\", device = \"chip\" }, { name = \"synaptic_energy\", device = \"chip\" }");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let device = "[devices.chip]\nmac = 4e-12\nac = 1e-12\nprecision = \"int4\"\nsource = \"a data sheet\"\n";
    std::fs::write(&path, format!("{file}{device}")).unwrap();
    own_neurobench(folder.path(), &["run", "benchmark.toml", "--metric", "text_length(device=chpi)"]);
    let results = results(&folder.path().join("small.results.json"));
    let found: Vec<_> = results.metrics.iter().map(|metric| metric.settings["device"].to_string()).collect();
    assert_eq!(found[0], "chip");
    assert!(found[1].contains("a data sheet"), "{found:?}");
    // No slip either: it is not the name of a device.
    assert_eq!(found[2], "chpi");
    assert!(results.metrics.iter().all(|metric| metric.status == Status::Ok));
}
