//! `neurobench evaluate`.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::commands::{Subcommand, subcommand};
use crate::exit::{Exit, Failure};
use crate::format::FormatArguments;
use crate::interruption::Interruption;
use crate::progress::Progress;
use crate::provenance;
use crate::shared_arguments::{OutputArguments, UncertaintyArguments, WorkArguments, batch_size};
use crate::{CommandError, note_error};
use neurobench_core::bench::{BatchFailure, BatchRanges, Benchmark, RunError, evaluation, needs_no_model};
use neurobench_core::component::Spec;
use neurobench_core::data::Dataset as _;
use neurobench_core::metric::{MetricError, Registry};
use neurobench_core::model::Tensor;
use neurobench_core::names::{listed, shown};
use neurobench_core::report::Report;
use neurobench_core::report::export::NamedRun;
use neurobench_core::value::ValueError;
use neurobench_datasets::tables::{PredictionFiles, Predictions};

/// Number of rows in a batch, unless it is set.
const BATCH: usize = 1 << 14;
/// Number of rows that decide the metrics if none are requested.
const FIRST_ROWS: usize = 8192;
/// From this class on, integers are counts rather than classes.
const CLASSES: i64 = 1024;
/// Classes up to which a confusion matrix is printed by default.
const CONFUSION: i64 = 20;
/// Rows up to which exact ranking metrics are the default: their memory grows with the number of different scores.
const EXACT_RANKS: usize = 1_000_000;
/// Deviation from 1 that a sum of probabilities may have, as in `log_loss`.
const SUM: f64 = 3.5e-4;

/// Compute metrics from a table of predictions.
///
/// Predictions and targets are read from files, and no model runs. Files are .csv, .tsv, .jsonl, .npy, .npz or .parquet (with the feature `parquet`). A column is given by its name or its zero-based
/// index, an array of an .npz file by its name. Rows are streamed: memory does not grow with them.
#[derive(clap::Args)]
struct EvaluateArguments {
    /// File of the predictions.
    #[arg(long, value_name = "FILE")]
    predictions: PathBuf,
    /// File of the targets.
    ///
    /// It has as many rows, in the same or another format. By default, the targets are in the file of the predictions.
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// Column of the targets.
    ///
    /// Several for several outputs. The default is the only column of the file of the targets.
    #[arg(long = "target-column", value_name = "COLUMN", value_delimiter = ',')]
    target_columns: Vec<String>,
    /// Column of the predictions.
    ///
    /// Several for several outputs. The default is the only column that is not a target.
    #[arg(long = "prediction-column", value_name = "COLUMN", value_delimiter = ',', conflicts_with = "scores")]
    prediction_columns: Vec<String>,
    /// Columns of the scores of the classes.
    ///
    /// In the order of the classes; '*' for all columns that are not a target.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    scores: Vec<String>,
    /// Names of the classes, for columns of texts.
    ///
    /// In their order. The default is the names of the columns of --scores.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// Metrics, as 'mae,rmse'; repeatable.
    ///
    /// With settings as in 'accuracy,f1_score(average=macro)'. By default, the types of the columns decide, and a note lists the
    /// metrics.
    #[arg(long = "metrics", alias = "metric", value_name = "METRICS")]
    metrics: Vec<String>,
    /// Read the first line as a row of data.
    ///
    /// By default, the first line of a table of text has the names of the columns.
    #[arg(long)]
    no_header: bool,
    /// Character between cells [default: ','].
    ///
    /// One byte, or 'tab', which is the default of .tsv files.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Read every column of numbers as floats.
    ///
    /// By default, the first 8192 rows of a table of text decide whether a column holds integers.
    #[arg(long)]
    floats: bool,
    #[command(flatten)]
    work: WorkArguments,
    /// Samples in a batch [default: 16384].
    #[arg(long, value_name = "N", value_parser = batch_size)]
    batch_size: Option<NonZeroUsize>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    uncertainty: UncertaintyArguments,
    #[command(flatten)]
    format: FormatArguments,
}

subcommand!(EvaluateArguments);

