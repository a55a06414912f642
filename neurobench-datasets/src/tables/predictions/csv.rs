//! Tables of comma-separated values (RFC 4180).

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use neurobench_core::data::DataError;
use neurobench_core::model::Tensor;

use super::lines::Lines;
use super::table::{FIRST_ROWS, Kind, RowError, Table, Values, Wanted, column_name, kind_of_cells};
use crate::recordings::damaged;

/// A table of text.
#[derive(Debug)]
pub(super) struct CsvTable {
    lines: Lines,
    names: Vec<String>,
    columns: usize,
    /// Number of lines before the first row: the header.
    before: usize,
    delimiter: u8,
}

impl CsvTable {
    pub(super) fn open(path: &Path, header: bool, delimiter: u8, threads: usize) -> Result<Self, DataError> {
        let lines = Lines::open(path, true, threads)?;
        if lines.rows() == 0 {
            return Err(damaged(path, "the table is empty"));
        }
        let mut first = Vec::new();
        let read = lines.each(0..1, |line| {
            let split = cells(line.bytes, delimiter).map(|cell| cell.map(Cow::into_owned));
            let split = split.collect::<Result<Vec<_>, _>>();
            first = split.map_err(|problem| lines.error(&line, &problem))?;
            Ok(())
        });
        read.map_err(|error| *error.error)?;
        let is_number = |cell: &Vec<u8>| std::str::from_utf8(cell).is_ok_and(|text| text.parse::<f64>().is_ok());
        let columns = first.len();
        let mut names = Vec::new();
        if header {
            if first.iter().all(is_number) {
                let problem = "line 1 holds numbers where the names of the columns are expected; a table without names needs \
                               `--no-header`";
                return Err(damaged(path, problem));
            }
            for name in first {
                let name = String::from_utf8(name);
                names.push(name.map_err(|_| damaged(path, "line 1: the name of a column is not UTF-8 text"))?);
            }
        }
        let before = usize::from(header);
        if lines.rows() == before {
            return Err(damaged(path, "the table has a header, but no rows"));
        }
        Ok(Self { lines, names, columns, before, delimiter })
    }

    /// Passes rows to a function, in order, with their line for errors.
    fn each(&self, rows: Range<usize>, mut visit: impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), RowError> {
        self.lines
            .each(rows.start + self.before..rows.end + self.before, |line| {
                visit(line.bytes).map_err(|problem| self.lines.error(&line, &problem))
            })
            .map_err(|error| RowError { row: error.row - self.before, ..error })
    }

    /// Checks the number of cells of a row, after `problem` or none was found in it. A row with too few or too many cells
    /// has most likely no other problem.
    fn check(&self, row: &[u8], problem: Option<String>) -> Result<(), String> {
        let found = cells(row, self.delimiter).count();
        match (found == self.columns, problem) {
            (false, _) => {
                let cells = if found == 1 { "cell" } else { "cells" };
                Err(format!("found {found} {cells}, expected {} as in the first line", self.columns))
            }
            (true, Some(problem)) => Err(problem),
            (true, None) => Ok(()),
        }
    }
}

impl Table for CsvTable {
    fn path(&self) -> &Path {
        self.lines.path()
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn rows(&self) -> usize {
        self.lines.rows() - self.before
    }

    fn kind(&self, column: usize, classes: Option<&Arc<[String]>>) -> Result<Kind, DataError> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        let read = self.each(0..self.rows().min(FIRST_ROWS), |row| {
            let cell = cells(row, self.delimiter).nth(column).transpose()?;
            // A row without the cell is an error where it is read.
            found.push(cell.unwrap_or_default().into_owned());
            Ok(())
        });
        read.map_err(|error| *error.error)?;
        kind_of_cells(found.iter().map(Vec::as_slice), classes).map_err(|problem| {
            damaged(self.path(), format!("{}, column {}: {problem}", self.place(0), column_name(&self.names, column)))
        })
    }

