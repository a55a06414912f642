//! The command, as a user runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use neurobench::prelude::*;
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
    assert_eq!(one.schema, 2);
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
    assert!(table.contains("\nmse: failed in batch 0: predictions: shape"), "{table}");
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
            "no setting `per_cal`; it has per_call, layers; did you mean `per_call`?",
        ),
        ("\"footprint\", \"footprint\"", "two metrics have the name `footprint`"),
        ("\"synaptic_operations(per_call=3)\"", "setting `per_call`: expected true or false, found 3"),
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
        ("batch_size", "batchsize", "unknown key `batchsize`"),
        ("choose_max_count", "chose_max_count", "did you mean `choose_max_count`?"),
        ("steps=2", "step=2", "step"),
        ("network = \"network.toml\"", "network = \"net.toml\"", "net.toml"),
        ("inputs = \"inputs.npy\"", "inputs = \"targets.npy\"", "takes"),
        (
            "batch_size",
            "sequences = [100, 200]\nbatch_size",
            "the sequences have 300 samples in total, but the data set has 360",
        ),
        ("batch_size", "sequences = [360, 0]\nbatch_size", "sequence 1 has no samples"),
        ("batch_size", "sequences = [-1]\nbatch_size", "expected a whole number, 0 at least, found -1"),
        ("batch_size", "sequences = [60, 300]\nbatch_size", "`sequences` are for a model that carries state"),
        ("name = \"small\"", "", "missing key `name`"),
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
fn an_output_is_never_what_the_run_reads_nor_replaces_what_is_no_file() {
    let folder = benchmark("\"footprint\"");
    for input in ["inputs.npy", "network.toml", "benchmark.toml", "./targets.npy"] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", input]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).ends_with("the benchmark reads it\n"), "{}", text(&output.stderr));
    }
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "/dev/stdout"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("\"schema\": 2"));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());

    // A full disk: the table is shown all the same.
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "/dev/full"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).starts_with("error: cannot write `/dev/full`: No space left"));
    assert!(text(&output.stdout).contains("footprint"));
}

#[test]
fn results_that_are_there_are_replaced_where_it_is_said_or_nobody_chose_the_name() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("out.json");
    let run = |arguments: &[&str]| neurobench(folder.path(), &[&["run", "benchmark.toml"], arguments].concat());
    assert!(run(&["--output", "out.json"]).status.success());
    let first = std::fs::read_to_string(&path).unwrap();
    let again = run(&["--output", "out.json"]);
    assert_eq!(again.status.code(), Some(1));
    let error = text(&again.stderr);
    assert_eq!(error, "error: cannot write `out.json`: it is there already; `--force` replaces it\n");
    // Before the run, which is not there in vain.
    assert!(again.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    let forced = run(&["--output", "out.json", "--force", "--metric", "parameter_count"]);
    assert!(
        text(&forced.stdout).ends_with("results: out.json (in place of earlier ones)\n"),
        "{}",
        text(&forced.stdout)
    );
    assert_eq!(results(&path).metrics.len(), 2);
    // Empty files are those of `mktemp`.
    std::fs::write(&path, "").unwrap();
    assert!(text(&run(&["--output", "out.json"]).stdout).ends_with("results: out.json\n"));
    // The name of the benchmark is that of its latest run.
    assert!(text(&run(&[]).stdout).ends_with("results: small.results.json\n"));
    assert!(text(&run(&[]).stdout).ends_with("results: small.results.json (in place of earlier ones)\n"));
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_link_is_followed() {
    let folder = benchmark("\"footprint\"");
    std::fs::write(folder.path().join("real.json"), "old").unwrap();
    std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "link.json", "--force"]);
    assert!(output.status.success());
    assert!(std::fs::symlink_metadata(folder.path().join("link.json")).unwrap().is_symlink());
    assert_eq!(results(&folder.path().join("real.json")).samples, 360);
}

