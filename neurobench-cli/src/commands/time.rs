//! `neurobench time`: arguments, models and data. The measurement itself is [`neurobench_timing`].

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use neurobench_core::component::Params;
use neurobench_core::data::{Dataset, construct_data};
use neurobench_core::files::FileKind;
use neurobench_core::model::Model;
use neurobench_core::report::export::{NamedRun, to_json};
use neurobench_core::report::{MeasuredRun, Measurements, Results};
use neurobench_core::spec::BenchmarkSpec;
use neurobench_core::value::Value;
use neurobench_timing::energy::Powercap;
use neurobench_timing::{
    EnergySource, Environment, LoadGenerator, Measurement, Pipeline, Scenario, SystemClock, TimingError, describe_host,
};

use crate::commands::{Subcommand, subcommand};
use crate::exit::{Exit, Failure};
use crate::format::FormatArguments;
use crate::interruption::Interruption;
use crate::model_file::{FileFormat, construct};
use crate::output::{Output, OutputError};
use crate::print::note;
use crate::task::Request;
use crate::{CommandError, measured, note_error, provenance};

/// Measure latency, throughput and energy of models.
///
/// Queries arrive by the scenarios of MLPerf LoadGen; memory and cost are reported, too. A measurement is VALID only if every repeat reaches the minimum duration and the minimum number of queries.
/// Lists such as `--batch-size 1,16` give one row for each combination.
#[derive(clap::Args)]
struct TimeArguments {
    /// Model files, benchmark files or names of tasks.
    #[arg(required = true)]
    models: Vec<PathBuf>,
    /// Read the data from this folder or file.
    ///
    /// For a model file, an array of inputs, or a benchmark file with data and processors.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Measure this model file or checkpoint.
    ///
    /// The network of the benchmark then has the weights of the checkpoint.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Price of an hour, for the cost.
    ///
    /// The cost of a million inferences is computed from it.
    #[arg(long, value_name = "PRICE", value_parser = positive)]
    price: Option<f64>,
    /// Write results to FILE.
    ///
    /// An existing file is overwritten only with --force or if it is empty. The default, NAME.time.json, is always overwritten.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file of --output.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: FormatArguments,
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    energy: EnergyArguments,
}

/// Pattern of the queries, and the sweeps.
#[derive(clap::Args)]
#[command(next_help_heading = "Load")]
struct LoadArguments {
    /// Scenarios [default: single-stream].
    ///
    /// single-stream, multi-stream, offline or server; several give one row for each.
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "single-stream",
        hide_default_value = true,
        hide_possible_values = true
    )]
    scenario: Vec<ScenarioName>,
    /// Samples in a query of multi-stream.
    #[arg(long, value_name = "N", default_value = "8", value_parser = whole::<usize>)]
    samples_per_query: usize,
    /// Mean queries per second of server.
    #[arg(long, value_name = "RATE", value_parser = positive)]
    rate: Option<f64>,
    /// Maximum samples in a forward pass.
    ///
    /// The default is 1, for multi-stream all samples of a query, for offline 64.
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = whole::<usize>)]
    batch_size: Vec<usize>,
    /// Workers on each copy of the model.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "1", value_parser = whole::<usize>)]
    workers: Vec<usize>,
    /// Copies of the model.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "1", value_parser = whole::<usize>)]
    copies: Vec<usize>,
    /// Samples to load [default: 1024].
    ///
    /// They are loaded before the clock starts.
    #[arg(long, value_name = "N", default_value = "1024", hide_default_value = true, value_parser = whole::<usize>)]
    samples: usize,
    /// Seed of order and arrivals.
    ///
    /// Order of the samples, and arrivals of queries in the server scenario.
    #[arg(long, value_name = "SEED", default_value = "0")]
    seed: u64,
}

