//! The `neurobench` command, for a binary of one's own, too.
//!
//! A program that links metrics of its own and calls [`main`] is the whole command with those metrics in it:
//!
//! ```no_run
//! use my_metrics as _; // a crate that no code names is not linked
//! # mod my_metrics {}
//!
//! fn main() -> std::process::ExitCode {
//!     neurobench::cli::main()
//! }
//! ```

//! # Benchmark files
//!
//! `neurobench run` takes a file in TOML. Paths in it are relative to the file; keys that are not listed here are refused.
//!
//! ```toml
//! name = "digits"                    # results go to `digits.results.json`
//!
//! # In order. A name with settings, as a table or as text: `"scale(factor=0.0625)"`.
//! preprocessors = [{ name = "scale", factor = 0.0625 }, { name = "repeat_over_time", steps = 25 }]
//! postprocessors = ["choose_max_count"]        # or "aggregate"
//!
//! # Names and settings as `neurobench list` shows them.
//! metrics = ["footprint", { name = "synaptic_operations", per_call = true }]
//!
//! [model]
//! network = "network.toml"           # see `neurobench::network`
//!
//! [data]
//! inputs = "inputs.npy"              # or, with `archive`, the name of an array in it
//! targets = "targets.npy"
//! # archive = "data.npz"
//! batch_size = 64                    # 64 if left out
//! # For models whose state flows on from sample to sample: how many samples each sequence has; all are one if left out.
//! # sequences = [100, 260]
//! ```
//!
//! The pre- and postprocessors that a file can name are those of [`crate::process`].

mod benchmark_file;
mod inspect;
mod list;
mod output;
mod panics;
mod print;
mod progress;
mod run;
mod table;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benchmarks for neuromorphic models.
#[derive(Parser)]
#[command(name = "neurobench", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a benchmark file: print a table and write the results as JSON.
    Run(RunArguments),
    /// Print the metrics that are linked into this program.
    List {
        /// Print everything that is known of each metric, as JSON.
        #[arg(long)]
        json: bool,
        /// Print these metrics alone, in full.
        names: Vec<String>,
    },
    /// Print the layers of a network file: what each stores and computes.
    Inspect {
        /// The network file.
        model: PathBuf,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
struct RunArguments {
    /// The benchmark file: model, data, processors and metrics.
    file: PathBuf,
    /// How many workers run batches; results are the same bits for any number. As many as there are processors, if not given.
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
    /// Where the results are written; `NAME.results.json` in the current folder, if not given.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// One metric more, as 'synaptic_operations(per_call=true)'; may be given several times.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Go on from what an earlier run completed before it failed.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Print the value of every metric for every batch, too.
    #[arg(long)]
    verbose: bool,
}

/// The whole command, with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// The whole command, with these arguments, of which the first is the program's name.
#[must_use]
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes: clap prints them to the right stream and knows the code.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match print::unless_closed(error.print()) {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::FAILURE,
            };
        }
    };
    panics::keep_quiet();
    let outcome = match &arguments.command {
        Command::Run(arguments) => run::run(arguments),
        Command::List { json, names } => list::list(*json, names),
        Command::Inspect { model, json } => inspect::inspect(model, *json),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            note_error(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error with its causes.
fn note_error(error: &(dyn std::error::Error + 'static)) {
    print::note(&format!("error: {error}"));
    let mut source = error.source();
    while let Some(cause) = source {
        print::note(&format!("  because: {cause}"));
        source = cause.source();
    }
}

/// A number of workers.
fn workers(text: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    NonZeroUsize::new(number).ok_or_else(|| "a run takes at least one worker".to_owned())
}

/// Anything that ends the command.
type CommandError = Box<dyn std::error::Error>;
