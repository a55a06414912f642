//! The command, as a user runs it.

mod check;
mod conditions;
mod definitions;
mod list;
mod mistakes;
mod new;
mod outputs;
mod own;
mod pages;
mod partial;
mod run;
mod streams;

use std::path::Path;
use std::process::{Command, Output};

use neurobench::report::Results;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A benchmark file in a folder of its own, with these metrics, over copies of the digits' files.
fn benchmark(metrics: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    let file = format!(
        "name = \"small\"\n\
         preprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps=2)\"]\n\
         postprocessors = [\"choose_max_count\"]\n\
         metrics = [{metrics}]\n\
         [model]\nnetwork = \"network.toml\"\n\
         [data]\ninputs = \"inputs.npy\"\ntargets = \"targets.npy\"\nbatch_size = 50\n"
    );
    std::fs::write(folder.path().join("benchmark.toml"), file).unwrap();
    folder
}

fn results(path: &Path) -> Results {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