/// Limits of a measurement.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
struct LimitArguments {
    /// Number of repeats.
    #[arg(long, value_name = "N", default_value = "3", value_parser = whole::<usize>)]
    repeats: usize,
    /// Warm-up before each repeat.
    ///
    /// It is not counted.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    warmup: Duration,
    /// Minimum duration of a repeat.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    min_duration: Duration,
    /// Minimum queries in a repeat.
    ///
    /// The default is 100, for multi-stream and server 662; offline has one query.
    #[arg(long, value_name = "N")]
    min_queries: Option<u64>,
    /// Minimum samples in a repeat.
    ///
    /// The default is 0, for offline 24576.
    #[arg(long, value_name = "N")]
    min_samples: Option<u64>,
    /// Duration after which no query is issued.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    max_duration: Option<Duration>,
    /// Maximum queries in a repeat.
    ///
    /// The offline scenario has one in any case.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    max_queries: Option<u64>,
    /// Maximum latency at the percentile.
    ///
    /// A measurement is valid only if p90 (single-stream) or p99 (multi-stream, server) of the latency is at most this.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    latency_bound: Option<f64>,
}

/// Meters of energy.
#[derive(clap::Args)]
#[command(next_help_heading = "Energy")]
struct EnergyArguments {
    /// Measure energy with counters (RAPL).
    ///
    /// The counters of the system, through Linux powercap.
    #[arg(long, conflicts_with = "meter")]
    energy: bool,
    /// Folder of the counters.
    ///
    /// The default is that of Linux, /sys/class/powercap.
    #[arg(long, value_name = "DIR", default_value = Powercap::ROOT, hide_default_value = true, requires = "energy")]
    powercap: PathBuf,
    /// Log of a power meter, as CSV.
    ///
    /// Its columns are seconds (Unix time) and watts.
    #[arg(long, value_name = "FILE")]
    meter: Option<PathBuf>,
    /// Duration of the idle measurement.
    ///
    /// The idle level is measured before each row, and subtracted.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    idle: Duration,
}

/// Name of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ScenarioName {
    SingleStream,
    MultiStream,
    Offline,
    Server,
}

subcommand!(TimeArguments);

impl Subcommand for TimeArguments {
    const NAME: &'static str = "time";
    const POSITION: u32 = 3;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench time benchmark.toml", "Measure the model of a benchmark file, one sample at a time"),
        (
            "neurobench time network.toml --data inputs.npy --scenario offline",
            "Measure the throughput of a network file",
        ),
        (
            "neurobench time benchmark.toml --scenario server --rate 200",
            "Measure the latency of queries that arrive at random, 200 in a second",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        time(self)
    }
}

/// Parses a number above zero.
fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    if number.is_finite() && number > 0.0 { Ok(number) } else { Err("must be above 0".to_owned()) }
}

/// Parses a whole number of at least 1.
fn whole<N: FromStr<Err: Display> + PartialEq + Default>(text: &str) -> Result<N, String> {
    let number: N = text.parse().map_err(|error: N::Err| error.to_string())?;
    if number == N::default() { Err("must be at least 1".to_owned()) } else { Ok(number) }
}

/// Parses a duration in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// A model to measure, with its data.
struct Subject {
    name: String,
    source: Source,
    /// First copy of the model.
    model: Box<dyn Model>,
    data: Box<dyn Dataset>,
}

/// Source of a model and of its processors.
enum Source {
    /// A benchmark file or a task.
    Benchmark(Box<Request>),
    /// A model file, with the processors of a benchmark file.
    File { file: PathBuf, data: Option<Box<BenchmarkSpec>> },
}

impl Subject {
    fn read(path: &Path, arguments: &TimeArguments) -> Result<Self, CommandError> {
        let is_task = !path.exists() && path.components().count() == 1 && path.extension().is_none();
        if is_task || FileKind::detect(path) == Some(FileKind::Benchmark) {
            return Self::from_benchmark(path, arguments);
        }
        if arguments.model.is_some() {
            return Err(
                format!("`--model` is for benchmark files and tasks; `{}` is a model file", path.display()).into()
            );
        }
        let Some(from) = &arguments.data else {
            return Err(format!(
                "`{}` needs data: add `--data FILE` with an array of inputs, or with a benchmark file",
                path.display()
            )
            .into());
        };
        let spec = match FileKind::detect(from) {
            Some(FileKind::Benchmark) => Some(BenchmarkSpec::read(from)?),
            _ => None,
        };
        let data = match &spec {
            Some(spec) => data_of(spec)?,
            None => inputs(from)?,
        };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let model = read_model_file(path)?;
        Ok(Self { name, source: Source::File { file: path.to_owned(), data: spec.map(Box::new) }, model, data })
    }