    fn read(&self, rows: Range<usize>, wanted: &[Wanted]) -> Result<Vec<Tensor>, RowError> {
        let mut values: Vec<Values> = wanted.iter().map(|wanted| Values::new(&wanted.kind, rows.len())).collect();
        // Of each column, the places where its values go.
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); self.columns];
        for (place, wanted) in wanted.iter().enumerate() {
            places[wanted.column].push(place);
        }
        self.each(rows, |row| {
            let (mut count, mut problem) = (0, None);
            for cell in cells(row, self.delimiter) {
                let at = places.get(count).map_or(&[][..], Vec::as_slice);
                for place in at {
                    let added = cell.as_ref().map_err(Clone::clone);
                    let added = added.and_then(|cell| values[*place].push(cell, &wanted[*place].kind));
                    let named = |problem| format!("column {}: {problem}", column_name(&self.names, count));
                    problem = problem.or(added.err().map(named));
                }
                if at.is_empty()
                    && let Err(unread) = cell
                {
                    problem.get_or_insert(unread);
                }
                count += 1;
            }
            match problem.is_some() || count != self.columns {
                true => self.check(row, problem),
                false => Ok(()),
            }
        })?;
        Ok(values.into_iter().map(Values::into_tensor).collect())
    }

    fn place(&self, row: usize) -> String {
        self.lines.place(row + self.before)
    }
}

/// Cells of a row, without spaces around them.
fn cells(row: &[u8], delimiter: u8) -> Cells<'_> {
    Cells { rest: Some(row), delimiter }
}

struct Cells<'a> {
    /// `None` after the last cell.
    rest: Option<&'a [u8]>,
    delimiter: u8,
}

impl<'a> Iterator for Cells<'a> {
    type Item = Result<Cow<'a, [u8]>, String>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        if let Some(b'"') = rest.trim_ascii_start().first() {
            return Some(self.quoted(rest.trim_ascii_start()));
        }
        // Cells are short: a search for the delimiter by words is slower.
        let cell = match rest.iter().position(|byte| *byte == self.delimiter) {
            Some(at) => {
                self.rest = Some(&rest[at + 1..]);
                &rest[..at]
            }
            None => {
                self.rest = None;
                rest
            }
        };
        Some(Ok(Cow::Borrowed(cell.trim_ascii())))
    }
}

impl<'a> Cells<'a> {
    /// A cell that begins with a quote.
    fn quoted(&mut self, cell: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
        self.rest = None;
        let mut content = Vec::new();
        let mut rest = &cell[1..];
        loop {
            let Some(end) = memchr::memchr(b'"', rest) else { return Err("a quote is not closed".to_owned()) };
            content.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix(b"\"") {
                Some(after) => {
                    content.push(b'"');
                    rest = after;
                }
                None => break,
            }
        }
        let is_end = |byte: &u8| *byte == self.delimiter;
        let (between, after) = match rest.iter().position(is_end) {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        self.rest = after;
        match between.trim_ascii().is_empty() {
            true => Ok(Cow::Owned(content.trim_ascii().to_vec())),
            false => Err("text follows the closing quote of a cell".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_split_as_rfc_4180_says() {
        let split = |row: &str| -> Vec<String> {
            cells(row.as_bytes(), b',').map(|cell| String::from_utf8(cell.unwrap().into_owned()).unwrap()).collect()
        };
        assert_eq!(split("1, 2 ,3"), ["1", "2", "3"]);
        assert_eq!(split("a,,"), ["a", "", ""]);
        assert_eq!(split("\"a,b\",\"say \"\"hi\"\"\" ,\"\""), ["a,b", "say \"hi\"", ""]);
        assert_eq!(split("\"two\nlines\",5\" disk"), ["two\nlines", "5\" disk"]);
        let problem = |row: &str| cells(row.as_bytes(), b',').find_map(Result::err);
        assert_eq!(problem("\"a\"b,1").as_deref(), Some("text follows the closing quote of a cell"));
        assert_eq!(problem("\"a").as_deref(), Some("a quote is not closed"));
    }
}
