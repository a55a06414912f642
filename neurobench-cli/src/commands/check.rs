//! `neurobench check`.

use std::ops::Range;
use std::path::PathBuf;

use neurobench_core::bench::{BuildError, DEFAULT_BATCH_SIZE, RunError};
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::model::{Layer, Model, SequenceData, Tensor};
use neurobench_core::names::listed;
use neurobench_core::report::{Results, Status};
use neurobench_core::spec::{BenchmarkSpec, SpecError};
use neurobench_core::testing::predictions;

use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::print::{note, print};
use crate::result_files::{Overwrite, ResultFiles};
use crate::task::{Request, advice, outcome};
use crate::{CommandError, note_error};

/// Report everything that `neurobench run` would refuse.
///
/// Reads the file, the model and the headers of the data, constructs processors and metrics, checks that the results can be written,
/// and runs the first batch. Reports all problems together. If there are any, the exit code is that of a run: 1 if a metric or the
/// first batch fails, 2 for all other problems.
#[derive(clap::Args)]
struct CheckArguments {
    /// Benchmark file, or name of a task.
    file: PathBuf,
    /// Read the data from this folder or file.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Check this model file or checkpoint.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

subcommand!(CheckArguments);

impl Subcommand for CheckArguments {
    const NAME: &'static str = "check";
    const POSITION: u32 = 2;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench check benchmark.toml", "Check a benchmark file and the files that it names"),
        ("neurobench check benchmark.toml --model retrained.toml", "Check whether another model fits the file"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        let mut request = Request::read(&self.file)?;
        let mut problems = Problems::default();
        let facts = self.check(&mut request, &mut problems);
        let Some(worst) = problems.report() else {
            print(&facts)?;
            return Ok(Exit::Success);
        };
        Ok(worst)
    }
}

/// Problems with the outcome that a run would have.
#[derive(Default)]
struct Problems(Vec<(Exit, CommandError)>);

impl Problems {
    fn add(&mut self, exit: Exit, error: impl Into<CommandError>) {
        self.0.push((exit, error.into()));
    }

    /// Keeps the value of a result, or its error as a problem of the input.
    fn take<T>(&mut self, result: Result<T, impl Into<CommandError>>) -> Option<T> {
        result.map_err(|error| self.add(Exit::Input, error)).ok()
    }

