//! Tables in Apache Parquet files.
//!
//! Rows of a group are decoded from its beginning. Readers are kept where a read ended, so that reads in ascending order, also
//! those of several workers, continue instead of beginning again.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::basic::Type;
use ::parquet::column::reader::ColumnReader;
use ::parquet::file::reader::{FileReader as _, Length as _, SerializedFileReader};
use neurobench_core::data::DataError;
use neurobench_core::files;
use neurobench_core::model::Tensor;

use super::super::parquet::{Values as Decoded, check, guarded, locate, read, skip};
use super::super::positioned::PositionedFile;
use super::table::{Kind, RowError, Table, Values, Wanted, class, column_name, short};
use crate::recordings::damaged;

/// Number of rows that are decoded at a time.
const ROWS: usize = 1 << 14;
/// Number of kept readers.
const READERS: usize = 64;

/// A Parquet file whose rows stay in it.
pub(super) struct ParquetTable {
    path: PathBuf,
    reader: SerializedFileReader<PositionedFile>,
    names: Vec<String>,
    /// Rows of each row group.
    groups: Vec<Range<usize>>,
    cursors: Mutex<Vec<Cursor>>,
}

/// Reader of a column that stands before a row of a group.
struct Cursor {
    column: usize,
    group: usize,
    row: usize,
    reader: ColumnReader,
}

impl fmt::Debug for ParquetTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetTable").field("path", &self.path).finish_non_exhaustive()
    }
}

impl ParquetTable {
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let file = files::open(path).and_then(PositionedFile::new).map_err(unreadable)?;
        if file.len() == 0 {
            return Err(damaged(path, "the file is empty"));
        }
        let open = || {
            let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
            let metadata = reader.metadata();
            let schema = metadata.file_metadata().schema_descr();
            let names = schema.columns().iter().map(|column| column.path().string()).collect();
            let mut groups: Vec<Range<usize>> = Vec::new();
            for group in metadata.row_groups() {
                let start = groups.last().map_or(0, |last| last.end);
                let rows = usize::try_from(group.num_rows());
                let rows = rows.map_err(|_| "a row group has a negative length".to_owned())?;
                groups.push(start..start.checked_add(rows).ok_or("the table has too many rows")?);
            }
            Ok((reader, names, groups))
        };
        let (reader, names, groups) = guarded(open).map_err(|problem| damaged(path, problem))?;
        if groups.last().is_none_or(|last| last.end == 0) {
            return Err(damaged(path, "the table has no rows"));
        }
        Ok(Self { path: path.to_owned(), reader, names, groups, cursors: Mutex::new(Vec::new()) })
    }

    /// Takes the kept reader of a column that is nearest before a row, or begins a new one.
    fn cursor(&self, column: usize, group: usize, row: usize) -> Result<Cursor, String> {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |cursor: &Cursor| cursor.column == column && cursor.group == group && cursor.row <= row;
        let nearest = (0..cursors.len()).filter(|at| fits(&cursors[*at])).max_by_key(|at| cursors[*at].row);
        if let Some(at) = nearest {
            return Ok(cursors.swap_remove(at));
        }
        drop(cursors);
        let reader = self.begin(column, group)?;
        Ok(Cursor { column, group, row: self.groups[group].start, reader })
    }

    /// Begins a column of a row group.
    fn begin(&self, column: usize, group: usize) -> Result<ColumnReader, String> {
        let reader = self.reader.get_row_group(group).and_then(|group| group.get_column_reader(column));
        reader.map_err(|error| error.to_string())
    }

    /// Keeps a reader for a later read.
    fn keep(&self, cursor: Cursor) {
        if cursor.row == self.groups[cursor.group].end {
            return;
        }
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.push(cursor);
        if cursors.len() > READERS {
            // Reads ascend, so the reader that is furthest behind is needed last.
            let last = (0..cursors.len()).min_by_key(|at| cursors[*at].row).unwrap_or(0);
            cursors.swap_remove(last);
        }
    }

    /// Reads rows of a column.
    fn column(&self, wanted: &Wanted, rows: &Range<usize>) -> Result<Values, (usize, String)> {
        let descriptor = self.reader.metadata().file_metadata().schema_descr().column(wanted.column);
        let mut values = Values::new(&wanted.kind, rows.len());
        for (index, group) in self.groups.iter().enumerate() {
            let (start, end) = (rows.start.max(group.start), rows.end.min(group.end));
            if start >= end {
                continue;
            }
            let at_start = |problem| (start, problem);
            let mut cursor = self.cursor(wanted.column, index, start).map_err(at_start)?;
            skip(&mut cursor.reader, start - cursor.row).map_err(at_start)?;
            cursor.row = start;
            while cursor.row < end {
                let count = (end - cursor.row).min(ROWS);
                let decoded = match read(&mut cursor.reader, &descriptor, count) {
                    Ok(decoded) => decoded,
                    Err(problem) => {
                        let begun = self.begin(wanted.column, index);
                        let before = cursor.row - group.start;
                        let (at, problem) = locate(begun, &descriptor, before, end - cursor.row, problem);
                        return Err((cursor.row + at, problem));
                    }
                };
                add(&mut values, decoded, &wanted.kind).map_err(|(at, problem)| (cursor.row + at, problem))?;
                cursor.row += count;
            }
            self.keep(cursor);
        }
        Ok(values)
    }
}

