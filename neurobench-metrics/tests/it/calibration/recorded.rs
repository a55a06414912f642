//! Hundreds of random inputs, as recorded by `data/metrics/record_calibration.py`.

use ndarray::{Array1, Array2};
use neurobench::metric::{Metric, MetricValue};
use neurobench::metrics::{
    BrierScore, BrierScoreByLabel, ExpectedCalibrationError, ExpectedCalibrationErrorByLabel, LogLoss, LogLossByLabel,
    MaximumCalibrationError, Reliability, ReliabilityByLabel, Scores, Task,
};
use neurobench::model::Tensor;
use serde_json::Value;

use super::{all, value};

fn cases(kind: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../data/metrics/calibration.json")).unwrap();
    all.into_iter().filter(|case| case.get(kind).is_some()).collect()
}

/// One number per sample, or a row.
fn tensor(values: &Value) -> Tensor {
    if values[0].is_array() {
        let rows: Vec<Vec<f64>> = serde_json::from_value(values.clone()).unwrap();
        Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap().into()
    } else {
        Array1::<f64>::from_vec(serde_json::from_value(values.clone()).unwrap()).into()
    }
}

fn case_value<M: Metric>(metric: M, case: &Value, inputs: &str) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    value(metric, tensor(&case[inputs]), tensor(&case["targets"]), 3)
}

fn assert_near(found: f64, recorded: &Value, tolerance: f64, what: &str) {
    let recorded = recorded.as_f64().unwrap();
    assert!((found - recorded).abs() <= tolerance * recorded.abs().max(1.0), "{what}: {found}, recorded {recorded}");
}

/// Probabilities are multiples of 1/64: all squares are exact, so only the mean is rounded. Logarithms are rounded
/// individually.
#[test]
fn losses_of_probabilities_are_those_of_scikit_learn() {
    let cases = cases("probabilities");
    assert_eq!(cases.len(), 200);
    for (index, case) in cases.iter().enumerate() {
        let brier = |scale_by_half| {
            case_value(BrierScore { scale_by_half, ..BrierScore::default() }, case, "probabilities").unwrap()
        };
        assert_near(brier(None), &case["brier"], 1e-15, &format!("brier of case {index}"));
        assert_near(brier(Some(true)), &case["brier_half"], 1e-15, &format!("half brier of case {index}"));
        assert_near(brier(Some(false)), &case["brier_whole"], 1e-15, &format!("whole brier of case {index}"));
        let clipped = LogLoss { clip: f64::EPSILON, ..LogLoss::default() };
        let found = case_value(clipped, case, "probabilities").unwrap();
        assert_near(found, &case["log_loss"], 1e-14, &format!("log loss of case {index}"));
        match case_value(LogLoss::default(), case, "probabilities") {
            Ok(found) => assert_near(found, &case["log_loss"], 1e-14, &format!("log loss of case {index}")),
            // −ln 2⁻⁵² = 36 for one of at most eight samples.
            Err(why) => assert!(
                why.contains("undefined: the predicted probability of a target")
                    && case["log_loss"].as_f64().unwrap() > 4.0
            ),
        }
    }
}

/// With one-hot rows as targets the values are the same as with classes, not those of as many labels.
#[test]
fn losses_of_one_hot_targets_are_those_of_scikit_learn() {
    let task = Some(Task::Multiclass);
    for (index, case) in
        cases("probabilities").iter().enumerate().filter(|(_, case)| case["probabilities"][0].is_array())
    {
        let classes: Vec<usize> = serde_json::from_value(case["targets"].clone()).unwrap();
        let width = case["probabilities"][0].as_array().unwrap().len();
        let targets =
            Array2::from_shape_fn((classes.len(), width), |(row, class)| if classes[row] == class { 1.0 } else { 0.0 });
        let brier = BrierScore { task, ..BrierScore::default() };
        let found = value(brier, tensor(&case["probabilities"]), targets.clone(), 3).unwrap();
        assert_near(found, &case["brier"], 1e-15, &format!("brier of case {index}"));
        let loss = LogLoss { task, clip: f64::EPSILON, ..LogLoss::default() };
        let found = value(loss, tensor(&case["probabilities"]), targets, 3).unwrap();
        assert_near(found, &case["log_loss"], 1e-14, &format!("log loss of case {index}"));
    }
}

#[test]
fn losses_of_logits_are_those_of_pytorch() {
    for (index, case) in cases("logits").iter().enumerate() {
        let found = case_value(LogLoss { scores: Scores::Logits, ..LogLoss::default() }, case, "logits").unwrap();
        assert_near(found, &case["cross_entropy"], 1e-14, &format!("cross-entropy of case {index}"));
    }
}

/// torchmetrics computes in f32: confidences have 24 bits, and sums of up to fourteen of them four fewer.
#[test]
fn calibration_errors_are_those_of_torchmetrics() {
    let cases = cases("expected");
    assert!(cases.len() > 120, "{}", cases.len());
    for (index, case) in cases.iter().enumerate() {
        let core =
            Reliability { scores: Scores::Logits, bins: case["bins"].as_u64().unwrap(), ..Reliability::default() };
        let found = case_value(ExpectedCalibrationError { core: core.clone() }, case, "logits").unwrap();
        assert_near(found, &case["expected"], 1e-6, &format!("expected error of case {index}"));
        let found = case_value(MaximumCalibrationError { core }, case, "logits").unwrap();
        assert_near(found, &case["maximum"], 1e-6, &format!("maximum error of case {index}"));
    }
}

/// Multiples of 1/64, as above; the calibration error has the 24 bits of torchmetrics.
#[test]
fn labels_are_those_of_scikit_learn_separately_and_together() {
    let cases = cases("labels");
    assert_eq!(cases.len(), 150);
    for (index, case) in cases.iter().enumerate() {
        let near = |found: &[f64], recorded: &Value, tolerance: f64| {
            let recorded = recorded.as_array().unwrap();
            assert_eq!(found.len(), recorded.len(), "case {index}");
            for (found, recorded) in found.iter().zip(recorded) {
                assert_near(*found, recorded, tolerance, &format!("a label of case {index}"));
            }
        };
        near(&all(case_value(LogLossByLabel::default(), case, "labels")).unwrap(), &case["log_loss"], 1e-14);
        near(&all(case_value(BrierScoreByLabel::default(), case, "labels")).unwrap(), &case["brier"], 1e-15);
        let bins = case["bins"].as_u64().unwrap();
        let core = ReliabilityByLabel { bins, ..ReliabilityByLabel::default() };
        let expected = all(case_value(ExpectedCalibrationErrorByLabel { core }, case, "labels")).unwrap();
        near(&expected, &case["expected_by_label"], 1e-6);
        let near = |found, name: &str, tolerance| {
            assert_near(found, &case[name], tolerance, &format!("{name} of case {index}"));
        };
        let task = Some(Task::Multilabel);
        let loss = LogLoss { task, ..LogLoss::default() };
        near(case_value(loss, case, "labels").unwrap(), "log_loss_of_all", 1e-14);
        let brier = BrierScore { task, ..BrierScore::default() };
        near(case_value(brier, case, "labels").unwrap(), "brier_of_all", 1e-15);
        let core = Reliability { task, bins, ..Reliability::default() };
        near(case_value(ExpectedCalibrationError { core }, case, "labels").unwrap(), "expected_of_all", 1e-6);
    }
}
