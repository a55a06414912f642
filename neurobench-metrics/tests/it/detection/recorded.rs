//! Hundreds of random and all degenerate images, as recorded by `data/metrics/record_detection.py`.

use std::collections::BTreeMap;

use neurobench::metrics::{
    BoxAveragePrecisionByClass, CocoFigures, CocoSummary, IouThresholds, MatchedBoxes, MeanAveragePrecision,
};
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

/// With one threshold the mean is pycocotools' figure at that threshold. Figures at others are missing.
#[test]
fn thresholds_of_the_overlap_are_a_setting() {
    let mut different = 0;
    for (index, case) in cases().iter().enumerate().filter(|(_, case)| case.figures.ap.is_some()) {
        let with = |thresholds: &[f64]| MatchedBoxes {
            iou_thresholds: IouThresholds::from_values(thresholds).unwrap(),
            ..case.settings.clone()
        };
        let at_half = value(MeanAveragePrecision { core: with(&[0.5]) }, &case.samples, 2).unwrap();
        assert_near(Some(at_half), case.figures.ap_50, &format!("at .50 of case {index}"));
        let at_both = value(CocoSummary { core: with(&[0.5, 0.75]) }, &case.samples, 1).unwrap();
        assert_near(at_both.ap_50, case.figures.ap_50, &format!("at .50 among two of case {index}"));
        assert_near(at_both.ap_75, case.figures.ap_75, &format!("at .75 among two of case {index}"));
        let at_another = value(CocoSummary { core: with(&[0.6]) }, &case.samples, 3).unwrap();
        assert_eq!((at_another.ap_50, at_another.ap_75), (None, None), "case {index}");
        different += usize::from(at_another.ap != case.figures.ap);
    }
    assert!(different > 50, "{different}");
}

#[test]
fn thresholds_that_are_none_are_refused() {
    let problem = |values: &[f64]| IouThresholds::from_values(values).unwrap_err().to_string();
    assert_eq!(problem(&[]), "0 thresholds; the number must be between 1 and 32");
    assert_eq!(problem(&[0.5; 33]), "33 thresholds; the number must be between 1 and 32");
    assert_eq!(problem(&[0.0, 0.5]), "the threshold 0 must be above 0 and at most 1");
    assert_eq!(problem(&[0.5, f64::NAN]), "the threshold NaN must be above 0 and at most 1");
    assert_eq!(problem(&[0.5, 0.5]), "the thresholds must ascend: 0.5 comes before 0.5");
    let read: Result<MatchedBoxes, _> = serde_json::from_str(r#"{"iou_thresholds": [0.75, 0.5]}"#);
    let error = read.unwrap_err().to_string();
    assert!(error.contains("`iou_thresholds`") && error.contains("the thresholds must ascend"), "{error}");
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
