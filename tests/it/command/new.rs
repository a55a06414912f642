//! The subcommands `new`, `completions` and `man`. `tests/outside` builds a generated crate.

use std::collections::BTreeSet;

use super::{neurobench, text};
use crate::benchmark_files::page::{names_in, table, table_with};

#[test]
fn a_generated_benchmark_file_is_read_and_has_every_key_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["new", "digits", "--benchmark"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("created digits.toml\n"));
    let path = folder.path().join("digits.toml");
    let spec = neurobench::spec::BenchmarkSpec::read(&path).unwrap();
    assert_eq!(spec.name, "digits");
    let file = std::fs::read_to_string(&path).unwrap();
    let is_key = |line: &str, key: &str| {
        line.trim_start_matches(['#', ' ', '[']).split([' ', '=', '.', ']']).next() == Some(key)
    };
    let keys: BTreeSet<String> = ["The file", "`[model]`", "`[data]`", "`[devices.NAME]`", "`[intervals]`", "`[task]`"]
        .into_iter()
        .flat_map(|heading| match heading {
            "The file" => table(heading),
            _ => table_with(heading, "key"),
        })
        .flat_map(|row| names_in(&row.cell("key")))
        .collect();
    assert!(keys.len() > 30, "{keys:?}");
    for key in keys {
        assert!(file.lines().any(|line| is_key(line, &key)), "{key} is not in\n{file}");
    }
    // Every key that is switched off is valid, with its table.
    let uncommented: String = file
        .lines()
        .filter(|line| {
            !line.starts_with("# file =") && !line.starts_with("# format =") && !line.starts_with("# archive =")
        })
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.starts_with('[') || key.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => {
                key
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&path, &uncommented).unwrap();
    let spec = neurobench::spec::BenchmarkSpec::read(&path).unwrap();
    assert!(spec.task.is_some() && spec.intervals.is_some() && spec.definitions.contains_key("devices"));
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_beside_an_existing_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("mine/src")).unwrap();
    std::fs::write(folder.path().join("mine/src/lib.rs"), "mine").unwrap();
    let output = neurobench(folder.path(), &["new", "mine"]);
    assert_eq!(output.status.code(), Some(2));
    let error = "error: `mine/src/lib.rs` already exists; remove it, or choose another `--path`\n";
    assert_eq!(text(&output.stderr), error);
    assert_eq!(std::fs::read_to_string(folder.path().join("mine/src/lib.rs")).unwrap(), "mine");
    assert!(!folder.path().join("mine/Cargo.toml").exists());
    assert!(neurobench(folder.path(), &["new", "mine", "--benchmark"]).status.success());
    let again = neurobench(folder.path(), &["new", "mine", "--benchmark"]);
    assert!(text(&again.stderr).starts_with("error: `mine.toml` already exists"));
}

#[test]
fn a_name_that_cargo_refuses_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, reason) in [
        ("1st", "must begin with a letter"),
        ("a b", "contain only letters, digits, `-` and `_`"),
        ("../a", "must begin with a letter"),
        ("métrique", "contain only letters"),
        ("", "must begin with a letter"),
        ("fn", "Rust or neurobench uses this name"),
        ("neurobench", "Rust or neurobench uses this name"),
        ("proc-macro", "Rust or neurobench uses this name"),
    ] {
        let output = neurobench(folder.path(), &["new", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let error = text(&output.stderr);
        assert!(error.contains("is not a name for a crate") && error.contains(reason), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_crate_depends_on_the_registry_or_a_folder_and_stands_alone_in_a_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = |name: &str| std::fs::read_to_string(folder.path().join(name).join("Cargo.toml")).unwrap();
    assert!(neurobench(folder.path(), &["new", "one"]).status.success());
    assert!(manifest("one").ends_with(concat!("[dependencies]\nneurobench = \"", env!("CARGO_PKG_VERSION"), "\"\n")));
    let root = env!("CARGO_MANIFEST_DIR");
    assert!(neurobench(folder.path(), &["new", "two", "--neurobench", root]).status.success());
    assert!(manifest("two").ends_with(&format!("neurobench = {{ path = \"{root}\" }}\n")), "{}", manifest("two"));
    assert!(neurobench(&folder.path().join("one"), &["new", "three"]).status.success());
    assert!(manifest("one/three").ends_with("\n[workspace]\n"));
    let output = neurobench(folder.path(), &["new", "four", "--neurobench", "one/src"]);
    assert_eq!(text(&output.stderr), "error: `--neurobench one/src`: the folder has no Cargo.toml\n");
}

#[test]
fn shells_complete_every_command_and_man_has_a_page_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = neurobench(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        for word in ["check", "completions", "fail-if"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let page = run(&["man"]);
    assert!(page.contains(".TH neurobench 1") && page.contains("interrupted by SIGINT"), "{page}");
    let page = run(&["man", "run"]);
    assert!(page.contains(".TH neurobench-run 1") && page.contains("neurobench run benchmark.toml"), "{page}");
    run(&["man", "--dir", "."]);
    for page in ["neurobench.1", "neurobench-check.1", "neurobench-man.1"] {
        assert!(folder.path().join(page).exists(), "{page}");
    }
    let error = text(&neurobench(folder.path(), &["man", "rum"]).stderr);
    assert!(error.starts_with("error: no command `rum`; did you mean `run`?; there are run, check, "), "{error}");
}