impl Subcommand for EvaluateArguments {
    const NAME: &'static str = "evaluate";
    const POSITION: u32 = 2;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "neurobench evaluate --predictions table.csv --target-column label",
            "Evaluate predicted classes beside their targets in one table",
        ),
        (
            "neurobench evaluate --predictions p.csv --target-column label --scores '*'",
            "Evaluate the scores of two classes, whose names the targets are",
        ),
        (
            "neurobench evaluate --predictions out.npy --targets targets.npy --intervals",
            "Evaluate arrays, with confidence intervals",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        let data = self.files().open()?;
        let mut notes = described(&data);
        let metrics = self.requested()?;
        let metrics = match metrics.is_empty() {
            false => metrics,
            true => {
                let Defaults { metrics, reason } = defaults(&data)?;
                let names = listed(&metrics);
                notes.push(format!("metrics by default: {names}, because {reason}; --metrics sets others"));
                metrics.iter().map(|metric| Spec::parse(metric)).collect::<Result<_, _>>()?
            }
        };
        refuse_metrics_of_models(&metrics)?;
        let name = self.predictions.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let interruption = Interruption::watch().map_err(|error| format!("cannot handle signals: {error}"))?;
        let benchmark = self.benchmark(&data, &metrics, &interruption)?;
        // Checked before the work, which may take long: its results could not be written.
        let files = self.output.reserve(&name, &self.output.exports()?, &benchmark.input_files())?;
        // Before the work, during which a file may change.
        let mut origin = provenance::for_command(benchmark.input_files(), provenance::shown_path)?;
        let report = match benchmark.run() {
            Ok(report) => report,
            Err(error) => return ended(error, &interruption),
        };
        let mut results = report.results();
        results.notes.extend(notes);
        results.notes.extend(places(&report, &data));
        results.notes.extend(overflow(&report, &data)?);
        origin.seeds = provenance::seeds(None, &results);
        results.provenance = Some(origin);
        results.benchmark = Some(name.clone());
        // A failure to print must not prevent the file, or the reverse.
        let shown = self.format.print_runs(&[NamedRun { name: &name, results: &results }]);
        let written = files.write(&results).map_err(Failure::new)?;
        shown?;
        self.format.print_files(&written)?;
        Ok(Exit::success_if(report.is_complete()))
    }
}

impl EvaluateArguments {
    fn files(&self) -> PredictionFiles {
        let mut files = PredictionFiles::new(&self.predictions);
        files.targets.clone_from(&self.targets);
        files.target_columns.clone_from(&self.target_columns);
        files.prediction_columns.clone_from(&self.prediction_columns);
        files.scores.clone_from(&self.scores);
        files.classes.clone_from(&self.classes);
        files.header = !self.no_header;
        files.delimiter = self.delimiter;
        files.floats = self.floats;
        files.threads = self.work.workers();
        files
    }

    fn requested(&self) -> Result<Vec<Spec>, CommandError> {
        let mut all = Vec::new();
        for text in &self.metrics {
            all.extend(Spec::parse_list(text)?);
        }
        Ok(all)
    }

    fn benchmark<'d>(
        &self,
        data: &'d Predictions,
        metrics: &[Spec],
        interruption: &Interruption,
    ) -> Result<Benchmark<'d>, CommandError> {
        // Both digests are needed before the first batch. The data set keeps that of the targets, and reports its error again.
        let fingerprint = std::thread::scope(|scope| {
            scope.spawn(|| data.fingerprint());
            data.prediction_fingerprint()
        })?;
        let mut builder = evaluation(data, Some(fingerprint))
            .workers(self.work.workers())
            .batch_size(self.batch_size.map_or(BATCH, NonZeroUsize::get))
            .observe(Progress::new(false, BatchRanges::default()))
            .observe(interruption.clone());
        if let Some(intervals) = self.uncertainty.intervals(None)? {
            builder = builder.intervals(intervals);
        }
        if self.uncertainty.per_sample {
            builder = builder.per_sample();
        }
        let builder = metrics.iter().fold(builder, neurobench_core::bench::BenchmarkBuilder::metric_spec);
        Ok(builder.build()?)
    }
}

/// Parses a delimiter.
fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, [b'"' | b'\n' | b'\r']) => Err("a quote or a line break cannot separate cells".to_owned()),
        (_, [byte]) => Ok(*byte),
        _ => Err("expected one byte, or `tab`".to_owned()),
    }
}

