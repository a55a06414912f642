//! Cases in which Python NeuroBench 2.3.0 reports a wrong number, other degenerate ones, and mistakes.

use ndarray::{Array1, ArrayD, array};
use neurobench::metric::Registry;
use neurobench::metrics::{
    AbsoluteErrorDistribution, Mae, Mape, MaxError, MedianAbsoluteError, OutputAverage, Pearson, PearsonByOutput, R2,
    R2ByOutput, Smape, Spearman,
};

use neurobench::metric::Answer;

use super::{all, column_value, value};

/// NeuroBench: 200 for the whole batch.
#[test]
fn a_zero_predicted_as_zero_has_no_error() {
    assert_eq!(column_value(Smape, &[0.0, 1.0, -2.0], &[0.0, 1.0, -2.0]), Ok(0.0));
    assert_eq!(column_value(Smape, &[0.0, 3.0], &[-0.0, 1.0]), Ok(50.0));
    assert_eq!(column_value(Smape, &[1.0, -1.0], &[0.0, 1.0]), Ok(200.0));
    assert_eq!(column_value(Mape::default(), &[0.0, 1.0], &[0.0, 2.0]), Ok(0.25));
}

/// NeuroBench: only the first two outputs count, 1.0.
#[test]
fn a_wrong_third_output_lowers_r2() {
    let targets = array![[1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [3.0, 4.0, 5.0]];
    let predicted = array![[1.0, 2.0, 4.0], [2.0, 3.0, 4.0], [3.0, 4.0, 4.0]];
    assert_eq!(all(value(R2ByOutput::default(), predicted.clone(), targets.clone(), 2)), Ok(vec![1.0, 1.0, 0.0]));
    assert_eq!(value(R2::default(), predicted.clone(), targets.clone(), 2), Ok(2.0 / 3.0));
}

/// NeuroBench: 0.0.
#[test]
fn one_output_has_its_r2() {
    let (predicted, targets) = ([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0]);
    // Example of scikit-learn's documentation: 1 − 1.5 / 29.1875.
    assert_eq!(column_value(R2::default(), &predicted, &targets), Ok(1.0 - 0.375 / (29.1875 / 4.0)));
    let flat = |values: [f64; 4]| Array1::from(values.to_vec());
    assert_eq!(
        value(R2::default(), flat(predicted), flat(targets), 3),
        column_value(R2::default(), &predicted, &targets)
    );
}

/// Two cases of NeuroBench's own test suite, to the digits given there.
#[test]
fn right_numbers_of_neurobench_are_the_same() {
    let tenth_more = Array1::from_iter((1..=10).map(|target| 1.1 * f64::from(target)));
    let targets = Array1::from_iter((1..=10).map(f64::from));
    let error = value(Smape, tenth_more, targets, 4).unwrap();
    assert!((error - 9.524).abs() < 1e-3, "{error}");
    let targets = ArrayD::from_shape_fn(vec![10, 2], |at| at[0] as f64);
    let predicted = ArrayD::from_shape_fn(vec![10, 2], |at| 1.1 * (at[0] + at[1]) as f64);
    let explained = value(R2::default(), predicted, targets, 3).unwrap();
    assert!((explained - (2.0 - 2.85 / 82.5 - 24.85 / 82.5) / 2.0).abs() < 1e-15, "{explained}");
}

#[test]
fn steps_are_rows_and_the_last_axis_is_outputs() {
    let targets = ArrayD::from_shape_fn(vec![3, 4, 2], |at| (at[0] * 5 + at[1] * at[1] + 3 * at[2]) as f64);
    let predicted = targets.mapv(|target| if target > 9.0 { target - 1.0 } else { target + 0.5 });
    let flat = |array: &ArrayD<f64>| array.to_shape(vec![12, 2]).unwrap().into_owned();
    let whole = value(R2ByOutput::default(), predicted.clone(), targets.clone(), 2).unwrap();
    assert_eq!(whole.len(), 2);
    assert_eq!(value(R2ByOutput::default(), flat(&predicted), flat(&targets), 5), Ok(whole));
}

#[test]
fn undefined_values_have_a_reason() {
    let (predicted, targets) = (array![[1.0, 1.0], [2.0, 2.0]], array![[4.0, 1.0], [4.0, 2.0]]);
    for by_output in [
        value(R2ByOutput::default(), predicted.clone(), targets.clone(), 2).unwrap(),
        value(PearsonByOutput::default(), predicted, targets, 2).unwrap(),
    ] {
        assert!(
            matches!(&by_output[0], Answer::Undefined(why) if why.starts_with("the targets of output 0 are constant"))
        );
        assert_eq!(by_output[1], Answer::Value(1.0));
    }
    let constant = column_value(R2::default(), &[1.0, 2.0], &[4.0, 4.0]).unwrap_err();
    assert!(constant.contains("undefined: the targets of output 0 are constant"), "{constant}");
    let forced = R2 { force_finite: true, ..R2::default() };
    assert_eq!(column_value(forced.clone(), &[1.0, 2.0], &[4.0, 4.0]), Ok(0.0));
    assert_eq!(column_value(forced.clone(), &[4.0, 4.0], &[4.0, 4.0]), Ok(1.0));
    let single = column_value(forced, &[4.0], &[4.0]).unwrap_err();
    assert!(single.contains("undefined: fewer than two elements"), "{single}");
    let constant = column_value(Pearson::default(), &[1.0, 1.0], &[4.0, 5.0]).unwrap_err();
    assert!(constant.contains("undefined: the predictions of output 0 are constant"), "{constant}");
    let constant = column_value(Spearman::default(), &[1.0, 2.0], &[4.0, 4.0]).unwrap_err();
    assert!(constant.contains("undefined: the targets of output 0 are constant"), "{constant}");
    let zero = column_value(Mape::default(), &[1.0, 2.0], &[1.0, 0.0]).unwrap_err();
    assert!(zero.contains("sample 1 of the data set: undefined: element 0 has the target 0"), "{zero}");
    let shapes = value(Mae, array![[1.0], [2.0]], array![1.0, 2.0], 2).unwrap_err();
    assert!(shapes.contains("predictions: shape [2, 1], but the targets have [2]"), "{shapes}");
}

/// No elements: batches that a preprocessor emptied, or a data set without outputs.
#[test]
fn empty_data_has_no_value() {
    let none = ArrayD::<f64>::zeros(vec![2, 0]);
    for error in [
        value(Mae, none.clone(), none.clone(), 1).unwrap_err(),
        value(MaxError, none.clone(), none.clone(), 1).unwrap_err(),
        value(Smape, none.clone(), none.clone(), 1).unwrap_err(),
        value(R2::default(), none.clone(), none.clone(), 1).unwrap_err(),
        value(MedianAbsoluteError::default(), none.clone(), none.clone(), 1).unwrap_err(),
        value(Spearman::default(), none.clone(), none.clone(), 1).unwrap_err(),
        value(AbsoluteErrorDistribution, none.clone(), none.clone(), 1).map(|_| ()).unwrap_err(),
    ] {
        assert!(error.contains("undefined"), "{error}");
    }
}

/// The sums are exact, so values far from zero lose no digits.
#[test]
fn a_large_mean_does_not_change_r2() {
    let targets = [1.0, 2.0, 3.0, 5.0];
    let predicted = [1.5, 2.0, 2.0, 5.0];
    let far = |values: [f64; 4]| values.map(|value| value + 1e15);
    assert_eq!(
        column_value(R2::default(), &predicted.map(|value| value * 2.0), &targets.map(|value| value * 2.0)),
        column_value(R2::default(), &far(predicted.map(|value| value * 2.0)), &far(targets.map(|value| value * 2.0)))
    );
}

#[test]
fn opposite_extremes_are_twice_their_size_apart() {
    assert_eq!(column_value(Smape, &[f64::MAX, 1.0], &[-f64::MAX, 1.0]), Ok(100.0));
    assert_eq!(column_value(Smape, &[f64::MAX], &[f64::MAX]), Ok(0.0));
    let infinite = column_value(Smape, &[f64::INFINITY], &[1.0]).unwrap_err();
    assert!(infinite.contains("not a finite number"), "{infinite}");
}

#[test]
fn names_of_other_frameworks_are_understood() {
    for (written, name) in [
        ("MSE", "mse"),
        ("MeanSquaredError", "mse"),
        ("MeanAbsoluteError", "mae"),
        ("SMAPE", "smape"),
        ("sMAPE", "smape"),
        ("R2", "r2"),
        ("r2_score", "r2"),
        ("PearsonCorrCoef", "pearson"),
    ] {
        assert_eq!(Registry::global().find(written).unwrap().name, name, "{written}");
    }
}

/// A model that diverges on one sample still has a median error.
#[test]
fn an_infinite_error_leaves_a_finite_median() {
    let median = |predicted: &[f64], targets: &[f64]| column_value(MedianAbsoluteError::default(), predicted, targets);
    assert_eq!(median(&[1.0, 2.5, f64::INFINITY], &[1.0, 2.0, 3.0]), Ok(0.5));
    let infinite = median(&[1.0, f64::INFINITY], &[1.0, 3.0]).unwrap_err();
    assert!(infinite.contains("is inf, which is not a finite number"), "{infinite}");
}

/// Its weight is its variance. scikit-learn agrees if `force_finite` is set, and reports NaN if it is not.
#[test]
fn an_output_without_variance_is_left_out_of_a_weighted_mean() {
    let targets = array![[1.0, 4.0], [2.0, 4.0], [3.0, 4.0]];
    let predicted = array![[1.0, 5.0], [2.0, 4.0], [4.0, 4.0]];
    let weighted = |force_finite| R2 { multioutput: OutputAverage::VarianceWeighted, force_finite, ..R2::default() };
    assert_eq!(value(weighted(false), predicted.clone(), targets.clone(), 2), Ok(0.5));
    assert_eq!(value(weighted(true), predicted.clone(), targets.clone(), 2), Ok(0.5));
    assert!(value(R2::default(), predicted.clone(), targets, 2).unwrap_err().contains("output 1 are constant"));
    // If all are constant, all count equally: one of two is predicted without an error.
    let constant = array![[4.0, 4.0], [4.0, 4.0], [4.0, 4.0]];
    let predicted = array![[4.0, 5.0], [4.0, 4.0], [4.0, 4.0]];
    assert_eq!(value(weighted(true), predicted.clone(), constant.clone(), 2), Ok(0.5));
    assert!(value(weighted(false), predicted, constant, 2).unwrap_err().contains("output 0 are constant"));
}
