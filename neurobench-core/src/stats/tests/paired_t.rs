//! Student's test of pairs.

use crate::stats::distributions::student_both_tails;
use crate::stats::tests::finite;
use crate::stats::{SampleMoments, StatsError};

/// Result of Student's test of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PairedT {
    /// d̄·√n/s.
    pub t: f64,
    /// n − 1.
    pub degrees_of_freedom: f64,
    /// The probability of a |t| at least as large where the mean of the differences is zero.
    pub p_value: f64,
}

/// Student's test (1908, doi 10.1093/biomet/6.1.1) of whether the mean of differences is zero: t = d̄·√n/s has n − 1 degrees of
/// freedom, where differences are normal or many.
///
/// # Errors
///
/// Undefined for fewer than two differences, for differences that are all equal up to rounding, and where one is not finite.
pub fn paired_t(differences: &[f64]) -> Result<PairedT, StatsError> {
    let (mean, deviation) = mean_and_deviation(differences)?;
    let n = differences.len() as f64;
    let t = mean / deviation * n.sqrt();
    Ok(PairedT { t, degrees_of_freedom: n - 1.0, p_value: student_both_tails(t, n - 1.0)? })
}

/// d̄ and s, where the differences vary by more than rounding.
pub(in crate::stats) fn mean_and_deviation(differences: &[f64]) -> Result<(f64, f64), StatsError> {
    finite(differences)?;
    let SampleMoments { mean: Some(mean), variance: Some(variance), .. } = SampleMoments::from_values(differences)
    else {
        return Err(StatsError::undefined("the spread of fewer than two differences"));
    };
    let deviation = variance.sqrt();
    if !deviation.is_finite() {
        return Err(StatsError::undefined("the spread of the differences is too large for floats"));
    }
    // 0.3 − 0.2 and 0.2 − 0.1 are the same difference, but not the same float.
    if deviation <= ROUNDING * mean.abs() {
        return Err(StatsError::undefined("the differences do not vary"));
    }
    Ok((mean, deviation))
}

/// Maximum relative spread of differences that are equal up to rounding: some units of the last of 53 bits.
const ROUNDING: f64 = 1e-14;
