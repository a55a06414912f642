//! Why data cannot be had.

use std::ops::Range;
use std::path::PathBuf;

/// Why a data set, or a batch of it, cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Inputs and targets of different numbers of samples.
    #[error(
        "{inputs} inputs, but {targets} targets{}",
        if *swapped { "; samples are the first axis: the inputs have as many on their second, save `inputs.swapaxes(0, 1)`" } else { "" }
    )]
    Lengths {
        /// How many inputs there are.
        inputs: usize,
        /// How many targets there are.
        targets: usize,
        /// Whether the second axis of the inputs is as long as there are targets.
        swapped: bool,
    },
    /// A tensor without axes, which has no samples.
    #[error("the {what} are a single number without a sample axis")]
    NoSampleAxis {
        /// `inputs` or `targets`.
        what: &'static str,
    },
    /// No records at all, so that the shape of a sample is not known.
    #[error("there are no records")]
    NoRecords,
    /// A record whose shape is not that of the first.
    #[error("record {index} has shape {found:?}, the first has {expected:?}")]
    RecordShape {
        /// Its place, counted from 0.
        index: usize,
        /// Its shape.
        found: Vec<usize>,
        /// The shape of the first record.
        expected: Vec<usize>,
    },
    /// Records without inputs.
    #[error("a record has {columns} column{}; it needs a target and at least one input", if *columns == 1 { "" } else { "s" })]
    TooFewColumns {
        /// How many columns there are.
        columns: usize,
    },
    /// Records without the column that was to be the target.
    #[error("no column {column} for the target: a record has {columns} columns")]
    NoTargetColumn {
        /// The column, counted from 0.
        column: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// A record with more or fewer columns than the first.
    #[error("record {index} has {found} columns, the first has {expected}")]
    RecordColumns {
        /// Its place, counted from 0.
        index: usize,
        /// How many columns it has.
        found: usize,
        /// How many the first record has.
        expected: usize,
    },
    /// A column that is something else than in the first record.
    #[error("column {column} of record {index} is {found}, of the first it is {expected}")]
    RecordColumn {
        /// The record's place, counted from 0.
        index: usize,
        /// The column, counted from 0.
        column: usize,
        /// Its kind of number and its shape.
        found: String,
        /// Those of the first record's.
        expected: String,
    },
    /// Samples that are not there.
    #[error("samples {}..{} were asked for; there are {samples}", range.start, range.end)]
    Range {
        /// The samples that were asked for.
        range: Range<usize>,
        /// How many there are.
        samples: usize,
    },
    /// A sequence of no samples.
    #[error("sequence {index} has no samples")]
    EmptySequence {
        /// Its place, counted from 0.
        index: usize,
    },
    /// Sequences that are not all of the data set, or more than it.
    #[error("the sequences have {covered} samples together, the data set has {samples}")]
    Sequences {
        /// How many samples the sequences have.
        covered: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// A file that cannot be opened or read.
    #[error("cannot read {}: {problem}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
    /// An npy file that cannot be understood.
    #[error("{}: {problem}{looks}", file.display())]
    Npy {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: NpyError,
        /// "; it looks like ..", or nothing.
        looks: String,
    },
    /// An npz file that is not a zip archive, or damaged.
    #[error("{}: {problem}", file.display())]
    Npz {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// An array of an npz file that cannot be understood.
    #[error("{}, array `{array}`: {problem}", file.display())]
    NpzArray {
        /// The file.
        file: PathBuf,
        /// The name of the array.
        array: String,
        /// What is wrong with it.
        problem: NpyError,
    },
    /// An array that an npz file does not have.
    #[error("{}: no array `{array}`; it has {known}{hint}", file.display())]
    NoArray {
        /// The file.
        file: PathBuf,
        /// The name.
        array: String,
        /// The arrays that it has, or "none".
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A data set's own words.
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

/// What is wrong with an array in the npy format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// It does not begin as the format does.
    #[error("not in the npy format: it does not begin with \\x93NUMPY")]
    Magic,
    /// It ends within the header.
    #[error("cut short: it ends within the header")]
    HeaderCutShort,
    /// A header that is longer than any that NumPy reads.
    #[error("the header claims {length} bytes; more than {limit} are not read")]
    HeaderTooLong {
        /// The length that it claims.
        length: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// A header that cannot be understood.
    #[error("the header cannot be read: {problem}")]
    Header {
        /// What is wrong with it.
        problem: String,
    },
    /// Numbers of a type that is not supported.
    #[error("dtype {dtype} is not supported: {supported}")]
    Dtype {
        /// The type, as the header writes it.
        dtype: String,
        /// Which types are, or what to do.
        supported: &'static str,
    },
    /// Fewer bytes than the header claims.
    #[error("cut short: shape {shape:?} of {dtype} takes {expected} bytes, and {found} follow the header")]
    CutShort {
        /// The shape.
        shape: Vec<usize>,
        /// The type of the numbers.
        dtype: String,
        /// The bytes that the shape takes.
        expected: u64,
        /// The bytes that there are.
        found: u64,
    },
    /// More bytes than the header claims.
    #[error("{extra} bytes follow the last number")]
    TrailingBytes {
        /// How many.
        extra: u64,
    },
    /// A shape of more elements than can be counted.
    #[error("shape {shape:?} has too many elements")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A number that no tensor kind holds.
    #[error("element {index} is {value}, which does not fit 64 bits with a sign")]
    TooLargeNumber {
        /// Its place in the file.
        index: usize,
        /// The number.
        value: u64,
    },
    /// The numbers cannot be read.
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
}
