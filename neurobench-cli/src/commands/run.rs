//! `neurobench run`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::commands::{Subcommand, subcommand};
use crate::interruption::Interruption;
use crate::leaderboard::leaderboard;
use crate::output::{Output, OutputError};
use crate::partial::Partial;
use crate::print::{note, print};
use crate::progress::Progress;
use crate::task::Request;
use crate::{CommandError, note_error, table};
use neurobench_core::bench::{Benchmark, BuildError, BuildErrors, Intervals, RunError, Snapshot};
use neurobench_core::component::{Params, Spec};
use neurobench_core::files::{self, FileKind};
use neurobench_core::metric::Registry;
use neurobench_core::report::Results;
use neurobench_core::report::export::{Export, Exporter, to_json};
use neurobench_core::value::Value;

/// Run a benchmark file or a task: print a table and write the results as JSON.
#[derive(clap::Args)]
struct RunArguments {
    /// Benchmark file, or the name of a task that `neurobench tasks` lists.
    file: PathBuf,
    /// Read the data from this folder or file.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Run this model file, or the network of the benchmark with the weights of this checkpoint.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Run batches on N workers; results are the same bits for any number [default: number of processors].
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
    /// Set the number of samples in a batch [default: as in the file].
    #[arg(long, value_name = "N", value_parser = batch_size)]
    batch_size: Option<NonZeroUsize>,
    /// Write results to FILE; overwrite an existing file only with --force or if it is empty [default: NAME.results.json, always
    /// overwritten].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the files of --output and --export.
    #[arg(long)]
    force: bool,
    /// Write results in another format, as 'markdown(file=results.md)'; may be given several times [default file:
    /// NAME.results.EXTENSION].
    #[arg(long = "export", value_name = "EXPORTER")]
    exports: Vec<String>,
    /// Add a metric, as 'synaptic_operations(per_call=true)'; may be given several times.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Resume a run that failed or was interrupted from the snapshot that it left.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Save a snapshot for --resume at this interval, in case the process is killed.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    save_every: Duration,
    /// Report a confidence interval for every float, optionally with keys of [intervals] of the benchmark file, as in
    /// '--intervals=level=0.9,replicates=5000'.
    #[arg(long, value_name = "SETTINGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    intervals: Option<String>,
    /// Keep per-sample values, and with --intervals the values on each resample, for `neurobench compare`.
    #[arg(long)]
    per_sample: bool,
    /// Print the value of every metric for every batch.
    #[arg(long)]
    verbose: bool,
}

subcommand!(RunArguments);

impl Subcommand for RunArguments {
    const NAME: &'static str = "run";
    const POSITION: u32 = 1;

    fn run(&self) -> Result<ExitCode, CommandError> {
        run(self)
    }
}

/// Parses a number of workers.
fn workers(text: &str) -> Result<NonZeroUsize, String> {
    at_least_one(text, "a run takes at least one worker")
}

/// Parses a number of samples.
fn batch_size(text: &str) -> Result<NonZeroUsize, String> {
    at_least_one(text, "a batch has at least one sample")
}

/// Parses a duration in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn at_least_one(text: &str, none: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    NonZeroUsize::new(number).ok_or_else(|| none.to_owned())
}

fn run(arguments: &RunArguments) -> Result<ExitCode, CommandError> {
    let outcome = run_file(arguments);
    // Printed after the table, where the user sees it.
    for duplicate in Registry::global().duplicates() {
        note(&format!("warning: {duplicate}"));
    }
    outcome
}

fn run_file(arguments: &RunArguments) -> Result<ExitCode, CommandError> {
    let request = request(arguments)?;
    let spec = &request.spec;
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.results.json", spec.name)));
    let interruption = Interruption::watch().map_err(|error| format!("cannot handle signals: {error}"))?;
    let partial = Partial::new(&path, arguments.resume.as_deref(), arguments.save_every);
    let benchmark = build(&request, arguments, &interruption, &partial)?;
    // Checked before the run, which may take hours: its results could not be written.
    let files = Files::reserve(&path, &request, &benchmark, arguments)?;
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
            return Ok(interruption.exit_code().map_or(ExitCode::FAILURE, ExitCode::from));
        }
    };
    let mut results = report.results();
    results.benchmark = Some(spec.name.clone());
    // A failure to print must not prevent the file, or the reverse.
    let leaderboard = spec.task.as_ref().map(|task| leaderboard(task, &results)).unwrap_or_default();
    let shown = print(&(table::results(&results) + &leaderboard));
    let written = files.write(&results)?;
    partial.remove();
    shown?;
    print(&written)?;
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    spec.intervals = intervals(spec.intervals, arguments.intervals.as_deref())?;
    spec.per_sample |= arguments.per_sample;
    spec.metrics.extend(arguments.metrics.iter().filter_map(|text| Spec::parse(text).ok()));
    for text in &arguments.exports {
        spec.exports.push(text.parse::<Export>().map_err(|problem| format!("`--export {text}`: {problem}"))?);
    }
    Ok(request)
}

