//! Arguments that several subcommands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use neurobench_core::bench::Intervals;
use neurobench_core::component::{Params, Spec};
use neurobench_core::report::export::Export;
use neurobench_core::value::Value;

use crate::CommandError;
use crate::result_files::{Overwrite, ResultFiles};

/// Number of workers.
#[derive(clap::Args)]
pub(crate) struct WorkArguments {
    /// Number of workers [default: all processors].
    ///
    /// Results are the same bits for any number.
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
    /// Write results to FILE.
    ///
    /// An existing file is overwritten only with --force or if it is empty. The default, NAME.results.json, is always overwritten.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite files of --output and --export.
    #[arg(long)]
    force: bool,
    /// Add a file in another format; repeatable.
    ///
    /// As in 'markdown(file=results.md)'. The default file is NAME.results.EXTENSION.
    #[arg(long = "export", value_name = "EXPORTER")]
    exports: Vec<String>,
}

impl OutputArguments {
    /// File of the results of a benchmark of this name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.output.clone().unwrap_or_else(|| ResultFiles::default_path(name))
    }

    /// Checks that the results and exports can be written.
    ///
    /// # Errors
    ///
    /// The first problem.
    pub(crate) fn reserve(
        &self,
        name: &str,
        exports: &[Export],
        reads: &[PathBuf],
    ) -> Result<ResultFiles, CommandError> {
        let overwrite = Overwrite { results: self.force || self.output.is_none(), exports: self.force };
        ResultFiles::reserve(&self.path(name), name, exports, reads, overwrite)
            .map_err(|mut errors| errors.swap_remove(0))
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
    /// Report confidence intervals.
    ///
    /// Optionally with keys of [intervals] of the benchmark file, as in '--intervals=level=0.9,replicates=5000'.
    #[arg(long, value_name = "SETTINGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    intervals: Option<String>,
    /// Keep values of samples for `compare`.
    ///
    /// With --intervals, also the values on each resample.
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
