//! Box plots.

use neurobench_core::figure::{BoxMark, Figure, Mark};

use super::Plane;
use crate::draw::canvas::{Canvas, Look, Number};
use crate::draw::paint::Paint;
use crate::draw::scale::number_text;
use crate::draw::thin;

/// Greatest width of the place of a box with its points, in pixels.
const WIDEST: f64 = 90.0;

/// Radius of a point beside a box.
const RADIUS: f64 = 1.3;

/// Draws a box, with its points on its right.
pub(super) fn draw(canvas: &mut Canvas, plane: Plane<'_>, mark: &BoxMark, paint: Paint, figure: &Figure) {
    let place = plane.x.unit().min(WIDEST);
    let center = plane.x.at(mark.category as f64);
    // All boxes of a figure keep to one side if one of them has points.
    let has_points = figure.marks.iter().any(|mark| matches!(mark, Mark::Box(mark) if !mark.points.is_empty()));
    let (middle, half) =
        if has_points { (center - 0.2 * place, 0.17 * place) } else { (center, (0.25 * place).min(16.0)) };
    if has_points {
        swarm(canvas, plane, &mark.points, (center + 0.04 * place, center + 0.44 * place), paint);
    }
    draw_box(canvas, plane, mark, (middle, half.max(1.5)), paint, figure);
}

fn draw_box(
    canvas: &mut Canvas,
    plane: Plane<'_>,
    mark: &BoxMark,
    (middle, half): (f64, f64),
    paint: Paint,
    figure: &Figure,
) {
    let summary = &mark.summary;
    let y = |number: f64| plane.y.clamped(number);
    let (min, q1, median, q3, max) = (y(summary.min), y(summary.q1), y(summary.median), y(summary.q3), y(summary.max));
    let line = Look::stroke(paint, 1.1);
    let cap = 0.5 * half;
    canvas.open(line);
    for (from, to) in [
        ((middle, q3), (middle, max)),
        ((middle, q1), (middle, min)),
        ((middle - cap, max), (middle + cap, max)),
        ((middle - cap, min), (middle + cap, min)),
    ] {
        canvas.line(from, to, Look::default());
    }
    canvas.close();
    let name = figure.x.categories.get(mark.category).map_or("", String::as_str);
    let numbers = [
        ("minimum", summary.min),
        ("first quartile", summary.q1),
        ("median", summary.median),
        ("third quartile", summary.q3),
        ("maximum", summary.max),
        ("mean", summary.mean),
    ];
    let numbers: Vec<String> =
        numbers.iter().map(|(name, number)| format!("{name} {}", number_text(*number))).collect();
    let hint = format!("{name}: {}", numbers.join(", "));
    canvas.rectangle(
        (middle - half, q3),
        (middle + half, q1),
        Look::fill(paint).opacity(0.25).outline(paint, 1.1),
        &hint,
    );
    canvas.line((middle - half, median), (middle + half, median), Look::stroke(Paint::Ink, 1.6));
    let (mean, size) = (y(summary.mean), (0.5 * half).min(3.2));
    let [left, top, right, bottom] = [middle - size, mean - size, middle + size, mean + size].map(Number);
    let (middle, mean) = (Number(middle), Number(mean));
    let diamond = format!("M{left} {mean}L{middle} {top}L{right} {mean}L{middle} {bottom}Z");
    canvas.path(&diamond, Look::fill(Paint::Paper).outline(Paint::Ink, 0.9), "");
}

/// Draws points between two pixels, those of nearly the same height side by side from the left.
fn swarm(canvas: &mut Canvas, plane: Plane<'_>, numbers: &[f64], (left, right): (f64, f64), paint: Paint) {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let shown = thin::evenly(sorted.len(), thin::BOX_POINTS).map(|at| sorted[at]);
    let heights: Vec<f64> = shown.filter(|number| plane.y.contains(*number)).map(|number| plane.y.at(number)).collect();
    let row = |height: f64| (height / (2.0 * RADIUS)).round();
    let rows = heights.chunk_by(|height, next| row(*height) == row(*next));
    let longest = rows.clone().map(<[f64]>::len).max().unwrap_or(1);
    let step = ((right - left) / longest.max(1) as f64).min(2.0 * RADIUS + 0.3);
    canvas.open(Look::fill(paint).opacity(if step < 1.5 { 0.45 } else { 0.7 }));
    for row in rows {
        for (at, height) in row.iter().enumerate() {
            canvas.circle((left + step * (at as f64 + 0.5), *height), RADIUS, Look::default(), "");
        }
    }
    canvas.close();
}
