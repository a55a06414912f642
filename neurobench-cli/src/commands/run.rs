//! `neurobench run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::commands::{Subcommand, subcommand};
use crate::condition::Condition;
use crate::exit::{Exit, Failure};
use crate::format::FormatArguments;
use crate::interruption::Interruption;
use crate::output::OutputError;
use crate::partial::Partial;
use crate::print::note;
use crate::progress::Progress;
use crate::provenance;
use crate::shared_arguments::{OutputArguments, UncertaintyArguments, WorkArguments, batch_size};
use crate::task::{Request, mistakes, outcome};
use crate::{CommandError, note_error};
use neurobench_core::bench::{Benchmark, BenchmarkBuilder, RunError, Snapshot};
use neurobench_core::component::Spec;
use neurobench_core::files::{self, FileKind};
use neurobench_core::metric::Registry;
use neurobench_core::report::export::NamedRun;
use neurobench_core::report::{Provenance, Results};

/// Run a benchmark file or a task.
///
/// Prints a table and writes the results as JSON.
#[derive(clap::Args)]
struct RunArguments {
    /// Benchmark file, or name of a task.
    ///
    /// `neurobench tasks` lists the tasks.
    file: PathBuf,
    /// Read the data from this folder or file.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Run this model file or checkpoint.
    ///
    /// The network of the benchmark then has the weights of the checkpoint.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    work: WorkArguments,
    /// Samples in a batch [default: see file].
    #[arg(long, value_name = "N", value_parser = batch_size)]
    batch_size: Option<NonZeroUsize>,
    #[command(flatten)]
    output: OutputArguments,
    /// Add a metric; repeatable.
    ///
    /// As in 'synaptic_operations(per_call=true)'.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Fail if a result is as in 'accuracy < 0.9'.
    ///
    /// A metric, or a part of its value such as 'synaptic_operations.dense', is compared with a number by <, <=, >, >=, == or !=.
    /// If the comparison holds, or if there is no such number, the command prints the reason and exits with code 1. May be given
    /// several times.
    #[arg(long = "fail-if", value_name = "CONDITION")]
    fail_if: Vec<Condition>,
    /// Resume from the snapshot of an earlier run.
    ///
    /// A run that fails or is interrupted saves its completed batches and prints the name of the file.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Save a snapshot every N s [default: 60].
    ///
    /// It keeps the completed batches for --resume in case the process is killed.
    #[arg(long, value_name = "SECONDS", default_value = "60", hide_default_value = true, value_parser = seconds)]
    save_every: Duration,
    #[command(flatten)]
    uncertainty: UncertaintyArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Print the values of every batch, in order.
    #[arg(long)]
    verbose: bool,
    /// Print errors only.
    ///
    /// Neither progress nor the table of results is printed; the results are written.
    #[arg(long, conflicts_with = "verbose")]
    quiet: bool,
}

subcommand!(RunArguments);

impl Subcommand for RunArguments {
    const NAME: &'static str = "run";
    const POSITION: u32 = 1;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench run benchmark.toml", "Run a benchmark file"),
        ("neurobench run mackey_glass --workers 4", "Run a task on four workers"),
        (
            "neurobench run benchmark.toml --intervals --per-sample --output a.json",
            "Report confidence intervals, and keep what `neurobench compare` tests",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        run(self)
    }
}

/// Parses a duration in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn run(arguments: &RunArguments) -> Result<Exit, CommandError> {
    let outcome = run_file(arguments);
    // Printed after the table, where the user sees it.
    for duplicate in Registry::global().duplicates() {
        note(&format!("warning: {duplicate}"));
    }
    outcome
}

fn run_file(arguments: &RunArguments) -> Result<Exit, CommandError> {
    let request = request(arguments)?;
    let spec = &request.spec;
    let path = arguments.output.path(&spec.name);
    let interruption = Interruption::watch().map_err(|error| format!("cannot handle signals: {error}"))?;
    let partial = Partial::new(&path, arguments.resume.as_deref(), arguments.save_every);
    let snapshot = arguments.resume.as_ref().map(read_snapshot).transpose()?;
    let completed = snapshot.as_ref().map(|snapshot| snapshot.batches().clone()).unwrap_or_default();
    let mut builder = builder(&request, arguments)?.observe(interruption.clone()).observe(partial.clone());
    if !arguments.quiet {
        builder = builder.observe(Progress::new(arguments.verbose, completed));
    }
    let benchmark = builder.build().map_err(|errors| mistakes(&errors))?;
    let names: Vec<&str> = benchmark.metric_names().collect();
    arguments.fail_if.iter().try_for_each(|condition| condition.check(&names))?;
    // Checked before the run, which may take hours: its results could not be written.
    let mut reads = benchmark.input_files();
    reads.extend(arguments.resume.iter().cloned().chain(request.files()));
    let files = arguments.output.reserve(&spec.name, &spec.exports, &reads)?;
    // Before the run, during which a file may change.
    let mut origin = provenance(&request, &benchmark, arguments)?;
    let report = match &snapshot {
        None => benchmark.run(),
        Some(snapshot) => benchmark.resume(snapshot),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            // The advice to resume comes last, where the user sees it.
            note_error(&error);
            interruption.disarm();
            if let Err(lost) = keep_completed(&error, &partial) {
                note_error(&lost);
            }
            return Ok(interruption.exit().unwrap_or_else(|| outcome(&error)));
        }
    };
    let mut results = report.results();
    results.benchmark = Some(spec.name.clone());
    results.leaderboard = spec.task.as_ref().and_then(|task| task.leaderboard(&results));
    origin.seeds = provenance::seeds(Some(spec), &results);
    results.provenance = Some(origin);
    // A failure to print must not prevent the file, or the reverse.
    let shown = match arguments.quiet {
        true => {
            note_failed(&results);
            Ok(())
        }
        false => arguments.format.print_runs(&[NamedRun { name: &spec.name, results: &results }]),
    };
    let written = files.write(&results).map_err(Failure::new)?;
    partial.remove();
    shown?;
    if !arguments.quiet {
        arguments.format.print_files(&written)?;
    }
    let failures = arguments.fail_if.iter().filter_map(|condition| Some((condition, condition.failure(&results)?)));
    let failures: Vec<String> = failures.map(|(condition, reason)| format!("failed: {condition}: {reason}")).collect();
    failures.iter().for_each(|failure| note(failure));
    Ok(Exit::success_if(report.is_complete() && failures.is_empty()))
}

