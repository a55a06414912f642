//! Why there is no interval.

use ndarray::Array1;
use neurobench::bench::Intervals;
use neurobench::data::InMemory;
use neurobench::metrics::{Mse, Rmse};
use neurobench::prelude::*;
use neurobench::report::IntervalKind;
use neurobench::stats::intervals::wilson;

use super::{QUICK, benchmark, classes, entry, metrics, numbers, only};
use crate::identity;

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
    let report = benchmark(numbers(1), &["mse", "rmse", "middle_absolute_error"], 7, 1).run().unwrap();
    let why = |name: &str| entry(&report, name).no_interval().unwrap_or_default().to_owned();
    assert_eq!(why("mse"), "the spread of 1 sample: it takes two at least");
    // A replicate without the only sample has no value.
    assert!(why("rmse").contains("resamples have no value"), "{}", why("rmse"));
    assert!(why("middle_absolute_error").contains("resamples have no value"));
    let constant = InMemory::new(Array1::from(vec![1.0; 30]), Array1::from(vec![0.0; 30])).unwrap();
    let report = benchmark(constant, &["mse", "rmse", "middle_absolute_error"], 7, 1).run().unwrap();
    let (low, high, _) = only(&report, "mse");
    assert_eq!((low, high), (1.0, 1.0));
    for name in ["rmse", "middle_absolute_error"] {
        let why = entry(&report, name).no_interval().unwrap_or_default();
        assert!(why.contains("all resamples have the same value"), "{name}: {why}");
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
