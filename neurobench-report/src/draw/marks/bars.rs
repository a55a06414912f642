//! Bars of categories and of histograms.

use neurobench_core::figure::{Bars, Figure, Histogram};

use super::Plane;
use crate::draw::canvas::{Canvas, Look};
use crate::draw::paint::Paint;
use crate::draw::scale::number_text;
use crate::draw::series::Series;

/// Greatest width of a bar in pixels.
const WIDEST: f64 = 34.0;

/// Draws the bars of a series, beside those of the other series.
pub(super) fn draw(
    canvas: &mut Canvas,
    plane: Plane<'_>,
    bars: &Bars,
    figure: &Figure,
    (series, beside): (&Series, &[&Series]),
) {
    let count = beside.len().max(1) as f64;
    let width = (0.76 * plane.x.unit() / count).min(WIDEST);
    let position = beside.iter().position(|other| *other == series).unwrap_or(0) as f64;
    let base = plane.y.base();
    let interval = |at: usize| bars.intervals.get(at).copied().flatten();
    for (at, height) in bars.heights.iter().enumerate() {
        let Some(height) = height else { continue };
        let left = plane.x.at(at as f64) + width * (position - 0.5 * count);
        let inset = if width > 4.0 { 0.4 } else { 0.0 };
        let top = plane.y.clamped(*height);
        let name = figure.x.categories.get(at).map_or("", String::as_str);
        let hint = hint(&[name, &bars.label], *height, interval(at));
        canvas.rectangle((left + inset, top), (left + width - inset, base), Look::fill(series.paint), &hint);
        if let Some((low, high)) = interval(at) {
            let middle = left + 0.5 * width;
            error_bar(canvas, (middle, plane.y.clamped(low)), (middle, plane.y.clamped(high)));
        }
    }
}

/// Draws a histogram.
pub(super) fn draw_histogram(canvas: &mut Canvas, plane: Plane<'_>, histogram: &Histogram, paint: Paint) {
    let base = plane.y.base();
    for (edges, height) in histogram.edges.windows(2).zip(&histogram.heights) {
        let (left, right) = (plane.x.clamped(edges[0]), plane.x.clamped(edges[1]));
        if *height == 0.0 || left == right {
            continue;
        }
        let hint = format!("{} to {}: {}", number_text(edges[0]), number_text(edges[1]), number_text(*height));
        let gap = if (right - left).abs() > 4.0 { 0.35 } else { 0.0 };
        canvas.rectangle((left + gap, plane.y.clamped(*height)), (right - gap, base), Look::fill(paint), &hint);
    }
}

/// Text that browsers show when the pointer rests on a mark.
pub(super) fn hint(names: &[&str], number: f64, interval: Option<(f64, f64)>) -> String {
    let names: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    let interval =
        interval.map_or_else(String::new, |(low, high)| format!(" ({} to {})", number_text(low), number_text(high)));
    format!("{}: {}{interval}", names.join(", "), number_text(number))
}

/// Draws a confidence interval with a cap at each end.
pub(super) fn error_bar(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64)) {
    let cap = if from.0 == to.0 { (2.5, 0.0) } else { (0.0, 2.5) };
    canvas.open(Look::stroke(Paint::Ink, 0.9));
    canvas.line(from, to, Look::default());
    for end in [from, to] {
        canvas.line((end.0 - cap.0, end.1 - cap.1), (end.0 + cap.0, end.1 + cap.1), Look::default());
    }
    canvas.close();
}
