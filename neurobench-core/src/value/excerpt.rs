//! Place in the text of a file, shown with its line and a caret.

use std::fmt::{self, Display};
use std::ops::Range;

/// Line and column of a part of a text, with the line itself.
///
/// ```
/// use neurobench::value::Excerpt;
/// let excerpt = Excerpt::new("steps = 25\ncount = \"two\"\n", 19..24);
/// assert_eq!((excerpt.line(), excerpt.column()), (2, 9));
/// let shown = ["  |", "2 | count = \"two\"", "  |         ^^^^^"].join("\n");
/// assert_eq!(excerpt.to_string(), shown);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    line: usize,
    column: usize,
    /// Part of the line that is shown.
    shown: String,
    /// Number of characters before the caret.
    before: usize,
    /// Number of carets.
    carets: usize,
}

impl Excerpt {
    /// Finds a range of bytes in a text. A range of several lines is shown up to the end of its first line.
    #[must_use]
    pub fn new(text: &str, range: Range<usize>) -> Self {
        // A line of a generated file may have megabytes.
        const MAX_BEFORE: usize = 60;
        const MAX_AFTER: usize = 100;
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (boundary(range.start), boundary(range.end));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let column = text[line_start..start].chars().count();
        let skipped = column.saturating_sub(MAX_BEFORE);
        // A control character would move the caret, or act on the terminal.
        let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
        let shown: String = line.chars().skip(skipped).take(MAX_BEFORE + MAX_AFTER).map(printable).collect();
        let before = column - skipped;
        let rest = shown.chars().count().saturating_sub(before);
        let length = text[start..end.max(start)].chars().count();
        Self {
            line: 1 + text[..line_start].matches('\n').count(),
            column: column + 1,
            carets: length.min(rest).max(1),
            shown: shown.trim_end().to_owned(),
            before,
        }
    }

    /// Returns the one-based number of the line.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the one-based number of the first character in the line.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, shown, before, carets, .. } = self;
        let margin = " ".repeat(line.to_string().len());
        let (space, carets) = (" ".repeat(*before), "^".repeat(*carets));
        write!(f, "{margin} |\n{line} | {shown}\n{margin} | {space}{carets}")
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn a_place_at_the_end_and_outside_of_a_text_is_shown() {
        assert_eq!(Excerpt::new("", 0..0).to_string(), "  |\n1 | \n  | ^");
        assert_eq!(Excerpt::new("a = ", 4..9).to_string(), "  |\n1 | a =\n  |     ^");
        let after = Excerpt::new("a\nb", 90..99);
        assert_eq!((after.line(), after.column()), (2, 2));
        // Within a letter of two bytes.
        assert_eq!(Excerpt::new("é = 1", 1..2).column(), 1);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}x{}", "é".repeat(5000), "\t".repeat(5000));
        let at = text.find('x').unwrap_or_default();
        let excerpt = Excerpt::new(&text, at..at + 1);
        assert_eq!(excerpt.column(), 5001);
        let lines: Vec<String> = excerpt.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[1], format!("1 | {}x", "é".repeat(60)));
        assert_eq!(lines[2], format!("  | {}^", " ".repeat(60)));
    }

    #[test]
    fn several_lines_are_marked_in_the_first() {
        let shown = Excerpt::new("a = [\n  1,\n]\n", 4..12).to_string();
        assert_eq!(shown, "  |\n1 | a = [\n  |     ^");
    }
}
