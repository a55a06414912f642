//! Welch's test of two independent samples.

use crate::stats::distributions::student_both_tails;
use crate::stats::{SampleMoments, StatsError};

/// Result of Welch's test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct WelchT {
    /// Difference of the means over its standard error.
    pub t: f64,
    /// Degrees of freedom by Welch and Satterthwaite, which are seldom whole.
    pub degrees_of_freedom: f64,
    /// Probability of a |t| at least as large if the means are equal.
    pub p_value: f64,
}

/// Welch's test (1947, doi 10.1093/biomet/34.1-2.28) of the hypothesis that two independent samples, such as the repeats of two
/// measurements, have the same mean: t = (x̄ − ȳ)/√(s²ₓ/n + s²ᵧ/m). The variances may differ.
///
/// It is `scipy.stats.ttest_ind(first, second, equal_var=False)`.
///
/// # Errors
///
/// Undefined for fewer than two values in a sample, if neither sample varies, and if a value is not finite.
pub fn welch_t(first: &[f64], second: &[f64]) -> Result<WelchT, StatsError> {
    let moments = |values: &[f64]| match SampleMoments::from_values(values) {
        SampleMoments { count, mean: Some(mean), variance: Some(variance) } if mean.is_finite() => {
            Ok((mean, variance / count as f64, count as f64 - 1.0))
        }
        SampleMoments { count: 0 | 1, .. } => Err(StatsError::undefined("the spread of fewer than two values")),
        _ => Err(StatsError::undefined("a value is not finite")),
    };
    let ((mean, error, freedom), (other_mean, other_error, other_freedom)) = (moments(first)?, moments(second)?);
    let sum = error + other_error;
    if !(sum > 0.0 && sum.is_finite()) {
        return Err(StatsError::undefined("the values do not vary"));
    }
    let t = (mean - other_mean) / sum.sqrt();
    let degrees_of_freedom = sum * sum / (error * error / freedom + other_error * other_error / other_freedom);
    Ok(WelchT { t, degrees_of_freedom, p_value: student_both_tails(t, degrees_of_freedom)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_those_of_scipy() {
        // scipy.stats.ttest_ind(first, second, equal_var=False): statistic, df and pvalue.
        let cases: [(&[f64], &[f64], [f64; 3]); 3] = [
            (
                &[1.0, 2.0, 3.0],
                &[2.5, 4.5, 3.5, 6.0],
                [-2.251_705_007_010_574_6, 4.986_244_529_074_065, 0.074_265_154_884_007_99],
            ),
            (
                &[195.8, 201.2, 188.4],
                &[211.0, 209.5, 214.25],
                [-4.147_681_271_386_363_6, 2.559_707_061_651_204_5, 0.034_428_346_844_081_456],
            ),
            (
                &[1e-3, 1.1e-3],
                &[1.05e-3, 0.95e-3, 1.02e-3],
                [0.745_601_135_079_326_2, 1.719_511_400_954_497_2, 0.544_373_036_773_836_7],
            ),
        ];
        for (first, second, expected) in cases {
            let found = welch_t(first, second).expect("it is defined");
            for (found, expected) in [found.t, found.degrees_of_freedom, found.p_value].into_iter().zip(expected) {
                assert!((found / expected - 1.0).abs() < 1e-11, "{found} for {expected}");
            }
        }
    }

    #[test]
    fn undefined_for_too_few_or_constant_values() {
        let problem = |first: &[f64], second: &[f64]| welch_t(first, second).err().map(|error| error.to_string());
        for (first, second, part) in [
            (&[1.0][..], &[1.0, 2.0][..], "the spread of fewer than two values"),
            (&[1.0, 1.0], &[2.0, 2.0], "the values do not vary"),
            (&[1.0, f64::NAN], &[2.0, 3.0], "a value is not finite"),
        ] {
            assert!(problem(first, second).is_some_and(|text| text.contains(part)), "{part}");
        }
    }
}
