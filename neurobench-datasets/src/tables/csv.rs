//! Tables of text.

mod quotes;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ::csv::{Position, Reader, ReaderBuilder, StringRecord, Trim};
use ndarray::{Array1, Array2};
use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::model::Tensor;
use neurobench_core::{dataset, files};

use self::quotes::{Quotes, WrongQuote};
use super::columns::{Column, Columns};
use crate::recordings::{damaged, digest_once, hash_file};

/// Number of rows between two remembered positions in the file.
const STRIDE: usize = 64;
/// Maximum number of classes: a column with more different texts is not one of classes.
const CLASSES: usize = 1 << 16;

/// A table of text with a sample in each row, such as comma-separated values with a header (RFC 4180).
///
/// Inputs are `f32` `[sample, column]`: all columns except the target and those of `ignore`, in the order of the file.
/// The first row decides the type of the target `[sample]`: a number there means that the column holds numbers, which
/// become `i64` if all of them are whole and `f64` otherwise; a text means classes, which become their zero-based index
/// `i64` among the different texts of the column in sorted order (by Unicode code point), or in `classes`. Spaces around a
/// cell are ignored. Blank lines are skipped; a note of the report counts those in front of a row.
///
/// The file is read when it is opened, to check every cell; an error names line and column. Numbers must be finite and
/// within the range of their type, and quotes must enclose whole cells. Rows are then read on demand.
///
/// A table with a header, whose class is in the column `kind`:
///
/// ```toml
/// [data]
/// dataset = "csv"
/// file = "flowers.csv"
/// target = "kind"
/// ```
#[dataset]
pub fn csv(
    /// File of the table.
    #[param]
    file: InputPath,
    /// Name or zero-based index of the column of the target; by default the last one.
    #[param(default = None)]
    target: Option<Column>,
    /// Names or zero-based indices of columns that are neither inputs nor target.
    #[param(default = Vec::new())]
    ignore: Vec<Column>,
    /// True if the first line holds the names of the columns, false if it is a row. By default it holds the names, and a
    /// line with a number for every input is an error.
    #[param(default = None)]
    header: Option<bool>,
    /// Character between cells, one byte; `"\t"` for tabs.
    #[param(default = ",".to_owned())]
    delimiter: String,
    /// Texts of the target in the order of their classes; by default the sorted texts of the column.
    #[param(default = None)]
    classes: Option<Vec<String>>,
    /// Number of samples in each sequence, for models that carry state; by default all samples are one sequence.
    #[param(default = None)]
    sequences: Option<Vec<usize>>,
) -> Result<Box<dyn Dataset>, DataError> {
    let &[delimiter] = delimiter.as_bytes() else {
        return Err(DataError::Other(format!("`delimiter` must be one byte, not {delimiter:?}")));
    };
    let data = Table::open(file.0, delimiter, header, target.as_ref(), &ignore, classes)?;
    Ok(match sequences {
        Some(sequences) => Box::new(data.in_sequences(sequences)?),
        None => Box::new(data),
    })
}

/// A table whose rows stay in the file.
#[derive(Debug)]
struct Table {
    path: PathBuf,
    delimiter: u8,
    columns: Columns,
    targets: Targets,
    /// Number of rows.
    rows: usize,
    /// Position of every [`STRIDE`]th row.
    positions: Vec<Position>,
    /// Number of blank lines in front of rows.
    blank_lines: u64,
    fingerprint: OnceLock<String>,
}

/// Type of the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Targets {
    Integers,
    Floats,
    /// Texts of the classes in their order.
    Classes(Vec<String>),
}

