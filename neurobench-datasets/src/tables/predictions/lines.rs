//! Lines of a text file as rows that can be read in any order, in memory that does not grow with the rows.
//!
//! The file is cut into chunks of fixed length. A first pass over it, on several threads, counts the rows that end in each
//! chunk; to read some rows, their chunks are split again. Line breaks within quotes do not end a row. A thread does not know
//! whether its first chunk begins within quotes, so it counts for both cases, and the parity of the quotes before decides.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter, memchr2_iter};
use neurobench_core::data::DataError;
use neurobench_core::files;

use super::table::RowError;
use crate::recordings::damaged;

/// Length of a chunk in bytes.
const CHUNK: usize = 1 << 16;
/// Number of chunks that a thread reads at a time.
const READ: usize = 16;
/// Bytes before a chunk that decide whether its first line is empty.
const BEFORE: usize = 2;
/// Mark at the beginning of a file that some programs write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Text file whose rows are its lines, except empty ones.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    /// True if quotes may contain line breaks.
    quotes: bool,
    size: u64,
    /// Length of the byte order mark.
    mark: usize,
    chunks: Vec<Chunk>,
    rows: usize,
}

/// State of the file at the beginning of a chunk.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    /// Number of rows that end before it.
    rows: usize,
    in_quotes: bool,
}

/// Counts of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    /// Number of rows that end in it, if it begins outside quotes and if it begins within.
    rows: [usize; 2],
    /// True if the number of quotes is odd.
    odd: bool,
}

/// A row with the position of its first byte in the file.
pub(super) struct Line<'a> {
    pub(super) row: usize,
    pub(super) offset: u64,
    /// Content without the line break.
    pub(super) bytes: &'a [u8],
}

