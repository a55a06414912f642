//! Points with names and confidence intervals.

use neurobench_core::figure::{Figure, Line, LineStyle, Mark, Points};

use super::Plane;
use super::bars::error_bar;
use crate::draw::canvas::{Canvas, Look, Number, Text};
use crate::draw::layout::{Layout, TICK};
use crate::draw::paint::Paint;
use crate::draw::scale::number_text;
use crate::draw::series::Series;
use crate::draw::text::{shorten, width};
use crate::draw::thin;

/// Radius of a point, and of the largest point of a set with sizes.
const RADIUS: f64 = 2.8;
const LARGEST: f64 = 7.0;

/// Greatest length of the name of a point.
const NAME_LENGTH: f64 = 90.0;

/// Number of points above which they are small, transparent and without names, sizes and shapes.
const DENSE: usize = 300;
const DENSE_RADIUS: f64 = 1.4;

/// A rectangle: left, top, right, bottom.
type Rectangle = (f64, f64, f64, f64);

/// Places of the names of points, which do not overlap where there is room.
pub(super) struct Labels {
    taken: Vec<Rectangle>,
    area: Rectangle,
}

impl Labels {
    pub(super) fn new(figure: &Figure, plane: Plane<'_>, layout: &Layout) -> Self {
        let (left, right, top, bottom) = layout.area();
        let mut taken = Vec::new();
        for mark in &figure.marks {
            if let Mark::Line(line) = mark {
                taken.extend(around_line(line, plane));
            }
            let Mark::Points(points) = mark else { continue };
            if points.names.is_empty() && points.points.len() > 200 {
                continue;
            }
            taken.extend(points.points.iter().map(|point| around(plane.at(*point), RADIUS)));
            for (at, point) in points.points.iter().enumerate() {
                let (x, y) = plane.at(*point);
                if let Some((low, high)) = points.x_intervals.get(at).copied().flatten() {
                    taken.push((plane.x.clamped(low), y - 1.0, plane.x.clamped(high), y + 1.0));
                }
                if let Some((low, high)) = points.y_intervals.get(at).copied().flatten() {
                    taken.push((x - 1.0, plane.y.clamped(high), x + 1.0, plane.y.clamped(low)));
                }
            }
        }
        Self { taken, area: (left, top - 4.0, right.max(layout.width - 4.0), bottom - 1.0) }
    }

    /// Start of the base line of a name beside a point, whose vertical interval has these ends. Leaves the name out if no place beside
    /// the point is free.
    fn place(&mut self, (x, y): (f64, f64), (top, bottom): (f64, f64), name: &str) -> Option<(f64, f64)> {
        let (length, height) = (width(name, TICK), TICK);
        let near = RADIUS + 2.0;
        let (right, left, middle) = (x + near, x - near - length, x - 0.5 * length);
        let (above, below, level) = (y - near, y + near + 0.75 * height, y + 0.35 * height);
        let starts = [
            (right, level),
            (right, above + 1.0),
            (right, below - 1.0),
            (left, above + 1.0),
            (left, below - 1.0),
            (left, level),
            (middle, above),
            (middle, below),
            (right, above - height),
            (right, below + height),
            (left, above - height),
            (left, below + height),
            // Above and below the interval, within the area.
            (middle.min(self.area.2 - length).max(self.area.0), top - 5.0),
            (middle.min(self.area.2 - length).max(self.area.0), bottom + 5.0 + 0.75 * height),
        ];
        let rectangle = |start: (f64, f64)| (start.0, start.1 - 0.8 * height, start.0 + length, start.1 + 0.2 * height);
        let start = starts.into_iter().find(|start| {
            let place = rectangle(*start);
            within(place, self.area) && !self.taken.iter().any(|other| overlap(place, *other))
        })?;
        self.taken.push(rectangle(start));
        Some(start)
    }
}

fn around((x, y): (f64, f64), radius: f64) -> Rectangle {
    (x - radius, y - radius, x + radius, y + radius)
}

