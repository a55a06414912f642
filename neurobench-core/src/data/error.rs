//! Errors of data sets.

use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;

use crate::component::RegistryError;

/// Error of a data set, or of a batch of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Different numbers of inputs and targets.
    #[error(
        "{inputs} inputs, but {targets} targets{}",
        if *swapped { "; samples are the first axis, but the inputs have them on the second: save `inputs.swapaxes(0, 1)`" } else { "" }
    )]
    Lengths {
        /// Number of inputs.
        inputs: usize,
        /// Number of targets.
        targets: usize,
        /// True if the second axis of the inputs is as long as the number of targets.
        swapped: bool,
    },
    /// A tensor without axes, which has no samples.
    #[error("the {what} are a single number without a sample axis")]
    NoSampleAxis {
        /// `inputs` or `targets`.
        what: &'static str,
    },
    /// No records, so the shape of a sample is unknown.
    #[error("there are no records")]
    NoRecords,
    /// A record whose shape differs from that of the first.
    #[error("record {index} has shape {found:?}, but the first record has {expected:?}")]
    RecordShape {
        /// Zero-based index of the record.
        index: usize,
        /// Shape of the record.
        found: Vec<usize>,
        /// Shape of the first record.
        expected: Vec<usize>,
    },
    /// Records without inputs.
    #[error("a record has {columns} column{}; it needs a target and at least one input", if *columns == 1 { "" } else { "s" })]
    TooFewColumns {
        /// Number of columns.
        columns: usize,
    },
    /// Records without the column of the target.
    #[error("no column {column} for the target: a record has {columns} columns")]
    NoTargetColumn {
        /// Zero-based index of the column.
        column: usize,
        /// Number of columns.
        columns: usize,
    },
    /// A record with more or fewer columns than the first.
    #[error("record {index} has {found} columns, but the first record has {expected}")]
    RecordColumns {
        /// Zero-based index of the record.
        index: usize,
        /// Number of columns of the record.
        found: usize,
        /// Number of columns of the first record.
        expected: usize,
    },
    /// A column whose number format or shape differs from the first record.
    #[error("column {column} of record {index} is {found}, but in the first record it is {expected}")]
    RecordColumn {
        /// Zero-based index of the record.
        index: usize,
        /// Zero-based index of the column.
        column: usize,
        /// Number format and shape of the column.
        found: String,
        /// Number format and shape in the first record.
        expected: String,
    },
    /// Samples beyond the end.
    #[error("samples {}..{} are out of range: the data set has {samples}", range.start, range.end)]
    Range {
        /// Requested samples.
        range: Range<usize>,
        /// Number of samples.
        samples: usize,
    },
    /// An empty sequence.
    #[error("sequence {index} has no samples")]
    EmptySequence {
        /// Zero-based index of the sequence.
        index: usize,
    },
    /// Sequences that cover fewer or more samples than the data set has.
    #[error("the sequences have {covered} samples in total, but the data set has {samples}")]
    Sequences {
        /// Number of samples in the sequences.
        covered: usize,
        /// Number of samples in the data set.
        samples: usize,
    },
    /// A file that cannot be opened or read.
    #[error("cannot read {}: {problem}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Message of the system.
        problem: std::io::Error,
    },
    /// A file, or an array in it, that its format cannot decode.
    #[error("{}{}: {problem}{looks}", file.display(), array.as_ref().map_or_else(String::new, |array| format!(", array `{array}`")))]
    Format {
        /// The file.
        file: PathBuf,
        /// Name of the array, in a file of several.
        array: Option<String>,
        /// Problem of the file or the array.
        problem: Box<dyn Error + Send + Sync>,
        /// "; it looks like ..", or nothing.
        looks: String,
    },
    /// A file that no data format reads.
    #[error("{}: no data format reads this file{looks}; {known}", file.display())]
    UnknownFormat {
        /// The file.
        file: PathBuf,
        /// "; it looks like ..", or nothing.
        looks: String,
        /// The formats that are linked: "known formats are ..".
        known: String,
    },
    /// A missing array in a file of several.
    #[error("{}: no array `{array}`; it has {known}{hint}", file.display())]
    NoArray {
        /// The file.
        file: PathBuf,
        /// Name of the array.
        array: String,
        /// Names of the arrays in the file, or "none".
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// Settings of a data set, or its name, that are not accepted.
    #[error(transparent)]
    Component(#[from] RegistryError),
    /// Message of a data set.
    #[error("{0}")]
    Other(String),
}

impl From<String> for DataError {
    fn from(message: String) -> Self {
        Self::Other(message)
    }
}

impl From<&str> for DataError {
    fn from(message: &str) -> Self {
        Self::Other(message.to_owned())
    }
}
