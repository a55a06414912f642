//! The help, and every command of its examples and of the pages of documentation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{DIGITS, text};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const SHORTER: &str = "takes half a minute or more; the tests of timing run it with shorter limits";

/// Pages whose commands are run by a test of their own, which also compares what they print.
const OTHER_TESTS: [&str; 4] = ["docs/evaluate.md", "docs/own-tasks.md", "docs/reports.md", "docs/timing.md"];

/// Commands that are not run: page, command and reason.
const NOT_RUN: [(&str, &str, &str); 7] = [
    ("README.md", "neurobench run mackey_glass", "takes minutes without optimizations"),
    ("neurobench run --help", "neurobench run mackey_glass --workers 4", "takes minutes without optimizations"),
    (
        "examples/japanese_vowels/README.md",
        "neurobench run benchmark.toml",
        "the data are downloaded by the line before",
    ),
    ("neurobench time --help", "neurobench time benchmark.toml", SHORTER),
    ("neurobench time --help", "neurobench time network.toml --data inputs.npy --scenario offline", SHORTER),
    ("neurobench time --help", "neurobench time benchmark.toml --scenario server --rate 200", SHORTER),
    ("python/README.md", "neurobench run model.check.toml", "the line before writes it, with PyTorch"),
];

fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    text(&command.env("COLUMNS", "80").args(arguments).output().unwrap().stdout)
}

/// Names of the subcommands, except `help`, as the help of the command lists them.
fn subcommands() -> Vec<String> {
    let help = help(&["-h"]);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn every_command_and_option_takes_one_line_of_80_columns() {
    let subcommands = subcommands();
    assert!(subcommands.len() >= 11, "{subcommands:?}");
    let pages = subcommands.iter().map(|name| vec![name.as_str(), "-h"]).chain([vec!["-h"]]);
    for arguments in pages {
        let help = help(&arguments);
        let options = help.split("Examples:").next().unwrap();
        for line in options.lines() {
            // The descriptions of clap begin behind the longest option; a line without an option continues the one before.
            assert!(!line.starts_with("          ") && line.chars().count() <= 80, "{arguments:?}: {line}\n{help}");
        }
    }
}

#[test]
fn the_help_of_every_command_has_examples_and_exit_codes() {
    for name in subcommands() {
        let help = help(&[&name, "--help"]);
        let (_, rest) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        let (examples, codes) =
            rest.split_once("\nExit codes:\n").unwrap_or_else(|| panic!("{name} has no exit codes"));
        assert!(examples.contains(&format!("  neurobench {name}")), "{examples}");
        assert!(codes.starts_with("  0         success\n"), "{codes}");
        // Wrapped to the terminal, except for commands, which are copied.
        for line in help.lines().filter(|line| !line.starts_with("  neurobench ")) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

/// A page with its commands, in order.
struct Page {
    name: String,
    commands: Vec<String>,
}

/// Examples of the help of a subcommand.
fn examples(name: &str) -> Page {
    let arguments = [name, "--help"];
    let help = help(&arguments);
    let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_default();
    let commands = examples.lines().map(str::trim).filter(|line| line.starts_with("neurobench "));
    Page { name: format!("neurobench {name} --help"), commands: commands.map(str::to_owned).collect() }
}

/// Commands in the shell blocks of a page of documentation. Those of cargo that run the command are among them.
fn commands(page: &Path) -> Page {
    let text = fs::read_to_string(page).unwrap();
    let mut commands = Vec::new();
    let mut in_shell = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => in_shell = matches!(language, "console" | "sh" | "bash" | "shell"),
            None if in_shell => {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                let cargo = ["cargo run --release -- ", "cargo run -- "];
                let own =
                    cargo.iter().find_map(|cargo| line.strip_prefix(cargo)).map(|rest| format!("neurobench {rest}"));
                commands.extend(own.or_else(|| line.starts_with("neurobench ").then(|| line.to_owned())));
            }
            None => {}
        }
    }
    Page { name: page.strip_prefix(ROOT).unwrap().display().to_string(), commands }
}

/// The pages of documentation of the repository.
fn documents() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap_or_default();
            let is_ours = name != "target" && name != "venv" && !name.starts_with('.');
            if path.is_dir() && is_ours {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new(ROOT), &mut found);
    found.sort();
    found
}

