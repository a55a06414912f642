//! Elements of an SVG drawing.

use std::fmt::{Display, Write};

use super::Theme;
use super::paint::{Paint, attributes};
use super::text::{SUPERSCRIPT, from_superscript};

/// A number in an attribute: two decimals at most, so that equal drawings have equal bytes.
pub(super) struct Number(pub(super) f64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// A text with the characters escaped that mean something in SVG. Control characters, which XML does not allow, are left out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Fill, stroke and other presentation of an element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    /// Color inside.
    pub(super) fill: Option<Paint>,
    /// Color of the outline.
    pub(super) stroke: Option<Paint>,
    /// Width of the outline in pixels.
    pub(super) width: f64,
    /// Opacity of the fill from 0 to 1.
    pub(super) opacity: Option<f64>,
    /// Lengths of dashes and gaps.
    pub(super) dashes: Option<&'static str>,
}

impl Look {
    pub(super) fn fill(paint: Paint) -> Self {
        Self { fill: Some(paint), ..Self::default() }
    }

    pub(super) fn stroke(paint: Paint, width: f64) -> Self {
        Self { stroke: Some(paint), width, ..Self::default() }
    }

    pub(super) fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = Some(opacity);
        self
    }

    pub(super) fn outline(mut self, paint: Paint, width: f64) -> Self {
        (self.stroke, self.width) = (Some(paint), width);
        self
    }

    pub(super) fn dashes(mut self, dashes: &'static str) -> Self {
        self.dashes = Some(dashes);
        self
    }
}

/// Place of a text relative to its point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// A text on the canvas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    /// Point of the base line.
    pub(super) at: (f64, f64),
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    pub(super) paint: Paint,
    /// Degrees clockwise around the point.
    pub(super) turn: f64,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str, at: (f64, f64), size: f64) -> Self {
        Self { text, at, size, anchor: Anchor::Start, paint: Paint::Ink, turn: 0.0 }
    }

    pub(super) fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    pub(super) fn paint(mut self, paint: Paint) -> Self {
        self.paint = paint;
        self
    }

    pub(super) fn turn(mut self, degrees: f64) -> Self {
        self.turn = degrees;
        self
    }
}

/// SVG elements in order. Writing to a string does not fail, so results of `write!` are dropped.
pub(super) struct Canvas {
    elements: String,
    theme: Theme,
}

impl Canvas {
    pub(super) fn new(theme: Theme) -> Self {
        Self { elements: String::new(), theme }
    }

    pub(super) fn into_elements(self) -> String {
        self.elements
    }

    /// Opens a group whose elements have this look.
    pub(super) fn open(&mut self, look: Look) {
        let look = self.look(look);
        let _ = write!(self.elements, "<g{look}>");
    }

    pub(super) fn close(&mut self) {
        self.elements.push_str("</g>\n");
    }

