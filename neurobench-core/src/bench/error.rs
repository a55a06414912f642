//! Errors of building and running a benchmark.

use std::fmt;

use crate::bench::Snapshot;
use crate::component::{RegistryError, SettingsError};
use crate::data::DataError;
use crate::metric::MetricError;
use crate::model::ModelError;
use crate::process::ProcessError;

/// Every error found while building a benchmark.
///
/// Its `Debug` form is the message, because `fn main() -> Result<(), ..>` prints that form.
#[derive(Clone, PartialEq)]
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

impl fmt::Debug for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildErrors {}

/// Error found while building a benchmark.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The benchmark has no model.
    #[error("the benchmark has no model: call `.model(..)`")]
    NoModel,
    /// The benchmark has no metric.
    #[error("the benchmark has no metrics: add at least one with `.metric(..)` or `.metric_named(..)`")]
    NoMetric,
    /// A setting that must be at least 1 is zero, such as the batch size.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// Invalid settings of confidence intervals.
    #[error("{0}")]
    Intervals(String),
    /// A component is unknown or cannot be constructed.
    #[error(transparent)]
    Component(#[from] RegistryError),
    /// The text that requests a metric cannot be parsed.
    #[error(transparent)]
    Text(#[from] SettingsError),
    /// The model cannot serve the hooks that a metric needs.
    #[error("metric `{metric}`: {problem}")]
    Hook {
        /// Name of the metric.
        metric: String,
        /// The problem, with the layer or the hook.
        problem: String,
    },
    /// A setting of a metric selects none of the layers that the metric reads.
    #[error("metric `{metric}`: setting `{setting}` selects no layer: {selection} matches none of {layers}")]
    NoLayer {
        /// Name of the metric.
        metric: String,
        /// Name of the setting.
        setting: &'static str,
        /// The conditions of the selection.
        selection: String,
        /// Paths of the layers to select from.
        layers: String,
    },
    /// Two layers with the same path.
    #[error("the model has two layers with the path `{0}`")]
    SamePath(String),
    /// Two metrics with the same name.
    #[error("two metrics have the name `{0}`: request it once, or rename one of them with `.metric_as(\"..\", ..)`")]
    SameName(String),
}

/// Reason why a run did not finish.
///
/// Its `Debug` form is the message, with the number of completed batches: `fn main() -> Result<(), ..>` prints that form, and
/// the states of the completed batches would fill pages.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The benchmark has no data set.
    #[error(
        "the benchmark has no data set: call `.data(..)`, add `[data]` to a benchmark file, or pass batches to `run_stream`"
    )]
    NoData,
    /// A stream, of which a preprocessor needs earlier samples.
    #[error(
        "preprocessor `{preprocessor}` needs the samples before a batch, which a stream does not keep: run a data set"
    )]
    StreamHistory {
        /// Identity of the preprocessor.
        preprocessor: String,
    },
    /// The data set is empty.
    #[error("the data set has no samples")]
    EmptyData,
    /// A batch failed. If several failed, this is the lowest. All lower batches were completed, unless an observer also
    /// ended the run early.
    #[error("batch {batch}: {failure}")]
    Batch {
        /// Zero-based index of the batch.
        batch: u64,
        /// Reason why the batch failed.
        failure: Box<BatchFailure>,
        /// Snapshot of the completed batches, from which a later run can resume.
        completed: Box<Snapshot>,
    },
    /// A requested batch does not exist in the data set.
    #[error("there is no batch {batch}: the data set has {batches}")]
    NoSuchBatch {
        /// Zero-based index of the requested batch.
        batch: u64,
        /// Number of batches in the data set.
        batches: u64,
    },
    /// An observer panicked during the run, which ended it.
    #[error("an observer panicked: {message}")]
    Observer {
        /// Message of the panic.
        message: String,
        /// Snapshot of the completed batches, from which a later run can resume.
        completed: Box<Snapshot>,
    },
    /// An observer interrupted the run before its last batch.
    #[error("the run was interrupted")]
    Interrupted {
        /// Snapshot of the completed batches, from which a later run can resume.
        completed: Box<Snapshot>,
    },
    /// The model or the data set panicked outside a batch, or an observer before the first batch.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// Description of what panicked, such as "the model".
        who: String,
        /// Message of the panic.
        message: String,
    },
    /// The data set cannot be read to compute its fingerprint, or its sequences do not match its samples.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A snapshot cannot be merged, resumed or reported by this benchmark.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// Reason why a batch failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchFailure {
    /// The data of the batch cannot be read.
    #[error("the data could not be read: {0}")]
    Data(DataError),
    /// A processor rejected the batch.
    #[error("processor {}", processor(name, error))]
    Processor {
        /// Name of the processor.
        name: String,
        /// Reason why the processor rejected the batch.
        error: ProcessError,
    },
    /// The model rejected the inputs of the batch, or failed on them.
    #[error("{}", model_error(.0))]
    Model(ModelError),
    /// One sample of the batch caused the failure.
    #[error("sample {sample} of {of}: {failure}")]
    Sample {
        /// Zero-based index of the sample in the data set.
        sample: u64,
        /// Name of the file or other container of the sample.
        of: String,
        /// The failure; any index in it is an index within the sample.
        failure: Box<BatchFailure>,
    },
    /// Inputs, targets and outputs differ in their number of samples, or the data set returned a wrong number of them.
    #[error("{0}")]
    Samples(String),
    /// The data source, a processor or the model panicked.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// Description of what panicked, such as "the model".
        who: String,
        /// Message of the panic.
        message: String,
    },
}

