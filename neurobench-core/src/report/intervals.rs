//! Settings of confidence intervals.

use serde::{Deserialize, Serialize};

/// Settings of the confidence intervals of a run.
///
/// The samples of the data set represent the population from which they were drawn: an interval shows where the value
/// would lie for other samples of that population. For a model that carries state, whole sequences take the place of
/// samples, because the samples of a sequence are not independent.
///
/// * A mean of the samples, or a quotient of counts in which every sample has the same weight, has an interval in
///   closed form. A [`Ratio`](crate::accumulate::Ratio) to which each sample adds one at most has an interval for
///   proportions. Any other `Ratio` and a [`Mean`](crate::accumulate::Mean) have Student's interval for the mean of the
///   samples' own values, cut at the bounds that the metric states.
/// * A value that is declared as a share, such as `accuracy` or a micro average, also has an interval for proportions
///   if each sample adds at most one decision.
/// * All other values have intervals from a bootstrap. Each replicate draws every sample a number of times that is
///   Poisson distributed with mean 1 and hashed from seed, sample and replicate, so the bits depend neither on workers
///   nor on batches.
///
/// A replicate keeps a state of each core. Memory is replicates × states, or O(samples) for states that keep an order.
/// For states that consist of counts alone, such as confusion matrices, each different thing that is counted takes 16
/// bytes for each sample that has it, or 8 for each replicate, whichever is less. States with an entry for each neuron
/// may take 1 GB for each worker and core; if replicates would take more, there is no interval, and a reason is
/// reported.
///
/// Like Student's intervals, intervals of replicates allow for few samples
/// ([`percentile`](crate::stats::intervals::percentile)): of n samples or sequences, their ends reach as far as
/// Student's t with n − 1 degrees of freedom. This takes replicates beyond the ends: 363 replicates for 5 samples at
/// level 0.95, and for 3 samples more than is practical.
///
/// A list of floats, such as one for each output, has an interval for each item, if it is the value itself or a field
/// of it. Some numbers have no interval:
///
/// * a number that is undefined, also one of several, and a number that is undefined on more than one resample of a
///   hundred;
/// * a number that is the smallest or the largest of others. No resample goes beyond the samples, and the bootstrap is
///   inconsistent for it (Bickel and Freedman 1981, doi 10.1214/aos/1176345637, §6). The same holds for the largest of
///   several means, which has no derivative where two are equal (Dümbgen 1993, doi 10.1007/BF01197342, on functions
///   with derivatives on each side only).
///
/// ```
/// use neurobench::bench::Intervals;
/// let narrow = Intervals { level: 0.9, ..Intervals::default() };
/// assert_eq!((narrow.replicates, narrow.seed), (2000, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intervals {
    /// Confidence level of the intervals; 0.95 by default.
    pub level: f64,
    /// Choice of values with intervals in closed form.
    pub method: IntervalMethod,
    /// Method for proportions.
    pub proportion: ProportionInterval,
    /// Method for intervals from replicates.
    pub bootstrap: BootstrapInterval,
    /// Number of replicates of a bootstrap; 2000 by default. Must be at least 100, or more if the tails of `level`
    /// require it.
    pub replicates: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            level: 0.95,
            method: IntervalMethod::default(),
            proportion: ProportionInterval::default(),
            bootstrap: BootstrapInterval::default(),
            replicates: 2000,
            seed: 0,
        }
    }
}

/// Choice of values with intervals in closed form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalMethod {
    /// Proportions and means of samples; a bootstrap for the rest.
    #[default]
    Auto,
    /// A bootstrap for all values.
    Bootstrap,
}

/// Method for intervals of proportions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProportionInterval {
    /// [`stats::intervals::wilson`](crate::stats::intervals::wilson).
    #[default]
    Wilson,
    /// [`stats::intervals::clopper_pearson`](crate::stats::intervals::clopper_pearson).
    ClopperPearson,
}

/// Method for intervals from replicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BootstrapInterval {
    /// [`stats::intervals::bca`](crate::stats::intervals::bca), with the acceleration from a jackknife that leaves out one of 200
    /// groups of samples at a time.
    #[default]
    Bca,
    /// [`stats::intervals::percentile`](crate::stats::intervals::percentile).
    Percentile,
}

impl Intervals {
    /// Returns the problem with the settings, if there is one.
    pub(crate) fn problem(&self) -> Option<String> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Some(format!("invalid confidence level: {}; it must be between 0 and 1", self.level));
        }
        let beyond = (REPLICATES_BEYOND / (1.0 - self.level)).ceil();
        let least = beyond.max(f64::from(LEAST_REPLICATES));
        (f64::from(self.replicates) < least).then(|| {
            let Self { replicates, level, .. } = self;
            format!(
                "{replicates} replicates are too few for intervals of confidence level {level}; use at least {least}"
            )
        })
    }
}

/// Minimum number of replicates at any confidence level.
const LEAST_REPLICATES: u32 = 100;

/// Minimum number of replicates outside of an interval: with fewer, its ends are hardly more than the extremes.
const REPLICATES_BEYOND: f64 = 5.0;

/// Unit of resampling and of per-sample values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleUnit {
    /// A sample.
    Sample,
    /// A sequence, for models that carry state from sample to sample: the samples of a sequence are not independent of
    /// each other.
    Sequence,
}
