//! Identities between metrics, for any probabilities.

use ndarray::{Array1, Array2, Axis, s};
use neurobench::metrics::{
    BrierScore, BrierScoreByLabel, ExpectedCalibrationError, ExpectedCalibrationErrorByLabel, LogLoss, LogLossByLabel,
    MaximumCalibrationError, Mse, Reliability, ReliabilityByLabel, Scores, Task,
};
use proptest::prelude::*;

use super::{all, value};

/// Logits of three classes and a target for each sample.
fn samples() -> impl Strategy<Value = (Array2<f64>, Array1<i64>)> {
    prop::collection::vec((prop::array::uniform3(-6.0..6.0_f64), 0..3_i64), 1..12).prop_map(|samples| {
        let (rows, targets): (Vec<[f64; 3]>, Vec<i64>) = samples.into_iter().unzip();
        (Array2::from(rows), Array1::from(targets))
    })
}

/// Probabilities of class 1 and targets.
fn binary() -> impl Strategy<Value = (Array1<f64>, Array1<i64>)> {
    prop::collection::vec((0.001..0.999_f64, 0..2_i64), 1..12).prop_map(|samples| {
        let (probabilities, targets): (Vec<f64>, Vec<i64>) = samples.into_iter().unzip();
        (Array1::from(probabilities), Array1::from(targets))
    })
}

