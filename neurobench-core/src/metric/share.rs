//! Shares of decisions.
//!
//! A value reports that it is a share, because its number does not show it. It then has the interval of a proportion if
//! the shares of single samples, of one decision each, sum up to it. `accuracy` and micro averages over classes meet
//! this condition; decisions on several labels do not, because one sample is then several decisions.

/// A share of decisions: `part` of `whole`.
///
/// A [`MetricValue`](crate::MetricValue) that is one has the confidence interval of a proportion if each sample is at
/// most one decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Number of decisions that hold.
    pub part: u64,
    /// Number of decisions.
    pub whole: u64,
}
