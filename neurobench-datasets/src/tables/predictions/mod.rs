//! Predictions and targets in files, as a data set for evaluation without a model.

mod csv;
mod json_lines;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod table;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::model::Tensor;
use neurobench_core::names::{listed, shown};

use crate::recordings::{damaged, digest_once, hash_file};
use part::{Array, Columns, Part, combined};
use table::{Kind, RowError, Table, Wanted, find, listed_columns};

/// Selects all columns except that of the target, in `scores`.
const ALL: &str = "*";

/// Files of predictions and targets, and the columns that hold them.
///
/// The extension of a file shows its format: `.csv` and `.tsv` are tables of text with a header, `.jsonl` and `.ndjson` have a
/// JSON object in each line, `.parquet` needs the feature `parquet`, and every other file is an array in a linked
/// [data format](neurobench_core::data::DataFormat), such as `.npy` and `.npz`. A column is given by its name or its zero-based
/// index, an array of an `.npz` file by its name.
///
/// ```
/// use neurobench::bench::evaluation;
/// use neurobench::datasets::tables::PredictionFiles;
/// use neurobench::metrics::Accuracy;
///
/// # let folder = tempfile::tempdir()?;
/// let file = folder.path().join("predictions.csv");
/// std::fs::write(&file, "prediction,target\ncat,cat\ndog,cat\ndog,dog\n")?;
/// let mut files = PredictionFiles::new(&file);
/// files.target_columns = vec!["target".to_owned()];
/// files.classes = Some(vec!["cat".to_owned(), "dog".to_owned()]);
/// let report = evaluation(files.open()?, None).workers(2).metric(Accuracy::default()).build()?.run()?;
/// assert_eq!(report["accuracy"].as_f64(), Some(2.0 / 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PredictionFiles {
    /// File of the predictions.
    pub predictions: PathBuf,
    /// File of the targets; without it, they are in the file of the predictions.
    pub targets: Option<PathBuf>,
    /// Columns of the predictions; by default the only one that is not a target.
    pub prediction_columns: Vec<String>,
    /// Columns that hold the score of each class, in the order of the classes, instead of `prediction_columns`. `*` stands for
    /// all columns that are not a target. Scores are read as floats.
    pub scores: Vec<String>,
    /// Columns of the targets; by default the only column of the file of the targets.
    pub target_columns: Vec<String>,
    /// Texts of the classes in their order, for columns of texts; by default the names of the `scores`.
    pub classes: Option<Vec<String>>,
    /// True, as by default, if the first line of tables of text holds the names of the columns.
    pub header: bool,
    /// Character between cells of tables of text; by default a comma, or a tab in a `.tsv` file.
    pub delimiter: Option<u8>,
    /// True if every column of numbers is read as floats. By default the first 8192 rows of a column of text decide whether it
    /// holds integers, and a fraction after them is an error.
    pub floats: bool,
    /// Number of threads that count the rows of a file of text and hash targets; 1 by default.
    pub threads: usize,
}

impl PredictionFiles {
    /// Predictions and targets in one file.
    #[must_use]
    pub fn new(predictions: impl Into<PathBuf>) -> Self {
        Self {
            predictions: predictions.into(),
            targets: None,
            prediction_columns: Vec::new(),
            scores: Vec::new(),
            target_columns: Vec::new(),
            classes: None,
            header: true,
            delimiter: None,
            floats: false,
            threads: 1,
        }
    }

