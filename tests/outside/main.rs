//! A crate outside of the workspace adds a component of each of five kinds, and a benchmark file names them all.
//!
//! A binary of its own: it runs cargo, which would wait for the other tests of a binary.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the crate to a folder of its own, which depends on this checkout and has its lock file.
fn copied(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join("tests/outside/crate");
    fs::create_dir(folder.join("src")).unwrap();
    for file in ["src/main.rs", "benchmark.toml", "network.toml"] {
        fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let manifest = fs::read_to_string(source.join("Cargo.toml")).unwrap();
    let file = folder.join("Cargo.toml");
    fs::write(&file, manifest.replace("NEUROBENCH", root.to_str().unwrap())).unwrap();
    file
}

#[test]
fn a_benchmark_file_names_five_components_of_a_users_crate() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = copied(folder.path());
    // The folder of the test's own target, so that dependencies are not built again.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let neurobench = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--offline", "--manifest-path"]).arg(&manifest).arg("--target-dir").arg(target);
        let output = command.arg("--").args(arguments).current_dir(folder.path()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };

    let (success, _, errors) = neurobench(&["run", "benchmark.toml"]);
    assert!(success, "{errors}");
    // Inputs 0 to 5, plus 1, cubed: the largest is 6³. No output is zero.
    let exported = fs::read_to_string(folder.path().join("outside.txt")).unwrap();
    assert_eq!(exported, "largest 216.0\nactivation_sparsity 0.0\nsizes {small: 4, large: 2}\n");
    let results = fs::read_to_string(folder.path().join("outside.results.json")).unwrap();
    assert!(results.contains("shift(by=1)"), "{results}");

    // The metric draws itself on the page, which shows that it is that of this crate.
    let (success, _, errors) = neurobench(&["report", "outside.results.json", "-o", "outside.html"]);
    assert!(success, "{errors}");
    let page = fs::read_to_string(folder.path().join("outside.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("sizes. Predictions up to 100, and larger ones."), "{page}");
    assert!(page.contains("up to 100") && page.contains("outside::sizes"), "{page}");
    // Its exporter is a format.
    let (success, printed, errors) = neurobench(&["report", "outside.results.json", "--format", "lines"]);
    assert!(success && printed == exported, "{printed}{errors}");

    // All are listed and described like built-in ones.
    for (name, kind) in [
        ("largest", "metric"),
        ("shift", "preprocessor"),
        ("consecutive", "data set"),
        ("power", "layer"),
        ("lines", "exporter"),
    ] {
        let (success, text, errors) = neurobench(&["describe", name]);
        assert!(success && text.contains(kind), "{name}: {text}{errors}");
    }

    // Slips are reported with a hint.
    let file = fs::read_to_string(folder.path().join("benchmark.toml")).unwrap();
    for (written, slip, hint) in [
        ("largest", "lagrest", "did you mean `largest`?"),
        ("shift(by=1)", "shitf(by=1)", "did you mean `shift`?"),
        ("consecutive", "consecutiv", "did you mean `consecutive`?"),
        ("pairs = 3", "pairs = 2000", "must be in `1..=1000`, not 2000"),
        ("\"lines\"", "\"line\"", "did you mean `lines`?"),
    ] {
        fs::write(folder.path().join("slip.toml"), file.replace(written, slip)).unwrap();
        let (success, _, errors) = neurobench(&["run", "slip.toml", "--force"]);
        assert!(!success && errors.contains(hint), "{slip}: {errors}");
    }
}

#[test]
fn a_generated_crate_builds_runs_and_passes_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut new = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    let created =
        new.current_dir(folder.path()).args(["new", "my-metrics", "--neurobench"]).arg(root).output().unwrap();
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    let package = folder.path().join("my-metrics");
    // As in the workspace, so that its builds of the dependencies are used again.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
    let profile = "\n[profile.dev]\ndebug = \"line-tables-only\"\n";
    fs::write(package.join("Cargo.toml"), format!("{manifest}{profile}")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(&package).args(arguments).env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (printed, errors) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}\n{printed}{errors}");
        (printed, errors)
    };
    cargo(&["fmt", "--check"]);
    let (tests, errors) = cargo(&["test"]);
    assert!(!errors.contains("warning"), "{errors}");
    assert_eq!(tests.matches("... ok").count(), 5, "{tests}");
    let (table, _) = cargo(&["run", "--quiet", "--", "run", "benchmark.toml"]);
    for name in ["classification_accuracy", "layer_count", "spikes_per_sample", "right"] {
        assert!(table.contains(name), "{table}");
    }
    assert!(package.join("my-metrics.results.json").exists());
    let (described, _) = cargo(&["run", "--quiet", "--", "describe", "contrast", "share_of_class"]);
    assert!(
        described.contains("preprocessor of my-metrics") && described.contains("metric of my-metrics"),
        "{described}"
    );
    cargo(&["clippy", "--all-targets", "--", "-D", "warnings"]);
}
