//! Files that a run writes, and their protection from being overwritten.

use super::{benchmark, neurobench, results, text};

#[test]
fn an_unwritable_output_is_an_error_before_the_run() {
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
fn an_output_is_never_an_input_file_and_may_be_a_device() {
    let folder = benchmark("\"footprint\"");
    for input in ["inputs.npy", "network.toml", "benchmark.toml", "./targets.npy"] {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", input]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).ends_with("the benchmark reads it\n"), "{}", text(&output.stderr));
    }
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "/dev/stdout"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("\"schema\": 3"));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());

    // A full disk: the table is shown all the same.
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "/dev/full"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).starts_with("error: cannot write `/dev/full`: No space left"));
    assert!(text(&output.stdout).contains("footprint"));
}

#[test]
fn existing_results_are_overwritten_only_by_force_or_under_the_default_name() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("out.json");
    let run = |arguments: &[&str]| neurobench(folder.path(), &[&["run", "benchmark.toml"], arguments].concat());
    assert!(run(&["--output", "out.json"]).status.success());
    let first = std::fs::read_to_string(&path).unwrap();
    let again = run(&["--output", "out.json"]);
    assert_eq!(again.status.code(), Some(2));
    let error = text(&again.stderr);
    assert_eq!(error, "error: cannot write `out.json`: it already exists; use `--force` to overwrite it\n");
    // Before the run, which is not there in vain.
    assert!(again.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    let forced = run(&["--output", "out.json", "--force", "--metric", "parameter_count"]);
    assert!(text(&forced.stdout).ends_with("results: out.json (overwritten)\n"), "{}", text(&forced.stdout));
    assert_eq!(results(&path).metrics.len(), 2);
    // Empty files are those of `mktemp`.
    std::fs::write(&path, "").unwrap();
    assert!(text(&run(&["--output", "out.json"]).stdout).ends_with("results: out.json\n"));
    // The name of the benchmark is that of its latest run.
    assert!(text(&run(&[]).stdout).ends_with("results: small.results.json\n"));
    assert!(text(&run(&[]).stdout).ends_with("results: small.results.json (overwritten)\n"));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_as_output_is_followed() {
    let folder = benchmark("\"footprint\"");
    std::fs::write(folder.path().join("real.json"), "old").unwrap();
    std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--output", "link.json", "--force"]);
    assert!(output.status.success());
    assert!(std::fs::symlink_metadata(folder.path().join("link.json")).unwrap().is_symlink());
    assert_eq!(results(&folder.path().join("real.json")).samples, 360);
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

#[test]
fn an_input_file_is_never_overwritten_even_by_force() {
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
fn exports_are_written_beside_the_results_with_the_same_checks() {
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
    let there = "error: cannot write `copy.json`: it already exists; use `--force` to overwrite it\n";
    assert_eq!(refused(&[]), there);
    assert!(run(&["--force"]).status.success());
    let twice = refused(&["--force", "--export", "json"]);
    assert!(twice.starts_with("error: cannot write `small.results.json` twice"), "{twice}");
    let unknown = refused(&["--force", "--export", "markdwon"]);
    assert_eq!(unknown, "error: no exporter `markdwon`; did you mean `markdown`?\n");
    let setting = refused(&["--force", "--export", "markdown(fiel=a.md)"]);
    assert!(setting.contains("`markdown`: no setting `fiel`"), "{setting}");
}
