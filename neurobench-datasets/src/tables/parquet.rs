//! Tables in Apache Parquet files.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ::parquet::basic::{ConvertedType, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::DataType;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use ndarray::{Array1, Array2};
use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::model::Tensor;
use neurobench_core::{dataset, files};

use super::columns::{Column, Columns};
use super::positioned::PositionedFile;
use crate::recordings::{damaged, digest_once, hash_file};

/// Number of rows that are decoded at a time.
const ROWS: usize = 4096;
/// Maximum number of classes: a column with more different texts is not one of classes.
const CLASSES: usize = 1 << 16;

/// A table with a sample in each row, in an Apache Parquet file. The feature `parquet` of `neurobench-datasets` adds it.
///
/// Inputs are `f32` `[sample, column]`: all columns except the target and those of `ignore`, in the order of the file. They
/// are booleans, integers or floating-point numbers. Targets `[sample]` are `i64` for booleans and integers, `f64` for
/// floating-point numbers, and for texts the zero-based index `i64` among the different texts of the column in sorted order
/// (by Unicode code point), or in `classes`. Nested columns, other types, missing values and NaN
/// are errors. Rows are read on demand from their row groups, compressed or not (Snappy, gzip).
#[dataset(cite = "https://parquet.apache.org/docs/file-format/")]
pub fn parquet(
    /// File of the table.
    #[param]
    file: InputPath,
    /// Name or zero-based index of the column of the target; by default the last one.
    #[param(default = None)]
    target: Option<Column>,
    /// Names or zero-based indices of columns that are neither inputs nor target.
    #[param(default = Vec::new())]
    ignore: Vec<Column>,
    /// Texts of the target in the order of their classes; by default the sorted texts of the column.
    #[param(default = None)]
    classes: Option<Vec<String>>,
    /// Number of samples in each sequence, for models that carry state; by default all samples are one sequence.
    #[param(default = None)]
    sequences: Option<Vec<usize>>,
) -> Result<Box<dyn Dataset>, DataError> {
    let path = file.0;
    let opened = guarded(|| Table::open(&path, target.as_ref(), &ignore, classes));
    let data = opened.map_err(|problem| damaged(&path, problem))?;
    Ok(match sequences {
        Some(sequences) => Box::new(data.in_sequences(sequences)?),
        None => Box::new(data),
    })
}

/// Runs the decoder, which panics at some damaged files.
pub(super) fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err("the file is damaged".to_owned()))
}

/// A table whose rows stay in the file.
struct Table {
    path: PathBuf,
    reader: SerializedFileReader<PositionedFile>,
    columns: Columns,
    /// Texts of the classes in their order, if the target is text.
    classes: Option<Vec<String>>,
    /// Rows of each row group.
    groups: Vec<Range<usize>>,
    fingerprint: OnceLock<String>,
}

/// Values of a column.
pub(super) enum Values {
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Vec<String>),
}

impl Table {
    fn open(
        path: &Path,
        target: Option<&Column>,
        ignore: &[Column],
        classes: Option<Vec<String>>,
    ) -> Result<Self, String> {
        let file = files::open(path).and_then(PositionedFile::new).map_err(|error| error.to_string())?;
        let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
        let columns = Columns::new(names, schema.num_columns(), target, ignore)?;
        let mut groups = Vec::new();
        let mut start = 0_usize;
        for group in metadata.row_groups() {
            let rows = usize::try_from(group.num_rows()).map_err(|_| "a row group has a negative length".to_owned())?;
            let end = start.checked_add(rows).ok_or("the table has too many rows")?;
            groups.push(start..end);
            start = end;
        }
        for column in columns.inputs.iter().chain([&columns.target]) {
            let is_target = *column == columns.target;
            check(&schema.column(*column), is_target)
                .map_err(|problem| format!("column {}: {problem}", columns.name(*column)))?;
        }
        let is_text = schema.column(columns.target).physical_type() == Type::BYTE_ARRAY;
        let path = path.to_owned();
        let mut table = Self { path, reader, columns, classes: None, groups, fingerprint: OnceLock::new() };
        if is_text {
            table.classes = Some(match classes {
                Some(classes) => classes,
                None => table.texts()?,
            });
        }
        match table.rows() {
            0 => Err("the table has no rows".to_owned()),
            _ => Ok(table),
        }
    }

    fn rows(&self) -> usize {
        self.groups.last().map_or(0, |group| group.end)
    }

    /// Different texts of the target, sorted.
    fn texts(&self) -> Result<Vec<String>, String> {
        let mut texts = BTreeSet::new();
        self.each(self.columns.target, 0..self.rows(), |_, values| {
            if let Values::Texts(values) = values {
                texts.extend(values);
            }
            match texts.len() > CLASSES {
                true => Err((0, format!("more than {CLASSES} different texts; it cannot be a target"))),
                false => Ok(()),
            }
        })?;
        Ok(texts.into_iter().collect())
    }

