//! Why a batch cannot be processed.

/// Why a processor cannot be made, or does not take a batch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// A tensor of a shape that the processor does not take.
    #[error("`{processor}` was given shape {found:?} and takes {expected}")]
    Shape {
        /// The processor.
        processor: &'static str,
        /// The shape of the batch.
        found: Vec<usize>,
        /// What would be right, as `[batch, step, class]`.
        expected: &'static str,
    },
    /// A number that the processor cannot work with, such as a NaN among counts.
    #[error("`{processor}`: sample {sample}: {problem}")]
    Sample {
        /// The processor.
        processor: &'static str,
        /// The sample, by its place in the batch.
        sample: usize,
        /// What is wrong.
        problem: String,
    },
    /// A result that takes more memory than there is.
    #[error("`{processor}`: there is no memory for shape {shape:?}")]
    Memory {
        /// The processor.
        processor: &'static str,
        /// The shape of the result.
        shape: Vec<usize>,
    },
    /// A name that no built-in has.
    #[error("no {what} `{name}`; there are {known}{hint}")]
    Unknown {
        /// `preprocessor` or `postprocessor`.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A setting that the processor does not have, lacks, or does not take with this value.
    #[error("`{processor}`: {problem}")]
    Settings {
        /// The processor.
        processor: &'static str,
        /// Which setting, and what is wrong with it.
        problem: String,
    },
    /// A processor's own words.
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
