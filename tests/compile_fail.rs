//! Messages of the macros about mistakes: every case of `tests/ui` stops the compilation with exactly the text beside it.
//!
//! The text is partly the compiler's own and changes with it, so it is compared with one compiler only, the one that
//! `tests/ui/RUSTC` names. To record it again: `TRYBUILD=overwrite cargo test --test compile_fail`, then read the
//! differences.
//!
//! It is a test of its own because it runs the compiler for minutes.

use std::io::Write;
use std::process::Command;

const RECORDED_WITH: &str = include_str!("ui/RUSTC");

/// The version of the compiler in use, as `1.95.0`; empty if it cannot be asked.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(output) = Command::new(rustc).arg("--version").output() else {
        return String::new();
    };
    String::from_utf8_lossy(&output.stdout).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn every_mistake_is_reported_once_and_in_its_place() {
    let (recorded, compiler) = (RECORDED_WITH.trim(), compiler());
    if compiler != recorded {
        // Written past the capture of the test's output, so that a pass is not taken for a check.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: the messages of tests/ui were recorded with rustc {recorded}, this is {compiler}"
        );
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
