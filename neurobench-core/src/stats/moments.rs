//! Mean and variance of a sample.

use crate::exact_sum::ExactSum;

/// Mean and variance of a sample of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleMoments {
    /// Number of values, n.
    pub count: u64,
    /// Mean; none without values.
    pub mean: Option<f64>,
    /// Variance estimated from the sample (divided by n − 1); none for fewer than two values.
    pub variance: Option<f64>,
}

impl SampleMoments {
    /// Moments of these values, from exact sums: the mean is rounded once.
    #[must_use]
    pub fn from_values(values: &[f64]) -> Self {
        let (mut sum, mut squares) = (ExactSum::new(), ExactSum::new());
        sum.add_slice(values);
        squares.add_squares(values);
        let count = values.len() as u64;
        let variance = || ExactSum::scaled_difference(count, &squares, &sum) / count as f64 / (count - 1) as f64;
        Self { count, mean: (count > 0).then(|| sum.quotient(count)), variance: (count > 1).then(variance) }
    }
}