/// Small rectangles along a short line.
fn around_line(line: &Line, plane: Plane<'_>) -> Vec<Rectangle> {
    const PARTS: u32 = 12;
    if line.points.len() > 200 {
        return Vec::new();
    }
    let mut taken = Vec::new();
    for pair in line.points.windows(2) {
        let (from, to) = (plane.at(pair[0]), plane.at(pair[1]));
        let corner = if line.style == LineStyle::Steps { (to.0, from.1) } else { to };
        for (from, to) in [(from, corner), (corner, to)] {
            for part in 0..PARTS {
                let at = |part: u32| {
                    let share = f64::from(part) / f64::from(PARTS);
                    (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
                };
                let (start, end) = (at(part), at(part + 1));
                taken.push((
                    start.0.min(end.0),
                    start.1.min(end.1) - 0.5,
                    start.0.max(end.0) + 0.5,
                    start.1.max(end.1) + 0.5,
                ));
            }
        }
    }
    taken
}

fn overlap(a: Rectangle, b: Rectangle) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

fn within(inner: Rectangle, outer: Rectangle) -> bool {
    inner.0 >= outer.0 && inner.1 >= outer.1 && inner.2 <= outer.2 && inner.3 <= outer.3
}

/// Draws points, their intervals and their names.
pub(super) fn draw(canvas: &mut Canvas, plane: Plane<'_>, points: &Points, series: &Series, labels: &mut Labels) {
    let count = points.points.len();
    let chosen: Vec<usize> = thin::one_of_every(count, count.div_ceil(thin::POINTS).max(1)).collect();
    let chosen: Vec<usize> = chosen.into_iter().filter(|at| plane.contains(points.points[*at])).collect();
    for at in &chosen {
        let (x, y) = plane.at(points.points[*at]);
        if let Some((low, high)) = points.x_intervals.get(*at).copied().flatten() {
            error_bar(canvas, (plane.x.clamped(low), y), (plane.x.clamped(high), y));
        }
        if let Some((low, high)) = points.y_intervals.get(*at).copied().flatten() {
            error_bar(canvas, (x, plane.y.clamped(low)), (x, plane.y.clamped(high)));
        }
    }
    if count > DENSE {
        canvas.open(Look::fill(series.paint).opacity(0.55));
        for at in &chosen {
            canvas.circle(plane.at(points.points[*at]), DENSE_RADIUS, Look::default(), "");
        }
        return canvas.close();
    }
    let largest = points.sizes.iter().copied().fold(0.0, f64::max);
    for at in &chosen {
        let name = points.names.get(*at).map_or("", String::as_str);
        let (x, y) = points.points[*at];
        let radius = match points.sizes.get(*at) {
            Some(size) if largest > 0.0 => (LARGEST * (size.max(0.0) / largest).sqrt()).max(1.2),
            _ => RADIUS,
        };
        let hint = point_hint(&[name, &series.label], (x, y), points.sizes.get(*at));
        draw_point(canvas, series, plane.at((x, y)), radius, &hint);
    }
    for at in &chosen {
        let Some(name) = points.names.get(*at).filter(|name| !name.is_empty()) else { continue };
        let name = shorten(name, TICK, NAME_LENGTH);
        let (x, y) = plane.at(points.points[*at]);
        let interval = points.y_intervals.get(*at).copied().flatten();
        let ends = interval.map_or((y, y), |(low, high)| (plane.y.clamped(high), plane.y.clamped(low)));
        if let Some(start) = labels.place((x, y), ends, &name) {
            canvas.text(Text::new(&name, start, TICK));
        }
    }
}

/// Text that browsers show when the pointer rests on a point.
fn point_hint(names: &[&str], (x, y): (f64, f64), size: Option<&f64>) -> String {
    let names: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    let names = if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
    let size = size.map_or_else(String::new, |size| format!(", size {}", number_text(*size)));
    format!("{names}({}, {}){size}", number_text(x), number_text(y))
}

/// Draws a point of a series, whose shape differs from that of other series.
pub(in crate::draw) fn draw_point(canvas: &mut Canvas, series: &Series, (x, y): (f64, f64), radius: f64, hint: &str) {
    let look = Look::fill(series.paint).outline(Paint::Paper, if radius > 2.0 { 0.6 } else { 0.0 });
    let corners: &[(f64, f64)] = match series.index % 6 {
        0 => return canvas.circle((x, y), radius, look, hint),
        1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        2 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        3 => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
        4 => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
        _ => &[
            (-0.4, -1.2),
            (0.4, -1.2),
            (0.4, -0.4),
            (1.2, -0.4),
            (1.2, 0.4),
            (0.4, 0.4),
            (0.4, 1.2),
            (-0.4, 1.2),
            (-0.4, 0.4),
            (-1.2, 0.4),
            (-1.2, -0.4),
            (-0.4, -0.4),
        ],
    };
    let corners: Vec<String> =
        corners.iter().map(|(dx, dy)| format!("{} {}", Number(x + radius * dx), Number(y + radius * dy))).collect();
    canvas.path(&format!("M{}Z", corners.join("L")), look, hint);
}