fn softmax(logits: &Array2<f64>) -> Array2<f64> {
    let mut rows = logits.mapv(f64::exp);
    for mut row in rows.rows_mut() {
        let sum = row.sum();
        row /= sum;
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Up to a few roundings of exponentials and logarithms.
    #[test]
    fn logits_and_logarithms_are_probabilities((logits, targets) in samples()) {
        let probabilities = softmax(&logits);
        let logarithms = probabilities.mapv(f64::ln);
        let forms = [
            (Scores::Probabilities, probabilities),
            (Scores::LogProbabilities, logarithms),
            (Scores::Logits, logits),
        ];
        let values = forms.map(|(scores, inputs)| {
            let log_loss = LogLoss { scores, ..LogLoss::default() };
            let brier = BrierScore { scores, ..BrierScore::default() };
            [
                value(log_loss, inputs.clone(), targets.clone(), 4).unwrap(),
                value(brier, inputs, targets.clone(), 4).unwrap(),
            ]
        });
        for form in &values[1..] {
            prop_assert!((form[0] - values[0][0]).abs() < 1e-13 && (form[1] - values[0][1]).abs() < 1e-14);
        }
    }

    #[test]
    fn one_probability_is_equivalent_to_two((probabilities, targets) in binary()) {
        let rows = Array2::from_shape_fn((probabilities.len(), 2), |(row, class)| {
            if class == 1 { probabilities[row] } else { 1.0 - probabilities[row] }
        });
        let brier = value(BrierScore::default(), probabilities.clone(), targets.clone(), 4).unwrap();
        prop_assert!((value(BrierScore::default(), rows.clone(), targets.clone(), 4).unwrap() - brier).abs() < 1e-15);
        let loss = value(LogLoss::default(), probabilities.clone(), targets.clone(), 4).unwrap();
        prop_assert!((value(LogLoss::default(), rows, targets.clone(), 4).unwrap() - loss).abs() < 1e-13);
        // The Brier score of two classes is the mean squared error of the probability.
        let targets = targets.mapv(|target| target as f64);
        prop_assert_eq!(value(Mse, probabilities, targets, 4).unwrap(), brier);
    }

    #[test]
    fn an_ignored_target_removes_its_sample((logits, targets) in samples(), gaps in prop::collection::vec(prop::bool::ANY, 12)) {
        let left = |at: &usize| !gaps[*at];
        let remaining: Vec<usize> = (0..targets.len()).filter(left).collect();
        prop_assume!(!remaining.is_empty());
        let marked = Array1::from_shape_fn(targets.len(), |at| if gaps[at] { -1 } else { targets[at] });
        let (fewer, own_targets) = (logits.select(Axis(0), &remaining), targets.select(Axis(0), &remaining));
        let (scores, ignore_index) = (Scores::Logits, Some(-1));
        let loss = LogLoss { scores, ignore_index, ..LogLoss::default() };
        prop_assert_eq!(value(loss.clone(), logits.clone(), marked.clone(), 4), value(loss, fewer.clone(), own_targets.clone(), 4));
        let brier = BrierScore { scores, ignore_index, ..BrierScore::default() };
        prop_assert_eq!(value(brier.clone(), logits.clone(), marked.clone(), 4), value(brier, fewer.clone(), own_targets.clone(), 4));
        let expected = ExpectedCalibrationError { core: Reliability { scores, ignore_index, ..Reliability::default() } };
        prop_assert_eq!(value(expected.clone(), logits, marked, 4), value(expected, fewer, own_targets, 4));
    }

    /// Samples of two steps are equivalent to twice as many samples, wherever their classes lie.
    #[test]
    fn every_position_is_a_sample((logits, targets) in samples()) {
        let pairs = targets.len() / 2;
        prop_assume!(pairs > 0);
        let (flat, own_targets) = (logits.slice(s![..2 * pairs, ..]).to_owned(), targets.slice(s![..2 * pairs]).to_owned());
        let last = flat.clone().into_shape_with_order((pairs, 2, 3)).unwrap();
        let second = last.clone().permuted_axes([0, 2, 1]);
        let placed = own_targets.clone().into_shape_with_order((pairs, 2)).unwrap();
        let scores = Scores::Logits;
        for (class_axis, predictions) in [(1, second), (2, last)] {
            let loss = |class_axis| LogLoss { scores, class_axis, ..LogLoss::default() };
            let whole = value(loss(1), flat.clone(), own_targets.clone(), 4);
            prop_assert_eq!(value(loss(class_axis), predictions.clone(), placed.clone(), 4), whole);
            let brier = |class_axis| BrierScore { scores, class_axis, ..BrierScore::default() };
            let whole = value(brier(1), flat.clone(), own_targets.clone(), 4);
            prop_assert_eq!(value(brier(class_axis), predictions.clone(), placed.clone(), 4), whole);
            let error = |class_axis| ExpectedCalibrationError {
                core: Reliability { scores, class_axis, ..Reliability::default() },
            };
            let whole = value(error(1), flat.clone(), own_targets.clone(), 4);
            prop_assert_eq!(value(error(class_axis), predictions, placed.clone(), 4), whole);
        }
    }

    /// Each label has the same value as it has alone, and without a target to ignore the whole is their mean.
    #[test]
    fn labels_are_separate_binary_tasks((logits, _) in samples(), seed in any::<u32>()) {
        let targets = Array2::from_shape_fn(logits.dim(), |(row, label)| i64::from(seed >> ((row * 3 + label) % 32) & 1));
        let scores = Scores::Logits;
        let losses = all(value(LogLossByLabel { scores, ..LogLossByLabel::default() }, logits.clone(), targets.clone(), 4)).unwrap();
        let briers = all(value(BrierScoreByLabel { scores, ..BrierScoreByLabel::default() }, logits.clone(), targets.clone(), 4)).unwrap();
        let core = ReliabilityByLabel { scores, ..ReliabilityByLabel::default() };
        let errors = all(value(ExpectedCalibrationErrorByLabel { core }, logits.clone(), targets.clone(), 4)).unwrap();
        let single = LogLoss { scores, ..LogLoss::default() };
        let single_brier = BrierScore { scores, ..BrierScore::default() };
        let error = ExpectedCalibrationError { core: Reliability { scores, ..Reliability::default() } };
        for label in 0..3 {
            let (scores, target) = (logits.column(label).to_owned(), targets.column(label).to_owned());
            prop_assert_eq!(value(single.clone(), scores.clone(), target.clone(), 4), Ok(losses[label]));
            prop_assert_eq!(value(single_brier.clone(), scores.clone(), target.clone(), 4), Ok(briers[label]));
            prop_assert_eq!(value(error.clone(), scores, target, 4), Ok(errors[label]));
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / 3.0;
        let loss = LogLoss { task: Some(Task::Multilabel), ..single };
        let brier = BrierScore { task: Some(Task::Multilabel), ..single_brier };
        prop_assert!((value(loss, logits.clone(), targets.clone(), 4).unwrap() - mean(&losses)).abs() < 1e-13);
        prop_assert!((value(brier, logits, targets, 4).unwrap() - mean(&briers)).abs() < 1e-15);
    }

    #[test]
    fn the_expected_error_is_at_most_the_worst((logits, targets) in samples()) {
        let probabilities = softmax(&logits);
        let expected = value(ExpectedCalibrationError::default(), probabilities.clone(), targets.clone(), 4).unwrap();
        let worst = value(MaximumCalibrationError::default(), probabilities, targets, 4).unwrap();
        prop_assert!(expected <= worst + 1e-15);
    }

    #[test]
    fn a_shift_of_logits_changes_nothing((logits, targets) in samples(), shift in -100..100_i32) {
        let loss = |logits: Array2<f64>| {
            value(LogLoss { scores: Scores::Logits, ..LogLoss::default() }, logits, targets.clone(), 4).unwrap()
        };
        let shifted = logits.mapv(|logit| logit + f64::from(shift));
        prop_assert!((loss(shifted) - loss(logits)).abs() < 1e-12);
    }
}
