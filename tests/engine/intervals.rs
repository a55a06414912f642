//! Intervals and values of single samples: however a run is split, the same bits.

use ndarray::{Array1, Array2};
use neurobench::bench::{BatchRanges, BootstrapInterval, IntervalMethod, Intervals, ProportionInterval, Snapshot};
use neurobench::data::{Dataset, InMemory};
use neurobench::metrics::{ClassificationAccuracy, Mse, Rmse};
use neurobench::model::{ModelError, Probe, Session};
use neurobench::prelude::*;
use neurobench::report::{Entry, IntervalKind, Report};
use neurobench::stats::intervals::{clopper_pearson, mean, wilson};

use super::merging::Everything;
use super::{digits, identity};

/// The median of the absolute errors, which needs all of them.
#[accumulated_metric]
pub(crate) fn absolute_errors(predictions: Predictions<'_>, targets: Targets<'_>) -> Concat<f64> {
    Concat::of(predictions.iter().zip(targets.iter()).map(|(prediction, target)| (prediction - target).abs()))
}

/// Their median.
#[accumulated_metric(of = AbsoluteErrors, unit = "units", higher_is_better = false)]
pub(crate) fn median_absolute_error(errors: &Concat<f64>) -> Result<f64, MetricError> {
    let mut sorted: Vec<f64> = errors.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    neurobench::stats::quantile(&sorted, 0.5).ok_or_else(|| MetricError::undefined("the median of nothing"))
}

/// The share of the median absolute error in the root of the mean squared one.
#[accumulated_metric(of = (AbsoluteErrors, Mse))]
pub(crate) fn error_shape(errors: &Concat<f64>, squared: &Mean) -> Result<f64, MetricError> {
    Ok(median_absolute_error(errors)? / squared.finish()?.sqrt())
}

/// A mean over the targets of at least this, so that some samples have no weight.
#[accumulated_metric]
pub(crate) fn mean_above(targets: Targets<'_>, #[param(default = 0.0)] least: f64) -> Mean {
    Mean::of(targets.iter().copied().filter(|target| *target >= least))
}

/// A mean of squares, which says that it is not negative.
#[accumulated_metric(bounds = 0.0..)]
pub(crate) fn bounded_squares(targets: Targets<'_>) -> Mean {
    Mean::of(targets.iter().map(|target| target * target))
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
    Mean::of(targets.iter().copied().take(1))
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
        _ => Ok(Mean::of(targets.iter().copied())),
    }
}

/// Takes no single sample, and is less polite.
#[accumulated_metric]
pub(crate) fn insists_on_two(targets: Targets<'_>) -> Mean {
    assert!(targets.len() > 1, "two, please");
    Mean::of(targets.iter().copied())
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
    asked(data, metrics, batch_size, workers, QUICK)
}

fn asked<'m>(data: InMemory, metrics: &[&str], batch_size: usize, workers: usize, of: Intervals) -> Benchmark<'m> {
    let mut builder = Benchmark::builder().model(identity()).data(data).batch_size(batch_size).workers(workers);
    for metric in metrics {
        builder = builder.metric_named(metric);
    }
    builder.intervals(of).per_sample().build().unwrap()
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
    "median_absolute_error",
    "error_shape",
    "mean_above(least=0.5)",
    "uneven_mean",
    "extent",
    "how_many",
];

