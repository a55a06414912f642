//! Measurements of times and energy on a machine: a section of results of its own.
//!
//! A metric is a function of model, data and settings; a measurement also depends on the machine and on the moment. The
//! two are therefore kept, printed and compared apart. The crate `neurobench-timing` measures; this is the plain data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Measurements on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    /// The machine.
    pub host: Host,
    /// One entry for each configuration that was measured.
    pub runs: Vec<MeasuredRun>,
}

/// Description of the machine and the library that measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Model of the processor, if the system names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cpu: Option<String>,
    /// Number of processors that the program may use.
    pub cores: usize,
    /// Architecture of the processor, such as `x86_64`.
    pub architecture: String,
    /// Operating system, with its version if that is known.
    pub os: String,
    /// Instruction set that the kernels of native networks use.
    pub instruction_set: String,
    /// Name and version of the library, such as `neurobench 0.1.0`.
    pub library: String,
}

/// Pattern in which queries arrive, after the scenarios of MLPerf LoadGen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Scenario {
    /// One sample per query. A query is issued as soon as the one before it is completed.
    SingleStream,
    /// Several samples per query. A query is issued as soon as the one before it is completed.
    MultiStream {
        /// Number of samples in a query.
        samples_per_query: usize,
    },
    /// One query of all samples, issued at the start.
    Offline,
    /// One sample per query. Queries arrive by a Poisson process, whether or not earlier ones are completed.
    Server {
        /// Mean number of queries that arrive in a second.
        rate: f64,
    },
}

impl Scenario {
    /// Name as on the command line, such as `single-stream`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SingleStream => "single-stream",
            Self::MultiStream { .. } => "multi-stream",
            Self::Offline => "offline",
            Self::Server { .. } => "server",
        }
    }

    /// Percentile of the latency by which MLPerf judges the scenario: 90 or 99; `None` for offline, which it judges by
    /// throughput.
    #[must_use]
    pub fn percentile(&self) -> Option<u32> {
        match self {
            Self::SingleStream => Some(90),
            Self::MultiStream { .. } | Self::Server { .. } => Some(99),
            Self::Offline => None,
        }
    }
}

/// Writes the name with the size or the rate of queries: `multi-stream of 8`, `server at 200/s`.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MultiStream { samples_per_query } => write!(f, "{} of {samples_per_query}", self.name()),
            Self::Server { rate } => write!(f, "{} at {rate}/s", self.name()),
            Self::SingleStream | Self::Offline => f.write_str(self.name()),
        }
    }
}

/// Measurements of one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredRun {
    /// Name of the model, such as its file.
    pub model: String,
    /// Digest of the model, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// Pattern in which queries arrived.
    pub scenario: Scenario,
    /// Maximum number of samples in a forward pass.
    pub batch_size: usize,
    /// Number of workers on each copy of the model.
    pub workers: usize,
    /// Number of copies of the model.
    pub copies: usize,
    /// Limits and settings of the measurement.
    pub conditions: Conditions,
    /// True if every repeat reached the minimum duration and the minimum numbers of queries and samples, and the
    /// latency bound, if there is one, holds.
    pub valid: bool,
    /// Reasons why the measurement is not valid.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub invalid: Vec<String>,
    /// Measured quantities.
    pub quantities: Vec<Quantity>,
    /// Histogram of the latencies of all repeats: pairs of the highest latency in a bucket, in nanoseconds, and the
    /// number of latencies in it, in ascending order. A bucket is 0.1 % wide, or 1 ns.
    pub latencies: Vec<(u64, u64)>,
    /// Measured energy, if it was requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub energy: Option<MeasuredEnergy>,
    /// The reason why there is no measured energy, although it was requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_energy: Option<String>,
    /// Facts that a reader should know, such as quantities that the system does not provide.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}

impl MeasuredRun {
    /// Returns a quantity by its name.
    #[must_use]
    pub fn quantity(&self, name: &str) -> Option<&Quantity> {
        self.quantities.iter().find(|quantity| quantity.name == name)
    }
}

/// Limits and settings of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Minimum duration of a repeat in seconds.
    pub min_seconds: f64,
    /// Minimum number of queries in a repeat.
    pub min_queries: u64,
    /// Minimum number of samples in a repeat.
    pub min_samples: u64,
    /// Duration after which no query is issued, in seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_seconds: Option<f64>,
    /// Number of queries after which none is issued.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_queries: Option<u64>,
    /// Duration of the warm-up before each repeat in seconds, which is not counted.
    pub warmup_seconds: f64,
    /// Number of repeats.
    pub repeats: usize,
    /// Seed of the order of samples and of the arrivals.
    pub seed: u64,
    /// Number of samples that were loaded before the clock started.
    pub loaded_samples: usize,
    /// Upper bound of the latency at the percentile of the scenario in seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latency_bound: Option<f64>,
    /// Price of an hour on the machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price_per_hour: Option<f64>,
}

/// A measured quantity: its value in each repeat, and their median and range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// Name, such as `latency_p99`.
    pub name: String,
    /// Unit, such as `s`.
    pub unit: String,
    /// True if higher values are better, false if lower values are; `None` if neither is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub higher_is_better: Option<bool>,
    /// Median of the values.
    pub median: f64,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Value in each repeat, in order.
    pub values: Vec<f64>,
}

impl Quantity {
    /// Creates a quantity from its value in each repeat; `None` without values.
    #[must_use]
    pub fn new(name: &str, unit: &str, higher_is_better: Option<bool>, values: Vec<f64>) -> Option<Self> {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) };
        Some(Self { name: name.to_owned(), unit: unit.to_owned(), higher_is_better, median, min, max, values })
    }
}

/// Energy that a meter measured. It includes everything within its boundary, unlike the estimates of metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredEnergy {
    /// Source of the figures: `powercap`, or the name of the file of a meter.
    pub source: String,
    /// Part of the machine whose energy was measured, such as `package-0 + dram`.
    pub boundary: String,
    /// Duration for which the idle level was measured, in seconds.
    pub idle_seconds: f64,
    /// Energy of each domain.
    pub domains: Vec<DomainEnergy>,
}

/// Energy of one domain of a meter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainEnergy {
    /// Name, such as `package-0` or `package-0/dram`.
    pub name: String,
    /// Idle level in watts, which is subtracted; `None` if it was not measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub idle_watts: Option<f64>,
    /// Energy of each repeat in joules, with the idle level.
    pub joules: Vec<f64>,
    /// Duration of each repeat in seconds.
    pub seconds: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn a_quantity_has_the_median_and_the_range_of_its_repeats() {
        let quantity = |values: &[f64]| Quantity::new("throughput", "1/s", Some(true), values.to_vec());
        let three = quantity(&[5.0, 1.0, 2.0]).expect("it has values");
        assert_eq!((three.median, three.min, three.max), (2.0, 1.0, 5.0));
        assert_eq!(three.values, [5.0, 1.0, 2.0]);
        assert_eq!(quantity(&[4.0, 1.0, 2.0, 3.0]).map(|four| four.median), Some(2.5));
        assert_eq!(quantity(&[]), None);
    }
}
