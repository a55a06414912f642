//! Identities between metrics, for any numbers.

use neurobench::metrics::{
    AbsoluteErrorDistribution, ExplainedVariance, Mae, MaxError, MedianAbsoluteError, Mse, Pearson, R2, Rmse, Smape,
    Spearman,
};
use proptest::prelude::*;

use super::column_value;

/// Pairs of numbers that vary in both.
fn pairs() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let number = -1000_i32..1000;
    prop::collection::vec((number.clone(), number), 3..12)
        .prop_map(|pairs| pairs.into_iter().map(|(p, t)| (f64::from(p) / 8.0, f64::from(t) / 8.0)).unzip())
        .prop_filter("constant", |(predicted, targets): &(Vec<f64>, Vec<f64>)| {
            [predicted, targets].iter().all(|values| values.iter().any(|value| *value != values[0]))
        })
}

/// Values of the least-squares line through targets over predictions.
fn fitted(predicted: &[f64], targets: &[f64]) -> Vec<f64> {
    let n = predicted.len() as f64;
    let (mean_p, mean_t) = (predicted.iter().sum::<f64>() / n, targets.iter().sum::<f64>() / n);
    let covariance: f64 = predicted.iter().zip(targets).map(|(p, t)| (p - mean_p) * (t - mean_t)).sum();
    let variance: f64 = predicted.iter().map(|p| (p - mean_p) * (p - mean_p)).sum();
    predicted.iter().map(|p| mean_t + covariance / variance * (p - mean_p)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_square_of_the_root_is_the_square((predicted, targets) in pairs()) {
        let squared = column_value(Mse, &predicted, &targets).unwrap();
        let root = column_value(Rmse::default(), &predicted, &targets).unwrap();
        // A root is rounded by half a unit, and its square by twice that.
        prop_assert!((root * root - squared).abs() <= 4.0 * f64::EPSILON * squared);
    }

    #[test]
    fn errors_are_ordered((predicted, targets) in pairs()) {
        let mean = column_value(Mae, &predicted, &targets).unwrap();
        let root = column_value(Rmse::default(), &predicted, &targets).unwrap();
        let largest = column_value(MaxError, &predicted, &targets).unwrap();
        let median = column_value(MedianAbsoluteError::default(), &predicted, &targets).unwrap();
        prop_assert!(mean <= root * (1.0 + 1e-15) && root <= largest * (1.0 + 1e-15) && median <= largest);
        let bounded = column_value(AbsoluteErrorDistribution, &predicted, &targets).unwrap();
        prop_assert_eq!(bounded.max, largest);
        prop_assert_eq!(bounded.mean, mean);
    }

    #[test]
    fn pearson_squared_is_r2_of_the_fitted_line((predicted, targets) in pairs()) {
        let pearson = column_value(Pearson::default(), &predicted, &targets).unwrap();
        let r2 = column_value(R2::default(), &fitted(&predicted, &targets), &targets).unwrap();
        prop_assert!((pearson * pearson - r2).abs() < 1e-12, "{} {}", pearson * pearson, r2);
    }

    #[test]
    fn a_shift_changes_only_r2((predicted, targets) in pairs(), shift in 1..100_i32) {
        let shifted: Vec<f64> = predicted.iter().map(|value| value + f64::from(shift)).collect();
        let explained = |predicted: &[f64]| column_value(ExplainedVariance::default(), predicted, &targets).unwrap();
        // Multiples of 1/8 and whole numbers: no difference is rounded.
        prop_assert_eq!(explained(&predicted), explained(&shifted));
        prop_assert!(column_value(R2::default(), &predicted, &targets).unwrap() <= explained(&predicted) + 1e-15);
    }

    #[test]
    fn ranks_do_not_change_under_a_growing_function((predicted, targets) in pairs()) {
        let grown: Vec<f64> = predicted.iter().map(|value| value * value * value + value).collect();
        let spearman = column_value(Spearman::default(), &predicted, &targets).unwrap();
        prop_assert_eq!(column_value(Spearman::default(), &grown, &targets).unwrap(), spearman);
        let fallen: Vec<f64> = grown.iter().map(|value| -value).collect();
        prop_assert_eq!(column_value(Spearman::default(), &fallen, &targets).unwrap(), -spearman);
    }

    #[test]
    fn relative_errors_are_symmetric((predicted, targets) in pairs()) {
        let there = column_value(Smape, &predicted, &targets).unwrap();
        prop_assert_eq!(there, column_value(Smape, &targets, &predicted).unwrap());
        prop_assert_eq!(column_value(Pearson::default(), &predicted, &targets), column_value(Pearson::default(), &targets, &predicted));
        prop_assert!((0.0..=200.0).contains(&there));
    }
}
