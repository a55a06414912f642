//! Lines.

use std::fmt::Write;

use neurobench_core::figure::{Line, LineStyle};

use super::Plane;
use crate::draw::canvas::{Canvas, Look, Number};
use crate::draw::paint::Paint;
use crate::draw::series::{Series, dashes};
use crate::draw::thin;

/// Draws a line, without its parts outside the axes.
pub(super) fn draw(canvas: &mut Canvas, plane: Plane<'_>, line: &Line, series: &Series) {
    let mut points: Vec<(f64, f64)> = thin::line(&line.points).into_iter().map(|point| plane.at(point)).collect();
    if line.style == LineStyle::Steps {
        points = steps(&points);
    }
    let look = match line.style {
        LineStyle::Dashed => Look::stroke(Paint::Muted, 1.0).dashes("4 3"),
        _ => Look { dashes: dashes(series.index), ..Look::stroke(series.paint, 1.5) },
    };
    let mut data = String::new();
    let mut last = None;
    for pair in points.windows(2) {
        let Some((from, to)) = clip(pair[0], pair[1], plane) else { continue };
        // Writing to a string does not fail.
        if last != Some(from) {
            let _ = write!(data, "M{} {}", Number(from.0), Number(from.1));
        }
        let _ = write!(data, "L{} {}", Number(to.0), Number(to.1));
        last = Some(to);
    }
    canvas.path(&data, look, "");
}

/// Horizontal from each point to the next, then vertical.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let corners = points.windows(2).flat_map(|pair| [(pair[1].0, pair[0].1), pair[1]]);
    points.first().copied().into_iter().chain(corners).collect()
}

/// The part of a segment that is within the axes, after Liang and Barsky.
fn clip(from: (f64, f64), to: (f64, f64), plane: Plane<'_>) -> Option<((f64, f64), (f64, f64))> {
    let (left, right) = ordered(plane.x.pixels);
    let (top, bottom) = ordered(plane.y.pixels);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    // Half a pixel of tolerance keeps lines along the border whole.
    for (change, room) in
        [(-dx, from.0 - left + 0.5), (dx, right - from.0 + 0.5), (-dy, from.1 - top + 0.5), (dy, bottom - from.1 + 0.5)]
    {
        if change == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if change < 0.0 {
            start = start.max(room / change);
        } else {
            end = end.min(room / change);
        }
    }
    if start > end {
        return None;
    }
    let at = |part: f64| match part {
        0.0 => from,
        1.0 => to,
        part => (from.0 + part * dx, from.1 + part * dy),
    };
    Some((at(start), at(end)))
}

fn ordered((a, b): (f64, f64)) -> (f64, f64) {
    (a.min(b), a.max(b))
}
