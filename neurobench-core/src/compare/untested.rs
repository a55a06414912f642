//! Reasons for not testing a metric.

use std::fmt;

/// Reason why a metric of two runs is not tested.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Untested {
    /// A run was not asked to keep per-sample values.
    NotKept {
        /// Name of the run.
        run: String,
    },
    /// The metric has neither per-sample values nor replicates, for one reason, which the results give.
    NoSamples(String),
    /// There are neither pairs of per-sample values nor pairs of replicates.
    NoPairs {
        /// Reason why per-sample values are no pairs.
        samples: NoSamplePairs,
        /// Reason why replicates are no pairs.
        replicates: NoReplicatePairs,
    },
}

impl Untested {
    /// Joins the reasons, and gives one alone where both are the same.
    pub(super) fn from_reasons(samples: NoSamplePairs, replicates: NoReplicatePairs) -> Self {
        match (samples, replicates) {
            (NoSamplePairs::Undefined(why), NoReplicatePairs::Undefined { reason, .. }) if why == reason => {
                Self::NoSamples(why)
            }
            (samples, replicates) => Self::NoPairs { samples, replicates },
        }
    }
}

impl fmt::Display for Untested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKept { run } => {
                write!(f, "`{run}` has no per-sample values (`neurobench run --intervals --per-sample` keeps them)")
            }
            Self::NoSamples(why) => f.write_str(why),
            Self::NoPairs { samples, replicates } => write!(f, "{samples}, and {replicates}"),
        }
    }
}

/// Reason why the per-sample values of a metric are no pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoSamplePairs {
    /// The metric is not the mean of its per-sample values.
    NotTheirMean,
    /// The metric has no per-sample values, for the reason that the results give.
    Undefined(String),
    /// The metric has no per-sample values, and the results give no reason.
    NotRecorded,
    /// The runs have per-sample values on different samples.
    DifferentSamples,
    /// No sample has a value.
    Empty,
}

impl fmt::Display for NoSamplePairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTheirMean => "it is not the mean of its per-sample values",
            Self::Undefined(why) => why,
            Self::NotRecorded => "it has no per-sample values",
            Self::DifferentSamples => "the runs have its values on different samples",
            Self::Empty => "it has a value on no sample",
        })
    }
}

/// Reason why the replicates of a metric are no pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoReplicatePairs {
    /// Intervals were not requested for a run.
    NotKept {
        /// Name of the run.
        run: String,
    },
    /// The runs drew different replicates.
    Differ {
        /// The baseline, then the candidate, each with its replicates.
        sources: Box<[(String, ReplicateSource); 2]>,
    },
    /// A run does not record the number of samples or sequences from which its replicates are drawn.
    UnknownSampleCount {
        /// Name of the run.
        run: String,
    },
    /// A run has no replicates of the metric, for the reason that the results give.
    Undefined {
        /// Name of the run.
        run: String,
        /// Reason why.
        reason: String,
    },
    /// A run has an interval in closed form, for which no replicates are drawn.
    ClosedForm {
        /// Name of the run.
        run: String,
    },
    /// A run has no replicates of the metric, and the results give no reason.
    NotRecorded {
        /// Name of the run.
        run: String,
    },
    /// No number of the metric has replicates in both runs.
    NoCommonNumber,
}

impl fmt::Display for NoReplicatePairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKept { run } => {
                write!(f, "`{run}` has no replicates (`neurobench run --intervals --per-sample` keeps them)")
            }
            Self::Differ { sources } => {
                let [(baseline, a), (candidate, b)] = &**sources;
                write!(f, "`{baseline}` has {a}, `{candidate}` has {b}")
            }
            Self::UnknownSampleCount { run } => {
                write!(f, "`{run}` does not record the number of samples from which its replicates are drawn")
            }
            Self::Undefined { run, reason } => write!(f, "`{run}` has no replicates of it: {reason}"),
            Self::ClosedForm { run } => write!(
                f,
                "`{run}` has no replicates of it, whose interval is in closed form (`--intervals=method=bootstrap` draws \
                 them)"
            ),
            Self::NotRecorded { run } => write!(f, "`{run}` has no replicates of it"),
            Self::NoCommonNumber => f.write_str("no number of it has replicates in both"),
        }
    }
}

/// Everything besides the data on which the replicates of a run depend. Runs over the same data for which it is equal
/// have the same replicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicateSource {
    /// Number of replicates.
    pub replicates: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Library that drew them, as `neurobench 0.1.0`.
    pub library: String,
}

impl fmt::Display for ReplicateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replicates, seed, library } = self;
        write!(f, "{replicates} replicates with seed {seed} by {library}")
    }
}