fn build(
    request: &Request,
    arguments: &RunArguments,
    interruption: &Interruption,
    partial: &Partial,
) -> Result<Benchmark<'static>, CommandError> {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut builder = request
        .builder()?
        .workers(arguments.workers.unwrap_or(processors).get())
        .observe(Progress::new(arguments.verbose))
        .observe(interruption.clone())
        .observe(partial.clone());
    // The builder reports these together with all other mistakes.
    for text in arguments.metrics.iter().filter(|text| Spec::parse(text).is_err()) {
        builder = builder.metric_named(text);
    }
    builder.build().map_err(|errors| wrong(&errors).into())
}

/// The files that a run writes: results as JSON, and exports.
struct Files {
    results: (PathBuf, Output),
    exports: Vec<(PathBuf, Box<dyn Exporter>, Output)>,
}

impl Files {
    /// Checks that every file can be written, and that none of them is read by the run or written twice.
    fn reserve(
        path: &Path,
        request: &Request,
        benchmark: &Benchmark<'_>,
        arguments: &RunArguments,
    ) -> Result<Self, CommandError> {
        let mut reads = benchmark.input_files();
        reads.extend(arguments.resume.iter().cloned().chain(request.files()));
        // A default name always refers to the latest run.
        let replace = |chosen: bool| arguments.force || !chosen;
        let results = Output::reserve(path, &reads, replace(arguments.output.is_some()))?;
        let mut written = vec![results.path().to_owned()];
        let mut exports = Vec::new();
        let spec = &request.spec;
        for export in &spec.exports {
            let exporter = export.construct()?.item;
            let default = || PathBuf::from(format!("{}.results.{}", spec.name, exporter.extension()));
            let path = export.file.clone().unwrap_or_else(default);
            let output = Output::reserve(&path, &reads, replace(export.file.is_some()))?;
            if output.is_file() && written.iter().any(|other| other == output.path()) {
                return Err(format!("cannot write `{}` twice: give each export its own file", path.display()).into());
            }
            written.push(output.path().to_owned());
            exports.push((path, exporter, output));
        }
        Ok(Self { results: (path.to_owned(), results), exports })
    }

    /// Writes all files and returns the lines that name them.
    fn write(self, results: &Results) -> Result<String, CommandError> {
        let (path, output) = self.results;
        let mut lines = line("results", &path, &output);
        let json = to_json(results).map_err(|error| OutputError::new(&path, error.into()))?;
        output.write(&json)?;
        for (path, exporter, output) in self.exports {
            let content = exporter.export(results);
            let content = content.map_err(|error| format!("cannot export to `{}`: {error}", path.display()))?;
            lines += &line("exported", &path, &output);
            output.write(&content)?;
        }
        Ok(lines)
    }
}

/// Formats the line that names a written file.
fn line(label: &str, path: &Path, output: &Output) -> String {
    let earlier = if output.replaces() { " (overwritten)" } else { "" };
    format!("{label}: {}{earlier}\n", path.display())
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

/// Merges the intervals of the file with the settings of the command line, which take precedence.
fn intervals(file: Option<Intervals>, text: Option<&str>) -> Result<Option<Intervals>, CommandError> {
    let Some(text) = text else { return Ok(file) };
    let wrong = |problem: &dyn std::fmt::Display| format!("`--intervals={text}`: {problem}");
    let keys = if text.is_empty() { "intervals".to_owned() } else { format!("intervals({text})") };
    let Spec { params, label, .. } = Spec::parse(&keys).map_err(|problem| wrong(&problem))?;
    if label.is_some() {
        return Err(wrong(&"`as` is for metrics").into());
    }
    let mut settings: Params = Value::from_serialize(&file.unwrap_or_default())?.to_typed()?;
    settings.extend(params);
    let settings = Value::Map(settings.into_iter().collect());
    Ok(Some(settings.to_typed().map_err(|problem| wrong(&problem))?))
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