    /// Opens the files. Files of text are read once, to count their rows; rows are then read on demand.
    ///
    /// # Errors
    ///
    /// Files that cannot be read; columns that do not exist or are not given; different numbers of rows.
    pub fn open(&self) -> Result<Predictions, DataError> {
        if !self.scores.is_empty() && !self.prediction_columns.is_empty() {
            return Err(DataError::Other("`--scores` and `--prediction-column` exclude each other".to_owned()));
        }
        let source = self.source(&self.predictions)?;
        let (predictions, targets) = match (&source, &self.targets) {
            (Source::Table(table), None) => {
                if self.target_columns.is_empty() {
                    let columns = listed_columns(&**table);
                    let problem = format!("`--target-column` is missing; the columns are {columns}");
                    return Err(damaged(&self.predictions, problem));
                }
                let targets = found(&**table, &self.target_columns)?;
                (self.predicted(table, &targets)?, targets_in(table, &targets))
            }
            (Source::Table(table), Some(path)) => (self.predicted(table, &[])?, self.separate_targets(path)?),
            (Source::Array, None) => {
                if self.target_columns.is_empty() {
                    let problem = "no targets: give their file with `--targets`, or their array or column in this one with `--target-column`";
                    return Err(damaged(&self.predictions, problem));
                }
                let targets = Array::open(&self.predictions, &self.target_columns)?;
                (Unchecked::Array(self.predicted_array(&targets.columns)?), Unchecked::Array(targets))
            }
            (Source::Array, Some(path)) => (Unchecked::Array(self.predicted_array(&[])?), self.separate_targets(path)?),
        };
        let classes = self.classes.clone().map(Arc::from).or_else(|| self.names_of_scores(&predictions));
        let is_scores = !self.scores.is_empty();
        let predictions = self.checked(predictions, is_scores, if is_scores { None } else { classes.as_ref() })?;
        let targets = self.checked(targets, false, classes.as_ref())?;
        let (rows, others) = (predictions.rows(), targets.rows());
        if rows != others {
            return Err(DataError::Other(format!(
                "{} has {rows} rows, but {} has {others}: each row of predictions needs its target",
                predictions.name(),
                targets.name()
            )));
        }
        Ok(Predictions {
            rows,
            predictions,
            targets,
            threads: self.threads.max(1),
            data_fingerprint: OnceLock::new(),
            prediction_fingerprint: OnceLock::new(),
        })
    }

    fn source(&self, path: &Path) -> Result<Source, DataError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        Ok(match extension.as_str() {
            "csv" | "tsv" | "txt" => {
                let delimiter = self.delimiter.unwrap_or(if extension == "tsv" { b'\t' } else { b',' });
                Source::Table(Arc::new(csv::CsvTable::open(path, self.header, delimiter, self.threads)?))
            }
            "jsonl" | "ndjson" => Source::Table(Arc::new(json_lines::JsonLines::open(path, self.threads)?)),
            #[cfg(feature = "parquet")]
            "parquet" => Source::Table(Arc::new(parquet::ParquetTable::open(path)?)),
            #[cfg(not(feature = "parquet"))]
            "parquet" => {
                return Err(damaged(
                    path,
                    "this program was built without the feature `parquet`, which reads this file",
                ));
            }
            _ => Source::Array,
        })
    }

    fn separate_targets(&self, path: &Path) -> Result<Unchecked, DataError> {
        Ok(match self.source(path)? {
            Source::Array => Unchecked::Array(Array::open(path, &self.target_columns)?),
            Source::Table(table) => {
                let columns = match (self.target_columns.as_slice(), table.columns()) {
                    ([], 1) => vec![0],
                    ([], count) => {
                        let columns = listed_columns(&*table);
                        let problem = format!(
                            "the table has {count} columns: choose with `--target-column`; the columns \
                                               are {columns}"
                        );
                        return Err(damaged(path, problem));
                    }
                    (given, _) => found(&*table, given)?,
                };
                targets_in(&table, &columns)
            }
        })
    }

    /// The columns of the predictions in a table that holds these targets.
    fn predicted(&self, table: &Arc<dyn Table>, targets: &[usize]) -> Result<Unchecked, DataError> {
        let given = if self.scores.is_empty() { &self.prediction_columns } else { &self.scores };
        let others: Vec<usize> = (0..table.columns()).filter(|column| !targets.contains(column)).collect();
        let columns = match (given.as_slice(), others.as_slice()) {
            ([all], _) if all == ALL && !self.scores.is_empty() => others,
            ([], [_]) => others,
            ([], []) => return Err(damaged(table.path(), "there is no column of predictions besides the targets")),
            ([], several) => {
                let names = several.iter().map(|column| table::column_name(table.names(), *column));
                let problem = format!(
                    "there are several columns besides the targets: {}; choose with \
                     `--prediction-column`, or with `--scores` if they are the scores of the classes",
                    listed(names)
                );
                return Err(damaged(table.path(), problem));
            }
            (given, _) => found(&**table, given)?,
        };
        if let Some(both) = columns.iter().find(|column| targets.contains(column)) {
            let name = table::column_name(table.names(), *both);
            return Err(damaged(table.path(), format!("column {name} is given as a prediction and as the target")));
        }
        Ok(Unchecked::Columns { table: Arc::clone(table), columns })
    }

    /// The array of the predictions, or columns of it that are not these columns of targets.
    fn predicted_array(&self, targets: &[usize]) -> Result<Array, DataError> {
        let given = if self.scores.is_empty() { &self.prediction_columns } else { &self.scores };
        let is_all = given.is_empty() || matches!(given.as_slice(), [all] if all == ALL);
        match is_all {
            true if targets.is_empty() => Array::open(&self.predictions, &[]),
            true => {
                let all = Array::open(&self.predictions, &[])?;
                let width = all.rows.shape().get(1).copied().unwrap_or(0);
                let columns = (0..width).filter(|column| !targets.contains(column)).collect();
                Ok(Array { columns, ..all })
            }
            false => Array::open(&self.predictions, given),
        }
    }

    /// Names of the columns of the scores, which name the classes.
    fn names_of_scores(&self, predictions: &Unchecked) -> Option<Arc<[String]>> {
        match predictions {
            Unchecked::Columns { table, columns } if !self.scores.is_empty() => {
                columns.iter().map(|column| table.names().get(*column).cloned()).collect()
            }
            _ => None,
        }
    }

    /// Finds the types of columns.
    fn checked(&self, part: Unchecked, is_scores: bool, classes: Option<&Arc<[String]>>) -> Result<Part, DataError> {
        Ok(match part {
            Unchecked::Array(array) => Part::Array(array),
            Unchecked::Columns { table, columns } => {
                let wanted = |column: &usize| -> Result<Wanted, DataError> {
                    let kind = match table.kind(*column, classes)? {
                        Kind::Integers if is_scores || self.floats => Kind::Floats,
                        kind => kind,
                    };
                    Ok(Wanted { column: *column, kind })
                };
                let wanted = columns.iter().map(wanted).collect::<Result<_, _>>()?;
                Part::Columns(Columns { table, wanted })
            }
        })
    }
}

