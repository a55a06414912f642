//! Undefined values, left-out targets, and mistakes.

use ndarray::{Array2, array};
use neurobench::metric::Answer;
use neurobench::metric::Registry;
use neurobench::metrics::{
    Auroc, AurocByClass, AveragePrecision, AveragePrecisionByClass, BinnedAuroc, LogLoss, Mse, RankedScores,
    RankingAverage, Thresholds, TopKAccuracy,
};

use super::value;

#[test]
fn a_class_that_is_absent_is_named() {
    let error = value(Auroc::default(), array![0.1, 0.9], array![1_i64, 1], 1).unwrap_err();
    assert!(error.contains("undefined: there are no negative samples"), "{error}");
    let error = value(AveragePrecision::default(), array![0.1, 0.9], array![0_i64, 0], 1).unwrap_err();
    assert!(error.contains("undefined: there are no positive samples"), "{error}");
    let scores = array![[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]];
    let error = value(Auroc::default(), scores, array![0_i64, 1], 1).unwrap_err();
    assert!(error.contains("undefined: there are no positive samples for class 2"), "{error}");
    let error = value(Auroc::default(), Array2::<f64>::zeros((2, 0)), Array2::<i64>::zeros((2, 0)), 1).unwrap_err();
    assert!(error.contains("undefined: there are no outputs"), "{error}");
    let all = Auroc {
        average: RankingAverage::Macro,
        core: RankedScores { ignore_index: Some(7), ..RankedScores::default() },
    };
    let error = value(all, array![0.1, 0.9], array![7_i64, 7], 1).unwrap_err();
    assert!(error.contains("undefined: there are no samples"), "{error}");
}

