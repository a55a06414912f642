//! `neurobench run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::bench::{Benchmark, BuildError, BuildErrors, Intervals, RunError, Snapshot};
use crate::cli::benchmark_file::BenchmarkFile;
use crate::cli::interruption::Interruption;
use crate::cli::output::{Output, OutputError};
use crate::cli::partial::Partial;
use crate::cli::print::{note, print};
use crate::cli::progress::Progress;
use crate::cli::{CommandError, RunArguments, note_error, table};
use crate::component::Spec;
use crate::files::{self, FileKind};
use crate::metric::Registry;
use crate::model::Model;
use crate::names::hinted;

pub(super) fn run(arguments: &RunArguments) -> Result<ExitCode, CommandError> {
    let outcome = run_file(arguments);
    // Last, where it is seen: above a long table it is not.
    for duplicate in Registry::global().duplicates() {
        note(&format!("warning: {duplicate}"));
    }
    outcome
}

fn run_file(arguments: &RunArguments) -> Result<ExitCode, CommandError> {
    let file = BenchmarkFile::read(&arguments.file)?;
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.results.json", file.name)));
    // Before the run: nobody should wait for results that cannot be kept.
    // The name that nobody chose is that of the latest run.
    let replace = arguments.force || arguments.output.is_none();
    let output = Output::reserve(&path, &file.reads(&arguments.file), replace)?;
    let earlier = if output.replaces() { " (in place of earlier ones)" } else { "" };
    let interruption = Interruption::watch().map_err(|error| format!("cannot take signals: {error}"))?;
    let partial = Partial::new(&path, arguments.resume.as_deref(), arguments.save_every);
    let benchmark = build(&file, arguments, &interruption, &partial)?;
    let report = match &arguments.resume {
        None => benchmark.run(),
        Some(path) => benchmark.resume(&read_snapshot(path)?),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            // What to do next stands last, where it is seen.
            note_error(&error);
            interruption.disarm();
            if let Err(lost) = keep_completed(&error, &partial) {
                note_error(&lost);
            }
            return Ok(interruption.exit_code().map_or(ExitCode::FAILURE, ExitCode::from));
        }
    };
    let mut results = report.results();
    results.benchmark = Some(file.name.clone());
    // Neither of the two must keep the other from being there.
    let shown = print(&table::results(&results));
    output.write(&results)?;
    partial.remove();
    shown?;
    print(&format!("results: {}{earlier}\n", path.display()))?;
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build<'m>(
    file: &BenchmarkFile,
    arguments: &RunArguments,
    interruption: &Interruption,
    partial: &Partial,
) -> Result<Benchmark<'m>, CommandError> {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let (model, data) = (file.model()?, file.data()?);
    if file.has_sequences() && !model.carries_state() {
        return Err("[data]: `sequences` are for a model that carries state from sample to sample; this one begins every sample at rest".into());
    }
    let mut builder = Benchmark::builder()
        .model(model)
        .data(data)
        .workers(arguments.workers.unwrap_or(processors).get())
        .observe(Progress::new(arguments.verbose))
        .observe(interruption.clone())
        .observe(partial.clone());
    if let Some(samples) = arguments.batch_size.map(NonZeroUsize::get).or(file.batch_size()) {
        builder = builder.batch_size(samples);
    }
    if let Some(intervals) = intervals(file.intervals, arguments.intervals.as_deref())? {
        builder = builder.intervals(intervals);
    }
    if file.per_sample || arguments.per_sample {
        builder = builder.per_sample();
    }
    for spec in &file.preprocessors {
        builder = builder.preprocess_spec(spec);
    }
    for spec in &file.postprocessors {
        builder = builder.postprocess_spec(spec);
    }
    for spec in &file.metrics {
        builder = builder.metric_spec(&file.with_devices(spec.clone())?);
    }
    for text in &arguments.metrics {
        builder = match Spec::parse(text) {
            Ok(spec) => builder.metric_spec(&file.with_devices(spec)?),
            // It tells this error together with all others.
            Err(_) => builder.metric_named(text),
        };
    }
    builder.build().map_err(|errors| wrong(&errors).into())
}

/// Everything that is wrong with the benchmark, and what to do about it in its file.
fn wrong(errors: &BuildErrors) -> String {
    let of_file = |error: &BuildError| match error {
        BuildError::SameName(name) => format!(
            "two metrics have the name `{name}`: ask for it once, or give one another name, as in \
             {{ name = \"{name}\", as = \"another\" }}"
        ),
        BuildError::NoMetric => {
            "there is no metric: name some, as in metrics = [\"footprint\"]; `neurobench list` shows them all"
                .to_owned()
        }
        error => error.to_string(),
    };
    match errors.0.as_slice() {
        [only] => of_file(only),
        several => {
            several.iter().fold(format!("{} mistakes:", several.len()), |text, error| text + "\n  - " + &of_file(error))
        }
    }
}

/// Those of the file, with what the command line says instead.
fn intervals(file: Option<Intervals>, text: Option<&str>) -> Result<Option<Intervals>, CommandError> {
    let Some(text) = text else { return Ok(file) };
    let wrong = |problem: &dyn std::fmt::Display| format!("`--intervals={text}`: {problem}");
    let keys = if text.is_empty() { "intervals".to_owned() } else { format!("intervals({text})") };
    let Spec { params, label, .. } = Spec::parse(&keys).map_err(|problem| wrong(&problem))?;
    if label.is_some() {
        return Err(wrong(&"`as` is for metrics").into());
    }
    let mut settings = serde_json::to_value(file.unwrap_or_default())?;
    for (key, value) in params {
        settings[key] = serde_json::to_value(value)?;
    }
    Ok(Some(serde_json::from_value(settings).map_err(|problem| wrong(&hinted(&problem.to_string())))?))
}

fn read_snapshot(path: &PathBuf) -> Result<Snapshot, CommandError> {
    let bytes = files::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let wrong = |problem: &dyn std::fmt::Display| {
        let looks = FileKind::hint(path, &[FileKind::Snapshot]);
        format!("`{}` is not what a run completed: {problem}{looks}", path.display())
    };
    Ok(serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?)
}

/// A run that ended early has completed some batches: they are written beside the results, so that nothing is lost.
fn keep_completed(error: &RunError, partial: &Partial) -> Result<(), OutputError> {
    let (completed, interrupted) = match error {
        RunError::Batch { completed, .. } | RunError::Observer { completed, .. } => (completed, false),
        RunError::Interrupted { completed } => (completed, true),
        _ => return Ok(()),
    };
    if completed.batches().is_empty() {
        if interrupted {
            note("no batch was completed: there is nothing to go on from");
        }
        return Ok(());
    }
    let path = partial.keep(completed)?;
    let batches = match completed.batches().len() {
        1 => "1 batch was completed and is".to_owned(),
        batches => format!("{batches} batches were completed and are"),
    };
    let path = path.display();
    // What was counted is of this model and these data alone: where they are the cause, a run begins anew.
    let unless = match interrupted {
        true => "",
        false => {
            ", as long as model, data, processors and batch size stay the same; where one of them must change, run anew"
        }
    };
    note(&format!("{batches} kept in `{path}`: `--resume {path}` goes on from there{unless}"));
    Ok(())
}