impl Table {
    fn open(
        path: PathBuf,
        delimiter: u8,
        header: Option<bool>,
        target: Option<&Column>,
        ignore: &[Column],
        classes: Option<Vec<String>>,
    ) -> Result<Self, DataError> {
        let has_header = header.unwrap_or(true);
        let blank_lines = match check_quotes(&path, delimiter)? {
            Quotes::Whole { blank_lines } => blank_lines,
            Quotes::Wrong(quote) => return Err(wrong_quote(&path, delimiter, has_header, &quote)),
        };
        let mut reader = reader(&path, delimiter)?;
        let mut record = StringRecord::new();
        if !next(&mut reader, &mut record, &path)? {
            return Err(damaged(&path, "the table is empty"));
        }
        let columns = Columns::in_first_line(&record, has_header, target, ignore)
            .map_err(|problem| damaged(&path, problem + &other_delimiter(&record)))?;
        // A name that was found is in a header.
        let names_a_column = target.into_iter().chain(ignore).any(|column| matches!(column, Column::Name(_)));
        if header.is_none() && !names_a_column {
            columns.check_header(&record).map_err(|problem| at_line(&path, &record, &problem))?;
        }
        let mut scan = Scan { targets: None, fixed: classes };
        let (mut rows, mut positions) = (0, Vec::new());
        let mut has_record = if has_header { next(&mut reader, &mut record, &path)? } else { true };
        while has_record {
            scan.row(&columns, &record).map_err(|problem| at_line(&path, &record, &problem))?;
            if rows % STRIDE == 0 {
                positions.push(record.position().cloned().unwrap_or_else(Position::new));
            }
            rows += 1;
            has_record = next(&mut reader, &mut record, &path)?;
        }
        let Some(targets) = scan.finish() else {
            return Err(damaged(&path, "the table has a header, but no rows"));
        };
        Ok(Self { path, delimiter, columns, targets, rows, positions, blank_lines, fingerprint: OnceLock::new() })
    }

    /// Reads rows that exist and passes each to a function.
    fn each(
        &self,
        range: &Range<usize>,
        mut row: impl FnMut(usize, &StringRecord) -> Result<(), String>,
    ) -> Result<(), DataError> {
        let first = range.start / STRIDE;
        let Some(position) = self.positions.get(first) else { return Ok(()) };
        let mut reader = reader(&self.path, self.delimiter)?;
        reader.seek(position.clone()).map_err(|error| damaged(&self.path, error))?;
        let mut record = StringRecord::new();
        for index in first * STRIDE..range.end {
            if !next(&mut reader, &mut record, &self.path)? {
                return Err(damaged(&self.path, "the file has become shorter since it was opened"));
            }
            if index >= range.start {
                let read = self.columns.check(&record).and_then(|()| row(index - range.start, &record));
                read.map_err(|problem| at_line(&self.path, &record, &problem))?;
            }
        }
        Ok(())
    }

    /// Reads inputs and targets; `target` decodes one.
    fn read<T>(
        &self,
        range: &Range<usize>,
        target: impl Fn(&StringRecord) -> Result<T, String>,
    ) -> Result<(Tensor, Tensor), DataError>
    where
        Tensor: From<Array1<T>>,
    {
        let mut inputs = Array2::<f32>::zeros((range.len(), self.columns.inputs.len()));
        let mut targets = Vec::with_capacity(range.len());
        self.each(range, |row, record| {
            for (input, column) in inputs.row_mut(row).iter_mut().zip(&self.columns.inputs) {
                *input = self.columns.input(record, *column)?;
            }
            targets.push(target(record)?);
            Ok(())
        })?;
        Ok((inputs.into(), Array1::from(targets).into()))
    }

    fn hash(&self) -> Result<String, DataError> {
        let mut all = Fingerprint::default();
        let Columns { inputs, target, .. } = &self.columns;
        all.text(&format!("inputs {inputs:?}, target {target}, {:?}\n", self.targets));
        hash_file(&mut all, &self.path)?;
        Ok(all.finish())
    }
}