/// A file that holds a table or arrays.
enum Source {
    Table(Arc<dyn Table>),
    Array,
}

/// Predictions or targets before the types of their columns are known.
enum Unchecked {
    Columns { table: Arc<dyn Table>, columns: Vec<usize> },
    Array(Array),
}

fn targets_in(table: &Arc<dyn Table>, columns: &[usize]) -> Unchecked {
    Unchecked::Columns { table: Arc::clone(table), columns: columns.to_vec() }
}

/// Finds columns by their names or indices, each once.
fn found(table: &dyn Table, written: &[String]) -> Result<Vec<usize>, DataError> {
    let mut columns = Vec::with_capacity(written.len());
    for written in written {
        let column = find(table, written)?;
        if columns.contains(&column) {
            return Err(damaged(table.path(), format!("column `{}` is given twice", shown(written))));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// Predictions and their targets in files: a data set whose inputs are the predictions.
///
/// Batches can be read in any order and on any number of workers. Memory does not grow with the rows.
#[derive(Debug)]
pub struct Predictions {
    predictions: Part,
    targets: Part,
    rows: usize,
    threads: usize,
    data_fingerprint: OnceLock<String>,
    prediction_fingerprint: OnceLock<String>,
}

impl Predictions {
    /// Names a sample as its files do, such as `line 3 of x.csv`.
    #[must_use]
    pub fn place(&self, sample: usize) -> String {
        let (predictions, targets) = (&self.predictions, &self.targets);
        let place = |part: &Part| format!("{} of `{}`", part.place(sample), part.path().display());
        match predictions.path() == targets.path() {
            true => place(predictions),
            false => format!("{} and {}", place(predictions), place(targets)),
        }
    }

    /// Names a number of the predictions as their file does, such as ``line 3, column `x` of `x.csv` ``. `column` is the index of
    /// the number among those of the sample; without it, the place names all columns of the predictions.
    #[must_use]
    pub fn prediction_place(&self, sample: usize, column: Option<usize>) -> String {
        self.predictions.number(sample, column)
    }

    /// Names a number of the targets, as [`prediction_place`](Self::prediction_place) does for the predictions.
    #[must_use]
    pub fn target_place(&self, sample: usize, column: Option<usize>) -> String {
        self.targets.number(sample, column)
    }

    /// Texts that stand for the classes, in the order of the classes, if a column holds texts.
    #[must_use]
    pub fn classes(&self) -> Option<&[String]> {
        self.targets.classes().or_else(|| self.predictions.classes())
    }

    /// Digest of the predictions: the bytes of their file and the columns.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn prediction_fingerprint(&self) -> Result<String, DataError> {
        let digest = digest_once(&self.prediction_fingerprint, || {
            let mut all = Fingerprint::default();
            all.text(&format!("predictions {:?}\n", described(&self.predictions)));
            hash_file(&mut all, self.predictions.path())?;
            Ok(all.finish())
        })?;
        Ok(digest.unwrap_or_default())
    }

    fn read(&self, rows: &Range<usize>) -> Result<(Tensor, Tensor), RowError> {
        if let (Part::Columns(predictions), Part::Columns(targets)) = (&self.predictions, &self.targets)
            && Arc::ptr_eq(&predictions.table, &targets.table)
        {
            let wanted: Vec<Wanted> = predictions.wanted.iter().chain(&targets.wanted).cloned().collect();
            let mut inputs = predictions.table.read(rows.clone(), &wanted)?;
            let targets = inputs.split_off(predictions.wanted.len());
            return Ok((combined(inputs, rows)?, combined(targets, rows)?));
        }
        // Of two errors, the one about the earlier row is reported, as it would be with batches of one row.
        match (self.predictions.read(rows), self.targets.read(rows)) {
            (Ok(inputs), Ok(targets)) => Ok((inputs, targets)),
            (Err(first), Err(second)) => Err(if first.row <= second.row { first } else { second }),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        }
    }

    /// Digest of the values of the targets: those of pieces of fixed length, which several threads hash.
    fn hash_targets(&self) -> Result<String, DataError> {
        const PIECE: usize = 1 << 14;
        let pieces = self.rows.div_ceil(PIECE);
        let (next, found) = (AtomicUsize::new(0), Mutex::new(vec![Ok(String::new()); pieces]));
        let work = || {
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    return;
                }
                let rows = piece * PIECE..self.rows.min((piece + 1) * PIECE);
                let digest =
                    self.targets.read(&rows).map(|values| digest(&values)).map_err(|error| error.error.to_string());
                found.lock().unwrap_or_else(PoisonError::into_inner)[piece] = digest;
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(work);
            }
            work();
        });
        let mut all = Fingerprint::default();
        all.text(&format!("targets {:?}\n", self.targets.classes()));
        for digest in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // The run reports targets that cannot be read, at the first row that cannot be evaluated.
            all.text(&digest.unwrap_or_default());
        }
        Ok(all.finish())
    }
}

