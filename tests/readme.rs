//! What the README says is so. Its Rust snippets are doc tests; its commands are run by CI, as they stand there.
#![cfg(feature = "cli")]

use std::process::Command;

const README: &str = include_str!("../README.md");

#[test]
fn the_picture_is_what_the_main_job_prints() {
    let folder = tempfile::tempdir().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/benchmark.toml");
    let output =
        Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder.path()).args(["run", file]).output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    // All but the first line, which has the time that it took.
    let (_, table) = printed.split_once('\n').unwrap();
    assert!(README.contains(table), "the README does not show\n{table}");
    assert!(folder.path().join("digits.results.json").exists());
}

#[test]
fn every_file_that_it_links_to_is_there() {
    let mut links = 0;
    for link in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.starts_with("http") {
            let path = format!("{}/{link}", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{link} is not there");
            links += 1;
        }
    }
    assert!(links > 5);
}

#[test]
fn it_has_the_main_job_and_the_tests_among_its_commands() {
    let commands: Vec<&str> = README.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(commands, ["cargo run --release -- run examples/digits/benchmark.toml", "cargo test --workspace"]);
}
