//! Runs the files and commands of docs/comparing.md, and checks the output that the page shows.

use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../docs/comparing.md");

/// The code blocks of a language.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    PAGE.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A folder with the digits at the paths that the page uses, and its two benchmark files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/digits");
    let copy = folder.path().join("examples/digits");
    std::fs::create_dir_all(&copy).unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        std::fs::copy(digits.join(file), copy.join(file)).unwrap();
    }
    let file = blocks("toml")[0];
    assert!(file.contains("steps=25") && file.contains("\"25_steps\""));
    std::fs::write(folder.path().join("25_steps.toml"), file).unwrap();
    let four = file.replace("steps=25", "steps=4").replace("25_steps", "4_steps");
    std::fs::write(folder.path().join("4_steps.toml"), four).unwrap();
    folder
}

#[test]
fn the_page_shows_what_its_commands_print() {
    let folder = folder();
    let mut printed = String::new();
    let mut commands = 0;
    for command in blocks("console").into_iter().flat_map(str::lines) {
        let arguments = command.strip_prefix("$ neurobench ").unwrap().split_whitespace();
        let output =
            Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        printed += &String::from_utf8(output.stdout).unwrap();
        commands += 1;
    }
    assert!(commands >= 3);
    for shown in blocks("text") {
        assert!(printed.contains(shown), "the page shows\n{shown}\nfor\n{printed}");
    }
    assert!(blocks("text").concat().contains("mcnemar_exact"));
}