impl Lines {
    /// Counts the rows of a file on this number of threads.
    pub(super) fn open(path: &Path, quotes: bool, threads: usize) -> Result<Self, DataError> {
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let mut file = files::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut beginning = Vec::new();
        file.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut beginning).map_err(unreadable)?;
        let mark = if beginning == BYTE_ORDER_MARK { BYTE_ORDER_MARK.len() } else { 0 };
        let count = usize::try_from(size.div_ceil(CHUNK as u64)).map_err(|_| damaged(path, "the file is too large"))?;
        let counts = counts(path, count, quotes, threads).map_err(unreadable)?;
        let mut chunks = Vec::with_capacity(counts.len());
        let (mut rows, mut in_quotes) = (0, false);
        for counts in counts {
            chunks.push(Chunk { rows, in_quotes });
            rows += counts.rows[usize::from(in_quotes)];
            in_quotes ^= counts.odd;
        }
        let mut lines = Self { path: path.to_owned(), quotes, size, mark, chunks, rows };
        let last = lines.last_bytes(&mut file).map_err(unreadable)?;
        let unended = in_quotes
            || match last.as_slice() {
                [.., b'\n'] | [] => false,
                // An empty line.
                [b'\n', b'\r'] => false,
                _ => size > mark as u64,
            };
        lines.rows += usize::from(unended);
        if in_quotes {
            let line = lines.last_line().map_err(|error| *error.error)?;
            return Err(damaged(path, format!("line {line}: a quote is not closed")));
        }
        Ok(lines)
    }

    /// The last bytes of the file, at most [`BEFORE`].
    fn last_bytes(&self, file: &mut File) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.size.saturating_sub(BEFORE as u64).max(self.mark as u64).min(self.size)))?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Number of the line at which the last row begins.
    fn last_line(&self) -> Result<u64, RowError> {
        let mut offset = 0;
        let last = self.rows.saturating_sub(1);
        self.each(last..self.rows, |line| {
            offset = line.offset;
            Ok(())
        })?;
        self.number(offset).map_err(|error| RowError::new(last, error))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Passes rows that exist to a function, in order, until it fails.
    pub(super) fn each(
        &self,
        rows: Range<usize>,
        mut visit: impl FnMut(Line<'_>) -> Result<(), RowError>,
    ) -> Result<(), RowError> {
        if rows.is_empty() {
            return Ok(());
        }
        // The chunk in which the row before the first one ends, and the one in which the last row ends.
        let first = rows.start.checked_sub(1).map_or(0, |before| self.chunk_of_end(before));
        let last = self.chunk_of_end(rows.end - 1);
        let start = first * CHUNK;
        let before = BEFORE.min(start);
        let end = self.size.min((last as u64 + 1) * CHUNK as u64);
        let from = (start - before) as u64;
        let bytes = self.bytes(from..end).map_err(|error| RowError::new(rows.start, error))?;
        let Chunk { rows: mut row, mut in_quotes } = self.chunks[first];
        let has_quotes = self.quotes && memchr(b'"', &bytes[before..]).is_some();
        let mut line_start = if first == 0 { self.mark } else { before };
        let mut search = line_start;
        let mut next_end = || -> usize {
            loop {
                let found = match has_quotes {
                    true => memchr::memchr2(b'"', b'\n', &bytes[search..]),
                    false if in_quotes => None,
                    false => memchr(b'\n', &bytes[search..]),
                };
                let Some(at) = found.map(|found| search + found) else {
                    search = bytes.len();
                    return bytes.len();
                };
                search = at + 1;
                match (bytes[at], in_quotes) {
                    (b'"', _) => in_quotes = !in_quotes,
                    (_, false) => return at,
                    _ => {}
                }
            }
        };
        while row < rows.end && line_start < bytes.len() {
            let end = next_end();
            let is_empty = match end < bytes.len() {
                // The beginning of the line may lie before the bytes.
                true => is_empty(&bytes, end, [b'\n'; BEFORE]),
                false => trimmed(&bytes[line_start..end]).is_empty(),
            };
            if !is_empty {
                if row >= rows.start {
                    let bytes = trimmed(&bytes[line_start..end]);
                    visit(Line { row, offset: from + line_start as u64, bytes })?;
                }
                row += 1;
            }
            line_start = end + 1;
        }
        match row < rows.end {
            true => {
                let error = damaged(&self.path, "the file has changed since it was opened");
                Err(RowError::new(row, error))
            }
            false => Ok(()),
        }
    }

    /// The chunk in which a row ends.
    fn chunk_of_end(&self, row: usize) -> usize {
        self.chunks.partition_point(|chunk| chunk.rows <= row).saturating_sub(1)
    }

    fn bytes(&self, range: Range<u64>) -> Result<Vec<u8>, DataError> {
        let read = || {
            let mut file = files::open(&self.path)?;
            let count = range.end - range.start;
            let mut bytes = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
            file.seek(SeekFrom::Start(range.start))?;
            file.take(count).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|problem| DataError::Read { file: self.path.clone(), problem })
    }

    /// Number of the line that begins at a position, counted from 1.
    pub(super) fn number(&self, offset: u64) -> Result<u64, DataError> {
        let read = || {
            let mut file = files::open(&self.path)?.take(offset);
            let (mut piece, mut number) = (vec![0; READ * CHUNK], 1);
            loop {
                match file.read(&mut piece)? {
                    0 => return Ok(number),
                    count => number += memchr_iter(b'\n', &piece[..count]).count() as u64,
                }
            }
        };
        read().map_err(|problem| DataError::Read { file: self.path.clone(), problem })
    }

    /// Error about a row, with its line.
    pub(super) fn error(&self, line: &Line<'_>, problem: &str) -> RowError {
        let error = match self.number(line.offset) {
            Ok(number) => damaged(&self.path, format!("line {number}: {problem}")),
            Err(error) => error,
        };
        RowError::new(line.row, error)
    }

    /// Names the line of a row, for messages.
    pub(super) fn place(&self, row: usize) -> String {
        let mut offset = None;
        let found = self.each(row..row + 1, |line| {
            offset = Some(line.offset);
            Ok(())
        });
        let number = found.ok().and(offset).and_then(|offset| self.number(offset).ok());
        number.map_or_else(|| format!("row {row}"), |number| format!("line {number}"))
    }
}

/// The line without its carriage return.
fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Counts the chunks of a file on several threads.
fn counts(path: &Path, chunks: usize, quotes: bool, threads: usize) -> std::io::Result<Vec<Counts>> {
    let share = chunks.div_ceil(threads.max(1)).max(1);
    let count = |first: usize| -> std::io::Result<Vec<Counts>> {
        let mut file = files::open(path)?;
        let (mut counted, mut before) = (Vec::new(), [b'\n'; BEFORE]);
        let start = first * CHUNK;
        file.seek(SeekFrom::Start(start.saturating_sub(BEFORE) as u64))?;
        if start > 0 {
            file.read_exact(&mut before)?;
        }
        let mut left = file.take((share * CHUNK) as u64);
        let mut piece = Vec::with_capacity(READ * CHUNK);
        loop {
            piece.clear();
            left.by_ref().take((READ * CHUNK) as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(counted);
            }
            for chunk in piece.chunks(CHUNK) {
                counted.push(Counts::new(chunk, before, quotes));
                before = match chunk {
                    [.., a, b] => [*a, *b],
                    [a] => [before[1], *a],
                    [] => before,
                };
            }
        }
    };
    std::thread::scope(|scope| {
        let firsts = (0..chunks).step_by(share);
        let spawned: Vec<_> = firsts.map(|first| scope.spawn(move || count(first))).collect();
        let mut all = Vec::with_capacity(chunks);
        for thread in spawned {
            let counted = thread.join().map_err(|_| std::io::Error::other("a thread panicked"))?;
            all.extend(counted?);
        }
        Ok(all)
    })
}

impl Counts {
    /// Counts a chunk, which follows these bytes.
    fn new(chunk: &[u8], before: [u8; BEFORE], quotes: bool) -> Self {
        if !quotes || memchr(b'"', chunk).is_none() {
            let ends = memchr_iter(b'\n', chunk);
            let rows = match memchr::memmem::find(chunk, b"\n\n").is_some() || chunk.contains(&b'\r') {
                true => ends.filter(|at| !is_empty(chunk, *at, before)).count(),
                // Only the first line can be empty.
                false => ends.count() - usize::from(chunk.first() == Some(&b'\n') && before[1] == b'\n'),
            };
            return Self { rows: [rows, if quotes { 0 } else { rows }], odd: false };
        }
        let mut counts = Self { rows: [0; 2], odd: false };
        for at in memchr2_iter(b'"', b'\n', chunk) {
            match chunk[at] {
                b'"' => counts.odd = !counts.odd,
                _ if !is_empty(chunk, at, before) => counts.rows[usize::from(counts.odd)] += 1,
                _ => {}
            }
        }
        counts
    }
}

/// Returns true if the line that ends at this place is empty. `before` are the bytes before the slice.
fn is_empty(bytes: &[u8], end: usize, before: [u8; BEFORE]) -> bool {
    let byte = |back: usize| match end.checked_sub(back) {
        Some(at) => bytes.get(at).copied(),
        None => before.get(BEFORE + end - back).copied(),
    };
    match byte(1) {
        Some(b'\r') => byte(2) == Some(b'\n'),
        last => last == Some(b'\n'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], quotes: bool, threads: usize) -> (tempfile::TempDir, Result<Lines, DataError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.csv");
        std::fs::write(&path, text).unwrap();
        let lines = Lines::open(&path, quotes, threads);
        (folder, lines)
    }

    fn rows(lines: &Lines, range: Range<usize>) -> Vec<String> {
        let mut found = Vec::new();
        lines
            .each(range, |line| {
                found.push(String::from_utf8(line.bytes.to_vec()).unwrap());
                Ok(())
            })
            .unwrap();
        found
    }

    #[test]
    fn empty_lines_carriage_returns_and_a_missing_last_line_break_do_not_matter() {
        for text in ["a\nb\nc\n", "a\r\nb\r\nc", "\n\na\n\n\nb\n\r\nc\r\n\r\n", "\u{feff}a\nb\nc\n\n", "a\nb\nc\n\r"] {
            let (_folder, lines) = lines(text.as_bytes(), true, 2);
            let lines = lines.unwrap();
            assert_eq!(lines.rows(), 3, "{text:?}");
            assert_eq!(rows(&lines, 0..3), ["a", "b", "c"], "{text:?}");
            assert_eq!(rows(&lines, 1..2), ["b"], "{text:?}");
        }
        assert_eq!(lines(b"", true, 1).1.unwrap().rows(), 0);
        assert_eq!(lines("\u{feff}".as_bytes(), true, 1).1.unwrap().rows(), 0);
        assert_eq!(lines(b"\r\n\n", true, 1).1.unwrap().rows(), 0);
    }

    #[test]
    fn lines_are_numbered_as_in_an_editor() {
        let (_folder, lines) = lines(b"a\n\n\"b\nb\"\nc\n", true, 1);
        let lines = lines.unwrap();
        assert_eq!([0, 1, 2].map(|row| lines.place(row)), ["line 1", "line 3", "line 5"]);
    }

    /// Rows of all lengths, so that line breaks and quotes fall on every place of a border between chunks.
    #[test]
    fn rows_are_the_same_for_any_number_of_threads() {
        for quoted in [false, true] {
            let row = |index: usize| match (index % 7, quoted) {
                (0, true) => format!("\"{}\n\"\"{index}\"", "x".repeat(index % 90)),
                (1, true) => format!("{index},\"\n\""),
                _ => format!("{index}{}", "y".repeat(index % 50)),
            };
            let separator = |index: usize| if index.is_multiple_of(11) { "\r\n\r\n" } else { "\n" };
            let expected: Vec<String> = (0..20_000).map(row).collect();
            let text: String =
                expected.iter().enumerate().map(|(index, row)| format!("{row}{}", separator(index))).collect();
            assert!(text.len() > 5 * CHUNK);
            for threads in [1, 2, 3, 50] {
                let (_folder, lines) = lines(text.as_bytes(), true, threads);
                let lines = lines.unwrap();
                assert_eq!(lines.rows(), expected.len());
                assert_eq!(rows(&lines, 0..expected.len()), expected);
                for start in (0..expected.len()).step_by(997) {
                    let end = expected.len().min(start + 300);
                    assert_eq!(rows(&lines, start..end), expected[start..end], "{start}");
                }
            }
        }
    }

    #[test]
    fn an_open_quote_is_reported_with_its_line() {
        let error = lines(b"a\nb\n\"c\nd\n", true, 1).1.unwrap_err().to_string();
        assert!(error.ends_with("lines.csv: line 3: a quote is not closed"), "{error}");
        assert_eq!(lines(b"a\nb\n\"c\nd\n", false, 1).1.unwrap().rows(), 4);
    }
}
