//! Quantiles of any number of floats, in bounded memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Distribution, Finish, Max, MeanAndStd, Min, Moments};
use crate::metric::MetricError;

/// Bits of the mantissa that distinguish buckets.
const MANTISSA_BITS: u32 = 7;

/// Quantiles from logarithmic buckets: for any data, each differs from the true value by at most
/// [`Quantiles::RELATIVE_ERROR`] of it. Minimum and maximum are exact; mean and standard deviation come from exact
/// sums.
///
/// A bucket is a float's sign, exponent and first seven bits of the mantissa, so that no logarithm is taken and every
/// machine sorts in the same way. A NaN is an error; infinities have their own buckets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Quantiles {
    buckets: BTreeMap<i64, u64>,
    moments: Moments,
    smallest: Min,
    largest: Max,
}

/// Quantiles as they are read, before they are known to be consistent.
#[derive(Deserialize)]
struct Stored {
    buckets: BTreeMap<i64, u64>,
    moments: Moments,
    smallest: Min,
    largest: Max,
}

impl TryFrom<Stored> for Quantiles {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored { buckets, moments, smallest, largest } = stored;
        let counted = buckets.values().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        if counted != Some(moments.count()) {
            return Err("the buckets of the quantiles do not sum to the count");
        }
        match (smallest.get(), largest.get()) {
            (None, None) if moments.count() == 0 => {}
            (Some(smallest), Some(largest)) if moments.count() > 0 && smallest <= largest => {}
            _ => return Err("the smallest and the largest number of the quantiles contradict each other or the count"),
        }
        Ok(Self { buckets, moments, smallest, largest })
    }
}

impl Quantiles {
    /// Maximum error of a quantile relative to the true one: half a bucket, 2⁻⁸, of normal floats.
    pub const RELATIVE_ERROR: f64 = 1.0 / 256.0;

    /// Quantiles of these numbers.
    ///
    /// # Errors
    ///
    /// A NaN, which has no place in an order.
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Result<Self, MetricError> {
        let mut quantiles = Self::default();
        for value in values {
            quantiles.add(value)?;
        }
        Ok(quantiles)
    }

    /// Adds one number.
    ///
    /// # Errors
    ///
    /// A NaN, which has no place in an order.
    pub fn add(&mut self, value: f64) -> Result<(), MetricError> {
        if value.is_nan() {
            return Err(MetricError::undefined("NaN cannot be part of quantiles"));
        }
        add_counts(self.buckets.entry(bucket(value)).or_default(), 1);
        self.moments.add(value);
        self.smallest.merge(Min::from_values([value]));
        self.largest.merge(Max::from_values([value]));
        Ok(())
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.moments.count()
    }

    /// The `q`-quantile, 0 ≤ q ≤ 1: the middle of the bucket that holds the value of rank ⌈q·n⌉; none without values.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let (smallest, largest) = (self.smallest.get()?, self.largest.get()?);
        let rank = ((q * self.count() as f64).ceil() as u64).clamp(1, self.count());
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return Some(middle(*bucket).clamp(smallest, largest));
            }
        }
        Some(largest)
    }
}

/// A float's bucket; buckets are ordered as floats are.
fn bucket(value: f64) -> i64 {
    let value = value + 0.0; // one zero
    let magnitude = (value.abs().to_bits() >> (52 - MANTISSA_BITS)) as i64;
    if value < 0.0 { -1 - magnitude } else { magnitude }
}

/// The middle of a bucket.
fn middle(bucket: i64) -> f64 {
    let (negative, magnitude) = if bucket < 0 { (true, -1 - bucket) } else { (false, bucket) };
    let low = (magnitude as u64) << (52 - MANTISSA_BITS);
    let value = if magnitude == 0 { 0.0 } else { f64::from_bits(low | (1 << (51 - MANTISSA_BITS))) };
    let value = if value.is_nan() { f64::INFINITY } else { value };
    if negative { -value } else { value }
}

impl Accumulator for Quantiles {
    fn merge(&mut self, other: Self) {
        for (bucket, count) in other.buckets {
            add_counts(self.buckets.entry(bucket).or_default(), count);
        }
        self.moments.merge(other.moments);
        self.smallest.merge(other.smallest);
        self.largest.merge(other.largest);
    }
}

impl Finish for Quantiles {
    type Output = Distribution;

    fn finish(&self) -> Result<Distribution, MetricError> {
        let none = || MetricError::undefined("the quantiles of no values");
        let quantile = |q| self.quantile(q).ok_or_else(none);
        let MeanAndStd { mean, std } = self.moments.finish()?;
        Ok(Distribution {
            min: self.smallest.finish()?,
            q1: quantile(0.25)?,
            median: quantile(0.5)?,
            q3: quantile(0.75)?,
            max: self.largest.finish()?,
            mean,
            std,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_the_stated_error() {
        let values: Vec<f64> = (1..=1000).map(|i| f64::from(i * i) * 1e-3 - 50.0).collect();
        let quantiles = Quantiles::from_values(values.iter().copied()).unwrap();
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        for (q, rank) in [(0.001, 0), (0.25, 249), (0.5, 499), (0.75, 749), (1.0, 999)] {
            let (found, exact) = (quantiles.quantile(q).unwrap(), sorted[rank]);
            assert!((found - exact).abs() <= Quantiles::RELATIVE_ERROR * exact.abs(), "{q}: {found} for {exact}");
        }
    }

    #[test]
    fn zeros_negatives_and_extremes_keep_their_order() {
        let order = [f64::NEG_INFINITY, f64::MIN, -1.0, -f64::MIN_POSITIVE, 0.0, 1e-300, 1.0, f64::MAX, f64::INFINITY];
        for pair in order.windows(2) {
            assert!(bucket(pair[0]) <= bucket(pair[1]), "{pair:?}");
        }
        assert_eq!(bucket(-0.0), bucket(0.0));
        assert_eq!(middle(bucket(f64::INFINITY)), f64::INFINITY);
        assert!(Quantiles::from_values([f64::NAN]).is_err());
    }
}
