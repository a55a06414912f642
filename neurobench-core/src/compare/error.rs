//! Reasons for refusing a comparison.

use std::fmt;
use std::path::PathBuf;

use crate::component::RegistryError;
use crate::report::{OLDEST_SCHEMA, SCHEMA};

/// A comparison that is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The confidence level is not between 0 and 1.
    #[error("invalid confidence level: {level}; it must be between 0 and 1")]
    Level {
        /// The level.
        level: f64,
    },
    /// With so few random permutations, no difference could be significant.
    #[error(
        "{permutations} resamples are too few for level {level}: no p-value could be below {smallest_p:.4}; \
         use at least {least} (`--resamples {least}`)"
    )]
    TooFewPermutations {
        /// Number of random permutations.
        permutations: u64,
        /// Confidence level.
        level: f64,
        /// Smallest p-value of that number of permutations.
        smallest_p: f64,
        /// Smallest sufficient number, as a float because levels near 1 need more than integers can count.
        least: f64,
    },
    /// A statistical test cannot be constructed.
    #[error(transparent)]
    Test(#[from] RegistryError),
    /// There is no run to compare.
    #[error("there is nothing to compare: name at least two runs, or a group of runs")]
    NoRuns,
    /// There is only one run.
    #[error("`{run}` has nothing to be compared with; name at least two runs")]
    OneRun {
        /// The run.
        run: String,
    },
    /// Two runs have one name.
    #[error("there are two runs `{run}`; give each its own name")]
    SameRun {
        /// The name.
        run: String,
    },
    /// A group has no runs.
    #[error("group `{group}` has no runs; name at least one file")]
    EmptyGroup {
        /// Name of the group.
        group: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The error of the operating system.
        error: std::io::Error,
    },
    /// A file does not hold results.
    #[error("`{}` is not a file of results: {problem}", file.display())]
    NotResults {
        /// The file.
        file: PathBuf,
        /// The first mistake, with the kind of file that it looks like.
        problem: String,
    },
    /// A file is named twice: its run would be counted twice, or compared with itself.
    #[error("{}", same_file(file, again))]
    SameFile {
        /// The file as it is named first.
        file: PathBuf,
        /// The file as it is named again.
        again: PathBuf,
    },
    /// Two groups have one name.
    #[error("there are two groups `{group}`; name all files of a group together: `{group}=a.json,b.json`")]
    SameGroup {
        /// The name.
        group: String,
    },
    /// A run is a copy of another, down to the nanoseconds of its timing, so that it is no run with another seed.
    #[error("`{copy}` is a copy of `{run}`; each run counts once, so leave one of them out")]
    Copy {
        /// The run that comes later.
        copy: String,
        /// The run that it copies.
        run: String,
    },
    /// The runs differ in what a comparison requires to be equal.
    #[error("these runs cannot be compared:\n  - {}", bulleted(problems))]
    Incompatible {
        /// All that differs.
        problems: Vec<Incompatibility>,
    },
}

fn same_file(file: &PathBuf, again: &PathBuf) -> String {
    match file == again {
        true => format!("`{}` is given twice", file.display()),
        false => format!("`{}` and `{}` are one file", file.display(), again.display()),
    }
}

fn bulleted(problems: &[Incompatibility]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  - ")
}

/// Something that keeps runs from being compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incompatibility {
    /// The results are written in another form than this version of the library compares.
    Schema {
        /// Name of the run.
        run: String,
        /// Schema of its results.
        schema: u32,
    },
    /// The results have no fingerprint of their data.
    NoFingerprint {
        /// Name of the run.
        run: String,
    },
    /// Two runs differ.
    Differs {
        /// The property in which they differ.
        property: Property,
        /// The metric, for a property of one.
        metric: Option<String>,
        /// The run that has the property first, and its value.
        first: (String, String),
        /// The run that differs, and its value.
        other: (String, String),
    },
    /// Per-sample values and their samples are not equal in number.
    SampleCount {
        /// Name of the run.
        run: String,
        /// The metric.
        metric: String,
    },
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema { run, schema } => {
                write!(f, "`{run}` has schema {schema}; this program reads schemas {OLDEST_SCHEMA} to {SCHEMA}")
            }
            Self::NoFingerprint { run } => {
                write!(f, "`{run}` has no fingerprint of its data, so nothing shows that the data is the same")
            }
            Self::Differs { property, metric, first: (first, a), other: (other, b) } => {
                write!(f, "{property}")?;
                if let Some(metric) = metric {
                    write!(f, " of `{metric}`")?;
                }
                write!(f, ": `{first}` has {a}, `{other}` has {b}")
            }
            Self::SampleCount { run, metric } => {
                write!(f, "`{run}` does not have one per-sample value of `{metric}` for each of its samples")
            }
        }
    }
}

/// Something that must be equal in all runs of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Property {
    /// Fingerprint of the data.
    Data,
    /// Number of samples.
    SampleCount,
    /// Unit of per-sample values: a sample or a sequence.
    SampleUnit,
    /// Package and registered name of a metric.
    Definition,
    /// Version of a metric's definition.
    Version,
    /// Settings of a metric.
    Settings,
    /// Unit of a metric.
    Unit,
    /// Direction of a metric: higher or lower is better.
    Direction,
    /// Units and directions of a metric's fields.
    Fields,
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::SampleCount => "number of samples",
            Self::SampleUnit => "unit of per-sample values",
            Self::Definition => "definition",
            Self::Version => "version",
            Self::Settings => "settings",
            Self::Unit => "unit",
            Self::Direction => "direction",
            Self::Fields => "fields",
        })
    }
}