    /// Prints all problems, and returns the outcome; `None` if there are none.
    fn report(&self) -> Option<Exit> {
        self.0.iter().for_each(|(_, problem)| note_error(&**problem));
        match self.0.len() {
            0 => return None,
            1 => note("1 problem"),
            several => note(&format!("{several} problems")),
        }
        Some(if self.0.iter().any(|(exit, _)| *exit == Exit::Input) { Exit::Input } else { Exit::Failed })
    }
}

impl CheckArguments {
    /// Collects the problems, and returns what was checked.
    fn check(&self, request: &mut Request, problems: &mut Problems) -> String {
        let is_complete = problems.take(request.check(self.data.is_some(), self.model.is_some())).is_some();
        if let Some(data) = &self.data {
            problems.take(request.set_data(data));
        }
        if let Some(model) = &self.model {
            problems.take(request.set_model(model));
        }
        let spec = &request.spec;
        // Without the files that a task needs, its model and data cannot be opened, which is one problem.
        let (model, data) = match is_complete && problems.0.is_empty() {
            true => (problems.take(spec.read_model()), problems.take(spec.open_data())),
            false => (None, None),
        };
        let facts = model.as_ref().map(|model| model_facts(spec, &**model));
        let (facts, reads) = match (model, data) {
            (Some(model), Some(data)) => run_first_batch(spec, model, data, problems)
                .map_or_else(|| (String::new(), Vec::new()), |(run, reads)| (facts.unwrap_or_default() + &run, reads)),
            (model, _) => {
                check_components(spec, model, problems);
                (String::new(), Vec::new())
            }
        };
        let reads: Vec<PathBuf> = reads.into_iter().chain(request.files()).collect();
        let overwrite = Overwrite { results: true, exports: false };
        match ResultFiles::reserve(&ResultFiles::default_path(&spec.name), &spec.name, &spec.exports, &reads, overwrite)
        {
            Ok(files) => {
                let files = listed(files.paths().map(|path| path.display().to_string()));
                format!("{}: nothing that a run would refuse\n{facts}  files to write: {files}\n", spec.name)
            }
            Err(errors) => {
                errors.into_iter().for_each(|error| problems.add(Exit::Input, error));
                String::new()
            }
        }
    }
}

fn model_facts(spec: &BenchmarkSpec, model: &dyn Model) -> String {
    let layers = model.layers();
    let parameters: u64 = layers.iter().map(Layer::parameter_count).sum();
    let file = spec.model.file.display();
    let digest = model.fingerprint().map_or_else(String::new, |digest| format!("  model digest: {digest}\n"));
    format!("  model: {file}, {} layers with {parameters} parameters\n{digest}", layers.len())
}

/// Checks processors and metrics although the model or the data cannot be read.
fn check_components(spec: &BenchmarkSpec, model: Option<Box<dyn Model>>, problems: &mut Problems) {
    let is_placeholder = model.is_none();
    let depends_on_model = |error: &BuildError| {
        matches!(error, BuildError::Hook { .. } | BuildError::NoLayer { .. } | BuildError::SamePath(_))
    };
    match spec.builder_for(model.unwrap_or_else(|| Box::new(predictions())), None) {
        Err(SpecError::Sequences) if is_placeholder => {}
        Err(error) => problems.add(Exit::Input, error),
        Ok(builder) => {
            let errors = builder.build().err().map(|errors| errors.0).unwrap_or_default();
            for error in errors.iter().filter(|error| !(is_placeholder && depends_on_model(error))) {
                problems.add(Exit::Input, advice(error));
            }
        }
    }
}

/// Builds the benchmark and runs its first batch. Returns what was checked, and the files that a run reads.
fn run_first_batch(
    spec: &BenchmarkSpec,
    model: Box<dyn Model>,
    data: Option<Box<dyn Dataset>>,
    problems: &mut Problems,
) -> Option<(String, Vec<PathBuf>)> {
    let mut uncached = spec.clone();
    if let Some(data) = &mut uncached.data
        && data.cache.take().is_some()
    {
        // A check writes no files. Whether the metrics can be computed from cached batches is checked without them.
        let without_data = spec.builder_for(Box::new(predictions()), None);
        if let Err(error @ SpecError::CachedInputs) = without_data {
            problems.add(Exit::Input, error);
        }
    }
    let samples = data.as_ref().map(Dataset::samples);
    let files = data.as_ref().map(Dataset::files).unwrap_or_default();
    let batch_size = spec.data.as_ref().and_then(|data| data.batch_size).unwrap_or(DEFAULT_BATCH_SIZE);
    let first = data.map(|data| -> Box<dyn Dataset> { Box::new(FirstBatch { data, batch_size }) });
    let builder = problems.take(uncached.builder_for(model, first))?;
    let benchmark = match builder.build() {
        Ok(benchmark) => benchmark,
        Err(errors) => {
            errors.0.iter().for_each(|error| problems.add(Exit::Input, advice(error)));
            return None;
        }
    };
    let reads: Vec<PathBuf> = benchmark.input_files().into_iter().chain(files).collect();
    let names = listed(benchmark.metric_names());
    let results = match benchmark.run() {
        Ok(report) => report.results(),
        Err(error) => {
            problems.add(outcome(&error), first_batch_problem(error));
            return Some((String::new(), reads));
        }
    };
    failed_metrics(&results, problems);
    let mut facts = String::new();
    if let Some(samples) = samples {
        facts += &format!("  data: {samples} samples; the first batch of {} was run\n", results.samples);
    }
    Some((facts + &format!("  metrics: {names}\n"), reads))
}

fn first_batch_problem(error: RunError) -> CommandError {
    match error {
        // A check resumes nothing: the completed batches do not matter.
        RunError::Batch { failure, .. } => format!("the first batch: {failure}").into(),
        error => error.into(),
    }
}

fn failed_metrics(results: &Results, problems: &mut Problems) {
    for metric in results.metrics.iter().filter(|metric| metric.status == Status::Failed) {
        let reason = metric.error.as_deref().unwrap_or_default();
        problems.add(Exit::Failed, format!("metric `{}`: {reason}", metric.name));
    }
}

/// The first batch of a data set, as a data set.
struct FirstBatch {
    data: Box<dyn Dataset>,
    batch_size: usize,
}

impl Dataset for FirstBatch {
    fn samples(&self) -> usize {
        // A batch of a model with state never extends into the next sequence.
        let first = self.data.sequences().first().copied().unwrap_or(0);
        self.data.samples().min(self.batch_size).min(first)
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        self.data.batch(range)
    }

    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> {
        self.data.training(sequence)
    }

    fn names(&self) -> (String, String) {
        self.data.names()
    }
}
