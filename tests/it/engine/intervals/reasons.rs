//! Why there is no interval.

use ndarray::Array1;
use neurobench::bench::{BootstrapInterval, Intervals};
use neurobench::data::InMemory;
use neurobench::metrics::{Mse, Rmse};
use neurobench::prelude::*;
use neurobench::report::IntervalKind;
use neurobench::stats::intervals::wilson;

use super::{QUICK, SizesOfErrors, benchmark, classes, entry, metrics, noise, numbers, only};
use crate::engine::identity;

#[test]
fn a_value_without_an_interval_has_a_reason() {
    let metrics = ["how_many", "first_of_batches", "batch_mean", "uneven_mean", "mean_above(least=100.0)", "footprint"];
    let report = benchmark(numbers(50), &metrics, 7, 2).run().unwrap();
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("how_many"), "its value has no floats outside lists, and counts describe only these samples");
    assert!(why("first_of_batches").starts_with("its value depends on how samples are cut into batches"));
    assert!(why("batch_mean").starts_with("it reads whole batches"), "{}", why("batch_mean"));
    assert!(why("uneven_mean").contains("have different weights"));
    // The first has no value, which is reported elsewhere; a metric of the model alone has no samples.
    assert_eq!((why("mean_above(least=100.0)"), why("footprint")), (String::new(), String::new()));
    assert_eq!(entry(&report, "how_many").samples().unwrap().values, [1.0; 50]);
    assert!(entry(&report, "batch_mean").samples().unwrap_err().contains("it reads whole batches"));
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
    // The lowest batch is reported, whichever worker ran it.
    assert_eq!(metrics(&of(4)), metrics(&report));
}

#[test]
fn few_and_equal_samples() {
    let names = ["classification_accuracy"];
    let report = benchmark(classes(1), &names, 7, 1).run().unwrap();
    let (low, high, _) = only(&report, "classification_accuracy");
    let expected = wilson(report["classification_accuracy"].as_f64().unwrap() as u64, 1, 0.95).unwrap();
    assert_eq!((low, high), (expected.low, expected.high));
    let report = benchmark(numbers(1), &["mse", "rmse", "middle_absolute_error"], 7, 1).run().unwrap();
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("mse"), "the spread of 1 sample; at least two are needed");
    // A replicate without the only sample has no value.
    assert!(why("rmse").contains("resamples have no value"), "{}", why("rmse"));
    assert!(why("middle_absolute_error").contains("resamples have no value"));
    let constant = InMemory::new(Array1::from(vec![1.0; 30]), Array1::from(vec![0.0; 30])).unwrap();
    let report = benchmark(constant, &["mse", "rmse", "middle_absolute_error"], 7, 1).run().unwrap();
    assert_eq!(why_of(&report, "mse"), "all values are identical, so they do not show the spread of other samples");
    for name in ["rmse", "middle_absolute_error"] {
        let why = why_of(&report, name);
        assert!(why.contains("all resamples are identical"), "{name}: {why}");
    }
    // No data at all ends the run, as ever.
    let none = InMemory::new(Array1::<f64>::zeros(0), Array1::<f64>::zeros(0)).unwrap();
    assert!(benchmark(none, &["mse"], 7, 1).run().is_err());
}

