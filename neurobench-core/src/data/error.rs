//! Errors of data sets.

use std::ops::Range;
use std::path::PathBuf;

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
    /// A sequence of no samples.
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
    /// An npy file that cannot be decoded.
    #[error("{}: {problem}{looks}", file.display())]
    Npy {
        /// The file.
        file: PathBuf,
        /// Problem of the array.
        problem: NpyError,
        /// "; it looks like ..", or nothing.
        looks: String,
    },
    /// An npz file that is not a zip archive, or damaged.
    #[error("{}: {problem}", file.display())]
    Npz {
        /// The file.
        file: PathBuf,
        /// Problem of the archive.
        problem: String,
    },
    /// An array of an npz file that cannot be decoded.
    #[error("{}, array `{array}`: {problem}", file.display())]
    NpzArray {
        /// The file.
        file: PathBuf,
        /// Name of the array.
        array: String,
        /// Problem of the array.
        problem: NpyError,
    },
    /// A missing array in an npz file.
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

/// Problem of an array in the npy format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file does not begin with the magic string of the format.
    #[error("not in the npy format: it does not begin with \\x93NUMPY")]
    Magic,
    /// The file ends within the header.
    #[error("cut short: it ends within the header")]
    HeaderCutShort,
    /// A header longer than NumPy's limit.
    #[error("the header claims {length} bytes; the limit is {limit}")]
    HeaderTooLong {
        /// Length that the header claims.
        length: usize,
        /// Maximum length.
        limit: usize,
    },
    /// A header that cannot be parsed.
    #[error("the header cannot be read: {problem}")]
    Header {
        /// Problem of the header.
        problem: String,
    },
    /// Numbers of a type that is not supported.
    #[error("dtype {dtype} is not supported: {supported}")]
    Dtype {
        /// Type, as written in the header.
        dtype: String,
        /// Supported types, or a remedy.
        supported: &'static str,
    },
    /// Fewer bytes than the header claims.
    #[error("cut short: shape {shape:?} of {dtype} takes {expected} bytes, but {found} follow the header")]
    CutShort {
        /// The shape.
        shape: Vec<usize>,
        /// Type of the numbers.
        dtype: String,
        /// Number of bytes of the shape.
        expected: u64,
        /// Number of bytes in the file.
        found: u64,
    },
    /// More bytes than the header claims.
    #[error("{extra} bytes follow the last number")]
    TrailingBytes {
        /// Number of extra bytes.
        extra: u64,
    },
    /// A shape with too many elements to count.
    #[error("shape {shape:?} has too many elements")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A number that fits no number format of tensors.
    #[error("element {index} is {value}, which does not fit a signed 64-bit integer")]
    TooLargeNumber {
        /// Zero-based index in the file.
        index: usize,
        /// Value of the number.
        value: u64,
    },
    /// An error of reading the numbers.
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
}
