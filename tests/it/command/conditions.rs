//! `run --fail-if`, `--quiet` and the order of `--verbose`.

use super::{benchmark, neurobench, results, text};

#[test]
fn a_condition_that_holds_fails_the_command_and_the_results_are_written() {
    let folder = benchmark("\"footprint\", \"synaptic_operations\"");
    let run = |conditions: &[&str]| {
        let conditions = conditions.iter().flat_map(|condition| ["--fail-if", condition]);
        let arguments: Vec<&str> = ["run", "benchmark.toml"].into_iter().chain(conditions).collect();
        let output = neurobench(folder.path(), &arguments);
        (output.status.code(), text(&output.stderr))
    };
    // The exact number is in the table of the README.
    assert_eq!(
        run(&["footprint != 38480", "footprint < 1e4", "synaptic_operations.dense <= 0"]),
        (Some(0), String::new())
    );
    let _ = std::fs::remove_file(folder.path().join("small.results.json"));
    let lines = "failed: footprint == 38480: the value is 38480\nfailed: footprint >= 38480: the value is 38480\n";
    assert_eq!(run(&["footprint == 38480", "footprint < 1", "footprint>=38480"]), (Some(1), lines.to_owned()));
    assert_eq!(results(&folder.path().join("small.results.json")).samples, 360);
    // A part that does not exist, and a value that is no number.
    let (code, errors) = run(&["synaptic_operations.dens < 1", "synaptic_operations > 1"]);
    assert_eq!(code, Some(1));
    assert!(
        errors.starts_with("failed: synaptic_operations.dens < 1: `synaptic_operations.dens` is not in"),
        "{errors}"
    );
    assert!(errors.contains("\nfailed: synaptic_operations > 1: the value is not a number: "), "{errors}");
}

#[test]
fn a_condition_on_no_metric_of_the_run_is_refused_before_it() {
    let folder = benchmark("\"footprint\"");
    for (condition, message) in [
        ("fotprint < 1", "the run has no metric `fotprint`; did you mean `footprint`?; it has footprint\n"),
        ("footprint", "write a condition as 'METRIC < NUMBER'"),
        ("footprint < small", "`small` is not a number"),
    ] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--fail-if", condition]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("small.results.json").exists());
}

#[test]
fn an_undefined_value_fails_a_condition_with_its_reason() {
    let folder = benchmark("{ name = \"recall\", average = \"none\", as = \"recalls\" }");
    // A class that never occurs has no recall.
    let targets = std::fs::read(folder.path().join("targets.npy")).unwrap();
    let header = &targets[..targets.len() - 360 * size_of::<i64>()];
    let same = [header, &3_i64.to_le_bytes().repeat(360)].concat();
    std::fs::write(folder.path().join("targets.npy"), same).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--quiet", "--fail-if", "recalls.0 < 0"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    assert!(errors.contains("failed: recalls.0 < 0: metric `recalls.0`: "), "{errors}");
}

#[test]
fn a_quiet_run_prints_errors_alone() {
    let folder = benchmark("\"footprint\"");
    let run =
        |arguments: &[&str]| neurobench(folder.path(), &[&["run", "benchmark.toml", "--quiet"], arguments].concat());
    let output = run(&["--export", "markdown"]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
    assert!(folder.path().join("small.results.json").exists() && folder.path().join("small.results.md").exists());
    let output = run(&["--metric", "mse(as=loss)", "--export", "markdown"]);
    assert_eq!(output.stdout.len(), 0);
    let output = run(&["--metric", "fotprint"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `footprint`?"));
    let output = run(&["--verbose"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn verbose_lines_are_in_the_order_of_the_batches_on_any_number_of_workers() {
    let folder = benchmark("\"classification_accuracy\"");
    let lines = |workers: &str| {
        let output = neurobench(
            folder.path(),
            &["run", "benchmark.toml", "--verbose", "--workers", workers, "--batch-size", "7"],
        );
        assert!(output.status.success());
        text(&output.stderr)
    };
    let one = lines("1");
    assert_eq!(one.lines().count(), 52);
    for (index, line) in one.lines().enumerate() {
        assert!(line.starts_with(&format!("batch {index} (")), "{line}");
    }
    assert_eq!(lines("5"), one);
}

#[test]
fn results_fit_a_terminal_of_80_columns_and_stay_searchable_elsewhere() {
    let folder = benchmark(
        "\"activation_sparsity_by_layer\", \"synaptic_operations\", \"average_activity\", \"classification_accuracy\", \
         \"footprint\"",
    );
    let run = |columns: Option<&str>, arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_neurobench"));
        command.current_dir(folder.path()).args(["run", "benchmark.toml"]).args(arguments).env_remove("COLUMNS");
        if let Some(columns) = columns {
            command.env("COLUMNS", columns);
        }
        text(&command.output().unwrap().stdout)
    };
    for (columns, arguments) in [("80", &[][..]), ("80", &["--intervals"]), ("160", &[])] {
        let table = run(Some(columns), arguments);
        // Sentences below the tables are wrapped by the terminal.
        let lines = table.lines().filter(|line| line.starts_with(['┌', '│', '╞', '└']));
        let widest = lines.map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns.parse().unwrap(), "{widest}\n{table}");
        // Layers as rows, numbers as columns.
        assert!(table.contains("\naverage_activity in non-zero outputs/step\n"), "{table}");
        let heads = table.lines().find(|line| line.contains(" median ")).unwrap();
        let words: Vec<&str> = heads.split([' ', '│']).filter(|word| !word.is_empty()).collect();
        assert_eq!(words, ["min", "q1", "median", "q3", "max", "mean", "std"]);
        assert!(table.contains("│ synaptic_operations "), "{table}");
        assert!(table.contains("│   effective_macs "), "{table}");
    }
    let searched = run(None, &[]);
    assert!(searched.contains("│ average_activity · 2 · median "), "{searched}");
}