/// Prints the reasons why metrics have no value, in place of the table.
fn note_failed(results: &Results) {
    for metric in &results.metrics {
        if let Some(reason) = &metric.error {
            note(&format!("error: {}: {reason}", metric.name));
        }
    }
}

/// Reads the benchmark file and applies the changes from the command line.
fn request(arguments: &RunArguments) -> Result<Request, CommandError> {
    let mut request = Request::read(&arguments.file)?;
    request.check(arguments.data.is_some(), arguments.model.is_some())?;
    if let Some(data) = &arguments.data {
        request.set_data(data)?;
    }
    if let Some(model) = &arguments.model {
        request.set_model(model)?;
    }
    let spec = &mut request.spec;
    if let Some(samples) = arguments.batch_size {
        let data = spec.data.as_mut().ok_or("`--batch-size` needs data: the benchmark file has no `[data]`")?;
        data.batch_size = Some(samples.get());
    }
    spec.intervals = arguments.uncertainty.intervals(spec.intervals)?;
    spec.per_sample |= arguments.uncertainty.per_sample;
    spec.metrics.extend(arguments.metrics.iter().filter_map(|text| Spec::parse(text).ok()));
    spec.exports.extend(arguments.output.exports()?);
    Ok(request)
}

/// Returns the origin of the results: the command, and the files that the run reads.
fn provenance(
    request: &Request,
    benchmark: &Benchmark<'_>,
    arguments: &RunArguments,
) -> Result<Provenance, CommandError> {
    let mut files = benchmark.input_files();
    files.push(request.spec.file.clone());
    // The checkpoint of a task is read before the run.
    files.extend(arguments.model.iter().chain(&arguments.resume).cloned());
    provenance::for_command(files, |path| request.shown_path(path))
}

fn builder(request: &Request, arguments: &RunArguments) -> Result<BenchmarkBuilder<'static>, CommandError> {
    let mut builder = request.builder()?.workers(arguments.work.workers());
    // The builder reports these together with all other mistakes.
    for text in arguments.metrics.iter().filter(|text| Spec::parse(text).is_err()) {
        builder = builder.metric_named(text);
    }
    Ok(builder)
}

fn read_snapshot(path: &PathBuf) -> Result<Snapshot, CommandError> {
    let bytes = files::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let wrong = |problem: &dyn std::fmt::Display| {
        let looks = FileKind::hint(path, &[FileKind::Snapshot]);
        format!("`{}` is not a snapshot of a run: {problem}{looks}", path.display())
    };
    Ok(serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?)
}

/// Saves the completed batches of a run that ended early beside the results.
fn keep_completed(error: &RunError, partial: &Partial) -> Result<(), OutputError> {
    let (completed, interrupted) = match error {
        RunError::Batch { completed, .. } | RunError::Observer { completed, .. } => (completed, false),
        RunError::Interrupted { completed } => (completed, true),
        _ => return Ok(()),
    };
    if completed.batches().is_empty() {
        if interrupted {
            note("no batch was completed: there is nothing to resume from");
        }
        return Ok(());
    }
    let path = partial.keep(completed)?;
    let batches = match completed.batches().len() {
        1 => "1 batch was completed and is".to_owned(),
        batches => format!("{batches} batches were completed and are"),
    };
    let path = path.display();
    // A snapshot only fits the same model and data. If one of them caused the failure, the run must start again.
    let unless = match interrupted {
        true => "",
        false => {
            ", as long as model, data, processors and batch size stay the same; if one of them must change, start a new run"
        }
    };
    note(&format!("{batches} saved in `{path}`: `--resume {path}` continues from there{unless}"));
    Ok(())
}
