//! The user's own text, for messages and for the registry: tokens print with odd spaces.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of some tokens as the user wrote it, on one line.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut printer = Printer::default();
    printer.stream(tokens.to_token_stream());
    printer.text
}

/// The name without `r#`.
pub(crate) fn plain(ident: &proc_macro2::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

#[derive(Default)]
struct Printer {
    text: String,
    /// End of the last token.
    end: Option<Position>,
}

impl Printer {
    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    // Both delimiters may have the span of the whole group.
                    let whole = positions(group.span());
                    self.piece(open, whole.map(|(start, _)| (start, after(start, open))));
                    self.stream(group.stream());
                    self.piece(close, whole.map(|(_, end)| (before(end, close), end)));
                }
                other => self.piece(&other.to_string(), positions(other.span())),
            }
        }
    }

    /// One token, after a space if there is one before it in the source.
    fn piece(&mut self, piece: &str, place: Option<(Position, Position)>) {
        if piece.is_empty() {
            return;
        }
        let is_separate = match (self.end, place) {
            (Some(end), Some((start, _))) => end != start,
            _ => false,
        };
        // A lifetime comes as two tokens, each with the span of both.
        let is_separate = is_separate && !self.text.ends_with('\'');
        if !self.text.is_empty() && (is_separate || self.would_run_together(piece)) {
            self.text.push(' ');
        }
        self.text.push_str(piece);
        self.end = place.map(|(_, end)| end);
    }

    /// Returns true if two words would become one: `dyn` and `Model`.
    fn would_run_together(&self, piece: &str) -> bool {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.text.ends_with(is_word) && piece.starts_with(is_word)
    }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// Line and column.
type Position = (usize, usize);

fn after((line, column): Position, piece: &str) -> Position {
    (line, column + piece.len())
}

fn before((line, column): Position, piece: &str) -> Position {
    (line, column.saturating_sub(piece.len()))
}

/// The start and the end of a token; none outside the compiler, as in unit tests.
fn positions(span: Span) -> Option<(Position, Position)> {
    if !proc_macro::is_available() {
        return None;
    }
    let span = span.unwrap();
    let (start, end) = (span.start(), span.end());
    Some(((start.line(), start.column()), (end.line(), end.column())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{format_ident, quote};

    #[test]
    fn words_are_separated_and_punctuation_is_not() {
        assert_eq!(text(&quote!(&dyn Model)), "&dyn Model");
        assert_eq!(text(&quote!(1..=100)), "1..=100");
        assert_eq!(text(&quote!(Predictions<'_>)), "Predictions<'_>");
    }

    #[test]
    fn a_raw_name_is_shown_plainly() {
        assert_eq!(plain(&format_ident!("r#type")), "type");
        assert_eq!(plain(&format_ident!("top_k")), "top_k");
    }
}
