//! `neurobench new`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::print::print;

/// Create a crate with metrics of your own, or a benchmark file.
///
/// The crate has one metric of each kind, a preprocessor, tests, and a benchmark file with a small network and data. It builds,
/// runs and passes its tests as it is. Existing files are never overwritten.
#[derive(clap::Args)]
struct NewArguments {
    /// Name of the crate or benchmark.
    name: String,
    /// Create a benchmark file alone.
    ///
    /// It has every key with its default and an explanation.
    #[arg(long)]
    benchmark: bool,
    /// Folder or file to create [default: NAME].
    ///
    /// The default of a benchmark file is NAME.toml.
    #[arg(long, value_name = "PATH")]
    path: Option<PathBuf>,
    /// Depend on neurobench in this folder.
    ///
    /// The default is the version of this command in the registry.
    #[arg(long, value_name = "DIR", conflicts_with = "benchmark")]
    neurobench: Option<PathBuf>,
}

subcommand!(NewArguments);

impl Subcommand for NewArguments {
    const NAME: &'static str = "new";
    const POSITION: u32 = 9;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench new my-metrics", "Create a crate of metrics in the folder my-metrics"),
        ("neurobench new my-metrics --path ../my-metrics --neurobench .", "Create it beside a clone of neurobench"),
        ("neurobench new digits --benchmark", "Create the benchmark file digits.toml"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        check_name(&self.name)?;
        let text = if self.benchmark { self.benchmark_file()? } else { self.package()? };
        print(&text)?;
        Ok(Exit::Success)
    }
}

/// A file of a template: its path in the crate, and its text.
macro_rules! template {
    ($path:literal) => {
        ($path, include_str!(concat!("../../templates/crate/", $path, ".template")))
    };
}

/// Files of the crate.
const CRATE: [(&str, &str); 9] = [
    template!("Cargo.toml"),
    (".gitignore", include_str!("../../templates/crate/gitignore.template")),
    template!("benchmark.toml"),
    template!("data.csv"),
    template!("network.toml"),
    template!("src/lib.rs"),
    template!("src/main.rs"),
    template!("src/metrics.rs"),
    template!("src/processors.rs"),
];
/// Tests of the crate.
const TESTS: (&str, &str) = template!("tests/benchmark.rs");
const BENCHMARK: &str = include_str!("../../templates/benchmark.toml.template");

/// Added to the manifest of a crate below another one, which would otherwise claim it.
const OWN_WORKSPACE: &str = "
# The crate is not a member of the workspace around it.
[workspace]
";

impl NewArguments {
    fn benchmark_file(&self) -> Result<String, CommandError> {
        let path = self.path.clone().unwrap_or_else(|| PathBuf::from(format!("{}.toml", self.name)));
        let shown = path.display().to_string();
        write_all(&[(path, BENCHMARK.replace("{{name}}", &self.name).replace("{{file}}", &shown))])?;
        Ok(format!("created {shown}\nname your model and data in it, then: neurobench check {shown}\n"))
    }

    fn package(&self) -> Result<String, CommandError> {
        let folder = self.path.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        let dependency = self.dependency()?;
        let crate_name = self.name.replace('-', "_");
        let text = |template: &str| {
            let text = template.replace("{{name}}", &self.name).replace("{{crate}}", &crate_name);
            text.replace("{{neurobench}}", &dependency)
        };
        let mut files: Vec<(PathBuf, String)> =
            CRATE.iter().chain([&TESTS]).map(|(path, template)| (folder.join(path), text(template))).collect();
        if is_below_a_package(&folder)? {
            files[0].1 += OWN_WORKSPACE;
        }
        write_all(&files)?;
        let created: String = files.iter().map(|(path, _)| format!("created {}\n", path.display())).collect();
        Ok(format!(
            "{created}in {}: `cargo test` tests it, `cargo run --release -- run benchmark.toml` runs the benchmark\n",
            folder.display()
        ))
    }

    /// Value of `neurobench` among the dependencies.
    fn dependency(&self) -> Result<String, CommandError> {
        let Some(folder) = &self.neurobench else {
            return Ok(concat!("\"", env!("CARGO_PKG_VERSION"), "\"").to_owned());
        };
        let refused = |problem: &str| format!("`--neurobench {}`: {problem}", folder.display());
        let absolute = folder.canonicalize().map_err(|error| refused(&error.to_string()))?;
        if !absolute.join("Cargo.toml").is_file() {
            return Err(refused("the folder has no Cargo.toml").into());
        }
        let path = absolute.to_str().ok_or_else(|| refused("the path is not UTF-8"))?;
        // A text of JSON is also one of TOML.
        Ok(format!("{{ path = {} }}", serde_json::to_string(path)?))
    }
}

/// Checks that cargo accepts a name, and that it is no other crate that the generated one uses.
fn check_name(name: &str) -> Result<(), CommandError> {
    // `test` and the crates of the standard library are refused by cargo.
    const TAKEN: [&str; 6] = ["neurobench", "test", "core", "std", "alloc", "proc_macro"];
    const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn \
                            for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
                            super trait true try type typeof unsafe unsized use virtual where while yield";
    let refused = |problem: &str| format!("`{}` is not a name for a crate: {problem}", name.escape_debug());
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) || !name.chars().all(fits) {
        return Err(refused("it must begin with a letter and contain only letters, digits, `-` and `_`").into());
    }
    if TAKEN.contains(&name.replace('-', "_").as_str()) || KEYWORDS.split(' ').any(|keyword| keyword == name) {
        return Err(refused("Rust or neurobench uses this name; choose another").into());
    }
    Ok(())
}

/// Returns true if a folder, which need not exist, is within a package or a workspace.
fn is_below_a_package(folder: &Path) -> Result<bool, CommandError> {
    let absolute = std::path::absolute(folder)?;
    Ok(absolute.ancestors().skip(1).any(|folder| folder.join("Cargo.toml").is_file()))
}

/// Writes files that must not exist, with their folders. If one exists, nothing is written.
fn write_all(files: &[(PathBuf, String)]) -> Result<(), CommandError> {
    // A link to a file that does not exist is an existing file, too.
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(format!("`{}` already exists; remove it, or choose another `--path`", path.display()).into());
    }
    for (path, text) in files {
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            // Another process may have created it in the meantime.
            fs::File::create_new(path)?.write_all(text.as_bytes())
        });
        written.map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(())
}