    /// A rectangle between two corners.
    pub(super) fn rectangle(&mut self, (left, top): (f64, f64), (right, bottom): (f64, f64), look: Look, hint: &str) {
        let (left, right) = (left.min(right), left.max(right));
        let (top, bottom) = (top.min(bottom), top.max(bottom));
        let look = self.look(look);
        let (x, y, width, height) = (Number(left), Number(top), Number(right - left), Number(bottom - top));
        let _ = write!(self.elements, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}"{look}"#);
        self.end("rect", hint);
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), look: Look) {
        let look = self.look(look);
        let (x1, y1, x2, y2) = (Number(from.0), Number(from.1), Number(to.0), Number(to.1));
        let _ = write!(self.elements, r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{look}/>"#);
    }

    pub(super) fn circle(&mut self, center: (f64, f64), radius: f64, look: Look, hint: &str) {
        let look = self.look(look);
        let (x, y, radius) = (Number(center.0), Number(center.1), Number(radius));
        let _ = write!(self.elements, r#"<circle cx="{x}" cy="{y}" r="{radius}"{look}"#);
        self.end("circle", hint);
    }

    /// A path with this data.
    pub(super) fn path(&mut self, data: &str, look: Look, hint: &str) {
        if data.is_empty() {
            return;
        }
        let look = self.look(look);
        let _ = write!(self.elements, r#"<path d="{data}"{look}"#);
        self.end("path", hint);
    }

    pub(super) fn text(&mut self, text: Text<'_>) {
        let (x, y) = (Number(text.at.0), Number(text.at.1));
        let size = Number(text.size);
        let paint = attributes(self.theme, Some(text.paint), None);
        let _ = write!(self.elements, r#"<text x="{x}" y="{y}" font-size="{size}"{paint}"#);
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.elements.push_str(r#" text-anchor="middle""#),
            Anchor::End => self.elements.push_str(r#" text-anchor="end""#),
        }
        if text.turn != 0.0 {
            let _ = write!(self.elements, r#" transform="rotate({} {x} {y})""#, Number(text.turn));
        }
        self.elements.push('>');
        self.characters(text.text, text.size);
        self.elements.push_str("</text>");
    }

    /// Characters of a text, with superscripts raised: fonts lack some superscript characters, or draw them unlike each other.
    fn characters(&mut self, text: &str, size: f64) {
        let raise = Number(0.35 * size);
        let mut raised = false;
        let mut run = String::new();
        let characters: Vec<char> = text.chars().collect();
        for (at, character) in characters.iter().enumerate() {
            run.push(from_superscript(*character).unwrap_or(*character));
            let is_raised = from_superscript(*character).is_some();
            let next_is_raised = characters.get(at + 1).map(|next| from_superscript(*next).is_some());
            if next_is_raised == Some(is_raised) {
                continue;
            }
            let content = escape(&std::mem::take(&mut run));
            let _ = match (is_raised, raised) {
                (true, _) => {
                    write!(
                        self.elements,
                        r#"<tspan dy="-{raise}" font-size="{}">{content}</tspan>"#,
                        Number(SUPERSCRIPT * size)
                    )
                }
                (false, true) => write!(self.elements, r#"<tspan dy="{raise}">{content}</tspan>"#),
                (false, false) => write!(self.elements, "{content}"),
            };
            raised = is_raised;
        }
    }

    /// Ends an open tag, with a text that browsers show when the pointer rests on the element.
    fn end(&mut self, tag: &str, hint: &str) {
        let _ = match hint {
            "" => writeln!(self.elements, "/>"),
            hint => writeln!(self.elements, "><title>{}</title></{tag}>", escape(hint)),
        };
    }

    fn look(&self, look: Look) -> String {
        let mut written = attributes(self.theme, look.fill, look.stroke);
        if look.fill.is_none() && look.stroke.is_some() {
            written.push_str(r#" fill="none""#);
        }
        if look.stroke.is_some() {
            let _ = write!(written, r#" stroke-width="{}""#, Number(look.width));
        }
        if let Some(opacity) = look.opacity {
            let _ = write!(written, r#" fill-opacity="{}""#, Number(opacity));
        }
        if let Some(dashes) = look.dashes {
            let _ = write!(written, r#" stroke-dasharray="{dashes}""#);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_two_decimals_at_most() {
        let written: Vec<String> =
            [1.0, -0.001, 2.345, 0.1, -12.5].iter().map(|number| Number(*number).to_string()).collect();
        assert_eq!(written, ["1", "0", "2.35", "0.1", "-12.5"]);
    }

    #[test]
    fn markup_in_text_is_inert() {
        assert_eq!(escape("<script>&\"'\u{0}\n"), "&lt;script&gt;&amp;&quot;&#39; ");
    }

    #[test]
    fn superscripts_are_raised_and_the_text_behind_them_is_not() {
        let mut canvas = Canvas::new(Theme::Light);
        canvas.text(Text::new("10⁻³ s", (0.0, 0.0), 10.0));
        let drawn = canvas.into_elements();
        assert!(
            drawn.contains(r#">10<tspan dy="-3.5" font-size="7">−3</tspan><tspan dy="3.5"> s</tspan></text>"#),
            "{drawn}"
        );
    }
}
