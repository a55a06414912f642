//! Standard output and error that are closed or full.

use std::process::{Command, Stdio};

use super::{benchmark, text};

/// The end of a pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_is_not_an_error() {
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
    assert_eq!(output.status.code(), Some(2));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_an_error() {
    let folder = benchmark("\"footprint\"");
    for arguments in [&["list"][..], &["run", "benchmark.toml"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        let output = command.current_dir(folder.path()).args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with("error: cannot write to standard output: "));
    }
    // The results are there all the same.
    assert!(folder.path().join("small.results.json").exists());
}
