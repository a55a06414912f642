//! Checks of figures before they are drawn.

use neurobench_core::figure::{Axis, Bars, BoxMark, Cells, Figure, Histogram, Mark, Scale};

use super::DrawError;

/// Checks that every number can be drawn and that the marks fit the axes.
pub(super) fn check(figure: &Figure) -> Result<(), DrawError> {
    check_axis(&figure.x, "the horizontal axis")?;
    check_axis(&figure.y, "the vertical axis")?;
    figure.marks.iter().try_for_each(|mark| check_mark(figure, mark))?;
    match figure.marks.iter().all(is_empty) {
        true => Err(DrawError::Empty),
        false => Ok(()),
    }
}

fn is_empty(mark: &Mark) -> bool {
    match mark {
        Mark::Box(_) => false,
        Mark::Bars(bars) => bars.heights.iter().all(Option::is_none),
        Mark::Histogram(histogram) => histogram.heights.is_empty(),
        Mark::Line(line) => line.points.is_empty(),
        Mark::Points(points) => points.points.is_empty(),
        Mark::Cells(cells) => cells.rows.iter().all(Vec::is_empty),
        Mark::Raster(raster) => raster.events.is_empty(),
        _ => true,
    }
}

fn check_axis(axis: &Axis, name: &str) -> Result<(), DrawError> {
    let Some((first, last)) = axis.range else { return Ok(()) };
    for number in [first, last] {
        check_number(number, axis.scale, || format!("the range of {name}"))?;
    }
    match first == last {
        true => Err(DrawError::Mismatch(format!("the range of {name} starts and ends at {first}"))),
        false => Ok(()),
    }
}

fn check_mark(figure: &Figure, mark: &Mark) -> Result<(), DrawError> {
    match mark {
        Mark::Box(mark) => check_box(figure, mark),
        Mark::Bars(bars) => check_bars(figure, bars),
        Mark::Histogram(histogram) => check_histogram(figure, histogram),
        Mark::Line(line) => check_points(figure, &line.points, || named("a line", &line.label)),
        Mark::Raster(raster) => check_points(figure, &raster.events, || named("a raster", &raster.label)),
        Mark::Cells(cells) => check_cells(figure, cells),
        Mark::Points(points) => {
            let name = || named("a set of points", &points.label);
            check_points(figure, &points.points, name)?;
            let (expected, found) = (
                points.points.len(),
                [points.names.len(), points.sizes.len(), points.x_intervals.len(), points.y_intervals.len()],
            );
            if found.iter().any(|found| ![0, expected].contains(found)) {
                let name = name();
                return Err(DrawError::Mismatch(format!(
                    "{name} has {expected} points, but {} names, {} sizes and {} and {} intervals",
                    found[0], found[1], found[2], found[3]
                )));
            }
            check_all(points.sizes.iter().copied(), Scale::Linear, name)?;
            check_all(ends(&points.x_intervals), figure.x.scale, name)?;
            check_all(ends(&points.y_intervals), figure.y.scale, name)
        }
        _ => Ok(()),
    }
}

fn check_box(figure: &Figure, mark: &BoxMark) -> Result<(), DrawError> {
    let name = figure.x.categories.get(mark.category);
    let name = name.ok_or_else(|| no_category("a box", mark.category, figure))?;
    let summary = &mark.summary;
    let numbers = [summary.min, summary.q1, summary.median, summary.q3, summary.max, summary.mean];
    check_all(numbers.into_iter().chain(mark.points.iter().copied()), figure.y.scale, || named("the box", name))
}

fn check_bars(figure: &Figure, bars: &Bars) -> Result<(), DrawError> {
    let name = || named("a series of bars", &bars.label);
    let (expected, found) = (figure.x.categories.len(), bars.heights.len());
    if found != expected {
        let name = name();
        return Err(DrawError::Mismatch(format!(
            "{name} has {found} bars, but the horizontal axis has {expected} categories"
        )));
    }
    if ![0, found].contains(&bars.intervals.len()) {
        let (name, intervals) = (name(), bars.intervals.len());
        return Err(DrawError::Mismatch(format!("{name} has {found} bars, but {intervals} intervals")));
    }
    check_all(bars.heights.iter().flatten().copied(), figure.y.scale, name)?;
    check_all(ends(&bars.intervals), figure.y.scale, name)
}

fn check_histogram(figure: &Figure, histogram: &Histogram) -> Result<(), DrawError> {
    let name = || named("a histogram", &histogram.label);
    let (edges, heights) = (histogram.edges.len(), histogram.heights.len());
    if heights > 0 && edges != heights + 1 {
        let name = name();
        return Err(DrawError::Mismatch(format!("{name} has {heights} heights, but {edges} edges, not one more")));
    }
    if !histogram.edges.is_sorted_by(|edge, next| edge < next) {
        return Err(DrawError::Mismatch(format!("the edges of {} do not ascend", name())));
    }
    check_all(histogram.edges.iter().copied(), figure.x.scale, name)?;
    // An interval without anything in it has no bar, also on a logarithmic axis.
    check_all(histogram.heights.iter().copied().filter(|height| *height != 0.0), figure.y.scale, name)
}

fn check_cells(figure: &Figure, cells: &Cells) -> Result<(), DrawError> {
    let name = || named("a matrix", &cells.label);
    let (rows, columns) = (figure.y.categories.len(), figure.x.categories.len());
    let fits = |numbers: &[Vec<f64>]| numbers.len() == rows && numbers.iter().all(|row| row.len() == columns);
    if !fits(&cells.rows) || !(cells.shades.is_empty() || fits(&cells.shades)) {
        let name = name();
        return Err(DrawError::Mismatch(format!(
            "{name} does not have {rows} rows and {columns} columns, as the axes do"
        )));
    }
    check_all(cells.rows.iter().chain(&cells.shades).flatten().copied(), Scale::Linear, name)
}

fn check_points(figure: &Figure, points: &[(f64, f64)], name: impl Fn() -> String) -> Result<(), DrawError> {
    check_all(points.iter().map(|point| point.0), figure.x.scale, &name)?;
    check_all(points.iter().map(|point| point.1), figure.y.scale, name)
}

fn ends(intervals: &[Option<(f64, f64)>]) -> impl Iterator<Item = f64> {
    intervals.iter().flatten().flat_map(|(low, high)| [*low, *high])
}

fn check_all(numbers: impl IntoIterator<Item = f64>, scale: Scale, name: impl Fn() -> String) -> Result<(), DrawError> {
    numbers.into_iter().try_for_each(|number| check_number(number, scale, &name))
}

/// Largest number that is drawn: differences of larger ones may be infinite.
const LARGEST: f64 = 1e300;

fn check_number(number: f64, scale: Scale, name: impl Fn() -> String) -> Result<(), DrawError> {
    let reason = match scale {
        _ if !number.is_finite() => "it is not finite",
        _ if number.abs() > LARGEST => "it is larger than 1e300",
        Scale::Log if number <= 0.0 => "the axis is logarithmic",
        Scale::Log if number < 1.0 / LARGEST => "it is smaller than 1e-300",
        _ => return Ok(()),
    };
    Err(DrawError::Number { mark: name(), number, reason })
}

fn named(mark: &str, label: &str) -> String {
    match label {
        "" => mark.to_owned(),
        label => format!("{mark} `{label}`"),
    }
}

fn no_category(mark: &str, category: usize, figure: &Figure) -> DrawError {
    let categories = figure.x.categories.len();
    DrawError::Mismatch(format!(
        "{mark} is at category {category}, but the horizontal axis has {categories} categories"
    ))
}