#[test]
fn a_preprocessor_that_makes_other_samples_leaves_no_interval() {
    let halved = |inputs: Tensor, targets: Tensor| {
        let half = targets.samples() / 2;
        Ok((inputs.rows(0, half), targets.rows(0, half)))
    };
    let builder =
        Benchmark::builder().model(identity()).data(numbers(20)).batch_size(10).preprocess_as("halved", halved);
    let report = builder.metric(Mse).metric(Rmse::default()).intervals(QUICK).build().unwrap().run().unwrap();
    assert_eq!(
        entry(&report, "mse").no_interval(),
        Some(
            "single samples of batch 0: a preprocessor changed the number of samples from 10 to 5, so they no longer match those of the data set"
        )
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let build = |intervals| {
        let builder = Benchmark::builder().model(identity()).data(numbers(5)).metric(Mse).intervals(intervals);
        builder.build().unwrap_err().to_string()
    };
    let error = build(Intervals { level: 95.0, ..QUICK });
    assert_eq!(error, "invalid confidence level: 95; it must be between 0 and 1");
    let few = |replicates, level| build(Intervals { replicates, level, ..QUICK });
    assert_eq!(few(20, 0.8), "20 replicates are too few for intervals of confidence level 0.8; use at least 100");
    assert_eq!(few(99, 0.95), "99 replicates are too few for intervals of confidence level 0.95; use at least 100");
    assert_eq!(
        few(2000, 0.999),
        "2000 replicates are too few for intervals of confidence level 0.999; use at least 5000"
    );
    for (replicates, level) in [(100, 0.95), (500, 0.99), (5000, 0.999)] {
        let builder = Benchmark::builder().model(identity()).data(numbers(5)).metric(Mse);
        assert!(builder.intervals(Intervals { replicates, level, ..QUICK }).build().is_ok());
    }
}

/// The absolute errors by the sign of the target: two lists in one.
#[accumulated_metric]
pub(crate) fn errors_by_sign(predictions: Predictions<'_>, targets: Targets<'_>) -> [Mean; 2] {
    let mut means = [Mean::default(), Mean::default()];
    for (prediction, target) in predictions.iter().zip(targets.iter()) {
        means[usize::from(*target > 0.0)].add((prediction - target).abs());
    }
    means
}

/// As many ones as there are errors.
#[accumulated_metric(of = SizesOfErrors)]
pub(crate) fn ones(errors: &Concat<f64>) -> Vec<f64> {
    errors.iter().map(|_| 1.0).collect()
}

/// The largest error, which does not say that it is one.
#[accumulated_metric]
pub(crate) fn undeclared_maximum(predictions: Predictions<'_>) -> Max {
    Max::from_values(predictions.iter().copied())
}

#[test]
fn lists_of_one_length_have_an_interval_for_each_item_and_others_none() {
    let report = benchmark(numbers(80), &["errors_by_sign", "ones", "sizes_of_errors"], 7, 2).run().unwrap();
    let found = entry(&report, "errors_by_sign");
    let paths: Vec<_> = found.intervals().iter().map(|interval| interval.path.concat()).collect();
    assert_eq!((paths, found.no_interval()), (vec!["0".to_owned(), "1".to_owned()], None));
    let means: Vec<f64> = report.value("errors_by_sign").unwrap().to_typed().unwrap();
    for (interval, mean) in found.intervals().iter().zip(means) {
        assert!(interval.low < mean && mean < interval.high);
    }
    assert!(why_of(&report, "ones").contains("the list does not have 80 items"), "{}", why_of(&report, "ones"));
    assert!(why_of(&report, "sizes_of_errors").contains("no floats outside lists"));
}

#[test]
fn an_extreme_has_no_interval_for_a_stated_reason() {
    let names = ["max_error", "undeclared_maximum", "absolute_error_distribution"];
    let report = benchmark(numbers(80), &names, 7, 2).run().unwrap();
    for name in names {
        let why = why_of(&report, name);
        assert!(why.contains("the bootstrap is inconsistent for it (Bickel and Freedman 1981"), "{name}: {why}");
    }
    assert!(entry(&report, "max_error").intervals().is_empty());
    assert!(entry(&report, "undeclared_maximum").intervals().is_empty());
    let of_distribution = entry(&report, "absolute_error_distribution").intervals().iter();
    let paths: Vec<_> = of_distribution.map(|interval| interval.path.concat()).collect();
    assert_eq!(paths, ["q1", "median", "q3", "mean", "std"]);
    let probabilities = noise(60).into_iter().map(|x| x - x.floor()).collect::<Array1<f64>>();
    let data = InMemory::new(probabilities, (0..60).map(|at| i64::from(at % 3 == 0)).collect::<Array1<_>>()).unwrap();
    let report = benchmark(data, &["maximum_calibration_error(bins=3)"], 7, 2).run().unwrap();
    assert!(why_of(&report, "maximum_calibration_error(bins=3)").contains("Bickel"));
}

/// Number of occurrences of each target.
#[accumulated_metric]
pub(crate) fn seen_targets(targets: TargetClasses<'_>) -> Histogram {
    Histogram::from_values(targets.iter().copied())
}

/// The share of different targets, undefined for fewer than sixty if none was seen twice.
#[accumulated_metric(of = SeenTargets)]
pub(crate) fn share_of_different(seen: &Histogram) -> Result<f64, MetricError> {
    let (different, all) = (seen.iter().count(), seen.iter().map(|(_, count)| count).sum::<u64>());
    match all {
        all if all < 60 && different as u64 == all => Err(MetricError::undefined("none was seen twice")),
        all => Ok(different as f64 / all as f64),
    }
}

#[test]
fn groups_that_are_left_out_are_not_reported_as_resamples() {
    let report = benchmark(crate::engine::numbered(60), &["share_of_different"], 9, 1).run().unwrap();
    let why = why_of(&report, "share_of_different");
    assert!(why.ends_with("resamples without one group of samples have no value: none was seen twice"), "{why}");
    let percentile = Intervals { bootstrap: BootstrapInterval::Percentile, ..QUICK };
    let report =
        super::benchmark_with(crate::engine::numbered(60), &["share_of_different"], 9, 1, percentile).run().unwrap();
    assert_eq!(only(&report, "share_of_different").2, IntervalKind::Percentile);
}

#[test]
fn per_sample_values_that_are_maps_have_a_reason() {
    let name = r#"recall(average="none", zero_division="zero")"#;
    let report = benchmark(classes(40), &[name], 7, 1).run().unwrap();
    let why = entry(&report, name).samples().unwrap_err();
    assert_eq!(why, "its value is a number for each class, not one number");
    let report = benchmark(numbers(40), &["extent"], 7, 1).run().unwrap();
    assert_eq!(
        entry(&report, "extent").samples().unwrap_err(),
        "its value has several numbers; with intervals, the replicates of each of them are kept"
    );
}

fn why_of(report: &neurobench::report::Report, name: &str) -> String {
    entry(report, name).no_interval().unwrap_or_default().to_owned()
}
