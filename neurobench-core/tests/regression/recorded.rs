//! Hundreds of random and all degenerate inputs, as `data/metrics/record_regression.py` recorded them.

use ndarray::ArrayD;
use neurobench_core::metrics::{
    ExplainedVariance, ExplainedVarianceByOutput, Mae, Mape, MaxError, MedianAbsoluteError, Mse, OutputAverage,
    OutputErrors, PearsonByOutput, R2, R2ByOutput, Rmse, Smape, SpearmanByOutput,
};
use serde_json::Value;

use super::value;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/metrics/regression.json")).unwrap()
}

fn table(case: &Value, name: &str) -> ArrayD<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(case[name].clone()).unwrap();
    let shape = [rows.len(), rows[0].len()];
    ArrayD::from_shape_vec(shape.to_vec(), rows.concat()).unwrap()
}

/// The recorded values are sums of rounded numbers, so that they are off by some last digits; where a difference of large
/// numbers cancels in them (variances of targets around −10⁶), by what is left of 16 digits.
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

/// One undefined output makes all undefined here; the recorded list has a null in its place.
fn assert_same_outputs(found: Result<Vec<f64>, String>, recorded: &Value, tolerance: f64, what: &str) {
    let recorded = recorded.as_array().unwrap();
    match found {
        Ok(found) => {
            assert_eq!(found.len(), recorded.len(), "{what}");
            for (found, recorded) in found.into_iter().zip(recorded) {
                assert_near(found, recorded, tolerance, what);
            }
        }
        Err(why) => {
            assert!(recorded.iter().any(Value::is_null) && why.contains("undefined"), "{what}: {why}");
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
        // Off by more where scikit-learn's variance of large targets has fewer digits left.
        let tolerance = if targets.iter().any(|target| target.abs() > 1e3) { 1e-7 } else { 1e-12 };
        for force_finite in [false, true] {
            // Where it makes no difference it is not written twice.
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