/// Adds decoded values. The error has the index of the value among them.
fn add(values: &mut Values, decoded: Decoded, kind: &Kind) -> Result<(), (usize, String)> {
    match (values, decoded) {
        (Values::Integers(values), Decoded::Integers(decoded)) => append(values, decoded),
        (Values::Floats(values), Decoded::Integers(decoded)) => {
            values.extend(decoded.into_iter().map(|integer| integer as f64));
        }
        (Values::Floats(values), Decoded::Floats(decoded)) => {
            if let Some(at) = decoded.iter().position(|value| value.is_nan()) {
                return Err((at, "found NaN; a missing value has no prediction and no target".to_owned()));
            }
            append(values, decoded);
        }
        (Values::Integers(values), Decoded::Texts(decoded)) => {
            let Kind::Classes(classes) = kind else { return Err((0, "expected numbers, found texts".to_owned())) };
            for (at, text) in decoded.iter().enumerate() {
                values.push(class(text.as_bytes(), classes).map_err(|problem| (at, problem))?);
            }
        }
        (Values::Integers(_), Decoded::Floats(_)) | (Values::Floats(_), Decoded::Texts(_)) => {
            return Err((0, "the type of the column has changed since the file was opened".to_owned()));
        }
    }
    Ok(())
}

/// Moves decoded values behind the others.
fn append<T>(values: &mut Vec<T>, mut decoded: Vec<T>) {
    match values.is_empty() {
        true => *values = decoded,
        false => values.append(&mut decoded),
    }
}

impl Table for ParquetTable {
    fn path(&self) -> &Path {
        &self.path
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn columns(&self) -> usize {
        self.names.len()
    }

    fn rows(&self) -> usize {
        self.groups.last().map_or(0, |last| last.end)
    }

    fn kind(&self, column: usize, classes: Option<&Arc<[String]>>) -> Result<Kind, DataError> {
        let descriptor = self.reader.metadata().file_metadata().schema_descr().column(column);
        let refused =
            |problem: String| damaged(&self.path, format!("column {}: {problem}", column_name(&self.names, column)));
        check(&descriptor, true).map_err(refused)?;
        match (descriptor.physical_type(), classes) {
            (Type::FLOAT | Type::DOUBLE, _) => Ok(Kind::Floats),
            (Type::BYTE_ARRAY, Some(classes)) => Ok(Kind::Classes(Arc::clone(classes))),
            (Type::BYTE_ARRAY, None) => {
                let first = guarded(|| self.first_text(column)).map_err(refused)?;
                Err(refused(format!(
                    "expected numbers, found the text {:?}; if these are the names of classes, give all of them in their \
                     order with `--classes`",
                    short(&first)
                )))
            }
            _ => Ok(Kind::Integers),
        }
    }

    fn read(&self, rows: Range<usize>, wanted: &[Wanted]) -> Result<Vec<Tensor>, RowError> {
        let mut first: Option<(usize, String)> = None;
        let mut columns = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let mut at = rows.start;
            let read = guarded(|| {
                self.column(wanted, &rows).map_err(|(row, problem)| {
                    at = row;
                    problem
                })
            });
            match read {
                Ok(values) => columns.push(values.into_tensor()),
                Err(problem) if first.as_ref().is_none_or(|(row, _)| at < *row) => {
                    let column = column_name(&self.names, wanted.column);
                    first = Some((at, format!("row {at}, column {column}: {problem}")));
                }
                Err(_) => {}
            }
        }
        match first {
            Some((row, problem)) => Err(RowError::new(row, damaged(&self.path, problem))),
            None => Ok(columns),
        }
    }

    fn place(&self, row: usize) -> String {
        format!("row {row}")
    }
}