#[test]
fn proportions_and_means_have_intervals_in_closed_form() {
    let report = benchmark(classes(100), &["classification_accuracy"], 7, 2).run().unwrap();
    let hits = (report["classification_accuracy"].as_f64().unwrap() * 100.0).round() as u64;
    let expected = wilson(hits, 100, 0.95).unwrap();
    let found = only(&report, "classification_accuracy");
    assert_eq!(found, (expected.low, expected.high, IntervalKind::Wilson));
    let values = entry(&report, "classification_accuracy").samples().unwrap();
    assert_eq!(values.samples, (0..100).collect::<Vec<_>>());
    assert_eq!(values.values.iter().filter(|value| **value == 1.0).count() as u64, hits);
    assert!(values.values.iter().all(|value| *value == 0.0 || *value == 1.0));

    let exact = Intervals { proportion: ProportionInterval::ClopperPearson, level: 0.9, ..QUICK };
    let report = asked(classes(100), &["classification_accuracy"], 7, 2, exact).run().unwrap();
    let expected = clopper_pearson(hits, 100, 0.9).unwrap();
    let found = only(&report, "classification_accuracy");
    assert_eq!(found, (expected.low, expected.high, IntervalKind::ClopperPearson));

    let report = benchmark(numbers(80), &["mse", "mean_above(least=0.5)"], 7, 2).run().unwrap();
    let (predictions, targets) = (noise(80), noise(160)[80..].to_vec());
    let squared: Vec<f64> = predictions.iter().zip(&targets).map(|(p, t)| (p - t) * (p - t)).collect();
    let expected = mean(&squared, 0.95).unwrap();
    assert_eq!(only(&report, "mse"), (expected.low, expected.high, IntervalKind::StudentT));
    assert_eq!(entry(&report, "mse").samples().unwrap().values, squared);
    // Samples without a weight take no part.
    let above: Vec<f64> = targets.iter().copied().filter(|target| *target >= 0.5).collect();
    let expected = mean(&above, 0.95).unwrap();
    assert_eq!(only(&report, "mean_above(least=0.5)"), (expected.low, expected.high, IntervalKind::StudentT));
    let values = entry(&report, "mean_above(least=0.5)").samples().unwrap();
    assert_eq!(values.values, above);
    assert!(values.samples.iter().all(|sample| targets[*sample as usize] >= 0.5));
}

#[test]
fn what_has_no_closed_form_has_a_bootstrap() {
    let report = benchmark(numbers(300), &ALL, 16, 2).run().unwrap();
    let (low, high, kind) = only(&report, "rmse");
    assert_eq!(kind, IntervalKind::Bca);
    // The root of Student's interval of the mean square is nearly the same, at 300 samples.
    let (square_low, square_high, _) = only(&report, "mse");
    let width = high - low;
    assert!((low - square_low.sqrt()).abs() < 0.15 * width, "{low} for {}", square_low.sqrt());
    assert!((high - square_high.sqrt()).abs() < 0.15 * width, "{high} for {}", square_high.sqrt());
    // That of the median is near the order statistics 150 ± 17.
    let (low, high, _) = only(&report, "median_absolute_error");
    let mut errors = entry(&report, "median_absolute_error").samples().unwrap().values.clone();
    errors.sort_by(f64::total_cmp);
    assert!(errors[120] < low && low < errors[149] && errors[150] < high && high < errors[180]);
    let extent = entry(&report, "extent");
    let paths: Vec<_> = extent.intervals().iter().map(|interval| interval.path.join(".")).collect();
    assert_eq!(paths, ["smallest", "mean"]);
    assert!((extent.intervals()[0].low - (extent.intervals()[1].low - 1.0)).abs() < 1e-12);

    let forced = Intervals { method: IntervalMethod::Bootstrap, bootstrap: BootstrapInterval::Percentile, ..QUICK };
    let report = asked(numbers(300), &["mse", "uneven_mean"], 16, 2, forced).run().unwrap();
    let (low, high, kind) = only(&report, "mse");
    assert_eq!(kind, IntervalKind::Percentile);
    let width = square_high - square_low;
    assert!((low - square_low).abs() < 0.15 * width && (high - square_high).abs() < 0.15 * width);
    assert_eq!(only(&report, "uneven_mean").2, IntervalKind::Percentile);
}

#[test]
fn bits_depend_neither_on_workers_nor_on_batches() {
    let expected = metrics(&benchmark(numbers(60), &ALL, 60, 1).run().unwrap());
    assert!(expected.contains("\"kind\":\"bca\"") && expected.contains("\"kind\":\"student_t\""));
    for (batch_size, workers) in [(1, 1), (1, 4), (7, 3), (13, 1), (60, 2)] {
        assert_eq!(metrics(&benchmark(numbers(60), &ALL, batch_size, workers).run().unwrap()), expected);
    }
    let stream = (0..6).map(|batch| {
        let (inputs, targets) = numbers(60).batch(batch * 10..batch * 10 + 10).unwrap();
        Ok(neurobench::bench::Batch { inputs, targets })
    });
    assert_eq!(metrics(&benchmark(numbers(60), &ALL, 4, 3).run_stream(stream).unwrap()), expected);
    let other = asked(numbers(60), &ALL, 60, 1, Intervals { seed: 12, ..QUICK });
    assert_ne!(metrics(&other.run().unwrap()), expected);
}

