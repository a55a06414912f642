//! Points of curves against scikit-learn, as recorded by `data/metrics/record_curves.py`.

use ndarray::{Array1, Array2};
use neurobench::metrics::{PrecisionRecallCurve, RocCurve};
use serde::Deserialize;

use super::value;

#[derive(Deserialize)]
struct Case {
    scores: Vec<f64>,
    targets: Vec<i64>,
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    roc_thresholds: Vec<Option<f64>>,
    area: f64,
    precision: Vec<f64>,
    recall: Vec<f64>,
    thresholds: Vec<f64>,
    average_precision: f64,
}

fn cases() -> Vec<Case> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../data/metrics/curves.json")).unwrap();
    serde_json::from_value(file["cases"].clone()).unwrap()
}

fn arrays(case: &Case) -> (Array1<f64>, Array1<i64>) {
    (Array1::from_vec(case.scores.clone()), Array1::from_vec(case.targets.clone()))
}

#[test]
fn roc_curves_are_those_of_scikit_learn_without_points_within_straight_parts() {
    for case in cases() {
        let (scores, targets) = arrays(&case);
        let curves = value(RocCurve::default(), scores, targets, 7).unwrap();
        let curve = curves.classes[0].value().unwrap();
        assert!((curve.area - case.area).abs() < 1e-12);
        let ours: Vec<(f64, f64)> =
            curve.points.iter().map(|point| (point.false_positive_rate, point.true_positive_rate)).collect();
        let theirs: Vec<(f64, f64)> = case.fpr.iter().copied().zip(case.tpr.iter().copied()).collect();
        assert_eq!((ours[0], ours[ours.len() - 1]), ((0.0, 0.0), (1.0, 1.0)));
        for (point, place) in curve.points.iter().zip(&ours) {
            let at = theirs.iter().position(|other| other == place).unwrap();
            assert_eq!(point.threshold, case.roc_thresholds[at]);
        }
        // Every point of scikit-learn is on a straight part between two points.
        for (x, y) in theirs {
            let is_on = |pair: &[(f64, f64)]| {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                let within = (x0..=x1).contains(&x) && (y0..=y1).contains(&y);
                within && ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)).abs() < 1e-12
            };
            assert!(ours.windows(2).any(is_on), "({x}, {y})");
        }
    }
}

#[test]
fn precision_recall_curves_are_those_of_scikit_learn_up_to_full_recall() {
    for case in cases() {
        let (scores, targets) = arrays(&case);
        let curves = value(PrecisionRecallCurve::default(), scores, targets, 7).unwrap();
        let curve = curves.classes[0].value().unwrap();
        assert!((curve.average_precision - case.average_precision).abs() < 1e-12);
        let complete = case.recall.iter().position(|recall| *recall == 1.0).unwrap() + 1;
        assert_eq!(curve.points.len(), complete);
        for (at, point) in curve.points.iter().enumerate() {
            assert_eq!((point.precision, point.recall), (case.precision[at], case.recall[at]));
            assert_eq!(point.threshold, Some(case.thresholds[at]));
        }
    }
}

#[test]
fn long_curves_keep_both_ends_and_one_class_alone_is_undefined() {
    let case = cases().swap_remove(3);
    let (scores, targets) = arrays(&case);
    let whole = value(RocCurve::default(), scores.clone(), targets.clone(), 60).unwrap();
    let short = value(RocCurve { max_points: 5, ..RocCurve::default() }, scores.clone(), targets, 60).unwrap();
    let (whole, short) = (whole.classes[0].value().unwrap(), short.classes[0].value().unwrap());
    assert_eq!((short.points.len(), short.area), (5, whole.area));
    assert!(short.points.iter().all(|point| whole.points.contains(point)));
    assert_eq!((short.points[0], short.points[4]), (whole.points[0], whole.points[whole.points.len() - 1]));

    let alone = value(RocCurve::default(), scores, Array1::<i64>::ones(60), 60).unwrap_err();
    assert_eq!(alone, "metric `roc_curve`: undefined: there are no negative samples");
    let two = Array2::from_shape_vec((2, 2), vec![0.1, 0.9, 0.3, 0.7]).unwrap();
    let labels = Array2::from_shape_vec((2, 2), vec![0_i64, 1, 1, 1]).unwrap();
    let curves = value(RocCurve::default(), two, labels, 2).unwrap();
    assert!(curves.classes[0].value().is_ok() && curves.classes[1].value().is_err());
}