    /// Reads rows of a column and passes them, piece by piece, with the index of the first. An error of `piece` has the index
    /// of its value in the piece.
    fn each(
        &self,
        column: usize,
        rows: Range<usize>,
        mut piece: impl FnMut(usize, Values) -> Result<(), (usize, String)>,
    ) -> Result<(), String> {
        let descriptor = self.reader.metadata().file_metadata().schema_descr().column(column);
        let named = |row: usize, problem: String| format!("row {row}, column {}: {problem}", self.columns.name(column));
        for (index, group) in self.groups.iter().enumerate() {
            let (mut start, end) = (rows.start.max(group.start), rows.end.min(group.end));
            if start >= end {
                continue;
            }
            let begin = || {
                let reader = self.reader.get_row_group(index).and_then(|group| group.get_column_reader(column));
                reader.map_err(|error| error.to_string())
            };
            let mut reader = begin().map_err(|problem| named(start, problem))?;
            skip(&mut reader, start - group.start).map_err(|problem| named(start, problem))?;
            while start < end {
                let count = (end - start).min(ROWS);
                let values = read(&mut reader, &descriptor, count).map_err(|problem| {
                    let (at, problem) = locate(begin(), &descriptor, start - group.start, count, problem);
                    named(start + at, problem)
                })?;
                if let Values::Floats(values) = &values
                    && let Some(at) = values.iter().position(|value| value.is_nan())
                {
                    return Err(named(start + at, "found NaN".to_owned()));
                }
                piece(start, values).map_err(|(at, problem)| named(start + at, problem))?;
                start += count;
            }
        }
        Ok(())
    }

    fn batch(&self, rows: &Range<usize>) -> Result<(Tensor, Tensor), String> {
        let mut inputs = Array2::<f32>::zeros((rows.len(), self.columns.inputs.len()));
        for (place, column) in self.columns.inputs.iter().enumerate() {
            self.each(*column, rows.clone(), |first, values| {
                let mut inputs = inputs.column_mut(place);
                let inputs = inputs.iter_mut().skip(first - rows.start);
                match values {
                    Values::Integers(values) => inputs.zip(values).for_each(|(input, value)| *input = value as f32),
                    Values::Floats(values) => inputs.zip(values).for_each(|(input, value)| *input = value as f32),
                    Values::Texts(_) => return Err((0, "expected numbers".to_owned())),
                }
                Ok(())
            })?;
        }
        let (mut integers, mut floats) = (Vec::new(), Vec::new());
        self.each(self.columns.target, rows.clone(), |_, values| {
            match values {
                Values::Integers(values) => integers.extend(values),
                Values::Floats(values) => floats.extend(values),
                Values::Texts(values) => {
                    let classes = self.classes.as_deref().unwrap_or_default();
                    for (at, text) in values.iter().enumerate() {
                        integers.push(self.columns.class(text, classes).map_err(|problem| (at, problem))?);
                    }
                }
            }
            Ok(())
        })?;
        let targets: Tensor =
            if floats.is_empty() { Array1::from(integers).into() } else { Array1::from(floats).into() };
        Ok((inputs.into(), targets))
    }

    fn hash(&self) -> Result<String, DataError> {
        let mut all = Fingerprint::default();
        let Columns { inputs, target, .. } = &self.columns;
        all.text(&format!("inputs {inputs:?}, target {target}, classes {:?}\n", self.classes));
        hash_file(&mut all, &self.path)?;
        Ok(all.finish())
    }
}

/// Checks the type of a column.
pub(super) fn check(column: &ColumnDescriptor, is_target: bool) -> Result<(), String> {
    use ConvertedType as C;
    if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
        return Err("nested columns are not read".to_owned());
    }
    let (stored, meaning) = (column.physical_type(), column.converted_type());
    let is_number = match stored {
        Type::BOOLEAN | Type::FLOAT | Type::DOUBLE => meaning == C::NONE,
        Type::INT32 => {
            matches!(meaning, C::NONE | C::INT_8 | C::INT_16 | C::INT_32 | C::UINT_8 | C::UINT_16 | C::UINT_32)
        }
        Type::INT64 => matches!(meaning, C::NONE | C::INT_64 | C::UINT_64),
        _ => false,
    };
    let is_text = stored == Type::BYTE_ARRAY && matches!(meaning, C::NONE | C::UTF8 | C::ENUM);
    match is_number || is_target && is_text {
        true => Ok(()),
        false if is_target => Err(format!("expected numbers or texts, found {stored} {meaning}")),
        false => Err(format!("expected numbers, found {stored} {meaning}")),
    }
}