impl Dataset for Table {
    fn samples(&self) -> usize {
        self.rows
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        super::check_range(&range, self.rows)?;
        let Self { columns, .. } = self;
        match &self.targets {
            Targets::Integers => self.read(&range, |record| columns.integer_target(record)),
            Targets::Floats => self.read(&range, |record| columns.number_target(record)),
            Targets::Classes(classes) => {
                self.read(&range, |record| columns.class(columns.target_cell(record), classes))
            }
        }
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

    fn notes(&self) -> Vec<String> {
        let (file, lines) = (self.path.display(), self.blank_lines);
        match lines {
            0 => Vec::new(),
            1 => vec![format!("{file}: 1 blank line in front of a row was skipped")],
            _ => vec![format!("{file}: {lines} blank lines in front of rows were skipped")],
        }
    }
}

/// Walks through the quotes of a table.
fn check_quotes(path: &Path, delimiter: u8) -> Result<Quotes, DataError> {
    let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
    let file = files::open(path).map_err(unreadable)?;
    quotes::check(BufReader::with_capacity(1 << 16, file), delimiter).map_err(unreadable)
}

/// Error about a quote that does not enclose a whole cell.
fn wrong_quote(path: &Path, delimiter: u8, has_header: bool, quote: &WrongQuote) -> DataError {
    let header = || {
        let mut record = StringRecord::new();
        let is_read = next(&mut reader(path, delimiter).ok()?, &mut record, path).ok()?;
        let name = record.get(quote.column).filter(|_| is_read && has_header && quote.line > 1)?;
        Some(format!("`{name}`"))
    };
    let column = header().unwrap_or_else(|| quote.column.to_string());
    damaged(path, format!("line {}: column {column}: {}", quote.line, quote.problem()))
}

/// Advice where the first line has one cell and another delimiter would split it.
fn other_delimiter(first: &StringRecord) -> String {
    let found = [(';', ";"), ('\t', "\\t"), ('|', "|"), (',', ",")];
    let found = found.into_iter().find(|(delimiter, _)| first.len() == 1 && first[0].contains(*delimiter));
    found.map_or_else(String::new, |(_, delimiter)| {
        format!("; if cells end with `{delimiter}`, set `delimiter = \"{delimiter}\"`")
    })
}

fn reader(path: &Path, delimiter: u8) -> Result<Reader<File>, DataError> {
    let file = files::open(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
    // The header and the lengths of rows are checked here, with their lines.
    let mut builder = ReaderBuilder::new();
    Ok(builder.delimiter(delimiter).trim(Trim::All).has_headers(false).flexible(true).from_reader(file))
}

/// Reads a row; returns false at the end.
fn next(reader: &mut Reader<File>, record: &mut StringRecord, path: &Path) -> Result<bool, DataError> {
    reader.read_record(record).map_err(|error| match error.kind() {
        ::csv::ErrorKind::Utf8 { pos, err } => {
            let line = pos.as_ref().map_or(0, Position::line);
            damaged(path, format!("line {line}: column {} is not UTF-8 text", err.field()))
        }
        _ => damaged(path, error),
    })
}

/// Error about a row, with its line.
fn at_line(path: &Path, record: &StringRecord, problem: &str) -> DataError {
    match record.position().and_then(|position| line(path, position).ok()) {
        Some(line) => damaged(path, format!("line {line}: {problem}")),
        None => damaged(path, problem),
    }
}

/// Line of a row. The reader remembers where it began to look for the row, and empty lines may precede it.
fn line(path: &Path, position: &Position) -> std::io::Result<u64> {
    let mut file = BufReader::new(files::open(path)?);
    file.seek(SeekFrom::Start(position.byte()))?;
    let mut line = position.line();
    for byte in file.bytes() {
        match byte? {
            b'\n' => line += 1,
            b'\r' => {}
            _ => break,
        }
    }
    Ok(line)
}

impl Columns {
    fn in_first_line(
        first: &StringRecord,
        header: bool,
        target: Option<&Column>,
        ignore: &[Column],
    ) -> Result<Self, String> {
        let names = if header { first.iter().map(ToOwned::to_owned).collect() } else { Vec::new() };
        Self::new(names, first.len(), target, ignore)
    }

    /// Checks the number of cells.
    fn check(&self, record: &StringRecord) -> Result<(), String> {
        let (found, expected) = (record.len(), self.count);
        match found == expected {
            true => Ok(()),
            false => {
                let plural = if found == 1 { "" } else { "s" };
                Err(format!("found {found} cell{plural}, expected {expected} as in the first line"))
            }
        }
    }

    fn target_cell<'a>(&self, record: &'a StringRecord) -> &'a str {
        record.get(self.target).unwrap_or_default()
    }

    /// Checks that the first line is a header: one with numbers only is a row.
    fn check_header(&self, first: &StringRecord) -> Result<(), String> {
        let is_number = |column: &usize| first.get(*column).is_some_and(|cell| cell.parse::<f64>().is_ok());
        match self.inputs.iter().all(is_number) {
            true => Err("the header has a number for every input; if it is a row, set `header = false`, and if these \
                         numbers are the names of the columns, `header = true`"
                .to_owned()),
            false => Ok(()),
        }
    }