fn through_json(snapshot: &Snapshot) -> Snapshot {
    serde_json::from_str(&serde_json::to_string(snapshot).unwrap()).unwrap()
}

#[test]
fn shards_and_resumed_runs_are_the_whole() {
    let benchmark = benchmark(numbers(60), &ALL, 7, 2);
    let whole = metrics(&benchmark.run().unwrap());
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let merged = through_json(&benchmark.merge(&[shard(6..9), shard(0..2), shard(2..6)]).unwrap());
    assert_eq!(metrics(&benchmark.report_snapshot(&merged).unwrap()), whole);
    assert_eq!(metrics(&benchmark.resume(&shard(3..5)).unwrap()), whole);
}

#[test]
fn a_snapshot_that_kept_nothing_or_other_draws_is_refused() {
    let plain = Benchmark::builder().model(identity()).data(numbers(20)).batch_size(7).metric(Mse).build().unwrap();
    let wanted = benchmark(numbers(20), &["mse"], 7, 1);
    let of = |benchmark: &Benchmark<'_>| benchmark.run_batches(&BatchRanges::from(0..1)).unwrap();
    let error = wanted.resume(&of(&plain)).unwrap_err().to_string();
    assert_eq!(error, "the snapshot has the states of single samples not kept, this benchmark has kept");
    let other = asked(numbers(20), &["mse"], 7, 1, Intervals { seed: 3, ..QUICK });
    let error = wanted.resume(&of(&other)).unwrap_err().to_string();
    assert_eq!(error, "the snapshot has the replicates 400 with the seed 3, this benchmark has 400 with the seed 11");
    // Whoever asks for less reads it.
    assert_eq!(
        *plain.resume(&of(&wanted)).unwrap().get::<Mse>().unwrap(),
        *wanted.run().unwrap().get::<Mse>().unwrap()
    );
    // A metric of a core that was kept is read afterwards, with its interval.
    let snapshot = of(&benchmark(numbers(20), &["mse", "rmse"], 7, 1));
    let report = benchmark(numbers(20), &["extent"], 7, 1).report_snapshot(&snapshot).unwrap();
    assert_eq!(entry(&report, "extent").intervals().len(), 2);
    // Replicates of a mean are not kept, unless all samples are.
    let lean = |metric: &str| {
        let builder = Benchmark::builder().model(identity()).data(numbers(20)).batch_size(7);
        builder.metric_named(metric).intervals(QUICK).build().unwrap()
    };
    let report = lean("rmse").report_snapshot(&of(&lean("mse"))).unwrap();
    assert_eq!(entry(&report, "rmse").no_interval(), Some("the run kept nothing of its samples that tells it"));
}

#[test]
fn what_has_no_interval_says_why() {
    let metrics = ["how_many", "first_of_batches", "batch_mean", "uneven_mean", "mean_above(least=100.0)", "footprint"];
    let report = benchmark(numbers(50), &metrics, 7, 2).run().unwrap();
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("how_many"), "its value has no floats outside lists: counts are of these samples alone");
    assert!(why("first_of_batches").starts_with("its value depends on how samples are cut into batches"));
    assert!(why("batch_mean").starts_with("it sees whole batches"), "{}", why("batch_mean"));
    assert!(why("uneven_mean").contains("do not weigh the same"));
    // It has no value, which is told elsewhere; and what looks at the model alone has no samples.
    assert_eq!((why("mean_above(least=100.0)"), why("footprint")), (String::new(), String::new()));
    assert_eq!(entry(&report, "how_many").samples().unwrap().values, [1.0; 50]);
    assert!(entry(&report, "batch_mean").samples().unwrap_err().contains("it sees whole batches"));
    // In batches of one, a mean of batches is one of samples.
    let report = benchmark(numbers(50), &metrics, 1, 2).run().unwrap();
    assert_eq!(entry(&report, "batch_mean").intervals().len(), 1);
    assert_eq!(only(&report, "first_of_batches").2, IntervalKind::StudentT);
}

#[test]
fn a_metric_that_takes_no_single_sample_keeps_its_value() {
    let names = ["takes_two", "insists_on_two", "mse"];
    let of = |workers| benchmark(numbers(49), &names, 7, workers).run().unwrap();
    let report = of(1);
    assert!(report.is_complete());
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("takes_two"), "single samples of batch 0: it takes two samples");
    assert_eq!(why("insists_on_two"), "single samples of batch 0: panicked: two, please");
    assert_eq!(entry(&report, "mse").intervals().len(), 1);
    // The lowest batch is told, whoever ran it.
    assert_eq!(metrics(&of(4)), metrics(&report));
}

