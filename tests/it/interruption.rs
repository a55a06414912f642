//! Runs that a signal ends keep their completed part.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
const ARGUMENTS: [&str; 8] =
    ["run", "b.toml", "--batch-size", "1", "--intervals=replicates=100", "--per-sample", "--workers", "2"];

/// A benchmark of one batch for each sample, with names so long that the lines of `--verbose` never fit into a pipe: a run whose
/// lines nobody reads on cannot come to its end before the signal, however fast it is.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "name = \"b\"\n\
         preprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps=2)\"]\n\
         postprocessors = [\"choose_max_count\"]\n\
         metrics = [\"classification_accuracy\", {{ name = \"mse\", as = \"{}\" }}]\n\
         [model]\nnetwork = \"{DIGITS}/network.toml\"\n\
         [data]\ninputs = \"{DIGITS}/inputs.npy\"\ntargets = \"{DIGITS}/targets.npy\"\n",
        "m".repeat(2000)
    );
    std::fs::write(folder.path().join("b.toml"), file).unwrap();
    folder
}

fn neurobench(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    command.current_dir(folder).args(ARGUMENTS).args(more);
    command
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A run that has completed a batch and waits for somebody to read of the others.
fn under_way(folder: &Path, more: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut child = neurobench(folder, &[&["--verbose"], more].concat()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    errors.read_line(&mut first).unwrap();
    assert!(first.starts_with("batch "), "{first}");
    (child, errors)
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// All but how long it took, and the command.
fn results(path: &Path) -> Value {
    let mut results: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let object = results.as_object_mut().unwrap();
    object.remove("timing").unwrap();
    object.remove("provenance").unwrap();
    results
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_a_signal_ended_goes_on_to_the_same_bits() {
    let folder = folder();
    let folder = folder.path();
    succeeds(&mut neurobench(folder, &["--output", "whole.json"]));
    let whole = results(&folder.join("whole.json"));
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let name = format!("lr0.{code}");
        let (mut child, mut errors) = under_way(folder, &["--output", &name]);
        send(signal, &child);
        let mut printed = String::new();
        errors.read_to_string(&mut printed).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{printed}");
        // The end of the name is no extension.
        let partial = format!("{name}.partial.json");
        let last = printed.lines().last().unwrap();
        assert!(printed.contains("error: the run was interrupted\n"), "{printed}");
        let next = format!("saved in `{partial}`: `--resume {partial}` continues from there");
        assert!(last.contains(" completed and ") && last.ends_with(&next), "{last}");
        // Neither results nor anything temporary.
        assert!(files(folder).contains(&partial) && !folder.join(&name).exists());
        assert!(files(folder).iter().all(|file| !file.starts_with(".tmp")), "{:?}", files(folder));

        succeeds(&mut neurobench(folder, &["--output", &name, "--resume", &partial]));
        assert!(results(&folder.join(&name)) == whole, "a resumed run has other results");
    }
}

#[test]
fn a_run_that_is_killed_leaves_nothing_temporary() {
    let folder = folder();
    let (mut child, _errors) = under_way(folder.path(), &[]);
    send("-KILL", &child);
    assert_eq!(child.wait().unwrap().code(), None);
    assert_eq!(files(folder.path()), ["b.toml"]);
}

#[test]
fn what_was_saved_before_a_process_was_killed_goes_on_to_the_same_bits() {
    let folder = folder();
    let folder = folder.path();
    let often = ["--save-every", "0.001"];
    succeeds(&mut neurobench(folder, &[&["--output", "whole.json"], &often[..]].concat()));
    // The parts that were saved before are in the results.
    assert_eq!(files(folder), ["b.toml", "whole.json"]);
    let (mut child, mut errors) = under_way(folder, &often);
    let partial = folder.join("b.results.partial.json");
    while !partial.exists() {
        assert_ne!(errors.read_line(&mut String::new()).unwrap(), 0, "the run ended without saving anything");
    }
    send("-KILL", &child);
    child.wait().unwrap();
    succeeds(&mut neurobench(folder, &["--resume", "b.results.partial.json"]));
    assert!(results(&folder.join("b.results.json")) == results(&folder.join("whole.json")), "other results");
}

#[test]
fn a_second_signal_ends_a_run_at_once() {
    let folder = folder();
    let (mut child, _errors) = under_way(folder.path(), &[]);
    // Nobody reads its output, so it cannot end by itself. Signals of one kind that arrive together are one.
    send("-TERM", &child);
    send("-INT", &child);
    let code = child.wait().unwrap().code().unwrap();
    assert!(code == 130 || code == 143, "{code}");
    assert!(files(folder.path()).iter().all(|file| !file.starts_with(".tmp")));
}