    fn from_benchmark(path: &Path, arguments: &TimeArguments) -> Result<Self, CommandError> {
        let mut request = Request::read(path)?;
        request.check(arguments.data.is_some(), arguments.model.is_some())?;
        if let Some(data) = &arguments.data {
            request.set_data(data)?;
        }
        if let Some(model) = &arguments.model {
            request.set_model(model)?;
        }
        let (model, data) = (request.spec.read_model()?, data_of(&request.spec)?);
        Ok(Self { name: request.spec.name.clone(), source: Source::Benchmark(Box::new(request)), model, data })
    }

    /// The pipeline with a number of copies of the model.
    fn pipeline(&self, copies: usize) -> Result<Pipeline<'_>, CommandError> {
        let mut pipeline = Pipeline::new(&*self.model);
        for _ in 1..copies {
            pipeline = pipeline.add_copy(match &self.source {
                Source::Benchmark(request) => request.spec.read_model()?,
                Source::File { file, .. } => read_model_file(file)?,
            });
        }
        if let Some(spec) = self.spec() {
            let processors = spec.processors()?;
            for processor in processors.preprocessors {
                pipeline = pipeline.preprocess_as(&processor.identity, processor.item);
            }
            for processor in processors.postprocessors {
                pipeline = pipeline.postprocess_as(&processor.identity, processor.item);
            }
        }
        Ok(pipeline)
    }

    fn spec(&self) -> Option<&BenchmarkSpec> {
        match &self.source {
            Source::Benchmark(request) => Some(&request.spec),
            Source::File { data, .. } => data.as_deref(),
        }
    }

    /// Files that are read.
    fn files(&self) -> Vec<PathBuf> {
        let own = match &self.source {
            Source::Benchmark(request) => request.files(),
            Source::File { file, .. } => vec![file.clone()],
        };
        let spec = self.spec().map(|spec| spec.file.clone());
        self.model.files().into_iter().chain(self.data.files()).chain(own).chain(spec).collect()
    }
}

fn read_model_file(file: &Path) -> Result<Box<dyn Model>, CommandError> {
    match FileFormat::from_extension(file)? {
        FileFormat::Model(entry) => {
            construct(entry, Params::new())?.read(file).map_err(|error| -> CommandError { error })
        }
        FileFormat::Pytorch | FileFormat::Safetensors => Err(format!(
            "`{}` contains tensors without a network: name a network file, or a task with `--model {}`",
            file.display(),
            file.display()
        )
        .into()),
    }
}

fn data_of(spec: &BenchmarkSpec) -> Result<Box<dyn Dataset>, CommandError> {
    spec.open_data()?.ok_or_else(|| {
        format!("`{}` has no `[data]`: a model without data cannot be measured", spec.file.display()).into()
    })
}

/// An array of inputs as a data set. Targets do not matter to times, so the inputs take their place.
fn inputs(file: &Path) -> Result<Box<dyn Dataset>, CommandError> {
    let text = file.to_str().ok_or_else(|| format!("`{}` is not UTF-8", file.display()))?;
    let table = ["inputs", "targets"].map(|key| (key.to_owned(), Value::Text(text.to_owned()))).into();
    Ok(construct_data(table, Path::new(""))?.item)
}

