//! One result for one (type, settings), under any of its names.

use neurobench::prelude::*;

use super::{identity, numbered};

/// Fraction of the predictions that are at least `least`.
#[accumulated_metric(alias = "share-of-large", variant("large_from_3", least = 3.0), bounds = 0.0..=1.0)]
pub(crate) fn large(predictions: Predictions<'_>, #[param(default = 1.0, range = 0.0..=100.0)] least: f64) -> Ratio {
    Ratio::from_bools(predictions.iter().map(|value| *value >= least))
}

/// Twice that.
#[accumulated_metric(of = Large)]
pub(crate) fn twice_large(share: &Ratio, #[param(default = 2.0)] factor: f64) -> Result<f64, MetricError> {
    Ok(share.finish()? * factor)
}

#[test]
fn by_name_and_by_type_meet_in_one_state() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(10))
        .batch_size(3)
        .metric(Large { least: 3.0 })
        .metric_named("large_from_3")
        .metric_named("large(least=3)")
        .metric_named("TwiceLarge(least=3.0)")
        .metric(TwiceLarge { factor: 1.0, core: Large { least: 3.0 } })
        .build();
    // `large(least=3.0)` is asked for by value, and again by its text.
    assert_eq!(
        benchmark.err().unwrap().to_string(),
        "two metrics have the name `large(least=3.0)`: request it once, or rename one of them with `.metric_as(\"..\", ..)`"
    );
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(10))
        .batch_size(3)
        .metric(Large { least: 3.0 })
        .metric_named("large_from_3")
        .metric_named("TwiceLarge(least=3.0)")
        .metric(TwiceLarge { factor: 1.0, core: Large { least: 3.0 } })
        .build()
        .unwrap();
    assert_eq!(benchmark.cores(), 1);
    let report = benchmark.run().unwrap();
    assert_eq!(report.entries().len(), 3);
    assert_eq!(report.entries()[0].names(), ["large(least=3.0)", "large_from_3"]);
    assert_eq!(*report.get::<Large>().unwrap(), 0.7);
    assert_eq!(report["large_from_3"].as_f64(), Some(0.7));
    assert_eq!(report["twice_large(least=3.0)"].as_f64(), Some(1.4));
    assert_eq!(*report.get_with(&TwiceLarge { factor: 1.0, core: Large { least: 3.0 } }).unwrap(), 0.7);
}

#[test]
fn a_report_names_the_candidates_and_what_is_missing() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(4))
        .metric(Large::default())
        .metric_as("half", Large { least: 2.0 })
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    assert_eq!(
        report.get::<Large>().unwrap_err().to_string(),
        "this report has several of `large`: large, half; pick one with `get_with`"
    );
    assert_eq!(*report.get_with(&Large { least: 2.0 }).unwrap(), 0.5);
    assert_eq!(report["half"].as_f64(), Some(0.5));
    assert_eq!(report["share-of-large"].as_f64(), Some(0.75));
    // Files and builders name them in the same way.
    assert_eq!(report["share-of-large(least=2)"].as_f64(), Some(0.5));
    assert_eq!(report["Large(least = 1)"].as_f64(), Some(0.75));
    assert!(report.value("large(least=3)").is_err());
    assert_eq!(report.value("small").unwrap_err().to_string(), "`small` is not in this report; it has large, half");
    assert!(report.get_with(&Large { least: 9.0 }).is_err());
}

#[test]
fn all_mistakes_of_a_builder_are_reported_at_once() {
    let errors = Benchmark::builder()
        .workers(0)
        .batch_size(0)
        .metric_named("larg")
        .metric_named("large(leest=1)")
        .metric_named("large(least=200)")
        .metric_named("large(least=")
        .metric(Large { least: f64::NAN })
        .metric(Large::default())
        .metric_as("large", Large { least: 2.0 })
        .build()
        .err()
        .unwrap();
    let text = errors.to_string();
    for part in [
        "9 mistakes:",
        "the benchmark has no model: call `.model(..)`",
        "the number of workers must be at least 1",
        "the batch size must be at least 1",
        "did you mean `large`?",
        "metric `large`: no setting `leest`; it has least; did you mean `least`?",
        "metric `large`: setting `least` must be in `0.0..=100.0`",
        "  - `large(least=` is not of the form `name(key=value, ..)`: the closing `)` is missing",
        "two metrics have the name `large`",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn a_benchmark_without_metrics_is_refused() {
    let errors = Benchmark::builder().model(identity()).data(numbered(1)).build().err().unwrap();
    assert_eq!(
        errors.to_string(),
        "the benchmark has no metrics: add at least one with `.metric(..)` or `.metric_named(..)`"
    );
}
