//! Hundreds of random and all degenerate images, as recorded by `data/metrics/record_detection.py`.

use std::collections::BTreeMap;

use neurobench::metrics::{BoxAveragePrecisionByClass, CocoFigures, CocoSummary, MatchedBoxes, MeanAveragePrecision};
use serde::Deserialize;

use super::{Sample, value};

#[derive(Deserialize)]
struct Case {
    settings: MatchedBoxes,
    samples: Vec<Sample>,
    figures: CocoFigures,
    by_class: BTreeMap<i64, f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../data/metrics/detection.json")).unwrap()
}

fn all(figures: &CocoFigures) -> BTreeMap<String, Option<f64>> {
    serde_json::from_value(serde_json::to_value(figures).unwrap()).unwrap()
}

/// pycocotools adds 2⁻⁵² to the divisor of a precision, and sums a thousand rounded precisions per class.
const TOLERANCE: f64 = 1e-13;

fn assert_near(found: Option<f64>, recorded: Option<f64>, what: &str) {
    match (found, recorded) {
        (Some(found), Some(recorded)) => {
            assert!((found - recorded).abs() <= TOLERANCE, "{what}: {found}, recorded {recorded}");
        }
        (found, recorded) => assert_eq!(found, recorded, "{what}"),
    }
}

#[test]
fn figures_are_those_of_pycocotools() {
    let cases = cases();
    assert!(cases.len() > 250, "{}", cases.len());
    for (index, case) in cases.iter().enumerate() {
        let core = case.settings.clone();
        let found = value(CocoSummary { core: core.clone() }, &case.samples, 2);
        let mean = value(MeanAveragePrecision { core: core.clone() }, &case.samples, 1);
        let by_class = value(BoxAveragePrecisionByClass { core }, &case.samples, 3);
        if case.figures.ap.is_none() {
            for error in [found.map(|_| ()), mean.map(|_| ()), by_class.map(|_| ())] {
                let error = error.unwrap_err();
                assert!(error.contains("undefined: there are no objects to detect"), "case {index}: {error}");
            }
            continue;
        }
        let recorded = all(&case.figures);
        for (name, found) in all(&found.unwrap()) {
            assert_near(found, recorded[&name], &format!("{name} of case {index}"));
        }
        assert_near(Some(mean.unwrap()), case.figures.ap, &format!("mean of case {index}"));
        let by_class = by_class.unwrap();
        assert!(by_class.keys().eq(case.by_class.keys()), "classes of case {index}");
        for (class, found) in by_class {
            assert_near(Some(found), Some(case.by_class[&class]), &format!("class {class} of case {index}"));
        }
    }
}

/// The cases exercise every filter.
#[test]
fn filters_make_a_difference() {
    let (mut filtered, mut different) = (0, 0);
    for case in cases().iter().filter(|case| case.settings.min_diagonal > 0.0) {
        filtered += 1;
        let whole = value(MeanAveragePrecision::default(), &case.samples, 4).ok();
        different += usize::from(whole != case.figures.ap);
    }
    assert!(filtered == 45 && different > 30, "{different} of {filtered}");
}