#[test]
fn each_class_has_its_value_or_its_reason() {
    let scores = array![[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]];
    let found = value(AurocByClass::default(), scores.clone(), array![[0_i64, 1, 1], [0, 0, 1]], 1).unwrap();
    let none = |what: &str| Answer::Undefined(format!("there are no {what}"));
    let expected = [none("positive samples for class 0"), Answer::Value(0.0), none("negative samples for class 2")];
    assert_eq!(found, expected);
    let precision = value(AveragePrecisionByClass::default(), scores.clone(), array![[0_i64, 1, 1], [0, 0, 1]], 1);
    assert_eq!(precision.unwrap()[1..], [Answer::Value(0.5), Answer::Value(1.0)]);
    let error = value(AurocByClass::default(), scores, array![[0_i64, 0, 1], [0, 0, 1]], 1).unwrap_err();
    let expected = "undefined: there are no positive samples for class 0, there are no positive samples for class 1, there are no \
                    negative samples for class 2";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn the_ignored_target_is_left_out() {
    let core = RankedScores { ignore_index: Some(-1), ..RankedScores::default() };
    let auroc = |core: &RankedScores| Auroc { average: RankingAverage::Macro, core: core.clone() };
    let (scores, targets) = (array![0.9, 0.2, 0.4, 0.3], array![0_i64, 0, 1, 1]);
    let without = value(auroc(&core), scores, targets, 2);
    let (scores, targets) = (array![0.9, 0.1, 0.2, 0.4, 0.3, 0.8], array![0_i64, -1, 0, 1, 1, -1]);
    assert_eq!(value(auroc(&core), scores, targets, 2), without);
    assert_eq!(without, Ok(0.5));
    // In a sample with labels, only the label is left out.
    let scores = array![[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]];
    let targets = array![[1_i64, 0], [0, 1], [-1, -1]];
    assert_eq!(value(auroc(&core), scores.clone(), targets, 2), Ok(1.0));
    let core = RankedScores { ignore_index: Some(1), ..RankedScores::default() };
    let error = value(auroc(&core), scores, array![0_i64, 1, 0], 2).unwrap_err();
    assert!(error.contains("no negative samples for class 0"), "{error}");
}

#[test]
fn mistakes_are_reported_with_their_place() {
    let error = value(Auroc::default(), array![0.1, 0.9], array![0_i64, 2], 2).unwrap_err();
    assert!(
        error.contains("sample 1 of the data set: targets: 2 is neither 0 nor 1; one score per sample means two"),
        "{error}"
    );
    let error = value(LogLoss::default(), array![0.1, 0.9], array![0_i64, 2], 2).unwrap_err();
    assert!(error.contains("targets: 2 is neither 0 nor 1; one score per sample means two classes"), "{error}");
    let error = value(Auroc::default(), array![[0.1, 0.9]], array![2_i64], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: 2 is not one of 2 classes"), "{error}");
    let error = value(Auroc::default(), array![[0.1, 0.9]], array![[0_i64, 3]], 2).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: label 1: 3 is neither 0 nor 1"), "{error}");
    let error = value(Auroc::default(), array![[0.1, 0.9]], array![[0.5]], 2).unwrap_err();
    assert!(error.contains("predictions: shape [1, 2] with targets [1, 1]"), "{error}");
    let error = value(Auroc::default(), array![0.1, f64::NAN], array![0_i64, 1], 2).unwrap_err();
    assert!(error.contains("sample 1 of the data set: predictions: NaN"), "{error}");
}

#[test]
fn wrong_shapes_are_reported_with_a_remedy() {
    let zeros = |shape: &[usize]| ndarray::ArrayD::<f64>::zeros(shape);
    let step_hint = "the postprocessor `aggregate` sums [batch, step, class] over the steps";
    for (predictions, targets, hint) in [
        (&[4, 3, 2][..], &[4][..], step_hint),
        (&[4], &[4, 2], "`aggregate` keeps the scores of every class"),
        (&[4, 2], &[4, 3, 2], "they must keep their steps"),
        (&[4], &[4, 1], "save `targets[:, 0]`"),
    ] {
        let (predictions, targets) = (zeros(predictions), zeros(targets));
        let error = value(Auroc::default(), predictions.clone(), targets.clone(), 4).unwrap_err();
        assert!(error.contains(hint) && error.contains("`class_axis = 1`"), "{error}");
        let error = value(LogLoss::default(), predictions.clone(), targets.clone(), 4).unwrap_err();
        assert!(error.contains(hint), "{error}");
        // The hint also appears for numbers that are not classes.
        if targets.ndim() > 1 {
            let error = value(Mse, predictions, targets, 4).unwrap_err();
            assert!(error.contains(hint), "{error}");
        }
    }
    // For classes the difference would be a `class_axis`.
    let error = value(Mse, zeros(&[4, 3, 2]), zeros(&[4, 2]), 4).unwrap_err();
    assert!(error.contains("`aggregate` sums [batch, step,"), "{error}");
    let error = value(Mse, zeros(&[4, 1]), zeros(&[4]), 4).unwrap_err();
    assert!(error.contains("save targets as `targets[:, None]`"), "{error}");
    let error = value(TopKAccuracy::default(), zeros(&[4]), zeros(&[4]), 4).unwrap_err();
    assert!(error.contains("`aggregate` keeps the scores of every class"), "{error}");
    let error = value(Auroc::default(), zeros(&[4, 3]), zeros(&[4, 1]), 4).unwrap_err();
    assert!(error.contains("save `targets[:, 0]`"), "{error}");
    let error = value(TopKAccuracy::default(), zeros(&[4, 3]), zeros(&[4, 3]), 4).unwrap_err();
    assert!(error.contains("`targets.argmax(axis=1)`"), "{error}");
    // Shapes unrelated to the targets have no hint.
    let error = value(Auroc::default(), zeros(&[4, 5]), zeros(&[4, 3]), 4).unwrap_err();
    assert!(error.ends_with("at `class_axis = 1`"), "{error}");
}

#[test]
fn thresholds_are_checked_before_a_run() {
    for (thresholds, written, problem) in [
        (Thresholds::even(1), "1", "1 thresholds; the number must be between 2 and"),
        (Thresholds::from_values([]), "[]", "the list of thresholds is empty"),
        (Thresholds::from_values([0.5, 0.5]), "[0.5, 0.5]", "must ascend: 0.5 comes before 0.5"),
    ] {
        assert!(thresholds.unwrap_err().to_string().contains(problem));
        let builder = neurobench::Benchmark::builder().model(neurobench::testing::predictions());
        let error =
            builder.metric_named(&format!("binned_auroc(thresholds={written})")).build().unwrap_err().to_string();
        assert!(error.contains("thresholds") && error.contains(problem), "{error}");
    }
    assert!(Thresholds::from_values([f64::NAN]).is_err() && Thresholds::from_values([0.0, f64::INFINITY]).is_err());
}

/// A class without samples has the weight 0: scikit-learn also leaves its NaN out.
#[test]
fn a_class_without_weight_needs_no_value() {
    let scores = array![[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]];
    let weighted = Auroc { average: RankingAverage::Weighted, ..Auroc::default() };
    assert_eq!(value(weighted.clone(), scores.clone(), array![0_i64, 1], 1), Ok(0.5));
    let precision = AveragePrecision { average: RankingAverage::Weighted, ..AveragePrecision::default() };
    assert_eq!(value(precision, scores, array![0_i64, 1], 1), Ok(0.75));
    let error = value(weighted, array![[0.1, 0.9]], array![[0_i64, 0]], 1).unwrap_err();
    assert!(error.contains("there are no positive samples for class 0"), "{error}");
}

/// In torchmetrics the curve starts at the highest threshold: 0 instead of 1/2.
#[test]
fn scores_that_reach_the_highest_threshold_are_counted() {
    let binned = value(BinnedAuroc::default(), array![1.0, 1.0], array![0_i64, 1], 2);
    assert_eq!(binned, Ok(0.5));
}

#[test]
fn a_column_of_scores_is_binary_and_scores_may_be_infinite() {
    let scores = array![[f64::NEG_INFINITY], [0.0], [-0.0], [f64::INFINITY]];
    assert_eq!(value(Auroc::default(), scores, array![0_i64, 0, 1, 1], 3), Ok(0.875));
}

#[test]
fn thresholds_are_written_as_a_number_or_a_list() {
    let registry = Registry::global();
    for (written, name) in [("roc_auc_score", "auroc"), ("AveragePrecision", "average_precision")] {
        assert_eq!(registry.find(written).unwrap().name, name, "{written}");
    }
    let benchmark = |text: &str| {
        let data = neurobench::data::InMemory::new(array![0.3, 0.4, 0.9], array![1_i64, 0, 1]).unwrap();
        let builder = neurobench::Benchmark::builder().model(neurobench::testing::predictions()).data(data);
        let report = builder.metric_named(text).build().unwrap().run().unwrap();
        report.entries()[0].value().unwrap().as_f64()
    };
    assert_eq!(benchmark("binned_auroc(thresholds=5)"), Some(0.75));
    assert_eq!(benchmark("binned_auroc(thresholds=[0.0, 0.35], average=micro)"), Some(0.25));
}