/// Columns of predictions, for their digest.
fn described(part: &Part) -> (Vec<usize>, Option<&str>) {
    match part {
        Part::Columns(columns) => (columns.wanted.iter().map(|wanted| wanted.column).collect(), None),
        Part::Array(array) => (array.columns.clone(), array.name.as_deref()),
    }
}

/// Digest of numbers, equal for equal numbers of any width.
fn digest(values: &Tensor) -> String {
    let mut all = Fingerprint::default();
    all.text(&format!("{:?}\n", values.shape()));
    let mut bytes = Vec::new();
    match values {
        Tensor::I64(_) | Tensor::U8(_) => all.text("integers\n"),
        Tensor::F32(_) | Tensor::F64(_) => all.text("floats\n"),
    }
    match values {
        Tensor::I64(values) => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
        Tensor::U8(values) => bytes.extend(values.iter().flat_map(|value| i64::from(*value).to_le_bytes())),
        Tensor::F32(values) => bytes.extend(values.iter().flat_map(|value| f64::from(*value).to_le_bytes())),
        Tensor::F64(values) => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
    }
    all.bytes(&bytes);
    all.finish()
}

impl Dataset for Predictions {
    fn samples(&self) -> usize {
        self.rows
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        super::check_range(&range, self.rows)?;
        self.read(&range).map_err(|error| *error.error)
    }

    fn names(&self) -> (String, String) {
        (self.predictions.name(), self.targets.name())
    }

    /// Digest of the values of the targets, whatever their file format: evaluations of several predictions of the same targets
    /// are over the same data.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        digest_once(&self.data_fingerprint, || self.hash_targets())
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.predictions.path().to_owned()];
        if self.targets.path() != self.predictions.path() {
            files.push(self.targets.path().to_owned());
        }
        files
    }
}
