//! Hundreds of random and all degenerate inputs, as recorded by `data/metrics/record_regression.py`.

use ndarray::{ArrayD, Axis};
use neurobench::accumulate::Quantiles;
use neurobench::metric::Answer;
use neurobench::metrics::{
    AbsoluteErrorDistribution, AbsoluteErrors, ExplainedVariance, ExplainedVarianceByOutput, KeptPairs, Mae, Mape,
    MaxError, MedianAbsoluteError, Mse, OutputAverage, OutputErrors, OutputPairs, PearsonByOutput, R2, R2ByOutput,
    Rmse, Smape, SpearmanByOutput,
};
use serde_json::Value;

use super::{all, value};

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../data/metrics/regression.json")).unwrap()
}

fn table(case: &Value, name: &str) -> ArrayD<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(case[name].clone()).unwrap();
    let shape = [rows.len(), rows[0].len()];
    ArrayD::from_shape_vec(shape.to_vec(), rows.concat()).unwrap()
}

/// The recorded values are sums of rounded numbers and differ in some last digits. If a difference of large numbers
/// cancels in them (variances of targets around −10⁶), the tolerance is the rest of 16 digits.
fn assert_near(found: f64, recorded: &Value, tolerance: f64, what: &str) {
    let recorded = recorded.as_f64().unwrap_or_else(|| panic!("{what}: {found}, recorded as undefined"));
    assert!((found - recorded).abs() <= tolerance * recorded.abs().max(1.0), "{what}: {found}, recorded {recorded}");
}

fn assert_same(found: Result<f64, String>, recorded: &Value, tolerance: f64, what: &str) {
    match found {
        Ok(found) => assert_near(found, recorded, tolerance, what),
        Err(why) => {
            assert!(recorded.is_null() && why.contains("undefined"), "{what}: {why}, recorded {recorded}");
        }
    }
}

/// Each output keeps its value, or has a reason if the recorded list has a null.
fn assert_same_outputs(found: Result<Vec<Answer<f64>>, String>, recorded: &Value, tolerance: f64, what: &str) {
    let recorded = recorded.as_array().unwrap();
    match found {
        Ok(found) => {
            assert_eq!(found.len(), recorded.len(), "{what}");
            for (found, recorded) in found.into_iter().zip(recorded) {
                assert_same(found.value().copied().map_err(|why| why.to_string()), recorded, tolerance, what);
            }
        }
        Err(why) => {
            assert!(recorded.iter().all(Value::is_null) && why.contains("undefined"), "{what}: {why}");
        }
    }
}

#[test]
fn errors_are_those_of_scikit_learn_and_torchmetrics() {
    let scikit_epsilon = f64::EPSILON;
    for (index, case) in cases().iter().enumerate() {
        let (predicted, targets) = (table(case, "predictions"), table(case, "targets"));
        let what = |name: &str| format!("{name} of case {index}");
        let near = |found: Result<f64, String>, name: &str| assert_same(found, &case[name], 1e-14, &what(name));
        near(value(Mse, predicted.clone(), targets.clone(), 3), "mse");
        near(value(Mae, predicted.clone(), targets.clone(), 3), "mae");
        near(value(Mape { epsilon: scikit_epsilon }, predicted.clone(), targets.clone(), 3), "mape");
        near(value(Smape, predicted.clone(), targets.clone(), 3), "smape");
        near(value(MaxError, predicted.clone(), targets.clone(), 3), "max_error");
        near(value(MedianAbsoluteError::default(), predicted.clone(), targets.clone(), 3), "median_absolute_error");
        let squared = case["mse"].as_f64().unwrap();
        let root = value(Rmse::default(), predicted.clone(), targets.clone(), 2).unwrap();
        assert!((root - squared.sqrt()).abs() <= 1e-14 * squared.sqrt(), "{}", what("rmse"));
    }
}

