//! Errors of building and running a benchmark.

use std::fmt;

use crate::bench::Snapshot;
use crate::component::{RegistryError, SettingsError};
use crate::data::DataError;
use crate::metric::MetricError;
use crate::model::ModelError;
use crate::process::ProcessError;

/// All mistakes of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildErrors(pub Vec<BuildError>);

impl fmt::Display for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return write!(f, "{only}");
        }
        write!(f, "{} mistakes:", self.0.len())?;
        for error in &self.0 {
            write!(f, "\n  - {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildErrors {}

/// A mistake of a benchmark.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No model was given.
    #[error("there is no model: call `.model(..)`")]
    NoModel,
    /// No metric was given.
    #[error("there is no metric: name one, with `.metric(..)` or `.metric_named(..)` in Rust")]
    NoMetric,
    /// A number that must be at least 1.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// Settings of intervals that cannot be.
    #[error("{0}")]
    Intervals(String),
    /// A component that is not found or not constructed.
    #[error(transparent)]
    Component(#[from] RegistryError),
    /// Text that does not name a metric.
    #[error(transparent)]
    Text(#[from] SettingsError),
    /// Two layers of one path.
    #[error("the model has two layers with the path `{0}`")]
    SamePath(String),
    /// Two metrics of one name.
    #[error("two metrics have the name `{0}`: ask for it once, or give one another name with `.metric_as(\"..\", ..)`")]
    SameName(String),
}

/// Reason why a run was not finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is no data set.
    #[error("there is no data set: call `.data(..)`, or `run_stream`")]
    NoData,
    /// The data set is empty.
    #[error("the data set has no samples")]
    EmptyData,
    /// A batch failed: the lowest one that did. All batches below it were completed, unless an observer interrupted the run, too.
    #[error("batch {batch}: {failure}")]
    Batch {
        /// The batch, counted from 0.
        batch: u64,
        /// The failure.
        failure: Box<BatchFailure>,
        /// All batches that were completed, so that a later run can go on from there.
        completed: Box<Snapshot>,
    },
    /// A batch was asked for that the data set does not have.
    #[error("there is no batch {batch}: the data set has {batches}")]
    NoSuchBatch {
        /// The batch, counted from 0.
        batch: u64,
        /// Number of batches of the data set.
        batches: u64,
    },
    /// An observer panicked: the run was ended.
    #[error("an observer panicked: {message}")]
    Observer {
        /// The panic's message.
        message: String,
        /// All batches that were completed, so that a later run can go on from there.
        completed: Box<Snapshot>,
    },
    /// An observer interrupted the run before its last batch.
    #[error("the run was interrupted")]
    Interrupted {
        /// All batches that were completed, so that a later run can go on from there.
        completed: Box<Snapshot>,
    },
    /// The model or the data set panicked outside a batch.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// The model or the data set.
        who: String,
        /// The panic's message.
        message: String,
    },
    /// The data set could not be read for its fingerprint, or its sequences are not all of it.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A snapshot does not fit.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// Failure of a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchFailure {
    /// The data could not be read.
    #[error("the data could not be read: {0}")]
    Data(DataError),
    /// A processor refused it.
    #[error("processor {}", processor(name, error))]
    Processor {
        /// Name of the processor.
        name: String,
        /// The reason.
        error: ProcessError,
    },
    /// The model refused it, or failed.
    #[error("{}", model_error(.0))]
    Model(ModelError),
    /// Something is wrong with one sample.
    #[error("sample {sample} of {of}: {failure}")]
    Sample {
        /// The sample, counted from 0 over the data set.
        sample: u64,
        /// Name of its container, such as a file.
        of: String,
        /// The failure; places are those within the sample.
        failure: Box<BatchFailure>,
    },
    /// Inputs, targets or outputs are not of one number of samples.
    #[error("{0}")]
    Samples(String),
    /// Something panicked.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// The data source, a processor or the model.
        who: String,
        /// The panic's message.
        message: String,
    },
}

/// Text of a model error: an input that the model rejects is not a failure of the model.
fn model_error(error: &ModelError) -> String {
    match error {
        ModelError::InputShape { .. } | ModelError::NotFinite { .. } => error.to_string(),
        error => format!("the model failed: {error}"),
    }
}

/// A processor's name with its error, which may say it, too.
fn processor(name: &str, error: &ProcessError) -> String {
    match error {
        ProcessError::Other(error) => format!("`{name}`: {error}"),
        error => error.to_string(),
    }
}

/// Reason why a snapshot cannot be merged or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It was written in another form.
    #[error("the snapshot has schema {found}, this version reads {expected}")]
    Schema {
        /// Schema of the snapshot.
        found: u32,
        /// Schema that this version reads.
        expected: u32,
    },
    /// It belongs to another run.
    #[error("the snapshot has {what} {found}, this benchmark has {expected}")]
    Mismatch {
        /// Name of what differs: model, data, batch size.
        what: &'static str,
        /// The snapshot's.
        found: String,
        /// The benchmark's.
        expected: String,
    },
    /// A core that this benchmark has is not in it.
    #[error("the snapshot does not hold `{core}`; it holds {held}")]
    MissingCore {
        /// The core with its settings.
        core: String,
        /// The cores in it.
        held: String,
    },
    /// A definition has changed since it was written.
    #[error("the snapshot holds version {found} of `{core}`, this program has version {expected}")]
    Version {
        /// The core.
        core: String,
        /// The snapshot's.
        found: u32,
        /// The program's.
        expected: u32,
    },
    /// A batch was counted twice.
    #[error("batch {0} is in both snapshots")]
    Overlap(u64),
    /// Together they have more samples than can be counted.
    #[error("the snapshots have more samples together than 64 bits can count")]
    TooManySamples,
    /// A state cannot be read.
    #[error("the state of `{core}`: {error}")]
    State {
        /// The core.
        core: String,
        /// The reason.
        error: MetricError,
    },
    /// A metric that reads no core, and so nothing that a snapshot holds.
    #[error("`{0}` looks at the model alone, which is in no snapshot")]
    NoCore(String),
    /// A metric whose settings are not accepted.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A metric whose cores are in it, and which has no value.
    #[error("`{metric}`: {error}")]
    Metric {
        /// The metric with its settings.
        metric: String,
        /// The reason.
        error: MetricError,
    },
    /// Nothing to merge.
    #[error("there is no snapshot to merge")]
    Nothing,
}
