//! Sums, means and variances of floats. Sums are exact; a sum or a mean is rounded once, at the end.

use serde::{Deserialize, Serialize};

use crate::MetricValue;
use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, ExactSum, Finish};
use crate::metric::{MetricError, Resampling, WeightedValue};
use crate::stats::SampleMoments;

/// The exact sum of floats, rounded once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sum(ExactSum);

impl Sum {
    /// Sum of these numbers.
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Self {
        Self(values.into_iter().collect())
    }

    /// Adds one number.
    pub fn add(&mut self, value: f64) {
        self.0.add(value);
    }

    /// The sum, rounded once to the nearest float.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.value()
    }
}

impl From<ExactSum> for Sum {
    fn from(sum: ExactSum) -> Self {
        Self(sum)
    }
}

impl Accumulator for Sum {
    fn merge(&mut self, other: Self) {
        self.0.merge(&other.0);
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_merge_copy(|into, part| into.0.merge(&part.0))
    }
}

impl Finish for Sum {
    type Output = f64;

    fn finish(&self) -> Result<f64, MetricError> {
        Ok(self.value())
    }
}

/// The mean of floats, with whole numbers as weights: an exact sum over a count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    sum: ExactSum,
    weight: u64,
}

impl Mean {
    /// Mean of these numbers.
    ///
    /// ```
    /// use neurobench::accumulate::Mean;
    /// assert_eq!(Mean::from_values([1.0, 1e100, 1.0, -1e100]).value(), Some(0.5));
    /// ```
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Self {
        let mut mean = Self::default();
        in_blocks(values, |block| mean.add_slice(block));
        mean
    }

    /// A value with a weight.
    #[must_use]
    pub fn weighted(value: f64, weight: u64) -> Self {
        let mut mean = Self { weight, ..Self::default() };
        mean.sum.add_integer_product(value, weight);
        mean
    }

    /// Adds one number.
    pub fn add(&mut self, value: f64) {
        self.sum.add(value);
        add_counts(&mut self.weight, 1);
    }

    /// Adds a slice, faster than one by one.
    pub fn add_slice(&mut self, values: &[f64]) {
        self.sum.add_slice(values);
        add_counts(&mut self.weight, values.len() as u64);
    }

    fn merge_copy(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        add_counts(&mut self.weight, other.weight);
    }

    /// Number of values, or sum of their weights.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// The mean, rounded once to the nearest float; none without values.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0).then(|| self.sum.quotient(self.weight))
    }
}

impl Accumulator for Mean {
    fn merge(&mut self, other: Self) {
        self.merge_copy(&other);
    }

    fn resampling() -> Resampling<Self> {
        let sample_value = |mean: &Self| WeightedValue { value: mean.value().unwrap_or(f64::NAN), weight: mean.weight };
        Resampling::<Self>::states().with_merge_copy(Self::merge_copy).with_sample_value(sample_value)
    }
}

impl Finish for Mean {
    type Output = f64;

    /// The mean; undefined without values.
    fn finish(&self) -> Result<f64, MetricError> {
        self.value().ok_or_else(|| MetricError::undefined("the mean of no values"))
    }
}

/// Passes the values on in blocks, which exact sums add faster than one by one.
fn in_blocks(values: impl IntoIterator<Item = f64>, mut take: impl FnMut(&[f64])) {
    let mut block = [0.0; 512];
    let mut filled = 0;
    for value in values {
        block[filled] = value;
        filled += 1;
        if filled == block.len() {
            take(&block);
            filled = 0;
        }
    }
    take(&block[..filled]);
}

/// Mean and variance of floats, from the exact sums of the values and of their squares.
///
/// The variance is (n·Σx² − (Σx)²) / n², with the difference taken exactly, so that nothing cancels; it is rounded there and
/// at each of the two divisions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
}

impl Moments {
    /// Moments of these numbers.
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Self::default();
        in_blocks(values, |block| moments.add_slice(block));
        moments
    }

    /// Adds a slice, faster than one by one.
    pub fn add_slice(&mut self, values: &[f64]) {
        add_counts(&mut self.count, values.len() as u64);
        self.sum.add_slice(values);
        self.squares.add_squares(values);
    }

    /// Adds one number.
    pub fn add(&mut self, value: f64) {
        add_counts(&mut self.count, 1);
        self.sum.add(value);
        self.squares.add_product(value, value);
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; none without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.quotient(self.count))
    }

    /// The mean of the squares, rounded once; none without values.
    #[must_use]
    pub fn mean_of_squares(&self) -> Option<f64> {
        (self.count > 0).then(|| self.squares.quotient(self.count))
    }

    /// The variance of the population (divided by n); none without values.
    #[must_use]
    pub fn population_variance(&self) -> Option<f64> {
        (self.count > 0).then(|| self.scaled_variance() / (self.count as f64) / (self.count as f64))
    }

    /// The variance estimated from a sample (divided by n − 1); none for fewer than two values.
    #[must_use]
    pub fn sample_variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.scaled_variance() / (self.count as f64) / ((self.count - 1) as f64))
    }

    fn merge_copy(&mut self, other: &Self) {
        add_counts(&mut self.count, other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// Mean and sample variance, in the form that [`stats`](crate::stats) takes.
    #[must_use]
    pub fn to_sample_moments(&self) -> SampleMoments {
        SampleMoments { count: self.count, mean: self.mean(), variance: self.sample_variance() }
    }

    /// n·Σx² − (Σx)².
    fn scaled_variance(&self) -> f64 {
        ExactSum::scaled_difference(self.count, &self.squares, &self.sum)
    }
}

impl Accumulator for Moments {
    fn merge(&mut self, other: Self) {
        self.merge_copy(&other);
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_merge_copy(Self::merge_copy)
    }
}

/// Mean and standard deviation: the value of [`Moments`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct MeanAndStd {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the population (division by the number of values).
    pub std: f64,
}

impl Finish for Moments {
    type Output = MeanAndStd;

    fn finish(&self) -> Result<MeanAndStd, MetricError> {
        match (self.mean(), self.population_variance()) {
            (Some(mean), Some(variance)) => Ok(MeanAndStd { mean, std: variance.sqrt() }),
            _ => Err(MetricError::undefined("the moments of no values")),
        }
    }
}
