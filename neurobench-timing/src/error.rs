//! Errors of measurements.

use std::path::PathBuf;

use neurobench_core::data::DataError;
use neurobench_core::model::ModelError;
use neurobench_core::process::ProcessError;

/// Error of a measurement of times.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimingError {
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A preprocessor or a postprocessor failed.
    #[error("processor `{name}`: {error}")]
    Processor {
        /// Identity of the processor.
        name: String,
        /// Error of the processor.
        #[source]
        error: ProcessError,
    },
    /// The model failed.
    #[error("the model failed on the samples from {first_sample} on: {error}")]
    Model {
        /// Zero-based index of the first sample of the batch in the data set.
        first_sample: u64,
        /// Error of the model.
        error: ModelError,
    },
    /// The code of a model or processor panicked.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// The code that panicked, such as `the model`.
        who: &'static str,
        /// Message of the panic.
        message: String,
    },
    /// The settings contradict each other, the model or the data.
    #[error("{0}")]
    Settings(String),
    /// The system does not provide another thread.
    #[error("cannot start a thread for another worker: {0}")]
    Thread(std::io::Error),
    /// No query was issued before a maximum was reached.
    #[error("no query was issued before the maximum duration or number of queries was reached: raise it")]
    NoQuery,
    /// The measurement was interrupted.
    #[error("the measurement was interrupted")]
    Interrupted,
}

/// Error of a measurement of energy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnergyError {
    /// The system has no energy counters.
    #[error(
        "there is no folder `{}`: the system provides no energy counters; use `--meter FILE.csv` with the log of a power \
         meter", .root.display()
    )]
    NoPowercap {
        /// Folder of the counters.
        root: PathBuf,
    },
    /// The folder has no counter.
    #[error(
        "`{}` contains no energy counter; use `--meter FILE.csv` with the log of a power meter", .root.display()
    )]
    NoDomain {
        /// Folder of the counters.
        root: PathBuf,
    },
    /// A counter may not be read.
    #[error(
        "permission denied for `{}`: Linux lets only root read energy counters by default; run as root, or make the files \
         `energy_uj` readable", .file.display()
    )]
    Permission {
        /// File of the counter.
        file: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {error}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Error of the system.
        error: std::io::Error,
    },
    /// A file of a counter contains something else than a number.
    #[error("`{}`: expected a number, found `{text}`", .file.display())]
    Content {
        /// The file.
        file: PathBuf,
        /// Content of the file.
        text: String,
    },
    /// A line of a meter's log is wrong.
    #[error("`{}`, line {line}: {problem}", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// One-based number of the line.
        line: usize,
        /// Description of the mistake.
        problem: String,
    },
    /// The log of a meter does not cover the measurement.
    #[error(
        "`{}` covers {first} s to {last} s of unix time, but the measurement ran from {from} s to {to} s: start the meter \
         before, and stop it after the measurement", .file.display()
    )]
    NotCovered {
        /// The file.
        file: PathBuf,
        /// First time of the log.
        first: f64,
        /// Last time of the log.
        last: f64,
        /// Beginning of the measurement.
        from: f64,
        /// End of the measurement.
        to: f64,
    },
}
