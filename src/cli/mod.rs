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
//!
//! What `neurobench run` reads and writes:
//!
#![doc = include_str!("../../docs/benchmark-files.md")]

mod compare;
mod convert;
mod inspect;
mod interruption;
mod list;
mod model_file;
mod output;
mod panics;
mod partial;
mod print;
mod progress;
mod run;
mod table;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::import::nir::{Loss, Stepping};
use crate::network::Dynamics;

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
    /// Print the components that are linked into this program: metrics, or those of another kind.
    ///
    /// Kinds are metrics, preprocessors, postprocessors, datasets, data_formats, statistical_tests, layers and those that
    /// linked crates add; `components` are those of all kinds but metrics.
    List {
        /// Print everything about each component as JSON.
        #[arg(long, conflicts_with_all = ["markdown", "schema"])]
        json: bool,
        /// Print everything about each component as a page in Markdown.
        #[arg(long, conflicts_with = "schema")]
        markdown: bool,
        /// Print the JSON Schema of benchmark files, with every linked component.
        #[arg(long, conflicts_with = "names")]
        schema: bool,
        /// Kinds of components, or metrics to print in full [default: metrics].
        #[arg(value_name = "KIND|METRIC")]
        names: Vec<String>,
    },
    /// Print everything about components of any kind.
    Describe {
        /// Print it as JSON.
        #[arg(long, conflicts_with = "markdown")]
        json: bool,
        /// Print it in Markdown.
        #[arg(long)]
        markdown: bool,
        /// Names or aliases; `kind:name` if components of several kinds have the name, as `preprocessors:scale`.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print what is in a model's file: layers with what each stores and computes, or tensors.
    Inspect {
        /// A network file (.toml), a NIR graph (.nir), or tensors (.safetensors, .pt, .pth).
        model: PathBuf,
        #[command(flatten)]
        stepping: SteppingArguments,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare results over the same data: values, differences and, if per-sample values are kept, tests of pairs.
    ///
    /// Results over different data, or with different definitions of a metric, are refused with a list of what differs.
    Compare(compare::CompareArguments),
    /// Convert a model's file: .pt or .pth to .safetensors, .nir to a network file (.toml, and .safetensors beside it), and back.
    ///
    /// No file that is there already is replaced, and nothing that the new file does not hold is lost unless it is named.
    Convert(ConvertArguments),
}

#[derive(clap::Args)]
struct RunArguments {
    /// The benchmark file: model, data, processors and metrics.
    file: PathBuf,
    /// How many workers run batches; results are the same bits for any number. As many as there are processors, if not given.
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
    /// How many samples a batch has, whatever the file says.
    #[arg(long, value_name = "N", value_parser = batch_size)]
    batch_size: Option<NonZeroUsize>,
    /// Where the results are written. A file that is there already stays, unless it is empty, and there is no run. If not given,
    /// `NAME.results.json` in the current folder, which is that of the latest run.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file that `--output` names.
    #[arg(long)]
    force: bool,
    /// Write results in another format, too, as 'markdown(file=results.md)'; may be given several times. By default the file is
    /// `NAME.results.EXTENSION` in the current folder. The rules of `--output` and `--force` hold.
    #[arg(long = "export", value_name = "EXPORTER")]
    exports: Vec<String>,
    /// One metric more, as 'synaptic_operations(per_call=true)'; may be given several times.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Go on from what an earlier run completed before it failed or was interrupted.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// How often what was completed so far is saved, for `--resume`, in case that the process is killed.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    save_every: Duration,
    /// Give every float an interval. Keys of the benchmark file's [intervals] may follow an equals sign, as in
    /// '--intervals=level=0.9,replicates=5000'.
    #[arg(long, value_name = "SETTINGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    intervals: Option<String>,
    /// Keep what `neurobench compare` tests: every metric's value on each sample alone and, with `--intervals`, on each resample.
    #[arg(long)]
    per_sample: bool,
    /// Print the value of every metric for every batch, too.
    #[arg(long)]
    verbose: bool,
}

/// How a NIR graph, which has neither a time step nor a rule for stepping, is run.
#[derive(clap::Args)]
struct SteppingArguments {
    /// How a NIR graph is stepped: as norse, snntorch, spinnaker2, lava, nengo, sinabs, rockpool or spyx do it; if not given, its
    /// metadata must say.
    #[arg(long, value_name = "NAME")]
    dynamics: Option<Dynamics>,
    /// The time step in seconds; if not given, the metadata of the graph must say.
    #[arg(long, value_name = "SECONDS")]
    dt: Option<f64>,
}

impl SteppingArguments {
    fn stepping(&self) -> Stepping {
        Stepping { dynamics: self.dynamics, dt: self.dt }
    }
}

#[derive(clap::Args)]
struct ConvertArguments {
    /// The file to convert.
    from: PathBuf,
    /// The file to write; its extension says what it becomes.
    to: PathBuf,
    #[command(flatten)]
    stepping: SteppingArguments,
    /// Something that may be lost (reset, output, time, bias, order, dropout, metadata, precision, storage); may be given several times.
    #[arg(long = "lose", value_name = "WHAT")]
    lose: Vec<Loss>,
    /// Of a checkpoint of PyTorch, only the tensors below this name.
    #[arg(long, value_name = "NAME")]
    within: Option<String>,
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
        Command::List { schema: true, .. } => list::schema(),
        Command::List { json, markdown, names, .. } => list::list(form(*json, *markdown), names),
        Command::Describe { json, markdown, names } => list::describe(form(*json, *markdown), names),
        Command::Inspect { model, stepping, json } => inspect::inspect(model, &stepping.stepping(), *json),
        Command::Compare(arguments) => compare::compare(arguments),
        Command::Convert(arguments) => convert::convert(arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            note_error(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Output form that two flags select.
fn form(json: bool, markdown: bool) -> list::Form {
    match (json, markdown) {
        (true, _) => list::Form::Json,
        (false, true) => list::Form::Markdown,
        (false, false) => list::Form::Text,
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
    at_least_one(text, "a run takes at least one worker")
}

/// A number of samples.
fn batch_size(text: &str) -> Result<NonZeroUsize, String> {
    at_least_one(text, "a batch has at least one sample")
}

/// Seconds, and parts of them.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn at_least_one(text: &str, none: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    NonZeroUsize::new(number).ok_or_else(|| none.to_owned())
}

/// Anything that ends the command.
type CommandError = Box<dyn std::error::Error>;