/// Outcome of an evaluation that did not finish. Its batches are no concern of the user: files name their rows.
fn ended(error: RunError, interruption: &Interruption) -> Result<Exit, CommandError> {
    let error = match error {
        RunError::Batch { batch, failure, completed } => match *failure {
            BatchFailure::Data(error) => return Err(error.into()),
            failure => RunError::Batch { batch, failure: Box::new(failure), completed },
        },
        RunError::Data(error) => return Err(error.into()),
        error => error,
    };
    note_error(&error);
    Ok(interruption.exit().unwrap_or(Exit::Failed))
}

/// Refuses metrics that predictions and targets do not suffice for.
fn refuse_metrics_of_models(metrics: &[Spec]) -> Result<(), CommandError> {
    let registry = Registry::global();
    let mut refused = Vec::new();
    for metric in metrics {
        // The builder reports unknown names.
        let Ok(found) = registry.find(&metric.name) else { continue };
        if !needs_no_model(found)? {
            refused.push(format!("`{}`", shown(&metric.name)));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let mut possible = Vec::new();
    for metric in registry.iter().filter(|metric| !metric.is_variant()) {
        if needs_no_model(metric)? {
            possible.push(metric.name);
        }
    }
    let (noun, verb) = if refused.len() == 1 { ("metric", "needs") } else { ("metrics", "need") };
    let message = format!(
        "{noun} {} {verb} a model: use `neurobench run`; metrics of predictions and targets are {}",
        listed(refused),
        listed(possible)
    );
    Err(message.into())
}

/// Describes where predictions and targets come from.
fn described(data: &Predictions) -> Vec<String> {
    let (predictions, targets) = data.names();
    let mut notes = vec![format!("predictions: {predictions}"), format!("targets: {targets}")];
    if let Some(classes) = data.classes() {
        let classes = classes.iter().enumerate().map(|(class, name)| format!("{class} = {}", shown(name)));
        notes.push(format!("classes: {}", listed(classes)));
    }
    notes
}

/// Names the lines or rows, and the columns, of the samples on which metrics failed.
fn places(report: &Report, data: &Predictions) -> Vec<String> {
    let failed = report.entries().iter().filter_map(|entry| entry.value().err());
    let samples: BTreeSet<(u64, &str)> = failed.filter_map(failed_sample).collect();
    let (predictions, targets) = data.names();
    let place = |(sample, name): (u64, &str)| {
        let index = usize::try_from(sample).ok()?;
        let place = match name {
            name if name == targets => data.target_place(index, None),
            name if name == predictions => data.prediction_place(index, None),
            _ => data.place(index),
        };
        Some(format!("sample {sample} is {place}"))
    };
    samples.into_iter().filter_map(place).collect()
}

/// Names the first number whose square no float holds, if a value is not finite.
fn overflow(report: &Report, data: &Predictions) -> Result<Option<String>, CommandError> {
    type Place = fn(&Predictions, usize, Option<usize>) -> String;
    let errors = || report.entries().iter().filter_map(|entry| entry.value().err());
    if !errors().any(|error| matches!(error, MetricError::Value(ValueError::NotFinite { .. }))) {
        return Ok(None);
    }
    let rows = data.samples();
    for start in (0..rows).step_by(BATCH) {
        let (predictions, targets) = data.batch(start..rows.min(start + BATCH))?;
        let first_of = |tensor: &Tensor| {
            let numbers = tensor.to_f64();
            numbers.outer_iter().enumerate().find_map(|(at, row)| {
                let (column, number) = row.iter().enumerate().find(|(_, number)| !(**number * **number).is_finite())?;
                // A row that is one number, or a matrix, has no columns.
                Some((start + at, (row.ndim() == 1).then_some(column), *number))
            })
        };
        let first = match (first_of(&predictions), first_of(&targets)) {
            (Some(first), Some(other)) if other.0 < first.0 => Some((other, Predictions::target_place as Place)),
            (Some(first), _) => Some((first, Predictions::prediction_place as Place)),
            (None, other) => other.map(|other| (other, Predictions::target_place as Place)),
        };
        if let Some(((row, column, number), place)) = first {
            let place = place(data, row, column);
            return Ok(Some(format!(
                "sample {row} is {place}: the square of {number:e} is beyond the range of 64-bit floats"
            )));
        }
    }
    Ok(None)
}

/// Index of the sample on which a metric failed and name of its data, if the error names them.
fn failed_sample(error: &MetricError) -> Option<(u64, &str)> {
    match error {
        MetricError::Sample { sample, data: Some(name), .. } => Some((*sample, name)),
        MetricError::Batch { cause, .. } | MetricError::Core { cause, .. } => failed_sample(cause),
        _ => None,
    }
}

/// Metrics for data of a kind.
struct Defaults {
    metrics: Vec<&'static str>,
    /// Completes `because ..`.
    reason: String,
}

/// Chooses metrics by the shapes, the types and the first rows.
fn defaults(data: &Predictions) -> Result<Defaults, CommandError> {
    let rows = data.samples().min(FIRST_ROWS);
    let (predictions, targets) = data.batch(0..rows)?;
    let first = format!("in the first {rows} rows");
    let chosen = |metrics: &[&'static str], reason: String| Ok(Defaults { metrics: metrics.to_vec(), reason });
    let (shape, target_shape) = (predictions.shape(), targets.shape());
    let is_class = |number: f64| number.fract() == 0.0 && number.abs() < CLASSES as f64;
    let are_classes = |tensor: &Tensor| tensor.to_f64().iter().all(|number| is_class(*number));
    let numbers = predictions.to_f64();
    let are_probabilities = || numbers.iter().all(|number| (0.0..=1.0).contains(number));
    let has_binary_targets = || targets.to_f64().iter().all(|target| *target == 0.0 || *target == 1.0);
    match (shape, target_shape) {
        (&[_, classes @ 2..=usize::MAX], [_]) if are_classes(&targets) => {
            let mut metrics = vec!["accuracy", "balanced_accuracy", "f1_score(average=macro)"];
            let sums = numbers.outer_iter().map(|row| row.sum());
            let mut reason = format!("the targets are classes {first} and there are {classes} scores a row");
            if are_probabilities() && sums.into_iter().all(|sum| (sum - 1.0).abs() <= SUM) {
                metrics.push("log_loss");
                reason += ", which sum to 1";
            }
            let is_bounded = data.samples() > EXACT_RANKS;
            match is_bounded {
                false => metrics.push("auroc"),
                true if are_probabilities() => metrics.push("binned_auroc"),
                true => {}
            }
            if is_bounded {
                reason += &format!(" (auroc would take memory for each of more than {EXACT_RANKS} rows)");
            }
            Ok(Defaults { metrics, reason })
        }
        ([_], [_])
            if matches!(targets, Tensor::I64(_) | Tensor::U8(_))
                && matches!(predictions, Tensor::I64(_) | Tensor::U8(_))
                && are_classes(&targets)
                && are_classes(&predictions) =>
        {
            let mut metrics = vec!["accuracy", "balanced_accuracy", "f1_score(average=macro)"];
            let is_small = |tensor: &Tensor| tensor.to_f64().iter().all(|class| class.abs() < CONFUSION as f64);
            if is_small(&targets) && is_small(&predictions) {
                metrics.push("confusion");
            }
            Ok(Defaults {
                metrics,
                reason: format!("predictions and targets are integers below {CLASSES} {first}: classes"),
            })
        }
        ([_], [_]) if has_binary_targets() && are_probabilities() => {
            let ranking = if data.samples() > EXACT_RANKS { "binned_auroc" } else { "auroc" };
            chosen(
                &["accuracy(task=binary)", "log_loss", "brier_score", ranking],
                format!("the targets are 0 or 1 and the predictions between them {first}: probabilities of class 1"),
            )
        }
        (shape, target_shape) if shape == target_shape => chosen(
            &["mae", "rmse", "r2", "max_error"],
            "predictions and targets are numbers of the same shape".to_owned(),
        ),
        (shape, target_shape) => {
            let (shape, target_shape) = (row_shape(shape), row_shape(target_shape));
            let message = format!(
                "no metrics by default for predictions of shape {shape} and targets of shape {target_shape} in a row: give some \
                 with --metrics"
            );
            Err(message.into())
        }
    }
}

/// Shape of one row.
fn row_shape(shape: &[usize]) -> String {
    format!("{:?}", shape.get(1..).unwrap_or_default())
}
