//! The bootstrap of pairs.

use crate::stats::Interval;
use crate::stats::StatsError;
use crate::stats::distributions::{normal_quantile, student_both_tails};
use crate::stats::intervals::percentile;

/// Result of the bootstrap of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PairedBootstrap {
    /// Interval of the difference, first − second.
    pub interval: Interval,
    /// One minus the highest confidence level at which the interval excludes zero.
    pub p_value: f64,
    /// The p-value where all resamples lie on one side of zero.
    pub smallest_p: f64,
}

/// Paired bootstrap test of whether two values of a statistic differ. It works for any statistic: `first` and `second`
/// are its values for two models on the same resamples of n `samples` (Koehn 2004,
/// <https://aclanthology.org/W04-3250>).
///
/// The interval of the difference is that of [`percentile`], the p-value what belongs to it (Efron and Tibshirani 1993, An
/// Introduction to the Bootstrap, §15.4, doi 10.1201/9780429246593): of R resamples, b have a difference of zero or less, c of zero
/// or more, and zero lies at the share s = min(1 + b, 1 + c)/(R + 1) from the nearer end. p is the probability of a |t| of Φ⁻¹(1 − s)
/// at least under Student's distribution with n − 1 degrees of freedom, and 1 where s is 1/2 or more; of many samples, 2·s. So p is
/// below 1 − level where the interval leaves out zero, up to the interpolation between resamples. The 1 is for the samples
/// themselves, which are no resample less than the others, and keeps p from 0 (Davison and Hinkley 1997, Bootstrap Methods and their
/// Application, §4.2, doi 10.1017/CBO9780511802843). Values that differ by rounding alone have a difference of zero.
///
/// At level 0.95, of the difference of two root mean squares of 300 samples, with 1000 resamples, the interval held the true one in
/// 95.0 % of 2000 trials, with a standard error of 0.5 (`benches/coverage.rs`).
///
/// # Errors
///
/// Undefined where all resamples have the same difference, where a value is not finite, for fewer than two samples, and
/// for too few resamples to have one on each side of the interval; different numbers of first and second values; a
/// level that is not between 0 and 1.
pub fn paired_bootstrap(
    first: &[f64],
    second: &[f64],
    samples: u64,
    level: f64,
) -> Result<PairedBootstrap, StatsError> {
    if first.len() != second.len() {
        let (first, second) = (first.len(), second.len());
        return Err(StatsError::Invalid(format!(
            "{first} resamples of the first and {second} of the second cannot be paired"
        )));
    }
    let differences: Vec<f64> = first.iter().zip(second).map(|(first, second)| difference(*first, *second)).collect();
    if differences.len() > 1 && differences.windows(2).all(|pair| pair[0] == pair[1]) {
        return Err(StatsError::undefined(
            "all resamples have the same difference, so they do not show the spread of other samples",
        ));
    }
    let interval = percentile(&differences, samples, level)?;
    let (not_above, not_below) = differences.iter().fold((1_u64, 1_u64), |(not_above, not_below), difference| {
        (not_above + u64::from(*difference <= 0.0), not_below + u64::from(*difference >= 0.0))
    });
    let gaps = (differences.len() + 1) as f64;
    let p_value = |beyond: u64| match beyond as f64 / gaps {
        share if share < 0.5 => student_both_tails(normal_quantile(share), (samples - 1) as f64),
        _ => Ok(1.0),
    };
    Ok(PairedBootstrap { interval, p_value: p_value(not_above.min(not_below))?, smallest_p: p_value(1)? })
}

fn difference(first: f64, second: f64) -> f64 {
    let difference = first - second;
    if difference.abs() <= ROUNDING * first.abs().max(second.abs()) { 0.0 } else { difference }
}

/// Maximum relative difference of values that are equal up to rounding: some units of the last of 53 bits.
const ROUNDING: f64 = 1e-14;
