//! Undefined values, edges of bins, and mistakes.

use ndarray::{Array1, Array2, array};
use neurobench::metrics::{
    BrierScore, BrierScoreByLabel, ExpectedCalibrationError, ExpectedCalibrationErrorByLabel, LogLoss, LogLossByLabel,
    MaximumCalibrationError, Reliability, ReliabilityByLabel, Scores, Task,
};

use neurobench::metric::Answer;

use super::{all, value};

#[test]
fn a_number_that_is_not_a_probability_is_reported() {
    for (probabilities, problem) in [
        (
            array![[0.5, 0.5], [1.5, -0.5]],
            "sample 1 of the data set: predictions: 1.5 is not a probability; set `scores`",
        ),
        (array![[0.5, 0.4], [0.5, 0.5]], "sample 0 of the data set: predictions: the probabilities sum to 0.9"),
        (array![[0.5, 0.5], [0.5, 0.501]], "sample 1 of the data set: predictions: the probabilities sum to 1.001"),
    ] {
        let error = value(BrierScore::default(), probabilities.clone(), array![0_i64, 1], 2).unwrap_err();
        assert!(error.contains(problem), "{error}");
        assert!(value(LogLoss::default(), probabilities.clone(), array![0_i64, 1], 2).unwrap_err().contains(problem));
        let error = value(ExpectedCalibrationError::default(), probabilities, array![0_i64, 1], 2).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    // Rounding to f32 may shift the sum of a row slightly.
    assert!(value(BrierScore::default(), array![[0.3333, 0.3333, 0.3333]], array![0_i64], 2).is_ok());
    let logarithms = BrierScore { scores: Scores::LogProbabilities, ..BrierScore::default() };
    let error = value(logarithms.clone(), array![[0.1, -1.0]], array![0_i64], 2).unwrap_err();
    assert!(
        error.contains("sample 0 of the data set: predictions: 0.1 is not the logarithm of a probability"),
        "{error}"
    );
    let error = value(logarithms, array![[-1.0, -1.0]], array![0_i64], 2).unwrap_err();
    assert!(error.contains("the probabilities sum to 0.73"), "{error}");
    let logits = LogLoss { scores: Scores::Logits, ..LogLoss::default() };
    let error = value(logits, array![[0.0, f64::INFINITY]], array![0_i64], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: predictions: the largest logit is infinite"), "{error}");
}

#[test]
fn targets_and_shapes_are_checked() {
    let error = value(BrierScore::default(), array![0.5, 0.5], array![0_i64, 2], 2).unwrap_err();
    assert!(error.contains("sample 1 of the data set: targets: 2 is neither 0 nor 1"), "{error}");
    let error = value(BrierScore::default(), array![[0.5, 0.5]], array![-1_i64], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: -1 is not one of 2 classes"), "{error}");
    let error = value(BrierScore::default(), Array2::<f64>::zeros((1, 0)), array![0_i64], 2).unwrap_err();
    assert!(error.contains("predictions: shape [1, 0] with targets [1]"), "{error}");
    let error = value(BrierScore::default(), array![[0.5, 0.5]], array![[1_i64]], 2).unwrap_err();
    assert!(error.contains("predictions: shape [1, 2] with targets [1, 1]"), "{error}");
    let ignored = BrierScore { ignore_index: Some(-1), ..BrierScore::default() };
    // Samples that are left out are not checked.
    assert_eq!(value(ignored.clone(), array![0.5, 7.0, 1.0], array![0_i64, -1, 1], 2), Ok(0.125));
    let error = value(ignored, array![0.5], array![-1_i64], 2).unwrap_err();
    assert!(error.contains("undefined: the mean of no values"), "{error}");
}

/// scikit-learn 1.9.1 has a log loss of 0.1643 and, with `scale_by_half=False`, a Brier score of 0.04 for one-hot or
/// class targets. As six labels they are 0.1074 and 0.0133.
#[test]
fn targets_of_the_shape_of_the_predictions_need_a_task() {
    let probabilities = || array![[0.9, 0.1, 0.0], [0.1, 0.8, 0.1]];
    let one_hot = || array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let near = |found: Result<f64, String>, expected: f64| {
        assert!(found.as_ref().is_ok_and(|found| (found - expected).abs() < 1e-15), "{found:?}, expected {expected}");
    };
    for (task, [loss, brier, calibration]) in [
        (Task::Multiclass, [0.164_252_033_486_018, 0.04, 0.15]),
        (Task::Multilabel, [0.107_430_935_657_585_84, 0.08 / 6.0, 0.1]),
    ] {
        let task = Some(task);
        near(value(LogLoss { task, ..LogLoss::default() }, probabilities(), one_hot(), 2), loss);
        near(value(BrierScore { task, ..BrierScore::default() }, probabilities(), one_hot(), 2), brier);
        let core = Reliability { task, ..Reliability::default() };
        near(value(ExpectedCalibrationError { core }, probabilities(), one_hot(), 2), calibration);
    }
    let problem = "predictions: shape [2, 3], as the targets, which may be one-hot classes or labels; set `task = \
                   multiclass` for one-hot classes or `task = multilabel` for yes or no on each label";
    for error in [
        value(LogLoss::default(), probabilities(), one_hot(), 2).unwrap_err(),
        value(BrierScore::default(), probabilities(), one_hot(), 2).unwrap_err(),
        value(ExpectedCalibrationError::default(), probabilities(), one_hot(), 2).unwrap_err(),
        value(MaximumCalibrationError::default(), probabilities(), one_hot(), 2).unwrap_err(),
    ] {
        assert!(error.contains(problem), "{error}");
    }
    let task = |task, predictions, targets| {
        value(LogLoss { task: Some(task), ..LogLoss::default() }, predictions, targets, 2).unwrap_err()
    };
    for targets in [array![[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], array![[1.0, 0.0, 0.0], [0.0, 0.0, 0.5]]] {
        let error = task(Task::Multiclass, probabilities(), targets);
        assert!(error.contains("sample 1 of the data set: targets: the row is not one-hot"), "{error}");
    }
    let error = task(Task::Binary, probabilities(), one_hot());
    assert!(error.contains("`task = binary` expects [samples] or [samples, 1] with targets [samples]"), "{error}");
    let error = task(Task::Multiclass, array![[0.5]], array![[1.0]]);
    assert!(error.contains("for yes or no set `task = binary`"), "{error}");
    // A row of the value to ignore is left out.
    let ignoring = LogLoss { task: Some(Task::Multiclass), ignore_index: Some(-1), ..LogLoss::default() };
    let marked = array![[-1.0, -1.0, -1.0], [0.0, 1.0, 0.0]];
    near(value(ignoring, probabilities(), marked, 2), -0.8_f64.ln());
}

#[test]
fn the_worst_row_that_is_accepted_has_a_value() {
    // It sums to slightly more than 1, and all of it is wrong.
    let row = array![[1.0, 3.4e-4, 0.0]];
    assert_eq!(value(BrierScore::default(), row.clone(), array![2_i64], 1), Ok(2.0));
    let half = BrierScore { scale_by_half: Some(true), ..BrierScore::default() };
    assert_eq!(value(half, row.clone(), array![2_i64], 1), Ok(1.0));
    // A right prediction is not better than perfect.
    let loss = value(LogLoss::default(), row.clone(), array![0_i64], 1).unwrap();
    assert_eq!((loss, loss.is_sign_positive()), (0.0, true));
    assert!(value(ExpectedCalibrationError::default(), row, array![2_i64], 1).is_ok());
}

#[test]
fn errors_name_the_position() {
    let steps = array![[[0.5, 0.25], [0.5, 0.75]]];
    // −(ln 1/2 + ln 3/4) / 2
    let loss = value(LogLoss::default(), steps.clone(), array![[0_i64, 1]], 1).unwrap();
    assert!((loss - (2_f64.ln() + (4.0_f64 / 3.0).ln()) / 2.0).abs() < 1e-15, "{loss}");
    let error = value(LogLoss::default(), steps.clone(), array![[0_i64, 2]], 1).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: position 1: 2 is not one of 2 classes"), "{error}");
    let last = LogLoss { class_axis: 2, ..LogLoss::default() };
    let error = value(last, steps.clone(), array![[0_i64, 1]], 1).unwrap_err();
    assert!(
        error.contains("sample 0 of the data set: predictions: position 0: the probabilities sum to 0.75"),
        "{error}"
    );
    let error = value(BrierScore::default(), steps, array![[0_i64, 1, 1]], 1).unwrap_err();
    assert!(error.contains("shape [1, 2, 2] with targets [1, 3]") && error.contains("`class_axis = 1`"), "{error}");
}

#[test]
fn labels_are_evaluated_separately() {
    let probabilities = || array![[0.5, 1.0], [0.5, 0.25]];
    let targets = || array![[0_i64, 1], [1, 0]];
    assert_eq!(all(value(BrierScoreByLabel::default(), probabilities(), targets(), 1)), Ok(vec![0.25, 0.03125]));
    let labels = BrierScore { task: Some(Task::Multilabel), ..BrierScore::default() };
    assert_eq!(value(labels, probabilities(), targets(), 1), Ok(0.140_625));
    let ignoring = BrierScoreByLabel { ignore_index: Some(0), ..BrierScoreByLabel::default() };
    assert_eq!(all(value(ignoring.clone(), probabilities(), targets(), 1)), Ok(vec![0.25, 0.0]));
    let found = value(ignoring.clone(), probabilities(), array![[0_i64, 1], [0, 1]], 1).unwrap();
    assert!(
        matches!(&found[0], Answer::Undefined(why) if why.contains("output 0: the mean of no values")),
        "{found:?}"
    );
    assert_eq!(found[1], Answer::Value(0.28125));
    let error = value(ignoring, probabilities(), array![[0_i64, 0], [0, 0]], 1).unwrap_err();
    assert!(error.contains("undefined: output 0: the mean of no values") && error.contains("output 1"), "{error}");
    let bins = ReliabilityByLabel { ignore_index: Some(0), ..ReliabilityByLabel::default() };
    let expected = ExpectedCalibrationErrorByLabel { core: bins };
    let found = value(expected, probabilities(), array![[0_i64, 1], [0, 1]], 1).unwrap();
    assert_eq!(found, [Answer::Undefined("there are no samples for label 0".to_owned()), Answer::Value(0.375)]);
    let error = value(LogLossByLabel::default(), probabilities(), array![[0_i64, 0], [1, 0]], 2).unwrap_err();
    assert!(error.contains("undefined: the predicted probability of a target is 0"), "{error}");
    let error = value(LogLossByLabel::default(), probabilities(), array![[0_i64, 2], [1, 0]], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: label 1: 2 is neither 0 nor 1"), "{error}");
    let labels = LogLoss { task: Some(Task::Multilabel), ..LogLoss::default() };
    let error = value(labels, array![[0.5, 1.5]], array![[0_i64, 1]], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: predictions: label 1: 1.5 is not a probability"), "{error}");
    let error = value(LogLossByLabel::default(), array![0.5], array![1_i64], 2).unwrap_err();
    assert!(error.contains("shape [1] with targets [1]; expected [samples, labels] for both"), "{error}");
}

#[test]
fn an_impossible_target_has_no_finite_loss() {
    for (probabilities, target) in [(array![[1.0, 0.0]], 1_i64), (array![[0.0, 1.0]], 0)] {
        let error = value(LogLoss::default(), probabilities.clone(), array![target], 1).unwrap_err();
        assert!(error.contains("undefined: the predicted probability of a target is 0"), "{error}");
        let clipped = LogLoss { clip: 0.25, ..LogLoss::default() };
        assert_eq!(value(clipped, probabilities, array![target], 1), Ok(4_f64.ln()));
    }
    let error = value(LogLoss::default(), array![1.0], array![0_i64], 1).unwrap_err();
    assert!(error.contains("undefined: the predicted probability of a target is 0"), "{error}");
    // A logit has a finite loss however low it is.
    let logits = LogLoss { scores: Scores::Logits, ..LogLoss::default() };
    assert_eq!(value(logits.clone(), array![-1e6], array![1_i64], 1), Ok(1e6));
    assert_eq!(value(logits.clone(), array![[0.0, 1e6]], array![0_i64], 1), Ok(1e6));
    // A class that is ruled out, and a sample that is certain.
    assert_eq!(value(logits.clone(), array![[0.0, 0.0, f64::NEG_INFINITY]], array![0_i64], 1), Ok(2_f64.ln()));
    assert_eq!(value(logits.clone(), array![f64::INFINITY, f64::NEG_INFINITY], array![1_i64, 0], 1), Ok(0.0));
    let error = value(logits, array![f64::INFINITY], array![0_i64], 1).unwrap_err();
    assert!(error.contains("undefined: the predicted probability of a target is 0"), "{error}");
}

/// Bins are closed above: of three bins, 1/3 is in the first and 2/3 in the second.
#[test]
fn confidences_on_the_edge_belong_below() {
    let third = 1.0 / 3.0;
    let reliability = Reliability { bins: 3, ..Reliability::default() };
    let confidences = array![0.0, third, 2.0 / 3.0, 1.0, 0.5];
    let bins = value(reliability.clone(), confidences, array![0_i64, 1, 1, 1, 0], 2).unwrap();
    let found: Vec<(u64, u64, f64)> = bins.iter().map(|bin| (bin.bin, bin.samples, bin.accuracy)).collect();
    assert_eq!(found, [(0, 2, 0.5), (1, 2, 0.5), (2, 1, 1.0)]);
    // |0.5 − 1/6| · 2/5 + |0.5 − 7/12| · 2/5 + 0, and the first of them.
    let confidences = || array![0.0, third, 2.0 / 3.0, 1.0, 0.5];
    let targets = || array![0_i64, 1, 1, 1, 0];
    let expected = value(ExpectedCalibrationError { core: reliability.clone() }, confidences(), targets(), 2).unwrap();
    assert!((expected - (third * 0.4 + 0.4 / 12.0)).abs() < 1e-16);
    let maximum = value(MaximumCalibrationError { core: reliability }, confidences(), targets(), 2).unwrap();
    assert!((maximum - third).abs() < 1e-16);
}

#[test]
fn every_edge_of_many_bins_is_in_the_bin_below_it() {
    for bins in [1_u64, 3, 7, 15, 49, 100, 1000] {
        let edges = Array1::from_iter((1..=bins).map(|edge| edge as f64 / bins as f64));
        let above = edges.mapv(|edge: f64| edge.next_up().min(1.0));
        let targets = Array1::<i64>::zeros(bins as usize);
        let reliability = Reliability { bins, ..Reliability::default() };
        let bins_for = |confidences: Array1<f64>| value(reliability.clone(), confidences, targets.clone(), 64).unwrap();
        let places: Vec<u64> = bins_for(edges).iter().map(|bin| bin.bin).collect();
        assert_eq!(places, (0..bins).collect::<Vec<_>>());
        let places: Vec<u64> = bins_for(above).iter().map(|bin| bin.bin).collect();
        assert_eq!(places, (1.min(bins - 1)..bins).collect::<Vec<_>>());
    }
}

#[test]
fn equal_probabilities_predict_the_first_class() {
    let bins = value(Reliability::default(), array![[0.5, 0.5], [0.5, 0.5]], array![0_i64, 1], 1).unwrap();
    assert_eq!((bins.len(), bins[0].samples, bins[0].accuracy), (1, 2, 0.5));
}
