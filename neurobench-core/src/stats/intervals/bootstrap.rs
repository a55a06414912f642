//! Intervals from replicates: values of the same statistic on resamples of the data.
//!
//! A resample draws each of n samples a number of times that is Poisson distributed with mean 1. Both intervals allow for n being
//! small, as Hesterberg does (2015, doi 10.1080/00031305.2015.1089789, expanded percentile intervals): where an end lies z standard
//! deviations off by the normal distribution, they go as far as Student's t of n − 1 degrees of freedom, so that of a mean of
//! symmetric numbers they are about Student's interval. His factor √(n/(n − 1)) is not due here. It is for resamples of n draws each,
//! on which the variance of a mean is (n − 1)/n of what it should be; of a Poisson number N of draws it goes with the mean of 1/N,
//! which is 1/n + 1/n² and more, and that makes up for it.
//!
//! The p-quantile of R replicates is the ((R + 1)·p)-th of them, and between two linear from one to the other (Davison
//! and Hinkley 1997, Bootstrap Methods and their Application, §5.2, doi 10.1017/CBO9780511802843): the value itself is
//! as likely to lie in each of the R + 1 gaps. scipy has it at 1 + (R − 1)·p, the default of numpy, so that 2·(1 − 2p)
//! gaps more lie outside of an interval: of a thousand replicates and at level 0.95, it holds the value 0.2 times in a
//! hundred less often. The p-value of a paired bootstrap counts gaps in the same way, so that it agrees with its
//! interval.
//!
//! If all replicates are the same, no interval is reported: a zero-width interval would mislead.

use super::{Interval, no_spread, tail};
use crate::stats::StatsError;
use crate::stats::distributions::{normal_cdf, normal_quantile, student_above};
use crate::stats::{QuantileMethod, quantile_by};

/// The percentile interval (Efron 1979, doi 10.1214/aos/1176344552), expanded for few samples: between the Φ(−t)- and the
/// Φ(t)-quantile of the replicates, where t is what Student's distribution with n − 1 degrees of freedom exceeds with probability
/// (1 − level)/2, for n `samples`.
///
/// # Errors
///
/// Undefined for fewer than two replicates or samples, replicates that are all equal, or not finite, and where fewer than one of
/// them lies beyond an end; a level that is not between 0 and 1.
pub fn percentile(replicates: &[f64], samples: u64, level: f64) -> Result<Interval, StatsError> {
    let t = deviate(replicates.len(), samples, level)?;
    between(&sorted(replicates)?, normal_cdf(-t), normal_cdf(t))
}

/// The bias-corrected and accelerated interval (Efron 1987, doi 10.1080/01621459.1987.10478410) of the statistic's `value`,
/// expanded for few `samples`.
///
/// Its ends are quantiles of the replicates, at Φ(z₀ + (z₀ ± t)/(1 − a·(z₀ ± t))), with t as in [`percentile`]. The
/// bias z₀ is Φ⁻¹ of the share of replicates below the value, those equal to it counted half. The acceleration is
/// a = Σd³/(6·(Σd²)^(3/2)), with the differences d between the mean of `left_out` and each of its values: those of the
/// statistic when one sample or one group of samples is left out. Any number of groups is possible: the sum over
/// samples becomes one over groups, with the same third moment. An end beyond all replicates is the last of them.
///
/// # Errors
///
/// As [`percentile`], for its ends; undefined where all replicates lie on one side of the value, which leaves the bias without a
/// number, and where 1 − a·(z₀ ± t) is not positive: beyond that pole a higher level would have a narrower interval.
pub fn bca(value: f64, replicates: &[f64], left_out: &[f64], samples: u64, level: f64) -> Result<Interval, StatsError> {
    let t = deviate(replicates.len(), samples, level)?;
    let replicates = sorted(replicates)?;
    let n = replicates.len();
    let below = replicates.partition_point(|replicate| *replicate < value);
    let not_above = replicates.partition_point(|replicate| *replicate <= value);
    let share = (below + not_above) as f64 / (2 * n) as f64;
    if share <= 0.0 || share >= 1.0 {
        let side = if share <= 0.0 { "above" } else { "below" };
        return Err(StatsError::undefined(format!(
            "all replicates lie {side} the value {value}, so their bias is not finite; \
             use the percentile interval, which does not need it"
        )));
    }
    let (bias, acceleration) = (normal_quantile(share), acceleration(left_out)?);
    let place = |t: f64| {
        let slowed = 1.0 - acceleration * (bias + t);
        if slowed > 0.0 {
            return Ok(normal_cdf(bias + (bias + t) / slowed));
        }
        Err(StatsError::undefined(format!(
            "an acceleration of {acceleration} with a bias of {bias} \
             extends the interval beyond all replicates at this confidence level; \
             use the percentile interval, which needs neither"
        )))
    };
    between(&replicates, place(-t)?, place(t)?)
}

/// Distance of the ends of an interval from its middle, in standard deviations: Student's t with one degree of freedom less than there
/// are samples.
fn deviate(replicates: usize, samples: u64, level: f64) -> Result<f64, StatsError> {
    let tail = tail(level)?;
    if replicates < 2 {
        return Err(StatsError::undefined("the spread of fewer than two replicates"));
    }
    if samples < 2 {
        return Err(StatsError::undefined("the spread of fewer than two samples"));
    }
    let t = student_above(tail, (samples - 1) as f64)?;
    // A number that is whole up to rounding is whole.
    let least = (1.0 / normal_cdf(-t) - 1.0 - 1e-9).ceil();
    if replicates as f64 >= least {
        return Ok(t);
    }
    Err(StatsError::undefined(match least {
        least if least > MOST => format!("{samples} samples are too few for confidence level {level}"),
        least => format!(
            "{replicates} resamples are too few for confidence level {level} with {samples} samples; use at least {least}"
        ),
    }))
}

/// Maximum number of replicates that is recommended in an error.
const MOST: f64 = 1e6;

fn acceleration(left_out: &[f64]) -> Result<f64, StatsError> {
    if left_out.is_empty() || left_out.iter().any(|value| !value.is_finite()) {
        return Err(StatsError::undefined("the acceleration of values that are missing or not finite"));
    }
    let mean = left_out.iter().sum::<f64>() / left_out.len() as f64;
    let differences = || left_out.iter().map(|value| mean - value);
    let squares: f64 = differences().map(|difference| difference * difference).sum();
    let cubes: f64 = differences().map(|difference| difference * difference * difference).sum();
    // Where nothing that is left out makes a difference, nothing accelerates.
    Ok(if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 })
}

fn sorted(replicates: &[f64]) -> Result<Vec<f64>, StatsError> {
    if let Some(bad) = replicates.iter().find(|replicate| !replicate.is_finite()) {
        return Err(StatsError::undefined(format!("a replicate is {bad}")));
    }
    let mut sorted = replicates.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted[0] == sorted[sorted.len() - 1] {
        return Err(no_spread("resamples"));
    }
    Ok(sorted)
}

fn between(sorted: &[f64], low: f64, high: f64) -> Result<Interval, StatsError> {
    let quantile = |q| quantile_by(sorted, q, QuantileMethod::Weibull);
    match (quantile(low), quantile(high)) {
        (Some(low), Some(high)) => Ok(Interval { low, high }),
        _ => Err(StatsError::undefined("the spread of no values")),
    }
}