/// A folder with every file that the commands read.
fn prepared() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("examples/digits")).unwrap();
        fs::create_dir_all(path("docs")).unwrap();
        for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
            for to in [path(file), path("examples/digits").join(file)] {
                fs::copy(format!("{DIGITS}/{file}"), to).unwrap();
            }
        }
        for copy in ["model.toml", "retrained.toml"] {
            fs::copy(path("network.toml"), path(copy)).unwrap();
        }
        // Fewer steps than in the pages, which take long without optimizations.
        let benchmark = |steps: u32| {
            format!(
                "name = \"digits\"\npreprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps={steps})\"]\n\
                 postprocessors = [\"choose_max_count\"]\nmetrics = [\"footprint\", \"classification_accuracy\"]\n\
                 [model]\nnetwork = \"network.toml\"\n[data]\ninputs = \"inputs.npy\"\ntargets = \"targets.npy\"\n"
            )
        };
        for (file, steps) in
            [("benchmark.toml", 4), ("25_steps.toml", 3), ("4_steps.toml", 2), ("examples/digits/benchmark.toml", 1)]
        {
            fs::write(path(file), benchmark(steps)).unwrap();
        }
        fs::copy(path("targets.npy"), path("out.npy")).unwrap();
        fs::write(path("table.csv"), "label,predicted\n0,0\n1,1\n2,1\n").unwrap();
        fs::write(path("p.csv"), "label,cat,dog\ncat,0.75,0.25\ndog,0.5,0.5\ncat,0.25,0.75\n").unwrap();
        let checkpoint = format!("{ROOT}/neurobench-import/tests/data/pytorch/checkpoint.pt");
        fs::copy(checkpoint, path("checkpoint.pt")).unwrap();
        // The folder stands for a clone of the repository.
        fs::write(path("Cargo.toml"), "").unwrap();
        folder
    });
    folder.path()
}

/// Files of a page that are there before its commands run, although other pages write them.
fn add_results(page: &str, folder: &Path) {
    if page == "neurobench compare --help" {
        let files = ["benchmark.toml", "25_steps.toml", "4_steps.toml", "examples/digits/benchmark.toml"];
        for (file, results) in files.into_iter().zip(["a.json", "b.json", "c.json", "d.json"]) {
            let run = ["run", file, "--per-sample", "--output", results];
            assert!(super::neurobench(folder, &run).status.success());
        }
    }
    if page == "neurobench report --help" {
        for results in ["a.json", "b.json", "digits.results.json"] {
            let run = ["run", "benchmark.toml", "--metric", "neuron_activity", "--output", results];
            assert!(super::neurobench(folder, &run).status.success());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
#[cfg(unix)]
fn every_command_of_the_help_and_the_pages_runs() {
    let names = subcommands();
    let documents = documents();
    let pages = names.iter().map(|name| examples(name)).chain(documents.iter().map(|page| commands(page)));
    let pages: Vec<Page> = pages.filter(|page| !OTHER_TESTS.contains(&page.name.as_str())).collect();
    let binary = Path::new(env!("CARGO_BIN_EXE_neurobench")).parent().unwrap();
    let search = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let (mut run, mut left_out) = (0, Vec::new());
    for Page { name, commands } in pages.iter().filter(|page| !page.commands.is_empty()) {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        copy(prepared(), &work);
        add_results(name, &work);
        for command in commands {
            if let Some(entry) = NOT_RUN.iter().find(|(page, left_out, _)| page == name && left_out == command) {
                left_out.push(entry);
                continue;
            }
            let mut shell = Command::new("sh");
            let output = shell.args(["-c", command]).current_dir(&work).env("PATH", &search).output().unwrap();
            assert!(output.status.success(), "{name}: {command}\n{}", text(&output.stderr));
            run += 1;
        }
    }
    assert!(run > 25, "only {run} commands were found");
    // Nothing is left out without need.
    assert_eq!(left_out.len(), NOT_RUN.len(), "{left_out:?}");
}