#[test]
fn shares_of_variance_are_those_of_scikit_learn() {
    for (index, case) in cases().iter().enumerate() {
        let (predicted, targets) = (table(case, "predictions"), table(case, "targets"));
        // The difference is larger if scikit-learn's variance of large targets has fewer digits.
        let tolerance = if targets.iter().any(|target| target.abs() > 1e3) { 1e-7 } else { 1e-12 };
        for force_finite in [false, true] {
            // The record omits it if it makes no difference.
            let finite = if force_finite && case.get("r2_finite_uniform").is_some() { "_finite" } else { "" };
            for (multioutput, average) in
                [(OutputAverage::Uniform, "uniform"), (OutputAverage::VarianceWeighted, "weighted")]
            {
                let name = format!("r2{finite}_{average}");
                let metric = R2 { multioutput, force_finite, core: OutputErrors };
                let found = value(metric, predicted.clone(), targets.clone(), 3);
                assert_same(found, &case[&name], tolerance, &format!("{name} of case {index}"));
                let name = format!("explained_variance{finite}_{average}");
                let metric = ExplainedVariance { multioutput, force_finite, core: OutputErrors };
                let found = value(metric, predicted.clone(), targets.clone(), 3);
                assert_same(found, &case[&name], tolerance, &format!("{name} of case {index}"));
            }
            let name = format!("r2{finite}_by_output");
            let found = value(R2ByOutput { force_finite, core: OutputErrors }, predicted.clone(), targets.clone(), 3);
            assert_same_outputs(found, &case[&name], tolerance, &format!("{name} of case {index}"));
            let name = format!("explained_variance{finite}_by_output");
            let found = value(
                ExplainedVarianceByOutput { force_finite, core: OutputErrors },
                predicted.clone(),
                targets.clone(),
                3,
            );
            assert_same_outputs(found, &case[&name], tolerance, &format!("{name} of case {index}"));
        }
    }
}

#[test]
fn correlations_are_those_of_scipy() {
    for (index, case) in cases().iter().enumerate() {
        let (predicted, targets) = (table(case, "predictions"), table(case, "targets"));
        let tolerance = if targets.iter().any(|target| target.abs() > 1e3) { 1e-7 } else { 1e-12 };
        let found = value(PearsonByOutput::default(), predicted.clone(), targets.clone(), 3);
        assert_same_outputs(found, &case["pearson_by_output"], tolerance, &format!("pearson of case {index}"));
        let found = value(SpearmanByOutput::default(), predicted.clone(), targets.clone(), 3);
        assert_same_outputs(found, &case["spearman_by_output"], 1e-14, &format!("spearman of case {index}"));
    }
}

/// Quartiles in buckets are within the stated error; all others are rounded in a few last digits.
#[test]
fn distributions_of_errors_are_those_of_numpy() {
    for (index, case) in cases().iter().enumerate() {
        let (predicted, targets) = (table(case, "predictions"), table(case, "targets"));
        let found = value(AbsoluteErrorDistribution, predicted.clone(), targets.clone(), 3).unwrap();
        let recorded: Vec<f64> = serde_json::from_value(case["distribution"].clone()).unwrap();
        let [min, q1, median, q3, max, mean, std] = recorded[..] else { panic!("{recorded:?}") };
        assert_eq!((found.min, found.max), (min, max), "case {index}");
        for (found, exact) in [(found.q1, q1), (found.median, median), (found.q3, q3)] {
            assert!((found - exact).abs() <= Quantiles::RELATIVE_ERROR * exact, "{found} for {exact}, case {index}");
        }
        assert!(
            (found.mean - mean).abs() <= 1e-14 * mean && (found.std - std).abs() <= 1e-12 * std.max(mean),
            "case {index}"
        );
        let errors = value(AbsoluteErrors, predicted.clone(), targets.clone(), 3).unwrap();
        let expected: Vec<f64> = predicted.iter().zip(&targets).map(|(p, t)| (p - t).abs()).collect();
        assert_eq!(errors, expected, "case {index}");
    }
}

#[test]
fn moments_of_outputs_are_those_of_numpy() {
    for (index, case) in cases().iter().enumerate() {
        let (predicted, targets) = (table(case, "predictions"), table(case, "targets"));
        // Numpy's sums of squared differences around 10⁸ keep this much of 16 digits.
        let near = |found: f64, recorded: &Value| assert_near(found, recorded, 1e-9, &format!("case {index}"));
        let errors = all(value(OutputErrors, predicted.clone(), targets.clone(), 3)).unwrap();
        let pairs = all(value(OutputPairs, predicted.clone(), targets.clone(), 3)).unwrap();
        let kept = all(value(KeptPairs, predicted.clone(), targets.clone(), 3)).unwrap();
        for (output, (errors, pairs)) in errors.iter().zip(&pairs).enumerate() {
            assert_eq!((errors.elements, pairs.count), (targets.shape()[0] as u64, targets.shape()[0] as u64));
            let recorded = &case["errors_by_output"][output];
            near(errors.mean_error, &recorded[0]);
            near(errors.mean_squared_error, &recorded[1]);
            near(errors.target_variance, &recorded[2]);
            let recorded = &case["covariances_by_output"][output];
            near(pairs.left_variance, &recorded[0]);
            near(pairs.right_variance, &recorded[1]);
            near(pairs.covariance, &recorded[2]);
            let column = |array: &ArrayD<f64>| array.index_axis(Axis(1), output).iter().copied().collect::<Vec<_>>();
            let expected: Vec<[f64; 2]> =
                column(&predicted).into_iter().zip(column(&targets)).map(|(p, t)| [p, t]).collect();
            assert_eq!(kept[output], expected, "case {index}");
        }
    }
}
