//! Range of the numbers on each axis.

use neurobench_core::figure::{Axis, BoxMark, Figure, Mark, Scale};

/// First and last number of the horizontal and of the vertical axis.
pub(super) fn ranges(figure: &Figure) -> ((f64, f64), (f64, f64)) {
    let (mut x, mut y) = (Span::default(), Span::default());
    for mark in &figure.marks {
        include(mark, &mut x, &mut y);
    }
    (range(&figure.x, x), range(&figure.y, y))
}

/// Smallest and largest number of marks, and whether bars stand on zero.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    numbers: Option<(f64, f64)>,
    has_bars: bool,
    /// True if marks end at their first and last number, without a margin.
    is_tight: bool,
}

impl Span {
    fn add(&mut self, number: f64) {
        self.numbers = Some(match self.numbers {
            None => (number, number),
            Some((low, high)) => (low.min(number), high.max(number)),
        });
    }

    fn add_all(&mut self, numbers: impl IntoIterator<Item = f64>) {
        numbers.into_iter().for_each(|number| self.add(number));
    }

    fn add_intervals(&mut self, intervals: &[Option<(f64, f64)>]) {
        self.add_all(intervals.iter().flatten().flat_map(|(low, high)| [*low, *high]));
    }
}

fn include(mark: &Mark, x: &mut Span, y: &mut Span) {
    match mark {
        Mark::Box(BoxMark { summary, points, .. }) => {
            y.add_all([summary.min, summary.max, summary.mean]);
            y.add_all(points.iter().copied());
        }
        Mark::Bars(bars) => {
            y.has_bars = true;
            y.add_all(bars.heights.iter().flatten().copied());
            y.add_intervals(&bars.intervals);
        }
        Mark::Histogram(histogram) => {
            (y.has_bars, x.is_tight) = (true, true);
            x.add_all(histogram.edges.iter().copied());
            y.add_all(histogram.heights.iter().copied().filter(|height| *height != 0.0));
        }
        Mark::Line(line) => {
            x.add_all(line.points.iter().map(|point| point.0));
            y.add_all(line.points.iter().map(|point| point.1));
        }
        Mark::Points(points) => {
            x.add_all(points.points.iter().map(|point| point.0));
            y.add_all(points.points.iter().map(|point| point.1));
            x.add_intervals(&points.x_intervals);
            y.add_intervals(&points.y_intervals);
        }
        Mark::Raster(raster) => {
            (x.is_tight, y.is_tight) = (true, true);
            // An event takes its column and its row from one half before to one half behind.
            x.add_all(raster.events.iter().flat_map(|event| [event.0 - 0.5, event.0 + 0.5]));
            y.add_all(raster.events.iter().flat_map(|event| [event.1 - 0.5, event.1 + 0.5]));
        }
        _ => {}
    }
}

fn range(axis: &Axis, span: Span) -> (f64, f64) {
    if !axis.categories.is_empty() {
        return (-0.5, axis.categories.len() as f64 - 0.5);
    }
    if let Some(range) = axis.range {
        return range;
    }
    let numbers = span.numbers.unwrap_or((0.0, 1.0));
    match axis.scale {
        Scale::Log => log_range(numbers, span),
        _ => linear_range(numbers, span),
    }
}

/// Part of the range that is left free at each end.
const MARGIN: f64 = 0.04;

fn linear_range((low, high): (f64, f64), span: Span) -> (f64, f64) {
    let (low, high) = if span.has_bars { (low.min(0.0), high.max(0.0)) } else { (low, high) };
    // Differences that floats can hardly represent would give ticks that are all the same.
    if high - low <= 1e-9 * low.abs().max(high.abs()) || high - low < 1e-280 {
        let half = if high.abs() < 1e-280 { 1.0 } else { 0.1 * high.abs() };
        return if span.has_bars { (0.0, 1.0) } else { (low - half, high + half) };
    }
    if span.is_tight {
        return (low, high);
    }
    let margin = MARGIN * (high - low);
    // An axis that nearly reaches zero starts there, and none crosses zero for its margin alone.
    let first = if (0.0..=0.25 * (high - low)).contains(&low) { 0.0 } else { low - margin };
    let last = if (-0.25 * (high - low)..=0.0).contains(&high) { 0.0 } else { high + margin };
    (first, last)
}

fn log_range((low, high): (f64, f64), span: Span) -> (f64, f64) {
    if span.is_tight && low < high {
        return (low, high);
    }
    // Bars start at the decade below the shortest one, so that it is visible.
    let low = if span.has_bars { libm::exp10(libm::floor(libm::log10(low) - 0.3)) } else { low };
    // The quotient of two numbers may be infinite, the difference of their logarithms is not.
    let margin = libm::exp10(MARGIN * (libm::log10(high) - libm::log10(low))).clamp(1.05, 1e3);
    if span.has_bars { (low, 1.5 * high) } else { (low / margin, high * margin) }
}
