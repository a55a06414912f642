//! Runs of a benchmark file.

use std::path::Path;

use neurobench::report::{Results, Status};

use super::{DIGITS, benchmark, neurobench, results, text};

#[test]
fn a_run_prints_a_table_and_writes_results() {
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
    assert_eq!(one.schema, 3);
    assert_eq!(one.library, concat!("neurobench ", env!("CARGO_PKG_VERSION")));
    assert_eq!(one.benchmark.as_deref(), Some("digits"));
    assert_eq!((one.samples, one.batches, one.batch_size), (360, 6, Some(64)));
    assert!(one.model.as_ref().unwrap().starts_with("sha256:"));
    assert!(one.data.as_ref().unwrap().starts_with("sha256:"));
    assert!(one.metrics.iter().all(|metric| metric.status == Status::Ok));
    assert!(one.timing.total_seconds > 0.0);
    // Durations and the command aside, the same on any number of workers.
    two.timing = one.timing;
    two.provenance.clone_from(&one.provenance);
    assert_eq!(two, one);
}

#[test]
fn a_failed_metric_fails_the_command_and_other_metrics_have_values() {
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
fn verbose_shows_every_batch() {
    let folder = benchmark("\"classification_accuracy\"");
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--verbose", "--workers", "1"]);
    let lines = text(&output.stderr);
    assert_eq!(lines.lines().filter(|line| line.starts_with("batch ")).count(), 8, "{lines}");
    assert!(lines.contains("batch 7 (10 samples): classification_accuracy = "), "{lines}");
}

#[test]
fn a_run_needs_at_least_one_worker() {
    let folder = benchmark("\"footprint\"");
    for (number, problem) in [("0", "a run takes at least one worker"), ("two", "invalid digit"), ("-1", "'-1'")] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", number]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(problem), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("small.results.json").exists());
}

#[test]
fn intervals_and_per_sample_values_are_requested_by_file_or_command_line() {
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
    assert!(table.contains("no interval of activation_sparsity: it reads whole batches"), "{table}");
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
fn the_library_and_the_command_compute_the_same_results() {
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
    // Only the command records the command.
    assert!(of_command.provenance.take().is_some_and(|provenance| provenance.files.len() == 5));
    assert_eq!(of_library, of_command);
}
