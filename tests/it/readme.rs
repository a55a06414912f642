//! The claims of the README hold. Its Rust snippets are doc tests; its commands are run by CI, as they stand there.

// Formatted for the readers of the README.
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "a reader has it in a crate of metrics")]
mod found_in;

use std::process::Command;

use neurobench::bench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metrics::TopKAccuracy;
use neurobench::model::{FnModel, Probe, Tensor};

const README: &str = include_str!("../../README.md");

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
    let expected = [
        "cargo run --release -- run examples/digits/benchmark.toml",
        "cargo test --workspace",
        "cargo run --release -- run mackey_glass",
    ];
    assert_eq!(commands, expected);
}

#[test]
fn its_metric_breaks_ties_as_top_k_accuracy_does() {
    let source = include_str!("readme/found_in.rs");
    let (_, metric) = source.split_once("\n\n").unwrap();
    assert!(README.contains(metric), "the README does not show\n{metric}");
    // A sample without spikes has equal scores, and the first class.
    let scores = ndarray::array![[0.0_f32, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, 2.0], [2.0, 1.0, 2.0]];
    let targets = ndarray::array![0_i64, 2, 2, 2];
    let model = FnModel::new(Vec::new(), |scores: &Tensor, _: &mut Probe| Ok(scores.clone()));
    let mut builder = Benchmark::builder().data(InMemory::new(scores, targets).unwrap()).model(model);
    for k in 1..=3 {
        builder = builder.metric(found_in::FoundIn { k }).metric(TopKAccuracy { k, ..TopKAccuracy::default() });
    }
    let report = builder.build().unwrap().run().unwrap();
    let found = |k| *report.get_with(&found_in::FoundIn { k }).unwrap();
    assert_eq!([found(1), found(2), found(3)], [0.25, 0.75, 1.0]);
    let top = |k| *report.get_with(&TopKAccuracy { k, ..TopKAccuracy::default() }).unwrap();
    assert_eq!([found(1), found(2), found(3)], [top(1), top(2), top(3)]);
}