    /// Number of a cell, which must be finite.
    fn number<T>(&self, record: &StringRecord, column: usize, otherwise: &str) -> Result<T, String>
    where
        T: std::str::FromStr + Copy + Into<f64>,
    {
        let cell = record.get(column).unwrap_or_default();
        let problem = match cell.parse::<T>() {
            Ok(number) if number.into().is_finite() => return Ok(number),
            Ok(_) if cell.contains(|character: char| character.is_ascii_digit()) => {
                format!("{cell} is beyond the range of {}", std::any::type_name::<T>())
            }
            Ok(_) => format!("expected a finite number, found {cell:?}"),
            Err(_) => format!("expected a number, found {cell:?}"),
        };
        Err(format!("column {}: {problem}; {otherwise}", self.name(column)))
    }

    fn input(&self, record: &StringRecord, column: usize) -> Result<f32, String> {
        self.number(record, column, "correct the cell, remove the row, or leave out the column with `ignore`")
    }

    fn number_target(&self, record: &StringRecord) -> Result<f64, String> {
        let otherwise = "the target of the first row is a number: correct the cell or remove the row, or set `classes` if \
                         the targets are texts";
        self.number(record, self.target, otherwise)
    }

    /// Target in a column of whole numbers.
    fn integer_target(&self, record: &StringRecord) -> Result<i64, String> {
        let cell = self.target_cell(record);
        let changed = |_| format!("column {}: {cell:?} is not a whole number any more", self.name(self.target));
        cell.parse().map_err(changed)
    }
}

/// First reading of a table, which finds the type of the targets.
struct Scan {
    /// Targets of the rows so far; `None` before the first row.
    targets: Option<Found>,
    /// Classes from the settings.
    fixed: Option<Vec<String>>,
}

enum Found {
    Integers,
    Floats,
    Classes(BTreeSet<String>),
    Fixed(Vec<String>),
}

