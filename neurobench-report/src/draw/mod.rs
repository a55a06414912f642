//! Figures as SVG and PNG.
//!
//! [`svg`] and [`png`] draw a [`Figure`]: axes with units, marks, a legend above the marks and notes below them, in colors that people
//! with any color vision can tell apart. The same figure and style give the same bytes: there are no random numbers, no dates and no
//! generated names, and texts are measured with a font that is part of this crate.
//!
//! Figures with thousands of marks are thinned; a note below the figure states the rule:
//!
//! * points: one of every group of neighbors in order, so that at most 2000 of a set are drawn;
//! * points beside a box: at most 400, evenly by rank, with the smallest and the largest;
//! * lines: the lowest and the highest point of every group of neighbors, at most 2000 points;
//! * rasters: one of every group of neighbors in order, at most 12 000 events;
//! * matrices: the largest number of every group of cells, at most 150 rows and columns.

mod axes;
mod canvas;
mod check;
mod error;
mod extent;
mod layout;
mod legend;
mod marks;
mod paint;
mod png;
mod scale;
mod series;
mod style;
mod text;
mod thin;

use neurobench_core::figure::{Figure, Mark};

use canvas::{Canvas, Look, Number, escape};
use layout::Layout;
use paint::Paint;

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
///
/// ```
/// use neurobench_core::figure::{Axis, Bars, Figure};
/// use neurobench_report::draw::{Style, svg};
///
/// let figure = Figure::new(Axis::categories("layer", ["conv", "lif"]), Axis::new("spikes").unit("spikes/step"))
///     .mark(Bars::new([0.25, 0.125]));
/// let drawing = svg(&figure, &Style::default()).unwrap();
/// assert!(drawing.starts_with("<svg"));
/// ```
pub fn svg(figure: &Figure, style: &Style) -> Result<String, DrawError> {
    check::check(figure)?;
    let series = series::series(figure);
    let notes: Vec<String> = figure.notes.iter().cloned().chain(marks::notes(figure)).collect();
    let layout = Layout::new(figure, &series, &notes, style)?;
    let mut canvas = Canvas::new(style.theme);
    if style.theme != Theme::Auto {
        canvas.rectangle((0.0, 0.0), (layout.width, layout.height), Look::fill(Paint::Paper), "");
    }
    // Cells cover the grid, and events of a raster are hard to see on it.
    if !figure.marks.iter().any(|mark| matches!(mark, Mark::Cells(_) | Mark::Raster(_))) {
        axes::draw_grid(&mut canvas, &layout);
    }
    marks::draw(&mut canvas, figure, &series, &layout);
    let has_bars = figure.marks.iter().any(|mark| matches!(mark, Mark::Bars(_) | Mark::Histogram(_)));
    axes::draw(&mut canvas, &layout, has_bars);
    if let (true, Some(Mark::Cells(cells))) = (layout::needs_color_bar(figure), figure.marks.iter().find(is_cells)) {
        marks::draw_color_bar(&mut canvas, cells, &layout);
    }
    let (width, height) = (Number(layout.width), Number(layout.height));
    let name = escape(figure.title.as_deref().unwrap_or(&figure.y.label));
    let families = text::FAMILIES;
    let style_sheet = if style.theme == Theme::Auto { paint::dark_style_sheet() } else { String::new() };
    let elements = canvas.into_elements();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{name}\" font-family=\"{families}\">\n{style_sheet}\n{elements}\n</svg>\n"
    ))
}

/// Draws a figure as a PNG file, from the SVG and with the embedded font. [`Style::resolution`] sets the number of pixels.
///
/// The embedded font has Latin and Greek letters; other characters in the names of layers are blank in PNG files, though not in SVG.
/// Equal figures have equal bytes on computers of one instruction set; edges may differ by a shade between instruction sets.
///
/// # Errors
///
/// As for [`svg`], and a size or resolution that gives an image of more than 100 million pixels.
pub fn png(figure: &Figure, style: &Style) -> Result<Vec<u8>, DrawError> {
    let theme = if style.theme == Theme::Auto { Theme::Light } else { style.theme };
    png::rasterize(&svg(figure, &style.theme(theme))?, style.resolution)
}

fn is_cells(mark: &&Mark) -> bool {
    matches!(mark, Mark::Cells(_))
}