#[test]
fn few_and_equal_samples() {
    let names = ["classification_accuracy"];
    let report = benchmark(classes(1), &names, 7, 1).run().unwrap();
    let (low, high, _) = only(&report, "classification_accuracy");
    let expected = wilson(report["classification_accuracy"].as_f64().unwrap() as u64, 1, 0.95).unwrap();
    assert_eq!((low, high), (expected.low, expected.high));
    let report = benchmark(numbers(1), &["mse", "rmse", "median_absolute_error"], 7, 1).run().unwrap();
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("mse"), "the spread of 1 sample: it takes two at least");
    // A replicate without the only sample has no value.
    assert!(why("rmse").contains("resamples have no value"), "{}", why("rmse"));
    assert!(why("median_absolute_error").contains("resamples have no value"));
    let constant = InMemory::new(Array1::from(vec![1.0; 30]), Array1::from(vec![0.0; 30])).unwrap();
    let report = benchmark(constant, &["mse", "rmse", "median_absolute_error"], 7, 1).run().unwrap();
    for name in ["mse", "rmse", "median_absolute_error"] {
        let (low, high, _) = only(&report, name);
        assert_eq!((low, high), (1.0, 1.0), "{name}");
    }
    // No data at all ends the run, as ever.
    let none = InMemory::new(Array1::<f64>::zeros(0), Array1::<f64>::zeros(0)).unwrap();
    assert!(benchmark(none, &["mse"], 7, 1).run().is_err());
}

#[test]
fn an_interval_stays_within_the_bounds_that_the_metric_states() {
    let mut targets = Array1::<f64>::zeros(10);
    targets[3] = 1.0;
    let data = || InMemory::new(targets.clone(), targets.clone()).unwrap();
    let report = benchmark(data(), &["bounded_squares"], 4, 1).run().unwrap();
    let (low, high, kind) = only(&report, "bounded_squares");
    let free = mean(targets.as_slice().unwrap(), 0.95).unwrap();
    assert!(free.low < 0.0);
    assert_eq!((low, high, kind), (0.0, free.high, IntervalKind::StudentT));
}

#[test]
fn states_say_whether_they_keep_an_order() {
    assert!(Everything::keeps_order() && <(Mean, [Concat<f64>; 2])>::keeps_order());
    assert!(PerLayer::<Concat<f64>>::keeps_order());
    assert!(std::collections::BTreeMap::<String, Concat<f64>>::keeps_order());
    assert!(!Mean::keeps_order() && !<(Mean, [Ratio; 2])>::keeps_order() && !PerLayer::<Count>::keeps_order());
}

#[test]
fn metrics_with_hooks_have_intervals_in_batches_of_one() {
    let (network, data) = digits();
    let run = |batch_size| {
        Benchmark::builder()
            .model(&network)
            .data(InMemory::new(data.inputs().rows(0, 24), data.targets().rows(0, 24)).unwrap())
            .preprocess(neurobench::process::RepeatOverTime { steps: 4 })
            .postprocess(neurobench::process::ChooseMaxCount)
            .batch_size(batch_size)
            .workers(2)
            .metric_named("activation_sparsity")
            .metric_named("synaptic_operations")
            .metric_named("classification_accuracy")
            .intervals(QUICK)
            .build()
            .unwrap()
            .run()
            .unwrap()
    };
    let report = run(8);
    assert!(entry(&report, "activation_sparsity").no_interval().unwrap().contains("batches of one"));
    assert_eq!(only(&report, "classification_accuracy").2, IntervalKind::Wilson);
    let report = run(1);
    let (low, high, kind) = only(&report, "activation_sparsity");
    assert_eq!(kind, IntervalKind::Bca);
    let value = report["activation_sparsity"].as_f64().unwrap();
    assert!(low < value && value < high && high - low < 0.1);
    let operations = entry(&report, "synaptic_operations");
    let paths: Vec<_> = operations.intervals().iter().map(|interval| interval.path.join(".")).collect();
    assert_eq!(paths, ["effective_macs", "effective_acs", "dense"], "{:?}", operations.no_interval());
}

/// A model that carries state: to it each sequence is one draw.
struct Carrying;

impl Model for Carrying {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Self)
    }

    fn carries_state(&self) -> bool {
        true
    }
}

