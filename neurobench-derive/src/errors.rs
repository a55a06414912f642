//! Mistakes, collected so that all those of one attribute are shown together.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds a mistake, underlined from the first to the last token of `place`.
    pub(crate) fn at(&mut self, place: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(place, message));
    }

    /// Adds an error of `syn` or of one of our parsers.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Adds the mistakes of another list.
    pub(crate) fn extend(&mut self, others: Self) {
        others.0.into_iter().for_each(|error| self.push(error));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// `compile_error!` for each of them; nothing if there is none.
    pub(crate) fn to_tokens(&self) -> TokenStream {
        self.0.as_ref().map(syn::Error::to_compile_error).unwrap_or_default()
    }
}

/// `; did you mean ..?` with the nearest of the known words, or all of them if none is near.
pub(crate) fn hint(written: &str, known: &[&str]) -> String {
    match nearest(written, known) {
        Some(word) => format!("; did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; expected one of {}", listed(known)),
    }
}

/// `` `a`, `b`, `c` ``.
pub(crate) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known word within two edits, or one edit for short words.
fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = if written.chars().count() < 3 { 1 } else { 2 };
    let near = known.iter().map(|word| (distance(written, word), *word));
    // A short word is near every other short word: at least one of its letters must match.
    let near = near.filter(|(slips, word)| *slips <= allowed && *slips < word.chars().count().max(2));
    near.min_by_key(|(slips, _)| *slips).map(|(_, word)| word)
}

/// Number of letters that must be added, dropped or changed to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let changed = previous[column] + usize::from(letter != *other);
            let dropped = previous[column + 1] + 1;
            let added = current[column] + 1;
            current.push(changed.min(dropped).min(added));
        }
        previous = current;
    }
    previous[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_recognized() {
        assert_eq!(hint("hook", &["hooks", "name"]), "; did you mean `hooks`?");
        assert_eq!(hint("j", &["k"]), "; did you mean `k`?");
    }

    #[test]
    fn far_words_get_the_whole_list() {
        assert_eq!(hint("colour", &["name", "unit"]), "; expected one of `name`, `unit`");
        assert_eq!(hint("colour", &[]), "");
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