impl TimeArguments {
    /// The measurements of a model, in the order of the rows, with the number of copies of each.
    fn measurements(&self, subject: &Subject) -> Result<Vec<(Measurement, usize)>, CommandError> {
        let mut measurements = Vec::new();
        for name in &self.load.scenario {
            let scenario = self.scenario(*name)?;
            let plain = self.generator(scenario);
            let batch_sizes =
                if self.load.batch_size.is_empty() { vec![plain.batch_size] } else { self.load.batch_size.clone() };
            for batch_size in batch_sizes {
                for workers in &self.load.workers {
                    for copies in &self.load.copies {
                        let generator = LoadGenerator { batch_size, workers: *workers, ..plain.clone() };
                        let measurement = self.measurement(&subject.name, generator)?;
                        measurement.check(*copies, subject.model.carries_state())?;
                        measurements.push((measurement, *copies));
                    }
                }
            }
        }
        Ok(measurements)
    }

    fn scenario(&self, name: ScenarioName) -> Result<Scenario, CommandError> {
        Ok(match name {
            ScenarioName::SingleStream => Scenario::SingleStream,
            ScenarioName::MultiStream => Scenario::MultiStream { samples_per_query: self.load.samples_per_query },
            ScenarioName::Offline => Scenario::Offline,
            ScenarioName::Server => Scenario::Server {
                rate: self
                    .load
                    .rate
                    .ok_or("the server scenario needs `--rate`, the mean number of queries per second")?,
            },
        })
    }

    fn generator(&self, scenario: Scenario) -> LoadGenerator {
        let LimitArguments { warmup, min_duration, max_duration, max_queries, .. } = self.limits;
        let plain = LoadGenerator::new(scenario);
        let min_queries = match scenario {
            Scenario::Offline => plain.min_queries,
            _ => self.limits.min_queries.unwrap_or(plain.min_queries),
        };
        let min_samples = self.limits.min_samples.unwrap_or(plain.min_samples);
        let (load, seed) = (self.load.samples, self.load.seed);
        LoadGenerator { warmup, min_duration, min_queries, min_samples, max_duration, max_queries, load, seed, ..plain }
    }

    fn measurement(&self, name: &str, generator: LoadGenerator) -> Result<Measurement, CommandError> {
        let EnergyArguments { energy, ref powercap, ref meter, idle } = self.energy;
        let source = match (energy, meter) {
            (true, _) => Some(EnergySource::Powercap(Powercap::open(powercap)?)),
            (false, Some(file)) => Some(EnergySource::Meter(file.clone())),
            (false, None) => None,
        };
        Ok(Measurement {
            repeats: self.limits.repeats,
            price_per_hour: self.price,
            latency_bound: self.limits.latency_bound,
            energy: source,
            idle,
            ..Measurement::new(name, generator)
        })
    }
}

fn time(arguments: &TimeArguments) -> Result<Exit, CommandError> {
    let subjects: Vec<Subject> =
        arguments.models.iter().map(|path| Subject::read(path, arguments)).collect::<Result<_, _>>()?;
    // Checked before the first measurement, which may take hours: another could fail.
    let rows: Vec<(&Subject, Vec<(Measurement, usize)>)> = subjects
        .iter()
        .map(|subject| Ok((subject, arguments.measurements(subject)?)))
        .collect::<Result<_, CommandError>>()?;
    let name = subjects.first().map_or("", |subject| file_name(&subject.name));
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.time.json")));
    let reads: Vec<PathBuf> =
        subjects.iter().flat_map(Subject::files).chain(arguments.energy.meter.iter().cloned()).collect();
    let output = Output::reserve(&path, &reads, arguments.force || arguments.output.is_none())?;
    let interruption = Interruption::watch().map_err(|error| format!("cannot handle signals: {error}"))?;
    // Before the measurements, during which a file may change. The log of a meter grows: a digest of it would be wrong.
    let files = subjects.iter().flat_map(Subject::files);
    let mut origin = provenance::for_command(files, |path| shown_path(&subjects, path))?;
    let mut runs = Vec::new();
    let failure = measure_all(&rows, &interruption, &mut runs).err();
    if let Some(error) = &failure {
        note_error(&**error);
    }
    let failure = failure.map(|error| failed(&*error));
    if runs.is_empty() {
        return Ok(interruption.exit().or(failure).unwrap_or(Exit::Failed));
    }
    let code = outcome(&runs, failure, &interruption);
    let mut results = results(runs, &subjects)?;
    if let [only] = &subjects[..] {
        origin.seeds = provenance::seeds(only.spec(), &results);
    }
    origin.seeds.insert("time.seed".to_owned(), arguments.load.seed);
    results.provenance = Some(origin);
    // A failure to print must not prevent the file, or the reverse.
    let shown = arguments.format.print_runs(&[NamedRun { name, results: &results }]);
    let overwritten = if output.replaces() { " (overwritten)" } else { "" };
    let json = to_json(&results).map_err(|error| OutputError::new(&path, error.into()))?;
    output.write(&json).map_err(Failure::new)?;
    shown?;
    arguments.format.print_files(&format!("results: {}{overwritten}\n", path.display()))?;
    Ok(code)
}

