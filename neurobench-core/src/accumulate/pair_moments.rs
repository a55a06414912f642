//! Variances and covariance of pairs of floats.

use serde::{Deserialize, Serialize};

use crate::MetricValue;
use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, ExactSum, Finish};
use crate::metric::MetricError;

/// The variances and the covariance of pairs of floats, from the exact sums of the values, of their squares and of their
/// products.
///
/// As in [`Moments`](crate::accumulate::Moments), differences are taken exactly, so that nothing cancels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairMoments {
    count: u64,
    sums: [ExactSum; 2],
    squares: [ExactSum; 2],
    products: ExactSum,
}

/// The variances and the covariance of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct PairSummary {
    /// Number of pairs.
    #[value(unit = "pairs")]
    pub count: u64,
    /// Variance of the first values of the pairs (divided by n).
    pub left_variance: f64,
    /// Variance of the second values of the pairs (divided by n).
    pub right_variance: f64,
    /// Their covariance (divided by n).
    pub covariance: f64,
}

impl PairMoments {
    /// Computes the moments of these pairs.
    ///
    /// ```
    /// use neurobench::accumulate::{Finish, PairMoments};
    /// let moments = PairMoments::from_pairs([(1e9 + 1.0, 4.0), (1e9 + 2.0, 2.0), (1e9 + 3.0, 0.0)]);
    /// assert_eq!(moments.finish().unwrap().covariance, -4.0 / 3.0);
    /// ```
    #[must_use]
    pub fn from_pairs(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut moments = Self::default();
        for (left, right) in pairs {
            add_counts(&mut moments.count, 1);
            for (at, value) in [left, right].into_iter().enumerate() {
                moments.sums[at].add(value);
                moments.squares[at].add_product(value, value);
            }
            moments.products.add_product(left, right);
        }
        moments
    }

    /// Returns n² times the two variances and n² times the covariance. The factor cancels in the correlation, which
    /// avoids the rounding of a division.
    #[must_use]
    pub fn scaled_variances(&self) -> ([f64; 2], f64) {
        let [left, right] = &self.sums;
        let variance = |at: usize| ExactSum::scaled_difference(self.count, &self.squares[at], &self.sums[at]);
        let covariance = ExactSum::scaled_product_difference(self.count, &self.products, left, right);
        ([variance(0), variance(1)], covariance)
    }
}

impl Accumulator for PairMoments {
    fn merge(&mut self, other: Self) {
        add_counts(&mut self.count, other.count);
        for at in [0, 1] {
            self.sums[at].merge(&other.sums[at]);
            self.squares[at].merge(&other.squares[at]);
        }
        self.products.merge(&other.products);
    }
}

impl Finish for PairMoments {
    type Output = PairSummary;

    fn finish(&self) -> Result<PairSummary, MetricError> {
        if self.count == 0 {
            return Err(MetricError::undefined("the moments of no values"));
        }
        let ([left, right], covariance) = self.scaled_variances();
        let unscaled = |value: f64| value / self.count as f64 / self.count as f64;
        Ok(PairSummary {
            count: self.count,
            left_variance: unscaled(left),
            right_variance: unscaled(right),
            covariance: unscaled(covariance),
        })
    }
}
