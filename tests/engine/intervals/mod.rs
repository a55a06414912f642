//! Intervals and values of single samples.

mod found;
mod reasons;
mod replicates;
mod splits;

use ndarray::{Array1, Array2};
use neurobench::bench::{BootstrapInterval, IntervalMethod, Intervals, ProportionInterval};
use neurobench::data::InMemory;
use neurobench::metrics::Mse;
use neurobench::prelude::*;
use neurobench::report::{Entry, IntervalKind, Report};

use super::identity;

/// The median of the absolute errors, which needs all of them.
#[accumulated_metric]
pub(crate) fn sizes_of_errors(predictions: Predictions<'_>, targets: Targets<'_>) -> Concat<f64> {
    Concat::from_values(predictions.iter().zip(targets.iter()).map(|(prediction, target)| (prediction - target).abs()))
}

/// Their median.
#[accumulated_metric(of = SizesOfErrors, unit = "units", higher_is_better = false)]
pub(crate) fn middle_absolute_error(errors: &Concat<f64>) -> Result<f64, MetricError> {
    let mut sorted: Vec<f64> = errors.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    neurobench::stats::quantile(&sorted, 0.5).ok_or_else(|| MetricError::undefined("the median of nothing"))
}

/// The share of the median absolute error in the root of the mean squared one.
#[accumulated_metric(of = (SizesOfErrors, Mse))]
pub(crate) fn error_shape(errors: &Concat<f64>, squared: &Mean) -> Result<f64, MetricError> {
    Ok(middle_absolute_error(errors)? / squared.finish()?.sqrt())
}

/// A mean over the targets of at least this, so that some samples have no weight.
#[accumulated_metric]
pub(crate) fn mean_above(targets: Targets<'_>, #[param(default = 0.0)] least: f64) -> Mean {
    Mean::from_values(targets.iter().copied().filter(|target| *target >= least))
}

/// A mean of squares, which says that it is not negative.
#[accumulated_metric(bounds = 0.0..)]
pub(crate) fn bounded_squares(targets: Targets<'_>) -> Mean {
    Mean::from_values(targets.iter().map(|target| target * target))
}

/// A mean in which samples weigh differently.
#[accumulated_metric]
pub(crate) fn uneven_mean(targets: Targets<'_>) -> Mean {
    let mut mean = Mean::default();
    for target in targets.iter() {
        mean.merge(Mean::weighted(*target, 1 + u64::from(*target > 0.0)));
    }
    mean
}

/// The first target of each batch: a value of batches, not of samples.
#[accumulated_metric]
pub(crate) fn first_of_batches(targets: Targets<'_>) -> Mean {
    Mean::from_values(targets.iter().copied().take(1))
}

/// A mean of batches.
#[workload_metric]
pub(crate) fn batch_mean(targets: Targets<'_>) -> f64 {
    targets.mean().unwrap_or(0.0)
}

/// Takes no single sample.
#[accumulated_metric]
pub(crate) fn takes_two(targets: Targets<'_>) -> Result<Mean, MetricError> {
    match targets.len() {
        0 | 1 => Err("it takes two samples".into()),
        _ => Ok(Mean::from_values(targets.iter().copied())),
    }
}

/// Takes no single sample, and is less polite.
#[accumulated_metric]
pub(crate) fn insists_on_two(targets: Targets<'_>) -> Mean {
    assert!(targets.len() > 1, "two, please");
    Mean::from_values(targets.iter().copied())
}

/// How many targets there are.
#[accumulated_metric]
pub(crate) fn how_many(samples: SampleCount) -> Count {
    Count(samples.0)
}

/// Smallest and mean target.
#[derive(Clone, Serialize, Deserialize, MetricValue)]
pub(crate) struct Extents {
    smallest: f64,
    mean: f64,
    count: u64,
}

/// Several numbers at once.
#[accumulated_metric(of = Mse)]
pub(crate) fn extent(squared: &Mean) -> Result<Extents, MetricError> {
    Ok(Extents { smallest: squared.finish()? - 1.0, mean: squared.finish()?, count: squared.weight() })
}

/// Numbers of no particular shape.
fn noise(samples: usize) -> Vec<f64> {
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..samples).map(|_| random() + random() - random() * random()).collect()
}

/// One prediction and one target a sample.
fn numbers(samples: usize) -> InMemory {
    let (predictions, targets) = (noise(samples), noise(2 * samples));
    InMemory::new(Array1::from(predictions), Array1::from(targets[samples..].to_vec())).unwrap()
}

/// Scores of three classes, right two times in three or so.
fn classes(samples: usize) -> InMemory {
    let noise = noise(3 * samples);
    let targets = Array1::from_shape_fn(samples, |sample| (sample % 3) as i64);
    let scores = Array2::from_shape_fn((samples, 3), |(sample, class)| {
        noise[3 * sample + class] + if class == sample % 3 { 0.5 } else { 0.0 }
    });
    InMemory::new(scores, targets).unwrap()
}

const QUICK: Intervals = Intervals {
    level: 0.95,
    method: IntervalMethod::Auto,
    proportion: ProportionInterval::Wilson,
    bootstrap: BootstrapInterval::Bca,
    replicates: 400,
    seed: 11,
};

fn benchmark<'m>(data: InMemory, metrics: &[&str], batch_size: usize, workers: usize) -> Benchmark<'m> {
    benchmark_with(data, metrics, batch_size, workers, QUICK)
}

fn benchmark_with<'m>(
    data: InMemory,
    metrics: &[&str],
    batch_size: usize,
    workers: usize,
    intervals: Intervals,
) -> Benchmark<'m> {
    let mut builder = Benchmark::builder().model(identity()).data(data).batch_size(batch_size).workers(workers);
    for metric in metrics {
        builder = builder.metric_named(metric);
    }
    builder.intervals(intervals).per_sample().build().unwrap()
}

fn entry<'r>(report: &'r Report, name: &str) -> &'r Entry {
    report.entries().iter().find(|entry| entry.name() == name).unwrap()
}

/// The only interval of a metric, and how it was made.
#[track_caller]
fn only(report: &Report, name: &str) -> (f64, f64, IntervalKind) {
    let entry = entry(report, name);
    assert_eq!(entry.no_interval(), None, "{name}");
    let [interval] = entry.intervals() else { panic!("{name} has {:?}", entry.intervals()) };
    assert!(interval.path.is_empty());
    (interval.low, interval.high, interval.kind)
}

fn metrics(report: &Report) -> String {
    serde_json::to_string(&report.results().metrics).unwrap()
}

const ALL: [&str; 8] = [
    "mse",
    "rmse",
    "middle_absolute_error",
    "error_shape",
    "mean_above(least=0.5)",
    "uneven_mean",
    "extent",
    "how_many",
];
