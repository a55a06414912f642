//! Errors of processors.

/// Why a processor refuses a batch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// A tensor of a shape that the processor does not accept.
    #[error("`{processor}`: found shape {found:?}, expected {expected}")]
    Shape {
        /// Name of the processor.
        processor: &'static str,
        /// Shape of the batch.
        found: Vec<usize>,
        /// Shape that the processor accepts, as `[batch, step, class]`.
        expected: &'static str,
    },
    /// A number that the processor cannot work with, such as a NaN among counts.
    #[error("`{processor}`: sample {sample}: {problem}")]
    Sample {
        /// Name of the processor.
        processor: &'static str,
        /// Index of the sample in the batch.
        sample: usize,
        /// Reason for which it is refused.
        problem: String,
    },
    /// A result that needs more memory than there is.
    #[error("`{processor}`: not enough memory for shape {shape:?}")]
    Memory {
        /// Name of the processor.
        processor: &'static str,
        /// Shape of the result.
        shape: Vec<usize>,
    },
    /// A message of the processor's own.
    #[error("{0}")]
    Other(String),
}

impl From<String> for ProcessError {
    fn from(message: String) -> Self {
        Self::Other(message)
    }
}

impl From<&str> for ProcessError {
    fn from(message: &str) -> Self {
        Self::Other(message.to_owned())
    }
}
