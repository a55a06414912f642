//! `docs/metrics.md` is the output of the command.

use std::process::Command;

#[test]
fn the_page_of_metrics_is_current() {
    let printed = Command::new(env!("CARGO_BIN_EXE_neurobench")).args(["list", "--markdown"]).output().unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
    let differs = printed.lines().zip(committed.lines()).find(|(printed, committed)| printed != committed);
    assert!(
        printed == committed,
        "docs/metrics.md is not what the metrics say, first in {differs:?}: run `cargo run -- list --markdown > docs/metrics.md`"
    );
}
