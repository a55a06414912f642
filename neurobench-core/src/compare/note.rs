//! Notes beside the results of a comparison.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::compare::{NoValue, Untested};

/// Something to know when reading a comparison. It is displayed, and written in JSON, as one line of text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Runs differ in their processors.
    Processors {
        /// Stage of the processors.
        stage: ProcessorStage,
        /// The first run, and its processors in order.
        baseline: (String, Vec<String>),
        /// The run that differs, and its processors in order.
        candidate: (String, Vec<String>),
    },
    /// Runs lack metrics that others have.
    MissingMetrics {
        /// Each run that lacks some, and the names of the metrics.
        runs: Vec<(String, Vec<String>)>,
    },
    /// Metrics have no value in a run.
    NoMetricValue {
        /// Names of the metrics.
        metrics: Vec<String>,
        /// Name of the run.
        run: String,
        /// Reason in the results.
        reason: Option<String>,
    },
    /// Metrics are not tested.
    NotTested {
        /// Names of the metrics.
        metrics: Vec<String>,
        /// Reason why.
        reason: Untested,
    },
    /// Tests, effects or the interval of a tested metric have no value.
    NoResult {
        /// Names of the tests and effects, and `interval`.
        results: Vec<String>,
        /// Name of the metric, or of the number within its value.
        number: String,
        /// Name of the run that is compared with the first.
        run: String,
        /// Reason why.
        reason: NoValue,
    },
    /// Means of a group have no interval.
    NoGroupInterval {
        /// Names of the numbers.
        numbers: Vec<String>,
        /// Name of the group.
        group: String,
        /// Reason why.
        reason: NoValue,
    },
    /// Runs were measured on different hosts.
    Hosts {
        /// Name of the baseline.
        baseline: String,
        /// Name of the run whose host differs.
        candidate: String,
    },
    /// A measurement is not valid.
    NotValid {
        /// Name of the run.
        run: String,
        /// Configuration of the measurement.
        configuration: String,
    },
    /// A measurement has no counterpart in the baseline.
    NoMeasurement {
        /// Name of the run.
        run: String,
        /// Configuration of the measurement.
        configuration: String,
        /// Name of the baseline.
        baseline: String,
    },
    /// Tests draw too few resamples to find anything significant after the correction.
    TooFewResamples {
        /// Names of the tests.
        tests: Vec<String>,
        /// Smallest p-value that they can give, corrected as the smallest of all.
        smallest_p: f64,
        /// Number of tests that are corrected together.
        corrected_together: usize,
        /// Confidence level.
        level: f64,
    },
}

/// Stage of a benchmark at which processors run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessorStage {
    /// Before the model.
    Pre,
    /// After the model.
    Post,
}

impl fmt::Display for ProcessorStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pre => "preprocessors",
            Self::Post => "postprocessors",
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[String]| names.join(", ");
        match self {
            Self::Processors { stage, baseline: (first, a), candidate: (other, b) } => {
                write!(f, "{stage}: `{first}` has [{}], `{other}` has [{}]", listed(a), listed(b))
            }
            Self::MissingMetrics { runs } => {
                for (at, (run, metrics)) in runs.iter().enumerate() {
                    let separator = if at == 0 { "" } else { "; " };
                    write!(f, "{separator}`{run}` does not have {}", listed(metrics))?;
                }
                Ok(())
            }
            Self::NoMetricValue { metrics, run, reason } => {
                let reason = reason.as_deref().unwrap_or("no reason is given");
                write!(f, "no value of {} in `{run}`: {reason}", listed(metrics))
            }
            Self::NotTested { metrics, reason } => write!(f, "no test of {}: {reason}", listed(metrics)),
            Self::NoResult { results, number, run, reason } => {
                write!(f, "no {} of {number} in `{run}`: {reason}", listed(results))
            }
            Self::NoGroupInterval { numbers, group, reason } => {
                write!(f, "no interval of {} in group {group}: {reason}", listed(numbers))
            }
            Self::Hosts { baseline, candidate } => write!(
                f,
                "`{baseline}` and `{candidate}` were measured on different hosts: differences may be those of the hosts"
            ),
            Self::NotValid { run, configuration } => {
                write!(f, "the measurement `{configuration}` in `{run}` is not valid: it did not reach its limits")
            }
            Self::NoMeasurement { run, configuration, baseline } => {
                write!(f, "the measurement `{configuration}` in `{run}` has no counterpart in `{baseline}`")
            }
            Self::TooFewResamples { tests, smallest_p, corrected_together, level } => write!(
                f,
                "too few resamples for {}: the smallest p-value that they can give is {smallest_p:.4} when \
                 {corrected_together} tests are corrected together, which is not significant at level {level}",
                listed(tests)
            ),
        }
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
