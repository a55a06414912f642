//! `neurobench run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::commands::{Subcommand, subcommand};
use crate::exit::{Exit, Failure};
use crate::format::FormatArguments;
use crate::interruption::Interruption;
use crate::output::OutputError;
use crate::partial::Partial;
use crate::print::note;
use crate::progress::Progress;
use crate::provenance;
use crate::shared_arguments::{Files, OutputArguments, UncertaintyArguments, WorkArguments, batch_size};
use crate::task::Request;
use crate::{CommandError, note_error};
use neurobench_core::bench::{Benchmark, BuildError, BuildErrors, RunError, Snapshot};
use neurobench_core::component::Spec;
use neurobench_core::files::{self, FileKind};
use neurobench_core::metric::Registry;
use neurobench_core::report::Provenance;
use neurobench_core::report::export::NamedRun;
use neurobench_core::spec::BenchmarkSpec;

/// Run a benchmark file or a task: print a table and write the results as JSON.
#[derive(clap::Args)]
struct RunArguments {
    /// Benchmark file, or the name of a task that `neurobench tasks` lists.
    file: PathBuf,
    /// Read the data from this folder or file.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Run this model file or, for a task, its network with the weights of this checkpoint.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    work: WorkArguments,
    /// Set the number of samples in a batch [default: as in the file].
    #[arg(long, value_name = "N", value_parser = batch_size)]
    batch_size: Option<NonZeroUsize>,
    #[command(flatten)]
    output: OutputArguments,
    /// Add a metric, as 'synaptic_operations(per_call=true)'; may be given several times.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Resume a run that failed or was interrupted from the snapshot that it left.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Save a snapshot for --resume at this interval, in case the process is killed.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    save_every: Duration,
    #[command(flatten)]
    uncertainty: UncertaintyArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Print the value of every metric for every batch.
    #[arg(long)]
    verbose: bool,
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
    let benchmark = build(spec, arguments, &interruption, &partial)?;
    // Checked before the run, which may take hours: its results could not be written.
    let mut reads = benchmark.input_files();
    reads.extend(arguments.resume.iter().cloned().chain(request.file()));
    let files = Files::reserve(&spec.name, &spec.exports, &reads, &arguments.output)?;
    // Before the run, during which a file may change.
    let mut origin = provenance(&request, &benchmark, arguments)?;
    let report = match &arguments.resume {
        None => benchmark.run(),
        Some(path) => benchmark.resume(&read_snapshot(path)?),
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
    let shown = arguments.format.print_runs(&[NamedRun { name: &spec.name, results: &results }]);
    let written = files.write(&results).map_err(Failure::new)?;
    partial.remove();
    shown?;
    arguments.format.print_files(&written)?;
    Ok(Exit::success_if(report.is_complete()))
}

/// Outcome of a run that did not finish: data or a snapshot that cannot be used are input, a failed batch is a failure.
fn outcome(error: &RunError) -> Exit {
    match error {
        RunError::Data(_) | RunError::EmptyData | RunError::NoData | RunError::Snapshot(_) => Exit::Input,
        _ => Exit::Failed,
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

fn build(
    spec: &BenchmarkSpec,
    arguments: &RunArguments,
    interruption: &Interruption,
    partial: &Partial,
) -> Result<Benchmark<'static>, CommandError> {
    let mut builder = spec
        .builder()?
        .workers(arguments.work.workers())
        .observe(Progress::new(arguments.verbose))
        .observe(interruption.clone())
        .observe(partial.clone());
    // The builder reports these together with all other mistakes.
    for text in arguments.metrics.iter().filter(|text| Spec::parse(text).is_err()) {
        builder = builder.metric_named(text);
    }
    builder.build().map_err(|errors| wrong(&errors).into())
}

/// Message about all mistakes of a benchmark, with advice for benchmark files.
fn wrong(errors: &BuildErrors) -> String {
    let advice = |error: &BuildError| match error {
        BuildError::SameName(name) => format!(
            "two metrics have the name `{name}`: request it once, or rename one, as in \
             {{ name = \"{name}\", as = \"another\" }}"
        ),
        BuildError::NoMetric => {
            "the benchmark has no metric: add some, as in metrics = [\"footprint\"]; `neurobench list` shows all"
                .to_owned()
        }
        error => error.to_string(),
    };
    match errors.0.as_slice() {
        [only] => advice(only),
        several => {
            several.iter().fold(format!("{} mistakes:", several.len()), |text, error| text + "\n  - " + &advice(error))
        }
    }
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
