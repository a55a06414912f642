//! Quotes and blank lines, which the parser of tables reads leniently.

use std::io::{BufRead, Result as IoResult};

/// Finding of a walk through the bytes of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Every quote encloses a whole cell.
    Whole {
        /// Number of lines without a character that are followed by a row.
        blank_lines: u64,
    },
    /// A quote that does not enclose a whole cell.
    Wrong(WrongQuote),
}

/// Place and kind of a quote that does not enclose a whole cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongQuote {
    pub(super) line: u64,
    /// Zero-based index of the column.
    pub(super) column: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The file ends before the cell.
    Open,
    /// Text follows the end of the quotes, which is on this line.
    TextBehind(u64),
    /// Spaces precede it, so that the parser takes it for a part of the text.
    SpaceBefore,
}

impl WrongQuote {
    /// Problem, and advice.
    pub(super) fn problem(&self) -> String {
        match self.kind {
            Kind::Open => {
                "a quote opens here and is not closed before the end of the file; close it, or write `\"\"` for a \
                           quote inside of a quoted cell"
                    .to_owned()
            }
            Kind::TextBehind(line) if line == self.line => {
                "text follows a closing quote; quote the whole cell, or write `\"\"` for a quote inside of it"
                    .to_owned()
            }
            Kind::TextBehind(line) => format!(
                "a quote opens here and is closed on line {line}, where text follows; close it on its line, or write `\"\"` \
                 for a quote inside of a quoted cell"
            ),
            Kind::SpaceBefore => "a space precedes a quote; remove it, so that the quotes enclose the cell".to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    /// At the beginning of a row.
    Row,
    /// At the beginning of a cell, perhaps after spaces.
    Cell { space: bool },
    /// In a cell without quotes.
    Plain,
    /// In quotes that opened on this line.
    Quoted { line: u64 },
    /// Behind a quote in a quoted cell: its end, or the first of two.
    Quote { line: u64 },
    /// In spaces behind a quoted cell.
    Behind { line: u64 },
}

/// Walks through a table as RFC 4180 describes it, with cells of any bytes but quotes.
pub(super) fn check(mut reader: impl BufRead, delimiter: u8) -> IoResult<Quotes> {
    let (mut state, mut line, mut column) = (State::Row, 1, 0);
    // Blank lines behind the last row are no gap.
    let (mut blank_lines, mut pending) = (0, 0);
    let mut first = true;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        let bytes =
            if std::mem::take(&mut first) { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        for byte in bytes {
            let wrong = |line, kind| Ok(Quotes::Wrong(WrongQuote { line, column, kind }));
            state = match (state, *byte) {
                (State::Quoted { line }, b'"') => State::Quote { line },
                (State::Quoted { line }, _) => State::Quoted { line },
                (State::Quote { line }, b'"') => State::Quoted { line },
                (State::Row, b'\n') => {
                    pending += 1;
                    State::Row
                }
                (_, b'\n') => State::Row,
                (state, b'\r') => state,
                (_, byte) if byte == delimiter => {
                    column += 1;
                    State::Cell { space: false }
                }
                (State::Row | State::Cell { space: false }, b'"') => State::Quoted { line },
                (State::Cell { space: true }, b'"') => return wrong(line, Kind::SpaceBefore),
                (State::Row | State::Cell { .. }, b' ' | b'\t') => State::Cell { space: true },
                (State::Row | State::Cell { .. } | State::Plain, _) => State::Plain,
                (State::Quote { line } | State::Behind { line }, b' ' | b'\t') => State::Behind { line },
                (State::Quote { line: opened } | State::Behind { line: opened }, _) => {
                    return wrong(opened, Kind::TextBehind(line));
                }
            };
            if *byte == b'\n' {
                line += 1;
            }
            match state {
                State::Row => column = 0,
                _ => blank_lines += std::mem::take(&mut pending),
            }
        }
        reader.consume(length);
    }
    Ok(match state {
        State::Quoted { line } => Quotes::Wrong(WrongQuote { line, column, kind: Kind::Open }),
        _ => Quotes::Whole { blank_lines },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<u64, String> {
        // Pieces of one byte.
        let reader = std::io::BufReader::with_capacity(4, text.as_bytes());
        match check(reader, b',').unwrap() {
            Quotes::Whole { blank_lines } => Ok(blank_lines),
            Quotes::Wrong(quote) => Err(format!("line {}, column {}: {}", quote.line, quote.column, quote.problem())),
        }
    }

    #[test]
    fn blank_lines_between_rows_are_counted() {
        assert_eq!(checked("x,y\n\n1,2\r\n\r\n\n3,4\n\n\n"), Ok(3));
        assert_eq!(checked("\u{feff}\nx,y\n"), Ok(1));
        assert_eq!(checked("x,\"a\n\nb\"\n1,2"), Ok(0));
        assert_eq!(checked(""), Ok(0));
    }

    #[test]
    fn quotes_that_do_not_enclose_a_cell_are_found() {
        assert_eq!(checked("\"a\",\"b\"\"c\" \n5\",\"\""), Ok(0));
        let open = checked("x,y\n1,\"a\n2,b\n").unwrap_err();
        assert!(open.starts_with("line 2, column 1: a quote opens here and is not closed before the end"), "{open}");
        let later = checked("x,y\n1,\"a\n2,\"b\"\n").unwrap_err();
        assert!(
            later.starts_with("line 2, column 1: a quote opens here and is closed on line 3, where text"),
            "{later}"
        );
        let behind = checked("\"a\" b,1\n").unwrap_err();
        assert!(behind.starts_with("line 1, column 0: text follows a closing quote"), "{behind}");
        let space = checked("1, \"a\"\n").unwrap_err();
        assert!(space.starts_with("line 1, column 1: a space precedes a quote"), "{space}");
    }
}
