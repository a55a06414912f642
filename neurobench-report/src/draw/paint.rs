//! Colors by role.

use std::fmt::Write;

use super::Theme;

/// Color of an element, by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// Text, axes and outlines.
    Ink,
    /// Notes and reference lines.
    Muted,
    /// Grid lines.
    Grid,
    /// Background, for gaps between marks.
    Paper,
    /// Text on strongly colored cells.
    OnCell,
    /// Series with this index.
    Series(usize),
}

/// Number of colors of series.
pub(super) const SERIES: usize = 7;

/// Colors after Okabe and Ito 2008 (Color Universal Design), which people with any color vision can tell apart, in an order in which the
/// first ones have enough contrast on white. On dark pages the two blues change places. Yellow is left out: it is too faint on white.
const LIGHT: [&str; SERIES] = ["#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#59636e"];
const DARK: [&str; SERIES] = ["#56b4e9", "#e07a2c", "#2bb58b", "#e69f00", "#d893ba", "#3a94cf", "#9198a1"];

impl Paint {
    fn all() -> impl Iterator<Item = Self> {
        [Self::Ink, Self::Muted, Self::Grid, Self::Paper, Self::OnCell].into_iter().chain((0..SERIES).map(Self::Series))
    }

    /// Color on a light or a dark background.
    pub(super) fn color(self, dark: bool) -> &'static str {
        let (on_light, on_dark) = match self {
            Self::Ink => ("#1f2328", "#e6edf3"),
            Self::Muted => ("#59636e", "#9198a1"),
            Self::Grid => ("#e3e6ea", "#30363d"),
            Self::Paper => ("#ffffff", "#14171b"),
            Self::OnCell => ("#ffffff", "#0b0d0f"),
            Self::Series(index) => (LIGHT[index % SERIES], DARK[index % SERIES]),
        };
        if dark { on_dark } else { on_light }
    }

    /// Name in classes of elements.
    fn key(self) -> String {
        match self {
            Self::Ink => "i".to_owned(),
            Self::Muted => "m".to_owned(),
            Self::Grid => "g".to_owned(),
            Self::Paper => "p".to_owned(),
            Self::OnCell => "o".to_owned(),
            Self::Series(index) => (index % SERIES).to_string(),
        }
    }
}

/// Attributes that fill and stroke an element.
///
/// Colors are presentation attributes, which every program reads. The classes let the style sheet of [`Theme::Auto`] replace them.
pub(super) fn attributes(theme: Theme, fill: Option<Paint>, stroke: Option<Paint>) -> String {
    let dark = theme == Theme::Dark;
    let mut attributes = String::new();
    let mut classes = Vec::new();
    for (attribute, prefix, paint) in [("fill", "nbf", fill), ("stroke", "nbs", stroke)] {
        if let Some(paint) = paint {
            // Writing to a string does not fail.
            let _ = write!(attributes, r#" {attribute}="{}""#, paint.color(dark));
            classes.push(format!("{prefix}-{}", paint.key()));
        }
    }
    if theme == Theme::Auto && !classes.is_empty() {
        let _ = write!(attributes, r#" class="{}""#, classes.join(" "));
    }
    attributes
}

/// Style sheet that replaces the colors where the reader prefers dark pages.
pub(super) fn dark_style_sheet() -> String {
    let mut rules = String::new();
    for paint in Paint::all() {
        let (key, color) = (paint.key(), paint.color(true));
        let _ = write!(rules, ".nbf-{key}{{fill:{color}}}.nbs-{key}{{stroke:{color}}}");
    }
    format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>")
}