/// Skips rows of a column.
pub(super) fn skip(reader: &mut ColumnReader, count: usize) -> Result<(), String> {
    let skipped = match reader {
        ColumnReader::BoolColumnReader(reader) => reader.skip_records(count),
        ColumnReader::Int32ColumnReader(reader) => reader.skip_records(count),
        ColumnReader::Int64ColumnReader(reader) => reader.skip_records(count),
        ColumnReader::FloatColumnReader(reader) => reader.skip_records(count),
        ColumnReader::DoubleColumnReader(reader) => reader.skip_records(count),
        ColumnReader::ByteArrayColumnReader(reader) => reader.skip_records(count),
        _ => return Err("the type of the column is not read".to_owned()),
    };
    match skipped {
        Ok(skipped) if skipped == count => Ok(()),
        Ok(_) => Err("the column is shorter than its row group".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Finds the first row that cannot be read, by reading one after the other, after a problem was found in rows together.
/// `begun` is a reader at the beginning of the row group, `before` the number of rows before these.
pub(super) fn locate(
    begun: Result<ColumnReader, String>,
    column: &ColumnDescriptor,
    before: usize,
    rows: usize,
    problem: String,
) -> (usize, String) {
    let Ok(mut reader) = begun else { return (0, problem) };
    if skip(&mut reader, before).is_err() {
        return (0, problem);
    }
    let first = (0..rows).find_map(|row| read(&mut reader, column, 1).err().map(|problem| (row, problem)));
    first.unwrap_or((0, problem))
}

/// Reads rows of a column.
pub(super) fn read(reader: &mut ColumnReader, column: &ColumnDescriptor, count: usize) -> Result<Values, String> {
    let levels = column.max_def_level();
    let is_unsigned = matches!(column.converted_type(), ConvertedType::UINT_32 | ConvertedType::UINT_64);
    Ok(match reader {
        ColumnReader::BoolColumnReader(reader) => {
            Values::Integers(values(reader, levels, count)?.into_iter().map(i64::from).collect())
        }
        ColumnReader::Int32ColumnReader(reader) => {
            let integer = |value: i32| if is_unsigned { i64::from(value as u32) } else { i64::from(value) };
            Values::Integers(values(reader, levels, count)?.into_iter().map(integer).collect())
        }
        ColumnReader::Int64ColumnReader(reader) => {
            let integers = values(reader, levels, count)?;
            if let Some(negative) = integers.iter().find(|value| is_unsigned && **value < 0) {
                return Err(format!("{} does not fit a signed 64-bit integer", *negative as u64));
            }
            Values::Integers(integers)
        }
        ColumnReader::FloatColumnReader(reader) => {
            Values::Floats(values(reader, levels, count)?.into_iter().map(f64::from).collect())
        }
        ColumnReader::DoubleColumnReader(reader) => Values::Floats(values(reader, levels, count)?),
        ColumnReader::ByteArrayColumnReader(reader) => {
            let texts = values(reader, levels, count)?.into_iter();
            let texts = texts.map(|text| text.as_utf8().map(ToOwned::to_owned).map_err(|error| error.to_string()));
            Values::Texts(texts.collect::<Result<_, _>>()?)
        }
        _ => return Err("the type of the column is not read".to_owned()),
    })
}

/// Reads values of a column, none of which may be missing.
fn values<T: DataType>(reader: &mut ColumnReaderImpl<T>, levels: i16, count: usize) -> Result<Vec<T::T>, String> {
    let (mut values, mut defined) = (Vec::with_capacity(count), Vec::with_capacity(count));
    // A read ends with a page.
    while values.len() < count {
        let levels = (levels > 0).then_some(&mut defined);
        let read = reader.read_records(count - values.len(), levels, None, &mut values);
        let (records, found, _) = read.map_err(|error| error.to_string())?;
        if records != found {
            return Err("a value is missing".to_owned());
        }
        if records == 0 {
            return Err("the column is shorter than its row group".to_owned());
        }
    }
    Ok(values)
}

impl Dataset for Table {
    fn samples(&self) -> usize {
        self.rows()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        super::check_range(&range, self.rows())?;
        guarded(|| Self::batch(self, &range)).map_err(|problem| damaged(&self.path, problem))
    }

    fn names(&self) -> (String, String) {
        let file = self.path.display();
        (format!("`{file}`"), format!("column {} of `{file}`", self.columns.name(self.columns.target)))
    }

    /// Digest of the roles of the columns, the classes and the bytes of the file.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        digest_once(&self.fingerprint, || self.hash())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }
}