#[test]
fn a_name_that_is_no_file_name_is_refused() {
    for name in ["", ".", "../escaped", "a/b"] {
        let folder = benchmark("\"footprint\"");
        let path = folder.path().join("benchmark.toml");
        let file = std::fs::read_to_string(&path).unwrap().replace("\"small\"", &format!("{name:?}"));
        std::fs::write(&path, file).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains("must begin with a letter or a digit"), "{}", text(&output.stderr));
    }
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
fn a_benchmark_file_can_have_devices_of_its_own() {
    let folder = benchmark("\"synaptic_operations\", { name = \"synaptic_energy\", device = \"chip\" }");
    let file = folder.path().join("benchmark.toml");
    let benchmark = std::fs::read_to_string(&file).unwrap();
    let device = "[devices.chip]\nmac = 4e-12\nac = 1e-12\nprecision = \"int4\"\nsource = \"a data sheet\"\n";
    std::fs::write(&file, format!("{benchmark}{device}")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--metric", "energy(device=loihi)"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let results = results(&folder.path().join("small.results.json"));
    let value = |name: &str| results.metrics.iter().find(|metric| metric.name == name).unwrap().value.as_ref().unwrap();
    let operations = |field: &str| value("synaptic_operations").get(field).unwrap().as_f64().unwrap();
    let estimate = value("synaptic_energy(device=\"chip\")");
    let expected = operations("effective_macs") * 4e-12 + operations("effective_acs") * 1e-12;
    assert_eq!(estimate.get("energy").unwrap().as_f64(), Some(expected));
    assert_eq!(estimate.get("source").unwrap().to_string(), "a data sheet");
    // A device that is named on the command line may be the file's, too.
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--metric", "energy(device=chip)"]);
    assert!(!output.status.success());
    let table = text(&output.stdout);
    assert!(table.contains("has no price") && table.contains("small: 360 samples"), "{table}");
    // Reasons stand below the table, which they would widen.
    assert!(!table.lines().any(|line| line.starts_with('│') && line.contains("has no price")), "{table}");

    std::fs::write(&file, format!("{benchmark}{device}nj = 3\n")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
    let error = text(&output.stderr);
    assert!(error.contains("[devices.chip]: unknown key `nj`"), "{error}");
}

#[test]
fn list_prints_what_the_functions_say() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["list"]);
    assert!(output.status.success());
    let table = text(&output.stdout);
    for metric in ["footprint", "accuracy_score", "MACs/sample", "per_call=false"] {
        assert!(table.contains(metric), "{metric} is not in\n{table}");
    }
    // Where there is no terminal, a table is as wide as a page.
    let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
    assert_eq!(widest, 100, "{table}");
    let details = text(&neurobench(folder.path(), &["list", "SynapticOperations"]).stdout);
    for part in [
        "synaptic_operations (accumulated metric",
        "setting: per_call: bool = false",
        "of: operation_counts",
        "source: Yik et al.",
    ] {
        assert!(details.contains(part), "{part} is not in\n{details}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&neurobench(folder.path(), &["list", "--json"]).stdout).unwrap();
    let accuracy = json.as_array().unwrap().iter().find(|metric| metric["name"] == "classification_accuracy").unwrap();
    assert_eq!(accuracy["higher_is_better"], true);
    assert_eq!(accuracy["bounds"], "0..=1");
    assert_eq!(accuracy["value"], "float");
    let sparsity = json.as_array().unwrap().iter().find(|metric| metric["name"] == "activation_sparsity").unwrap();
    assert_eq!(sparsity["of"], serde_json::json!(["zero_activations"]));
    assert_eq!(sparsity["needs"], serde_json::json!(["counts of activations"]));
    let output = neurobench(folder.path(), &["list", "fotprint"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("did you mean `footprint`?"));
}

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

/// The command as a binary of one's own, with the metrics above: this test's own binary, which runs `own_command` alone.
/// What the test harness prints is in the output, too.
fn own_neurobench(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "command::own_command", "--nocapture", "--test-threads=1"]).current_dir(folder);
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
    assert!(list(&["list", "repeated_samples"]).contains("aliases: samples_of_the_run"));
    let details = list(&["list", "samples_thrice"]);
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
    let listed = list(&["list", "--json", "repeated_samples", "samples_thrice"]);
    let (start, end) = (listed.find("[\n").unwrap(), listed.rfind("\n]").unwrap());
    let json: serde_json::Value = serde_json::from_str(&listed[start..end + 2]).unwrap();
    assert_eq!(json[0]["aliases"], serde_json::json!(["samples_of_the_run"]));
    assert_eq!(json[1]["variant_of"], "repeated_samples");
    assert_eq!(json[1]["aliases"], serde_json::json!([]));
}

#[test]
fn a_panic_is_told_in_one_line_with_its_place_and_message() {
    let folder = benchmark("\"footprint\", \"out_of_luck\"");
    let errors = text(&own_neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1"]).stderr);
    let line = errors.lines().find(|line| line.starts_with("panicked at ")).unwrap();
    assert!(line.contains("tests/it/command.rs:"), "{line}");
    assert!(line.ends_with(": assertion `left == right` failed: no luck left: 50 right: 0"), "{line}");
    let results = results(&folder.path().join("small.results.json"));
    assert_eq!((results.metrics[0].status, results.metrics[1].status), (Status::Ok, Status::Failed));
}

#[test]
fn a_name_that_two_metrics_have_is_told_last_where_it_is_seen() {
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
fn a_run_takes_at_least_one_worker() {
    let folder = benchmark("\"footprint\"");
    for (number, problem) in [("0", "a run takes at least one worker"), ("two", "invalid digit"), ("-1", "'-1'")] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", number]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(problem), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("small.results.json").exists());
}

/// The end of a pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_who_has_gone_is_no_error() {
    let folder = benchmark("\"footprint\"");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        command.current_dir(folder.path()).args(arguments);
        command
    };
    let run = ["run", "benchmark.toml", "--verbose"];
    for arguments in [&["list"][..], &["list", "--json"], &["list", "footprint"], &["--help"], &run] {
        let output = command(arguments).stdout(closed_pipe()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
    }
    assert!(folder.path().join("small.results.json").exists());
    let output = command(&run).stderr(closed_pipe()).output().unwrap();
    assert!(output.status.success() && text(&output.stdout).contains("footprint"), "{}", text(&output.stdout));
    let output = command(&["list", "nothing"]).stderr(closed_pipe()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_takes_nothing_is_an_error() {
    let folder = benchmark("\"footprint\"");
    for arguments in [&["list"][..], &["run", "benchmark.toml"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        let output = command.current_dir(folder.path()).args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with("error: cannot write to the standard output: "));
    }
    // The results are there all the same.
    assert!(folder.path().join("small.results.json").exists());
}

#[test]
#[cfg(unix)]
fn results_have_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = benchmark("\"footprint\"");
    assert!(neurobench(folder.path(), &["run", "benchmark.toml"]).status.success());
    std::fs::write(folder.path().join("new"), "").unwrap();
    let mode = |file: &str| std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
    assert_eq!(mode("small.results.json"), mode("new"));
}

/// An npy file of this type and shape.
fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(numbers);
    file
}

#[test]
fn a_run_that_fails_says_so_whether_or_not_its_completed_batches_can_be_kept() {
    let folder = benchmark("\"classification_accuracy\"");
    let layers = "[[layers]]\npath = \"0\"\nkind = \"flatten\"\n[[layers]]\npath = \"1\"\nkind = \"relu\"\n";
    let network = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\ntime_steps = true\n";
    std::fs::write(folder.path().join("network.toml"), format!("{network}{layers}")).unwrap();
    // The second batch of fifty has an input that is not a number, for which no class can be chosen.
    let mut inputs = vec![0.0_f32; 120];
    inputs[119] = f32::NAN;
    let numbers: Vec<u8> = inputs.iter().flat_map(|input| input.to_le_bytes()).collect();
    std::fs::write(folder.path().join("inputs.npy"), npy("<f4", "(60, 2)", &numbers)).unwrap();
    std::fs::write(folder.path().join("targets.npy"), npy("|u1", "(60,)", &[0; 60])).unwrap();
    let run = || {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1"]);
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let failure = |errors: &str| errors.lines().position(|line| line.starts_with("error: batch 1:")).is_some();

    let errors = run();
    let kept = "1 batch was completed and is kept in `small.results.partial.json`";
    assert!(errors.contains(kept) && failure(&errors), "{errors}");
    let partial = folder.path().join("small.results.partial.json");
    assert!(partial.is_file());

    // Who runs again without going on from it still has it.
    let second = folder.path().join("small.results.partial.2.json");
    std::fs::write(&partial, "of another run").unwrap();
    let errors = run();
    assert!(errors.contains("kept in `small.results.partial.2.json`: `--resume"), "{errors}");
    assert_eq!(std::fs::read_to_string(&partial).unwrap(), "of another run");
    // Who goes on from it has what it holds.
    let before = std::fs::read(&second).unwrap();
    std::fs::write(&partial, &before).unwrap();
    let resumed = "small.results.partial.json";
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1", "--resume", resumed]);
    let errors = text(&output.stderr);
    assert!(errors.contains("1 batch was completed and is kept in `small.results.partial.json`"), "{errors}");
    assert_eq!(std::fs::read(&second).unwrap(), before);
    assert!(!folder.path().join("small.results.partial.3.json").exists());

    std::fs::remove_file(&partial).unwrap();
    std::fs::create_dir(&partial).unwrap();
    let errors = run();
    assert!(errors.contains("error: cannot write `small.results.partial.json`: it is a folder"), "{errors}");
    assert!(failure(&errors), "{errors}");
}

#[test]
fn intervals_and_values_of_samples_are_asked_for() {
    let folder = benchmark("\"classification_accuracy\", \"mse\", \"rmse\", \"activation_sparsity\"");
    let run = |arguments: &[&str]| {
        let output = neurobench(
            folder.path(),
            &[&["run", "benchmark.toml", "--output", "out.json", "--force"], arguments].concat(),
        );
        (text(&output.stdout), text(&output.stderr))
    };
    let (table, _) = run(&["--intervals", "--per-sample"]);
    assert!(table.contains("95 % interval"), "{table}");
    assert!(table.contains("no interval of activation_sparsity: it sees whole batches"), "{table}");
    let found = results(&folder.path().join("out.json"));
    assert_eq!(found.intervals.unwrap().replicates, 2000);
    assert_eq!(found.metrics[1].samples.as_ref().unwrap().values.len(), 360);
    assert_eq!(found.metrics[2].intervals.len(), 1);
    // The file asks, too, and the command line wins.
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("per_sample = true\n{file}[intervals]\nseed = 5\nreplicates = 300\n")).unwrap();
    let (table, _) = run(&["--intervals=level=0.9, proportion=clopper_pearson"]);
    assert!(table.contains("90 % interval"), "{table}");
    let found = results(&folder.path().join("out.json"));
    let intervals = found.intervals.unwrap();
    assert_eq!((intervals.level, intervals.replicates, intervals.seed), (0.9, 300, 5));
    assert!(found.metrics[0].samples.is_some());
    let (_, error) = run(&["--intervals=levle=0.9"]);
    assert!(error.contains("unknown key `levle`"), "{error}");
    let (_, error) = run(&["--intervals=as=x"]);
    assert!(error.contains("`--intervals=as=x`: `as` is for metrics"), "{error}");
}

#[test]
fn a_setting_called_device_that_is_text_reaches_its_metric_unchanged() {
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

#[test]
fn no_file_that_the_run_reads_is_overwritten_even_by_force() {
    let folder = benchmark("\"footprint\"");
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| neurobench(folder.path(), &[&["run", "benchmark.toml"], arguments].concat());
    let refused = |arguments: &[&str], file: &str| {
        let before = std::fs::read(path(file)).unwrap();
        let output = run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(text(&output.stderr).ends_with("the benchmark reads it\n"), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        assert!(std::fs::read(path(file)).unwrap() == before, "{file} was overwritten");
    };
    for file in ["weights.safetensors", "network.toml", "inputs.npy", "targets.npy", "benchmark.toml"] {
        refused(&["--output", file, "--force"], file);
        refused(&["--export", &format!("markdown(file={file})"), "--force"], file);
    }
    // Nor through links, on either side.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("weights.safetensors", path("link.json")).unwrap();
        refused(&["--output", "link.json", "--force"], "weights.safetensors");
        std::fs::rename(path("weights.safetensors"), path("real.safetensors")).unwrap();
        std::os::unix::fs::symlink("real.safetensors", path("weights.safetensors")).unwrap();
        refused(&["--output", "real.safetensors", "--force"], "real.safetensors");
        std::fs::remove_file(path("link.json")).unwrap();
    }
    // The graph of a NIR file, too, and an archive.
    let convert = ["convert", "network.toml", "digits.nir", "--dt", "1e-3", "--lose", "reset"];
    assert!(neurobench(folder.path(), &convert).status.success());
    let file = std::fs::read_to_string(path("benchmark.toml")).unwrap();
    let graph = "nir = \"digits.nir\"\ndynamics = \"snntorch\"\ndt = 1e-3";
    std::fs::write(path("benchmark.toml"), file.replace("network = \"network.toml\"", graph)).unwrap();
    refused(&["--output", "digits.nir", "--force"], "digits.nir");
    assert!(run(&[]).status.success());
}

#[test]
fn exports_are_written_beside_the_results_with_the_same_guards() {
    let folder = benchmark("\"footprint\", \"classification_accuracy\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("exports = [\"markdown\", {{ name = \"json\", file = \"copy.json\" }}]\n{file}"))
        .unwrap();
    let run = |arguments: &[&str]| neurobench(folder.path(), &[&["run", "benchmark.toml"], arguments].concat());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let output = run(&["--export", "markdown(file=more.md)"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = "results: small.results.json\nexported: small.results.md\nexported: copy.json\nexported: more.md\n";
    assert!(text(&output.stdout).ends_with(lines), "{}", text(&output.stdout));
    let results = results(&folder.path().join("small.results.json"));
    assert_eq!(read("copy.json"), read("small.results.json"));
    let page = read("more.md");
    assert_eq!(page, read("small.results.md"));
    assert!(page.starts_with("# small\n\n360 samples in 8 batches.\n\n| metric | value | unit | better | status |\n"));
    let footprint = results.metrics[0].value.as_ref().unwrap();
    assert!(page.contains(&format!("| footprint | {footprint} | bytes | lower | ok |\n")), "{page}");
    assert!(page.contains("| classification\\_accuracy | 0."), "{page}");

    let refused = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(!output.status.success() && output.stdout.is_empty());
        text(&output.stderr)
    };
    let there = "error: cannot write `copy.json`: it is there already; `--force` replaces it\n";
    assert_eq!(refused(&[]), there);
    assert!(run(&["--force"]).status.success());
    let twice = refused(&["--force", "--export", "json"]);
    assert!(twice.starts_with("error: cannot write `small.results.json` twice"), "{twice}");
    let unknown = refused(&["--force", "--export", "markdwon"]);
    assert_eq!(unknown, "error: no exporter `markdwon`; did you mean `markdown`?\n");
    let setting = refused(&["--force", "--export", "markdown(fiel=a.md)"]);
    assert!(setting.contains("`markdown`: no setting `fiel`"), "{setting}");
}

#[test]
fn the_library_and_the_command_find_the_same() {
    use neurobench::spec::BenchmarkSpec;

    let folder = tempfile::tempdir().unwrap();
    let file = format!("{DIGITS}/benchmark.toml");
    assert!(neurobench(folder.path(), &["run", &file, "--output", "out.json"]).status.success());
    let mut of_command = results(&folder.path().join("out.json"));

    let spec = BenchmarkSpec::read(&file).unwrap();
    let benchmark = spec.builder().unwrap().build().unwrap();
    let names = |file: &Path| file.file_name().unwrap().to_str().unwrap().to_owned();
    let mut inputs: Vec<String> = benchmark.input_files().iter().map(|file| names(file)).collect();
    inputs.sort();
    assert_eq!(inputs, ["inputs.npy", "network.toml", "targets.npy", "weights.safetensors"]);
    let mut of_library = benchmark.run().unwrap().results();
    of_library.benchmark = Some(spec.name);
    of_library.timing = of_command.timing;
    // Through JSON, as the other.
    let of_library: Results = serde_json::from_str(&serde_json::to_string(&of_library).unwrap()).unwrap();
    of_command.timing = of_library.timing;
    assert_eq!(of_library, of_command);
}

#[test]
fn mistakes_in_a_benchmark_file_have_their_line() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let cases = [
        ("batch_size = 50", "batchsize = 50", ", line 10: `data`: unknown key `batchsize`; expected one of "),
        (
            "batch_size = 50",
            "batch_size = -1",
            ", line 10: `data.batch_size`: expected a whole number, 0 at least, found -1",
        ),
        (
            "batch_size = 50",
            "sequences = [1, \"a\"]",
            ": [data]: data set `arrays`: setting `sequences`: `[1]`: expected a whole number",
        ),
        ("targets = \"targets.npy\"", "", ", line 7: `data`: missing key `targets`"),
        ("name = \"small\"", "nmae = \"small\"", ", line 1: unknown key `nmae`"),
        ("name = \"small\"", "name = \"small\"\nfactor = nan", ", line 2: `factor`: nan is not a finite number"),
        ("name = \"small\"", "", ": missing key `name`"),
    ];
    for (from, to, message) in cases {
        std::fs::write(&path, file.replace(from, to)).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        let error = text(&output.stderr);
        assert!(error.starts_with(&format!("error: `benchmark.toml`{message}")), "{to}: {error}");
    }
}