impl ParquetTable {
    fn first_text(&self, column: usize) -> Result<String, String> {
        let descriptor = self.reader.metadata().file_metadata().schema_descr().column(column);
        let group = self.groups.iter().position(|group| !group.is_empty()).unwrap_or(0);
        match read(&mut self.cursor(column, group, 0)?.reader, &descriptor, 1)? {
            Decoded::Texts(texts) => Ok(texts.into_iter().next().unwrap_or_default()),
            Decoded::Integers(_) | Decoded::Floats(_) => Ok(String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use ndarray::Array1;
    use neurobench_core::data::Dataset as _;

    use super::super::{PredictionFiles, Predictions};
    use super::*;

    /// A table of predictions, targets and names in row groups of 100 rows. A missing target is `None`.
    fn table(rows: &[(f64, Option<i64>)]) -> (tempfile::TempDir, PredictionFiles) {
        let schema = "message table { required double p; optional int64 y; required binary name (UTF8); }";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        let properties = WriterProperties::builder().set_data_page_row_count_limit(30).set_write_batch_size(10).build();
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut file = SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::new(properties)).unwrap();
        for rows in rows.chunks(100) {
            let mut group = file.next_row_group().unwrap();
            fn column<T: DataType, W: std::io::Write + Send>(
                group: &mut ::parquet::file::writer::SerializedRowGroupWriter<'_, W>,
                values: &[T::T],
                levels: Option<&[i16]>,
            ) {
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<T>().write_batch(values, levels, None).unwrap();
                column.close().unwrap();
            }
            column::<DoubleType, _>(&mut group, &rows.iter().map(|row| row.0).collect::<Vec<_>>(), None);
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.1.is_some())).collect();
            column::<Int64Type, _>(&mut group, &rows.iter().filter_map(|row| row.1).collect::<Vec<_>>(), Some(&levels));
            let name = |row: &(f64, Option<i64>)| ByteArray::from(if row.1 == Some(0) { "no" } else { "yes" });
            column::<ByteArrayType, _>(&mut group, &rows.iter().map(name).collect::<Vec<_>>(), None);
            group.close().unwrap();
        }
        file.close().unwrap();
        let mut files = PredictionFiles::new(path);
        files.prediction_columns = vec!["p".to_owned()];
        files.target_columns = vec!["y".to_owned()];
        (folder, files)
    }

    fn rows(count: i64) -> Vec<(f64, Option<i64>)> {
        (0..count).map(|row| (row as f64 / 8.0, Some(row % 3))).collect()
    }

    fn problem(data: &Predictions, rows: Range<usize>) -> String {
        let error = data.batch(rows).unwrap_err().to_string();
        error.split_once(".parquet: ").unwrap().1.to_owned()
    }

    #[test]
    fn rows_are_read_in_any_order_and_across_row_groups() {
        let (_folder, mut files) = table(&rows(350));
        let data = files.open().unwrap();
        assert_eq!(data.samples(), 350);
        for range in [0..10, 10..130, 300..350, 5..6, 120..340, 0..350, 40..45, 45..50, 130..131] {
            let (p, y) = data.batch(range.clone()).unwrap();
            assert_eq!(p, range.clone().map(|row| row as f64 / 8.0).collect::<Array1<f64>>().into());
            assert_eq!(y, range.map(|row| row as i64 % 3).collect::<Array1<i64>>().into());
        }
        files.target_columns = vec!["name".to_owned()];
        let error = files.open().unwrap_err().to_string();
        assert!(error.contains("column `name`: expected numbers, found the text \"no\""), "{error}");
        files.classes = Some(vec!["no".to_owned(), "yes".to_owned()]);
        let (_, classes) = files.open().unwrap().batch(98..103).unwrap();
        assert_eq!(classes, ndarray::array![1_i64, 0, 1, 1, 0].into());
    }

    #[test]
    fn missing_values_nan_and_unknown_classes_are_reported_with_their_rows() {
        let mut content = rows(350);
        content[217].1 = None;
        content[142].0 = f64::NAN;
        let (_folder, mut files) = table(&content);
        let data = files.open().unwrap();
        let nan = "row 142, column `p`: found NaN; a missing value has no prediction and no target";
        assert_eq!(problem(&data, 0..350), nan);
        assert_eq!(problem(&data, 142..143), nan);
        assert_eq!(problem(&data, 150..350), "row 217, column `y`: a value is missing");
        assert_eq!(problem(&data, 217..218), "row 217, column `y`: a value is missing");
        assert!(data.batch(143..217).is_ok());
        files.target_columns = vec!["name".to_owned()];
        files.classes = Some(vec!["yes".to_owned(), "maybe".to_owned()]);
        let unknown = "row 150, column `name`: \"no\" is not one of the classes yes, maybe";
        assert!(problem(&files.open().unwrap(), 149..160).starts_with(unknown));
    }

    #[test]
    fn workers_that_read_at_the_same_time_get_the_rows_that_they_request() {
        let (_folder, files) = table(&rows(8000));
        let data = files.open().unwrap();
        let workers = 8;
        let work = |worker: usize| {
            for round in 0..3 {
                for start in (0..8000).step_by(50).skip((worker + round) % workers).step_by(workers) {
                    let range = start..start + 50;
                    let (p, y) = data.batch(range.clone()).unwrap_or_else(|error| panic!("{range:?}: {error}"));
                    assert_eq!(p, range.clone().map(|row| row as f64 / 8.0).collect::<Array1<f64>>().into());
                    assert_eq!(y, range.map(|row| row as i64 % 3).collect::<Array1<i64>>().into());
                }
            }
        };
        std::thread::scope(|scope| {
            for worker in 0..workers {
                scope.spawn(move || work(worker));
            }
        });
    }
}