impl Scan {
    /// Checks a row.
    fn row(&mut self, columns: &Columns, record: &StringRecord) -> Result<(), String> {
        columns.check(record)?;
        for column in &columns.inputs {
            columns.input(record, *column)?;
        }
        let cell = columns.target_cell(record);
        let found = self.targets.get_or_insert_with(|| match self.fixed.take() {
            Some(classes) => Found::Fixed(classes),
            None if cell.parse::<f64>().is_ok() => Found::Integers,
            None => Found::Classes(BTreeSet::new()),
        });
        match found {
            Found::Integers if cell.parse::<i64>().is_err() => {
                columns.number_target(record)?;
                *found = Found::Floats;
            }
            Found::Integers => {}
            Found::Floats => {
                columns.number_target(record)?;
            }
            Found::Classes(_) if cell.is_empty() => {
                let column = columns.name(columns.target);
                return Err(format!("column {column}: the class is missing; fill the cell or remove the row"));
            }
            Found::Classes(classes) => {
                if !classes.contains(cell) {
                    classes.insert(cell.to_owned());
                }
                if classes.len() > CLASSES {
                    let column = columns.name(columns.target);
                    return Err(format!(
                        "column {column} has more than {CLASSES} different texts; it cannot be a target"
                    ));
                }
            }
            Found::Fixed(classes) => {
                columns.class(cell, classes)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Option<Targets> {
        self.targets.map(|found| match found {
            Found::Integers => Targets::Integers,
            Found::Floats => Targets::Floats,
            Found::Classes(classes) => Targets::Classes(classes.into_iter().collect()),
            Found::Fixed(classes) => Targets::Classes(classes),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Write as _;

    use ndarray::array;
    use neurobench_core::Value;
    use neurobench_core::component::{Component as _, Spec, from_known};
    use proptest::prelude::*;

    use super::*;

    /// Constructs the data set from a specification in which `FILE` is a file with this text.
    fn table(text: &[u8], settings: &str) -> Result<Box<dyn Dataset>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let (_, path) = file.keep().unwrap();
        let spec: Spec = format!("csv({settings})").parse().unwrap();
        let mut params = spec.params;
        params.insert("file".to_owned(), Value::Text(path.to_str().unwrap().to_owned()));
        let constructed = from_known::<Csv>(&params).unwrap().construct();
        constructed.map_err(|error| error.to_string().replace(path.to_str().unwrap(), "FILE"))
    }

    const POINTS: &[u8] = b"x, y, kind\n1.5,2,b\n-3,4e1,a\n\n\"5\",6,b\n";

    #[test]
    fn texts_of_the_target_are_classes_in_sorted_or_given_order() {
        let sorted = table(POINTS, "").unwrap();
        assert_eq!(sorted.samples(), 3);
        let inputs = array![[1.5_f32, 2.0], [-3.0, 40.0], [5.0, 6.0]];
        assert_eq!(sorted.batch(0..3).unwrap(), (inputs.into(), array![1_i64, 0, 1].into()));
        let given = table(POINTS, r#"classes=["b", "a"], target="kind", ignore=[0]"#).unwrap();
        assert_eq!(given.batch(1..3).unwrap(), (array![[40.0_f32], [6.0]].into(), array![1_i64, 0].into()));
        assert_ne!(sorted.fingerprint().unwrap(), given.fingerprint().unwrap());
    }

    #[test]
    fn numbers_of_the_target_are_integers_if_all_are_whole() {
        let numbers = b"7;1\n8;2\n";
        let settings = r#"header=false, delimiter=";", target=0"#;
        let expected = (array![[1.0_f32], [2.0]].into(), array![7_i64, 8].into());
        assert_eq!(table(numbers, settings).unwrap().batch(0..2).unwrap(), expected);
        let (_, targets) = table(b"7;1\n8.5;2\n", settings).unwrap().batch(0..2).unwrap();
        assert_eq!(targets, array![7.0_f64, 8.5].into());
    }

    #[test]
    fn any_range_of_a_long_table_is_read() {
        let mut text = "x,y\n".to_owned();
        for row in 0..1000 {
            writeln!(text, "{row},{}", row * 2).unwrap();
        }
        let data = table(text.as_bytes(), "").unwrap();
        for range in [0..1000, 0..1, 63..65, 64..64, 127..300, 999..1000, 1000..1000] {
            let (inputs, targets) = data.batch(range.clone()).unwrap();
            let expected: Array1<f32> = range.clone().map(|row| row as f32).collect();
            assert_eq!(inputs, expected.insert_axis(ndarray::Axis(1)).into());
            assert_eq!(targets, range.map(|row| row as i64 * 2).collect::<Array1<_>>().into());
        }
        assert_eq!(
            data.batch(0..1001).unwrap_err().to_string(),
            "samples 0..1001 are out of range: the data set has 1000"
        );
    }

    #[test]
    fn problems_name_line_and_column() {
        let problem = |text: &str, settings: &str| table(text.as_bytes(), settings).err().unwrap();
        let cases = [
            ("x,y\n1,2\n\n3;,4\n", "", "line 4: column `x`: expected a number, found \"3;\"; INPUT"),
            ("x,y\n1,2\n,4\n", "", "line 3: column `x`: expected a number, found \"\"; INPUT"),
            ("x,y\n1,2\nNaN,4\n", "", "line 3: column `x`: expected a finite number, found \"NaN\"; INPUT"),
            ("x,y\n1,2\n-inf,4\n", "", "line 3: column `x`: expected a finite number, found \"-inf\"; INPUT"),
            ("x,y\n1,2\n1e39,4\n", "", "line 3: column `x`: 1e39 is beyond the range of f32; INPUT"),
            ("x,y\n1,2\n3,1e400\n", "", "line 3: column `y`: 1e400 is beyond the range of f64; TARGET"),
            ("x,y\n1,2\n3,nan\n", "", "line 3: column `y`: expected a finite number, found \"nan\"; TARGET"),
            ("x,y\n1,2\n3,z\n", "", "line 3: column `y`: expected a number, found \"z\"; TARGET"),
            ("x,y\n1,a\n3,\n", "", "line 3: column `y`: the class is missing; fill the cell or remove the row"),
            ("x,y\n1,2\n3\n", "", "line 3: found 1 cell, expected 2 as in the first line"),
            (
                "x,y\n1,a\n3,\"b\n4,a\n",
                "",
                "line 3: column `y`: a quote opens here and is not closed before the end of the \
             file; close it, or write `\"\"` for a quote inside of a quoted cell",
            ),
            (
                "x,y\n1,\"a\"b\n",
                "",
                "line 2: column `y`: text follows a closing quote; quote the whole cell, or write `\"\"` \
             for a quote inside of it",
            ),
            (
                "1,2\n3,4\n",
                "",
                "line 1: the header has a number for every input; if it is a row, set `header = false`, and \
             if these numbers are the names of the columns, `header = true`",
            ),
            (
                "1.5,NaN,setosa\n2,3,setosa\n",
                "target=2",
                "line 1: the header has a number for every input; if it is a row, \
             set `header = false`, and if these numbers are the names of the columns, `header = true`",
            ),
            (
                "x;y\n1;2\n",
                "",
                "there is no column of inputs besides the target; if cells end with `;`, set `delimiter = \
             \";\"`",
            ),
            ("x,x,y\n1,2,3\n", r#"ignore=["x"]"#, "several columns are called `x`; give an index"),
            ("x,y\n1,cat\n", r#"classes=["dog"]"#, "line 2: column `y`: \"cat\" is not a class"),
            ("x,y\n", "", "the table has a header, but no rows"),
            ("", "", "the table is empty"),
            ("x\n1\n", "", "there is no column of inputs besides the target"),
            ("x,y\n1,2\n", r#"target="label""#, "no column `label`; the columns are x, y"),
            ("x,y\n1,2\n", "target=2", "no column 2: there are 2 columns, from 0 on"),
            ("1,2\n", r#"header=false, target="x""#, "columns without a header have no names; give an index"),
            ("x,y\n1,2\n", r#"ignore=["y"]"#, "column `y` is the target and cannot be ignored"),
        ];
        for (text, settings, expected) in cases {
            let expected = expected
                .replace("INPUT", "correct the cell, remove the row, or leave out the column with `ignore`")
                .replace(
                    "TARGET",
                    "the target of the first row is a number: correct the cell or remove the row, or set `classes` if the \
                     targets are texts",
                );
            assert_eq!(problem(text, settings), format!("FILE: {expected}"));
        }
        assert_eq!(problem("x,y\n1,2\n", r#"delimiter="ab""#), "`delimiter` must be one byte, not \"ab\"");
        let text = table(b"x,y\n1,2\n\xff,4\n", "").err().unwrap();
        assert_eq!(text, "FILE: line 3: column 0 is not UTF-8 text");
    }

    #[test]
    fn numbers_in_the_first_line_are_names_or_a_row_as_the_settings_say() {
        let text = b"0,1,2\n3,4,5\n";
        assert_eq!(table(text, "header=true").unwrap().samples(), 1);
        assert_eq!(table(text, "header=false").unwrap().samples(), 2);
        // A column with a name shows that there is a header, as pandas writes it.
        assert_eq!(table(b"0,1,kind\n3,4,5\n", r#"target="kind""#).unwrap().samples(), 1);
        assert_eq!(table(b"0,x,2\n3,4,5\n", "").unwrap().samples(), 1);
    }

    #[test]
    fn blank_lines_are_counted_in_a_note() {
        let notes = |text: &str| -> Vec<String> {
            let notes = table(text.as_bytes(), "").unwrap().notes().into_iter();
            notes.map(|note| note.rsplit_once(": ").unwrap().1.to_owned()).collect()
        };
        assert_eq!(notes("x,y\n1,2\n\n\n"), [""; 0]);
        assert_eq!(notes("x,y\n\n1,2\n"), ["1 blank line in front of a row was skipped"]);
        assert_eq!(notes("\r\nx,y\r\n\r\n1,2\r\n"), ["2 blank lines in front of rows were skipped"]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_a_table_or_an_error(text in prop::collection::vec(prop::sample::select(b"1a.,\"\n\r\xff".to_vec()), 0..60)) {
            if let Ok(data) = table(&text, "header=false") {
                data.batch(0..data.samples()).unwrap();
            }
        }
    }
}
