//! Shares of decisions.

/// A share of decisions: `part` of `whole`.
///
/// A [`MetricValue`](crate::MetricValue) that is one has the confidence interval of a proportion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Number of decisions that hold.
    pub part: u64,
    /// Number of decisions.
    pub whole: u64,
}
