//! The subcommand `check`.

use super::{DIGITS, benchmark, neurobench, text};

#[test]
fn a_file_without_problems_is_described_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["check", &format!("{DIGITS}/benchmark.toml")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let facts = text(&output.stdout);
    for part in [
        "digits: nothing that a run would refuse\n",
        "\n  model: network.toml, 5 layers with 9610 parameters\n  model digest: sha256:",
        "\n  data: 360 samples; the first batch of 64 was run\n",
        "\n  metrics: footprint, parameter_count, ",
        "\n  files to write: digits.results.json\n",
    ] {
        assert!(facts.contains(part), "{part} is not in\n{facts}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn all_problems_are_reported_together() {
    let folder = benchmark("\"footprnt\", \"synaptic_operations(per_call=3)\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let file = file.replace("network.toml", "nowhere.toml").replace("targets.npy", "nothing.npy");
    std::fs::write(&path, format!("exports = [{{ name = \"markdown\", file = \"no/folder.md\" }}]\n{file}")).unwrap();
    let output = neurobench(folder.path(), &["check", "benchmark.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let errors = text(&output.stderr);
    for part in [
        "error: cannot read nowhere.toml",
        "nothing.npy",
        "did you mean `footprint`?",
        "setting `per_call`: expected true or false, found 3",
        "error: cannot write `no/folder.md`: there is no folder",
    ] {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
    assert!(errors.ends_with("\n5 problems\n"), "{errors}");
}

#[test]
fn the_first_batch_shows_data_that_do_not_fit_the_model_and_metrics_that_fail() {
    // Targets that are no numbers of the same shape: `mse` of scores against classes.
    let folder = benchmark("\"footprint\", \"mse\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file.replace("choose_max_count", "aggregate")).unwrap();
    let output = neurobench(folder.path(), &["check", "benchmark.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.starts_with("error: metric `mse`: ") && error.contains("shape"), "{error}");

    std::fs::write(&path, file.replace("inputs = \"inputs.npy\"", "inputs = \"targets.npy\"")).unwrap();
    let output = neurobench(folder.path(), &["check", "benchmark.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.starts_with("error: the first batch: ") && error.contains("takes"), "{error}");
    assert!(error.ends_with("\n1 problem\n"), "{error}");
}

#[test]
fn a_task_is_checked_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["check", "wisdm"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.starts_with("error: the task `wisdm` needs `--data DIR` with WISDM"), "{error}");
    assert!(error.ends_with("\n1 problem\n"), "{error}");
    let output = neurobench(folder.path(), &["check", "nowhere.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: cannot read `nowhere.toml`"));
}

#[test]
fn a_cache_that_lacks_what_a_metric_reads_is_a_problem_and_is_not_written() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file.replace("batch_size", "cache = \"kept\"\nbatch_size")).unwrap();
    let output = neurobench(folder.path(), &["check", "benchmark.toml"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!folder.path().join("kept").exists());
}
