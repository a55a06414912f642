//! Intervals from replicates: values of the same statistic on resamples of the data.

use super::{Interval, no_spread, tail};
use crate::metric::MetricError;
use crate::stats::distributions::{normal_cdf, normal_quantile};
use crate::stats::quantile;

/// The percentile interval (Efron 1979, doi 10.1214/aos/1176344552): between the α/2- and the (1 − α/2)-quantile of the
/// replicates.
///
/// # Errors
///
/// Undefined for fewer than two replicates, replicates that are all equal, or not finite; a level that is not between 0 and 1.
pub fn percentile(replicates: &[f64], level: f64) -> Result<Interval, MetricError> {
    let tail = tail(level)?;
    between(&sorted(replicates)?, tail, 1.0 - tail)
}

/// The bias-corrected and accelerated interval (Efron 1987, doi 10.1080/01621459.1987.10478410) of the statistic's `value`.
///
/// Its ends are quantiles of the replicates, at Φ(z₀ + (z₀ ± z)/(1 − a·(z₀ ± z))). The bias z₀ is Φ⁻¹ of the share of replicates
/// below the value, those equal to it counted half. The acceleration is a = Σd³/(6·(Σd²)^(3/2)), with the differences d between
/// the mean of `left_out` and each of it: the values of the statistic when one sample is left out, or one group of samples, as
/// many or few as there are (groups make the sum over samples one over groups, whose third moment is the same).
///
/// # Errors
///
/// As [`percentile`]; undefined where all replicates lie on one side of the value, which leaves the bias without a number, and where
/// 1 − a·(z₀ ± z) is not positive: beyond that pole a higher level would have a narrower interval.
pub fn bca(value: f64, replicates: &[f64], left_out: &[f64], level: f64) -> Result<Interval, MetricError> {
    let tail = tail(level)?;
    let replicates = sorted(replicates)?;
    let n = replicates.len();
    let below = replicates.partition_point(|replicate| *replicate < value);
    let not_above = replicates.partition_point(|replicate| *replicate <= value);
    let share = (below + not_above) as f64 / (2 * n) as f64;
    if share <= 0.0 || share >= 1.0 {
        let side = if share <= 0.0 { "above" } else { "below" };
        return Err(MetricError::undefined(format!(
            "all replicates lie {side} the value {value}: their bias has no number (the percentile interval needs none)"
        )));
    }
    let (bias, acceleration) = (normal_quantile(share), acceleration(left_out)?);
    let place = |z: f64| {
        let slowed = 1.0 - acceleration * (bias + z);
        if slowed > 0.0 {
            return Ok(normal_cdf(bias + (bias + z) / slowed));
        }
        Err(MetricError::undefined(format!(
            "an acceleration of {acceleration} with a bias of {bias} reaches beyond all replicates at this level \
             (the percentile interval needs neither)"
        )))
    };
    let z = normal_quantile(tail);
    between(&replicates, place(z)?, place(-z)?)
}

fn acceleration(left_out: &[f64]) -> Result<f64, MetricError> {
    if left_out.is_empty() || left_out.iter().any(|value| !value.is_finite()) {
        return Err(MetricError::undefined("the acceleration of values that are not there or not finite"));
    }
    let mean = left_out.iter().sum::<f64>() / left_out.len() as f64;
    let differences = || left_out.iter().map(|value| mean - value);
    let squares: f64 = differences().map(|difference| difference * difference).sum();
    let cubes: f64 = differences().map(|difference| difference * difference * difference).sum();
    // Where nothing that is left out makes a difference, nothing accelerates.
    Ok(if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 })
}

fn sorted(replicates: &[f64]) -> Result<Vec<f64>, MetricError> {
    if replicates.len() < 2 {
        return Err(MetricError::undefined("the spread of fewer than two replicates"));
    }
    if let Some(bad) = replicates.iter().find(|replicate| !replicate.is_finite()) {
        return Err(MetricError::undefined(format!("a replicate is {bad}")));
    }
    let mut sorted = replicates.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted[0] == sorted[sorted.len() - 1] {
        return Err(no_spread("resamples"));
    }
    Ok(sorted)
}

fn between(sorted: &[f64], low: f64, high: f64) -> Result<Interval, MetricError> {
    match (quantile(sorted, low), quantile(sorted, high)) {
        (Some(low), Some(high)) => Ok(Interval { low, high }),
        _ => Err(MetricError::undefined("the spread of nothing")),
    }
}
