//! Intervals for means.

use super::{Interval, no_spread, tail};
use crate::stats::distributions::student_above;
use crate::stats::{SampleMoments, StatsError};

/// Student's interval (1908, doi 10.1093/biomet/6.1.1) for the mean of what these numbers were drawn from:
/// x̄ ± t·s/√n, with the quantile t of n − 1 degrees of freedom and s² = Σ(x − x̄)²/(n − 1).
///
/// # Errors
///
/// Undefined for fewer than two numbers, numbers that are all equal, or not finite; a level that is not between 0 and 1.
pub fn mean(values: &[f64], level: f64) -> Result<Interval, StatsError> {
    mean_from_moments(&SampleMoments::from_values(values), level)
}

/// Student's interval, as [`mean`], from the moments of the numbers.
///
/// # Errors
///
/// As [`mean`].
pub fn mean_from_moments(moments: &SampleMoments, level: f64) -> Result<Interval, StatsError> {
    let tail = tail(level)?;
    let SampleMoments { count, mean: Some(mean), variance: Some(variance) } = *moments else {
        let plural = if moments.count == 1 { "" } else { "s" };
        return Err(StatsError::undefined(format!(
            "the spread of {} sample{plural}; at least two are needed",
            moments.count
        )));
    };
    if !(mean.is_finite() && variance.is_finite()) {
        return Err(StatsError::undefined("the spread of numbers that are not finite"));
    }
    if variance <= 0.0 {
        return Err(no_spread("values"));
    }
    let n = count as f64;
    let half = student_above(tail, n - 1.0)? * (variance / n).sqrt();
    Ok(Interval { low: mean - half, high: mean + half })
}

/// Welch's interval (1947, doi 10.1093/biomet/34.1-2.28) for the difference of the means of what two sets of numbers were drawn
/// from, first − second, whose variances need not be the same: x̄ − ȳ ± t·√(s²/n + r²/m), with the degrees of freedom
/// (s²/n + r²/m)²/((s²/n)²/(n − 1) + (r²/m)²/(m − 1)).
///
/// # Errors
///
/// Undefined for fewer than two numbers on either side, numbers that are not finite, and numbers that vary on neither side; a level
/// that is not between 0 and 1.
pub fn difference_of_means(first: &[f64], second: &[f64], level: f64) -> Result<Interval, StatsError> {
    let tail = tail(level)?;
    let mean_and_error = |values: &[f64]| {
        let moments = SampleMoments::from_values(values);
        let error = moments.variance.map(|variance| variance / moments.count as f64);
        moments.mean.zip(error).ok_or_else(|| StatsError::undefined("the spread of fewer than two numbers"))
    };
    let ((x, a), (y, b)) = (mean_and_error(first)?, mean_and_error(second)?);
    let freedom = (a + b) * (a + b) / (a * a / (first.len() - 1) as f64 + b * b / (second.len() - 1) as f64);
    if !(freedom.is_finite() && (x - y).is_finite()) {
        return Err(StatsError::undefined("the spread of numbers that do not vary, or are not finite"));
    }
    let half = student_above(tail, freedom)? * (a + b).sqrt();
    Ok(Interval { low: x - y - half, high: x - y + half })
}