/// Returns the text of a model error. An input that the model rejects is not reported as a failure of the model.
fn model_error(error: &ModelError) -> String {
    match error {
        ModelError::InputShape { .. } | ModelError::NotFinite { .. } | ModelError::LayerNotFinite { .. } => {
            error.to_string()
        }
        error => format!("the model failed: {error}"),
    }
}

/// Returns a processor's name with its error. Some errors already contain the name.
fn processor(name: &str, error: &ProcessError) -> String {
    match error {
        ProcessError::Other(error) => format!("`{name}`: {error}"),
        error => error.to_string(),
    }
}

impl RunError {
    /// Returns the completed batches, if the run began.
    #[must_use]
    pub fn completed(&self) -> Option<&Snapshot> {
        match self {
            Self::Batch { completed, .. } | Self::Observer { completed, .. } | Self::Interrupted { completed } => {
                Some(completed)
            }
            _ => None,
        }
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match self.completed().map(|completed| completed.batches().len()) {
            Some(1) => write!(f, " (1 completed batch is kept in the error)"),
            Some(batches) => write!(f, " ({batches} completed batches are kept in the error)"),
            None => Ok(()),
        }
    }
}

/// Reason why a snapshot cannot be read or merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The snapshot has an unsupported schema version.
    #[error("the snapshot has schema {found}, this version reads {expected}")]
    Schema {
        /// Schema version of the snapshot.
        found: u32,
        /// Schema version that this program reads.
        expected: u32,
    },
    /// The snapshot is from a different run.
    #[error("the snapshot has {what} {found}, this benchmark has {expected}")]
    Mismatch {
        /// Name of the property that differs, such as "the model" or "the batch size".
        what: &'static str,
        /// Value of the property in the snapshot.
        found: String,
        /// Value of the property in the benchmark.
        expected: String,
    },
    /// The snapshot does not contain a core that the benchmark or metric requires.
    #[error("the snapshot does not contain `{core}`; it contains {held}")]
    MissingCore {
        /// Name and settings of the missing core.
        core: String,
        /// Names and settings of the cores in the snapshot.
        held: String,
    },
    /// The definition of a core has changed since the snapshot was written.
    #[error("the snapshot holds version {found} of `{core}`, this program has version {expected}")]
    Version {
        /// Name and settings of the core.
        core: String,
        /// Version of the core in the snapshot.
        found: u32,
        /// Version of the core in this program.
        expected: u32,
    },
    /// Two snapshots to be merged contain the same batch.
    #[error("batch {0} is in both snapshots")]
    Overlap(u64),
    /// The snapshots together have more samples than 64 bits can count.
    #[error("the snapshots together have more samples than 64 bits can count")]
    TooManySamples,
    /// The state of a core cannot be read from the snapshot.
    #[error("the state of `{core}`: {error}")]
    State {
        /// Name and settings of the core.
        core: String,
        /// Reason why the state cannot be read.
        error: MetricError,
    },
    /// A requested metric reads only the model, which a snapshot does not contain.
    #[error("`{0}` reads only the model, which snapshots do not contain: run the benchmark to compute it")]
    NoCore(String),
    /// A requested metric has invalid settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A requested metric has no value, although the snapshot contains its cores.
    #[error("`{metric}`: {error}")]
    Metric {
        /// Name and settings of the metric.
        metric: String,
        /// Reason why the metric has no value.
        error: MetricError,
    },
    /// There is no snapshot to merge.
    #[error("there are no snapshots to merge: pass at least one")]
    Nothing,
}
