//! Arguments that several subcommands share, and the files of results that these ask for.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use neurobench_core::bench::Intervals;
use neurobench_core::component::{Params, Spec};
use neurobench_core::report::Results;
use neurobench_core::report::export::{Export, Exporter, to_json};
use neurobench_core::value::Value;

use crate::CommandError;
use crate::output::{Output, OutputError};

/// Number of workers.
#[derive(clap::Args)]
pub(crate) struct WorkArguments {
    /// Run batches on N workers; results are the same bits for any number [default: number of processors].
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
}

impl WorkArguments {
    /// Number of workers: by default one for each processor.
    pub(crate) fn workers(&self) -> usize {
        let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.workers.unwrap_or(processors).get()
    }
}

/// Files of results.
#[derive(clap::Args)]
pub(crate) struct OutputArguments {
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
}

impl OutputArguments {
    /// File of the results of a benchmark of this name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.results.json")))
    }

    /// The exports that are asked for.
    pub(crate) fn exports(&self) -> Result<Vec<Export>, CommandError> {
        let parse =
            |text: &String| text.parse::<Export>().map_err(|problem| format!("`--export {text}`: {problem}").into());
        self.exports.iter().map(parse).collect()
    }
}

/// Uncertainty of the values.
#[derive(clap::Args)]
pub(crate) struct UncertaintyArguments {
    /// Report a confidence interval for every float, optionally with keys of [intervals] of the benchmark file, as in
    /// '--intervals=level=0.9,replicates=5000'.
    #[arg(long, value_name = "SETTINGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    intervals: Option<String>,
    /// Keep per-sample values, and with --intervals the values on each resample, for `neurobench compare`.
    #[arg(long)]
    pub(crate) per_sample: bool,
}

impl UncertaintyArguments {
    /// Merges the intervals of the file with the settings of the command line, which take precedence.
    pub(crate) fn intervals(&self, file: Option<Intervals>) -> Result<Option<Intervals>, CommandError> {
        let Some(text) = self.intervals.as_deref() else { return Ok(file) };
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
}

/// Parses a number of workers.
fn workers(text: &str) -> Result<NonZeroUsize, String> {
    at_least_one(text, "a run takes at least one worker")
}

/// Parses a number of samples.
pub(crate) fn batch_size(text: &str) -> Result<NonZeroUsize, String> {
    at_least_one(text, "a batch has at least one sample")
}

fn at_least_one(text: &str, none: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    NonZeroUsize::new(number).ok_or_else(|| none.to_owned())
}

/// The files that a run writes: results as JSON, and exports.
pub(crate) struct Files {
    results: (PathBuf, Output),
    exports: Vec<(PathBuf, Box<dyn Exporter>, Output)>,
}

impl Files {
    /// Checks that every file can be written, and that none of them is read by the run or written twice.
    pub(crate) fn reserve(
        name: &str,
        exports: &[Export],
        reads: &[PathBuf],
        arguments: &OutputArguments,
    ) -> Result<Self, CommandError> {
        let path = arguments.path(name);
        // A default name always refers to the latest run.
        let replace = |chosen: bool| arguments.force || !chosen;
        let results = Output::reserve(&path, reads, replace(arguments.output.is_some()))?;
        let mut written = vec![results.path().to_owned()];
        let mut reserved = Vec::new();
        for export in exports {
            let exporter = export.construct()?.item;
            let default = || PathBuf::from(format!("{name}.results.{}", exporter.extension()));
            let path = export.file.clone().unwrap_or_else(default);
            let output = Output::reserve(&path, reads, replace(export.file.is_some()))?;
            if output.is_file() && written.iter().any(|other| other == output.path()) {
                return Err(format!("cannot write `{}` twice: give each export its own file", path.display()).into());
            }
            written.push(output.path().to_owned());
            reserved.push((path, exporter, output));
        }
        Ok(Self { results: (path, results), exports: reserved })
    }

    /// Writes all files and returns the lines that name them.
    pub(crate) fn write(self, results: &Results) -> Result<String, CommandError> {
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
