//! How intervals are made.

use serde::{Deserialize, Serialize};

/// How the intervals of a run's values are made.
///
/// The samples of the data set stand for all that might have been drawn: an interval says where the value would lie over those.
/// Of a model that carries state, whole sequences do, for their samples are not independent.
///
/// * A mean of the samples, or a quotient of counts in which every sample counts alike, has an interval in closed form: of a
///   [`Ratio`](crate::accumulate::Ratio) to which each sample adds one at most, that for proportions; of any other `Ratio` and of a
///   [`Mean`](crate::accumulate::Mean), Student's for the mean of the samples' own values, as far as it lies within the bounds that
///   the metric states.
/// * All other values have intervals from a bootstrap: each of so many replicates draws every sample a number of times that is
///   Poisson distributed with mean 1 and hashed from seed, sample and replicate. So the bits depend neither on workers nor on
///   batches. A replicate keeps a state of each core; memory is replicates × states, or O(samples) for states that keep an order.
///
/// A bootstrap is no help where the value is an extreme, such as a maximum: no resample goes beyond the sample.
///
/// ```
/// use neurobench::bench::Intervals;
/// let narrow = Intervals { level: 0.9, ..Intervals::default() };
/// assert_eq!((narrow.replicates, narrow.seed), (2000, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intervals {
    /// How often an interval should hold what it is of; 0.95 unless said otherwise.
    pub level: f64,
    /// Which values have intervals in closed form.
    pub method: IntervalMethod,
    /// The interval of proportions.
    pub proportion: ProportionInterval,
    /// The interval of replicates.
    pub bootstrap: BootstrapInterval,
    /// How many replicates a bootstrap has, 100 at least; 2000 unless said otherwise.
    pub replicates: u32,
    /// The seed of the draws.
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

/// Which values have intervals in closed form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalMethod {
    /// Proportions and means of samples; a bootstrap for the rest.
    #[default]
    Auto,
    /// None: a bootstrap for all.
    Bootstrap,
}

/// The interval of proportions.
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

/// The interval of replicates.
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
    /// What is wrong with the settings, if something is.
    pub(crate) fn problem(&self) -> Option<String> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Some(format!("the level of intervals is {}; it must be between 0 and 1", self.level));
        }
        (self.replicates < LEAST_REPLICATES)
            .then(|| format!("{} replicates are too few: {LEAST_REPLICATES} at least", self.replicates))
    }
}

/// With fewer, the ends of an interval of level 0.95 are the extremes.
const LEAST_REPLICATES: u32 = 100;