impl Session for Carrying {
    fn restart(&mut self) {}

    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        *outputs = inputs.clone();
        Ok(())
    }
}

#[test]
fn of_a_model_that_carries_state_sequences_are_drawn() {
    let lengths = |sequences: usize| (0..sequences).map(|sequence| 2 + sequence % 4).collect::<Vec<_>>();
    let run = |sequences: usize, batch_size, workers| {
        let data = numbers(lengths(sequences).iter().sum()).in_sequences(lengths(sequences)).unwrap();
        let mut builder = Benchmark::builder().model(Carrying).data(data).batch_size(batch_size).workers(workers);
        for metric in ["mse", "rmse", "median_absolute_error"] {
            builder = builder.metric_named(metric);
        }
        builder.intervals(QUICK).per_sample().build().unwrap()
    };
    let report = run(30, 3, 2).run().unwrap();
    for name in ["mse", "rmse", "median_absolute_error"] {
        assert_eq!(only(&report, name).2, IntervalKind::Bca, "samples of a sequence are not independent");
    }
    // The value on each sequence, whatever the batches.
    let values = entry(&report, "mse").samples().unwrap();
    assert_eq!(values.samples, (0..30).collect::<Vec<_>>());
    let (predictions, targets) = (noise(103), noise(206)[103..].to_vec());
    assert_eq!(lengths(30).iter().sum::<usize>(), 103);
    let squared = |at: usize| (predictions[at] - targets[at]) * (predictions[at] - targets[at]);
    assert_eq!(values.values[1], Mean::of((2..5).map(squared)).value().unwrap());
    assert_eq!(metrics(&run(30, 1, 1).run().unwrap()), metrics(&report));
    assert_eq!(serde_json::to_value(report.results()).unwrap()["sample_unit"], "sequence");
    // Half a sequence in a shard.
    let benchmark = run(30, 1, 2);
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let merged = benchmark.merge(&[shard(6..103), shard(0..1), shard(1..6)]).unwrap();
    assert_eq!(metrics(&benchmark.report_snapshot(&merged).unwrap()), metrics(&report));
    let report = run(1, 3, 1).run().unwrap();
    assert!(entry(&report, "mse").no_interval().unwrap().contains("resamples have no value"));
}

#[test]
fn a_preprocessor_that_makes_other_samples_leaves_no_interval() {
    let halved = |inputs: Tensor, targets: Tensor| {
        let half = targets.samples() / 2;
        Ok((inputs.rows(0, half), targets.rows(0, half)))
    };
    let builder = Benchmark::builder().model(identity()).data(numbers(20)).batch_size(10).preprocess(halved);
    let report = builder.metric(Mse).metric(Rmse::default()).intervals(QUICK).build().unwrap().run().unwrap();
    assert_eq!(
        entry(&report, "mse").no_interval(),
        Some("single samples of batch 0: a preprocessor made 5 samples of 10, which are no longer those of the data")
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let build = |intervals| {
        let builder = Benchmark::builder().model(identity()).data(numbers(5)).metric(Mse).intervals(intervals);
        builder.build().unwrap_err().to_string()
    };
    let error = build(Intervals { level: 95.0, ..QUICK });
    assert_eq!(error, "the level of intervals is 95; it must be between 0 and 1");
    assert_eq!(build(Intervals { replicates: 20, ..QUICK }), "20 replicates are too few: 100 at least");
}

#[test]
fn results_hold_what_was_asked_for_and_nothing_else() {
    let plain =
        Benchmark::builder().model(identity()).data(classes(20)).metric(ClassificationAccuracy).build().unwrap();
    let text = serde_json::to_string(&plain.run().unwrap().results()).unwrap();
    assert!(!text.contains("interval") && !text.contains("sample_unit"), "{text}");
    let results = benchmark(classes(20), &["classification_accuracy"], 6, 1).run().unwrap().results();
    let json = serde_json::to_value(&results).unwrap();
    assert_eq!(json["intervals"]["replicates"], 400);
    assert_eq!(json["sample_unit"], "sample");
    assert_eq!(json["metrics"][0]["intervals"][0]["kind"], "wilson");
    assert_eq!(json["metrics"][0]["samples"]["samples"].as_array().unwrap().len(), 20);
    assert_eq!(serde_json::from_value::<neurobench::report::Results>(json).unwrap(), results);
}
