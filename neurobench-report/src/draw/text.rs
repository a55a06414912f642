//! Widths of text, and text that fits into a width.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use resvg::usvg::fontdb::Database;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Arimo, whose glyphs have the widths of Arial and Helvetica: Latin and Greek letters, digits and mathematical signs.
const FONT: &[u8] = include_bytes!("../../fonts/Arimo-subset.ttf");

/// Families for text: the font in PNG files, and fonts of the same widths in other programs.
pub(super) const FAMILIES: &str = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";

/// Part of the font size by which superscripts are scaled.
pub(super) const SUPERSCRIPT: f64 = 0.7;

/// Advance widths of the characters of the font, in a size of 1.
static ADVANCES: LazyLock<BTreeMap<u32, f64>> = LazyLock::new(|| {
    let Ok(font) = FontRef::new(FONT) else { return BTreeMap::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let advance = |(character, glyph)| Some((character, f64::from(metrics.advance_width(glyph)?)));
    font.charmap().mappings().filter_map(advance).collect()
});

/// A font database that has the embedded font alone.
pub(super) fn database() -> Database {
    let mut database = Database::new();
    database.load_font_data(FONT.to_vec());
    database
}

/// Width of text in this size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|character| advance(character) * size).sum()
}

/// Width of a character in a font of size 1; that of a wide letter for characters that the font lacks.
fn advance(character: char) -> f64 {
    if let Some(normal) = from_superscript(character) {
        return SUPERSCRIPT * advance(normal);
    }
    ADVANCES.get(&u32::from(character)).copied().unwrap_or(1.0)
}

/// Digit or sign that a superscript character raises.
pub(super) fn from_superscript(character: char) -> Option<char> {
    Some(match character {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => char::from_digit(character as u32 - '⁰' as u32, 10)?,
        '⁻' => '−',
        _ => return None,
    })
}

/// An integer in superscript characters.
pub(super) fn to_superscript(exponent: i32) -> String {
    let raise = |character: char| match character {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    exponent.to_string().chars().map(raise).collect()
}

/// Text of at most this width. Leaves out the middle, because the names of layers differ at both ends.
pub(super) fn shorten(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let mut kept = characters.len();
    while kept > 1 {
        kept -= 1;
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let short: String =
            characters[..head].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect();
        if width(&short, size) <= limit {
            return short;
        }
    }
    "…".to_owned()
}

/// Lines of at most this width, broken at spaces. The last of `lines` lines is shortened.
pub(super) fn wrap(text: &str, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let last = wrapped.len() == lines;
        match wrapped.last_mut() {
            Some(line) if last || width(&format!("{line} {word}"), size) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    wrapped.iter().map(|line| shorten(line, size, limit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Advance widths of Helvetica and Arial in thousandths, from the font metrics that Adobe publishes.
    #[test]
    fn widths_are_those_of_helvetica() {
        for (text, expected) in [("0", 0.556), ("W", 0.944), ("i", 0.222), ("a b", 1.390), ("−", 0.584)] {
            assert!((width(text, 1.0) - expected).abs() < 0.001, "{text}: {}", width(text, 1.0));
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        let short = shorten("encoder.blocks.11.attention.lif", 10.0, 80.0);
        assert!(short.starts_with("enc") && short.ends_with("lif") && short.contains('…'), "{short}");
        assert!(width(&short, 10.0) <= 80.0);
        assert_eq!(shorten("lif", 10.0, 80.0), "lif");
        assert_eq!(shorten("lif", 10.0, 1.0), "…");
    }

    #[test]
    fn titles_are_broken_at_spaces() {
        assert_eq!(wrap("one two three", 10.0, 45.0, 2), ["one two", "three"]);
        assert_eq!(wrap("one two three", 10.0, 45.0, 1), ["one …ree"]);
        assert!(wrap("", 10.0, 45.0, 2).is_empty());
    }

    #[test]
    fn exponents_are_raised() {
        assert_eq!(to_superscript(-12), "⁻¹²");
        assert_eq!(to_superscript(406), "⁴⁰⁶");
        assert!(width("10⁶", 10.0) < width("106", 10.0));
    }
}
