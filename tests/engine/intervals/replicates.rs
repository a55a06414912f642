//! What is kept of a bootstrap for comparisons of runs.

use neurobench::bench::{BootstrapInterval, IntervalMethod, Intervals};
use neurobench::prelude::*;
use neurobench::stats::intervals::percentile;

use super::{ALL, QUICK, benchmark, benchmark_with, classes, entry, identity, noise, numbers};

/// Two decisions a sample.
#[accumulated_metric]
pub(crate) fn two_decisions(targets: Targets<'_>) -> Ratio {
    Ratio::from_bools(targets.iter().flat_map(|target| [*target > 0.5, *target > 1.0]))
}

/// One decision on each sample above this.
#[accumulated_metric]
pub(crate) fn some_decisions(targets: Targets<'_>, #[param(default = 0.5)] least: f64) -> Ratio {
    Ratio::from_bools(targets.iter().filter(|target| **target >= least).map(|target| *target > 1.0))
}

#[test]
fn the_values_on_replicates_are_those_of_the_interval() {
    let of = Intervals { bootstrap: BootstrapInterval::Percentile, ..QUICK };
    let report = benchmark_with(numbers(60), &ALL, 7, 2, of).run().unwrap();
    for name in ["rmse", "middle_absolute_error", "error_shape", "extent"] {
        let entry = entry(&report, name);
        assert_eq!(entry.replicates().len(), entry.intervals().len(), "{name}");
        for (replicates, interval) in entry.replicates().iter().zip(entry.intervals()) {
            assert_eq!((&replicates.path, replicates.values.len()), (&interval.path, 400));
            let expected = percentile(&replicates.values, 60, 0.95).unwrap();
            assert_eq!((interval.low, interval.high), (expected.low, expected.high), "{name}");
        }
    }
    assert_eq!(entry(&report, "extent").replicates()[0].path, ["smallest"]);
    // What has a closed form has no resamples.
    assert!(entry(&report, "mse").replicates().is_empty());
    let builder = Benchmark::builder().model(identity()).data(numbers(60)).metric_named("rmse").intervals(of);
    let alone = builder.build().unwrap().run().unwrap();
    // Nobody asked for what they are compared by.
    assert!(alone.entries()[0].replicates().is_empty() && alone.entries()[0].intervals().len() == 1);
    let read: neurobench::report::Results =
        serde_json::from_str(&serde_json::to_string(&report.results()).unwrap()).unwrap();
    assert_eq!(read, report.results());
}

#[test]
fn replicates_without_a_value_are_named_and_the_others_keep_their_places() {
    let mut targets = noise(160)[80..].to_vec();
    targets.sort_by(f64::total_cmp);
    // Four samples count: one resample in 55 or so has none of them.
    let metric = format!("mean_above(least={})", targets[76]);
    let of = Intervals { method: IntervalMethod::Bootstrap, bootstrap: BootstrapInterval::Percentile, ..QUICK };
    let report = benchmark_with(numbers(80), &[&metric, "rmse"], 7, 2, of).run().unwrap();
    let replicates = &entry(&report, &metric).replicates()[0];
    let (values, undefined) = (replicates.values.len(), replicates.undefined.len());
    assert!((1..20).contains(&undefined) && values + undefined == 400, "{undefined} without a value");
    let places: Vec<usize> = replicates.iter().map(|(place, _)| place).collect();
    assert_eq!(places.len(), values);
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]) && places[values - 1] <= 399);
    assert!(replicates.undefined.iter().all(|place| *place < 400 && !places.contains(place)));
}

#[test]
fn a_proportion_is_known_by_its_state() {
    let of = |data, name: &str| {
        let report = benchmark(data, &[name], 7, 2).run().unwrap();
        entry(&report, name).samples().unwrap().proportion
    };
    assert!(of(classes(40), "classification_accuracy"));
    // A share says so, whatever its state is.
    assert!(of(classes(40), "accuracy") && of(classes(40), "recall(average=\"micro\")"));
    // Samples on which nothing is decided have no value.
    assert!(of(numbers(40), "some_decisions"));
    assert!(!of(numbers(40), "two_decisions"));
    assert!(!of(numbers(40), "mse"));
    // Not by its values, which are 0 and 1 here, too.
    assert!(!of(classes(40), "how_many"));
}