/// Returns a path as results show it: files of a task by the name of the task.
fn shown_path(subjects: &[Subject], path: &Path) -> String {
    let plain = provenance::shown_path(path);
    let shown = |subject: &Subject| match &subject.source {
        Source::Benchmark(request) => Some(request.shown_path(path)).filter(|shown| *shown != plain),
        Source::File { .. } => None,
    };
    subjects.iter().find_map(shown).unwrap_or(plain)
}

/// Name of a model as the name of a file: without its extension.
fn file_name(name: &str) -> &str {
    Path::new(name).file_stem().and_then(|stem| stem.to_str()).filter(|_| name.contains('.')).unwrap_or(name)
}

/// Measures row by row. The rows that are complete remain if a later one fails.
fn measure_all(
    rows: &[(&Subject, Vec<(Measurement, usize)>)],
    interruption: &Interruption,
    runs: &mut Vec<MeasuredRun>,
) -> Result<(), CommandError> {
    let (clock, interrupted) = (SystemClock::new(), || interruption.exit().is_some());
    let environment = Environment { clock: &clock, interrupted: &interrupted };
    let total: usize = rows.iter().map(|(_, measurements)| measurements.len()).sum();
    for (subject, measurements) in rows {
        for (measurement, copies) in measurements {
            if std::io::stderr().is_terminal() {
                let number = runs.len() + 1;
                note(&format!("measuring {} ({number} of {total}): {}", subject.name, measured::setting(measurement)));
            }
            let pipeline = subject.pipeline(*copies)?;
            let samples = measurement.generator.load_samples(&pipeline, &*subject.data)?;
            match measurement.run(&pipeline, &samples, &environment) {
                Ok(run) => runs.push(run),
                Err(TimingError::Interrupted) => {
                    return Err(format!("interrupted: {} of {total} rows were measured", runs.len()).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Outcome of a measurement that failed: settings and data that cannot be used are input.
fn failed(error: &(dyn std::error::Error + 'static)) -> Exit {
    match error.downcast_ref() {
        Some(TimingError::Settings(_) | TimingError::Data(_) | TimingError::NoQuery) => Exit::Input,
        _ => Exit::Failed,
    }
}

fn outcome(runs: &[MeasuredRun], failure: Option<Exit>, interruption: &Interruption) -> Exit {
    match interruption.exit().or(failure) {
        Some(exit) => exit,
        None if runs.iter().any(|run| run.no_energy.is_some()) => Exit::Failed,
        None if runs.iter().any(|run| !run.valid) => Exit::NotValid,
        None => Exit::Success,
    }
}

/// Results of the measurements. They have the digest of the data only if all models were measured on the same data.
fn results(runs: Vec<MeasuredRun>, subjects: &[Subject]) -> Result<Results, CommandError> {
    let mut digests = subjects
        .iter()
        .map(|subject| Ok::<_, CommandError>((subject.data.fingerprint()?, subject.data.samples() as u64)));
    let (mut digest, samples) = digests.next().transpose()?.unwrap_or_default();
    for other in digests {
        if other?.0 != digest {
            digest = None;
        }
    }
    let measurements = Measurements { host: describe_host(), runs };
    let mut results = Results::from_measurements(measurements, digest, samples);
    if let [only] = subjects {
        results.benchmark = only.spec().map(|spec| spec.name.clone());
    }
    Ok(results)
}
