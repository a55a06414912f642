//! Places of the parts of a drawing.

use neurobench_core::figure::{Axis, Figure, Mark};

use super::legend::Legend;
use super::scale::{Scaling, Ticks};
use super::series::Series;
use super::text::{shorten, to_superscript, width, wrap};
use super::{DrawError, Style, extent};

/// Sizes of text in pixels: 8, 7.5, 7 and 6.5 points.
pub(super) const TITLE: f64 = 11.5;
pub(super) const LABEL: f64 = 10.5;
pub(super) const TICK: f64 = 9.5;
pub(super) const NOTE: f64 = 8.5;

/// Distance of the lines of a text, as a part of its size.
pub(super) const LINE: f64 = 1.25;

/// Length of a tick.
pub(super) const TICK_LENGTH: f64 = 3.5;

/// Gap at the border of a drawing and between its parts.
pub(super) const GAP: f64 = 6.0;

/// One and two columns of a journal: 90 and 180 mm.
const ONE_COLUMN: f64 = 340.0;
const TWO_COLUMNS: f64 = 680.0;

/// Width below which categories of a figure of one column are too narrow.
const NARROW_CATEGORY: f64 = 14.0;

/// Largest number of steps between the ticks of a vertical axis.
const MAX_VERTICAL_TICKS: usize = 7;

/// Greatest width of a cell of a matrix, without and with a number in it.
const NARROW_CELL: f64 = 12.0;
const WIDEST_CELL: f64 = 44.0;

/// Greatest length of the name of a category.
const CATEGORY_LENGTH: f64 = 96.0;

/// Width of the strip of colors of a matrix without numbers, with its texts.
pub(super) const COLOR_BAR: f64 = 46.0;

/// Places of the parts of a drawing.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: Vec<String>,
    pub(super) legend: Legend,
    /// Top of the legend.
    pub(super) legend_top: f64,
    pub(super) x: AxisLayout,
    pub(super) y: AxisLayout,
    /// Lines below the horizontal axis.
    pub(super) notes: Vec<String>,
}

/// Positions, ticks and texts of an axis.
pub(super) struct AxisLayout {
    pub(super) scaling: Scaling,
    pub(super) ticks: Ticks,
    /// Lines of the label.
    pub(super) label: Vec<String>,
    pub(super) names: Names,
    /// Room that the texts of ticks or the names of categories take beside the axis.
    pub(super) depth: f64,
}

/// Names of the categories of an axis.
#[derive(Default)]
pub(super) struct Names {
    pub(super) texts: Vec<String>,
    /// Every how many categories one has its name.
    pub(super) every: usize,
    /// Degrees by which they are turned.
    pub(super) turn: f64,
}

/// Room around the axes.
struct Margins {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Layout {
    pub(super) fn new(figure: &Figure, series: &[Series], notes: &[String], style: &Style) -> Result<Self, DrawError> {
        let width = total_width(figure, style)?;
        let (x_range, y_range) = extent::ranges(figure);
        let inner_width = width - 2.0 * GAP;
        let title = figure.title.as_deref().map_or_else(Vec::new, |title| wrap(title, TITLE, inner_width, 2));
        let legend = Legend::new(series, inner_width);
        let legend_top = GAP + LINE * TITLE * title.len() as f64;
        let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, NOTE, inner_width, 3)).collect();
        let mut top = legend_top + legend.height() + GAP;
        if title.is_empty() && legend.height() == 0.0 {
            top += 2.0;
        }
        let is_matrix = figure.marks.iter().any(|mark| matches!(mark, Mark::Cells(_)));
        // The margins depend on the ticks, and the number of ticks on the margins: the second round is exact enough.
        let mut margins = Margins { left: 46.0, right: 12.0, top, bottom: 40.0 };
        let mut made = None;
        for _ in 0..3 {
            let columns = (figure.x.categories.len() as f64).max(1.0);
            let room = width - margins.left - margins.right;
            if room < 40.0 {
                return Err(DrawError::Size(format!(
                    "a width of {width} pixels leaves no room for the marks; set a larger one"
                )));
            }
            let (across, down) = match style.height {
                Some(height) => (room, height - margins.top - margins.bottom),
                None if is_matrix => {
                    let cell = (room / columns).min(if needs_color_bar(figure) { NARROW_CELL } else { WIDEST_CELL });
                    (cell * columns, (cell * figure.y.categories.len() as f64).max(30.0))
                }
                None => (room, default_height(figure, room, x_range == y_range)),
            };
            if down < 20.0 {
                let height = style.height.unwrap_or(0.0);
                return Err(DrawError::Size(format!(
                    "a height of {height} pixels leaves no room for the marks; set a larger one"
                )));
            }
            // The columns of a matrix of few classes stand in the middle.
            let left = margins.left + 0.5 * (room - across);
            let x = AxisLayout::horizontal(&figure.x, x_range, (left, left + across));
            let y = AxisLayout::vertical(&figure.y, y_range, (margins.top + down, margins.top));
            let below = LINE * LABEL * x.label.len() as f64 + LINE * NOTE * notes.len() as f64;
            margins.left = GAP + LINE * LABEL * y.label.len() as f64 + y.depth + TICK_LENGTH + 5.0;
            margins.left = margins.left.max(GAP + x.overhang_left(left));
            margins.right =
                GAP + x.overhang_right(left + across) + if needs_color_bar(figure) { COLOR_BAR } else { 0.0 };
            margins.bottom = TICK_LENGTH + 3.0 + x.depth + below + GAP + if notes.is_empty() { 0.0 } else { 3.0 };
            let height = style.height.unwrap_or(margins.top + down + margins.bottom);
            made = Some((x, y, height));
        }
        let (x, y, height) = made.ok_or(DrawError::Empty)?;
        Ok(Self { width, height, title, legend, legend_top, x, y, notes })
    }

    /// Left, right, top and bottom of the area of the marks.
    pub(super) fn area(&self) -> (f64, f64, f64, f64) {
        let ((left, right), (bottom, top)) = (self.x.scaling.pixels, self.y.scaling.pixels);
        (left, right, top, bottom)
    }
}

/// Returns true if a matrix has too many cells for numbers in them.
pub(super) fn needs_color_bar(figure: &Figure) -> bool {
    figure.marks.iter().any(|mark| matches!(mark, Mark::Cells(_)))
        && figure.x.categories.len() > super::marks::NUMBERED_COLUMNS
}

/// Smallest and largest size of a drawing in pixels.
const SIZES: std::ops::RangeInclusive<f64> = 120.0..=10_000.0;

fn total_width(figure: &Figure, style: &Style) -> Result<f64, DrawError> {
    for (what, size) in [("width", style.width), ("height", style.height)] {
        if let Some(size) = size.filter(|size| !SIZES.contains(size)) {
            return Err(DrawError::Size(format!(
                "a {what} of {size} pixels: must be from {} to {}",
                SIZES.start(),
                SIZES.end()
            )));
        }
    }
    let categories = match needs_color_bar(figure) {
        true => 60.0 + COLOR_BAR + NARROW_CELL * figure.x.categories.len() as f64,
        false => 60.0 + NARROW_CATEGORY * figure.x.categories.len() as f64,
    };
    Ok(style.width.unwrap_or(categories.clamp(ONE_COLUMN, TWO_COLUMNS)))
}

fn default_height(figure: &Figure, room: f64, is_square: bool) -> f64 {
    let is_square = is_square && figure.x.range.is_some() && figure.x.categories.is_empty();
    if is_square { room } else { (0.62 * room).min(280.0) }
}

impl AxisLayout {
    fn horizontal(axis: &Axis, numbers: (f64, f64), pixels: (f64, f64)) -> Self {
        let scaling = Scaling { scale: axis.scale, numbers, pixels };
        let length = (pixels.1 - pixels.0).abs();
        let ticks = ticks(axis, numbers, (length / 44.0) as usize);
        let names = horizontal_names(axis, length / axis.categories.len().max(1) as f64);
        let longest = names.texts.iter().map(|name| width(name, TICK)).fold(0.0, f64::max);
        let depth = match names.turn {
            0.0 => LINE * TICK,
            -90.0 => longest + 2.0,
            _ => (longest + 0.5 * TICK) * std::f64::consts::FRAC_1_SQRT_2 + 0.35 * TICK,
        };
        Self { label: label(axis, ticks.exponent, length.max(200.0)), scaling, ticks, names, depth }
    }

    fn vertical(axis: &Axis, numbers: (f64, f64), pixels: (f64, f64)) -> Self {
        let length = (pixels.1 - pixels.0).abs();
        // The first row of a matrix is at the top.
        let numbers = if axis.categories.is_empty() { numbers } else { (numbers.1, numbers.0) };
        let scaling = Scaling { scale: axis.scale, numbers, pixels };
        let ticks = ticks(axis, numbers, ((length / 26.0) as usize).min(MAX_VERTICAL_TICKS));
        let every = (1.15 * TICK * axis.categories.len() as f64 / length).ceil().max(1.0) as usize;
        let texts = short_names(&axis.categories);
        let names = Names { texts, every, turn: 0.0 };
        let texts = ticks.ticks.iter().map(|(_, text)| text).chain(&names.texts);
        let depth = texts.map(|text| width(text, TICK)).fold(0.0, f64::max);
        Self { label: label(axis, ticks.exponent, length.max(90.0)), scaling, ticks, names, depth }
    }

    /// Room that the texts of the axis need to the left of the area.
    fn overhang_left(&self, left: f64) -> f64 {
        let names = self.shown_names().map(|(at, name)| match self.names.turn {
            0.0 => 0.5 * width(name, TICK) - at,
            -90.0 => -at,
            _ => width(name, TICK) * std::f64::consts::FRAC_1_SQRT_2 - at,
        });
        let ticks = self.ticks.ticks.iter().map(|(number, text)| 0.5 * width(text, TICK) - self.scaling.at(*number));
        names.chain(ticks).map(|overhang| overhang + left).fold(0.0, f64::max)
    }

    /// Room that the texts of the axis need to the right of the area.
    fn overhang_right(&self, right: f64) -> f64 {
        let names = self.shown_names().filter(|_| self.names.turn == 0.0);
        let names = names.map(|(at, name)| at + 0.5 * width(name, TICK));
        let ticks = self.ticks.ticks.iter().map(|(number, text)| self.scaling.at(*number) + 0.5 * width(text, TICK));
        names.chain(ticks).map(|end| end - right).fold(0.0, f64::max)
    }

    /// Pixels and names of the categories that have their names shown.
    pub(super) fn shown_names(&self) -> impl Iterator<Item = (f64, &str)> {
        let shown = self.names.texts.iter().enumerate().step_by(self.names.every.max(1));
        shown.map(|(category, name)| (self.scaling.at(category as f64), name.as_str()))
    }
}

fn ticks(axis: &Axis, numbers: (f64, f64), count: usize) -> Ticks {
    if !axis.categories.is_empty() {
        return Ticks::default();
    }
    if axis.ticks.is_empty() {
        return Ticks::new(axis.scale, numbers, count.max(2));
    }
    let inside = |number: f64| (numbers.0.min(numbers.1)..=numbers.0.max(numbers.1)).contains(&number);
    let ticks = axis.ticks.iter().filter(|(number, _)| inside(*number));
    let ticks = ticks.map(|(number, text)| (*number, shorten(text, TICK, CATEGORY_LENGTH))).collect();
    Ticks { ticks, ..Ticks::default() }
}

/// Names of categories of this width: side by side, or turned if they are too long, and as many as fit.
fn horizontal_names(axis: &Axis, category: f64) -> Names {
    let longest = axis.categories.iter().map(|name| width(name, TICK)).fold(0.0, f64::max);
    if longest + 4.0 <= category {
        return Names { texts: axis.categories.clone(), every: 1, turn: 0.0 };
    }
    let count = axis.categories.len();
    // Numbers of many categories stay upright, with one in two or five or ten.
    if axis.categories.iter().all(|name| name.parse::<i64>().is_ok()) {
        let every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
            .into_iter()
            .find(|every| longest + 4.0 <= category * *every as f64);
        return Names { texts: axis.categories.clone(), every: every.unwrap_or(count.max(1)), turn: 0.0 };
    }
    let texts = short_names(&axis.categories);
    let (turn, room) = if category >= 1.5 * TICK { (-45.0, category) } else { (-90.0, category) };
    let every = (1.15 * TICK / room).ceil().max(1.0) as usize;
    Names { texts, every, turn }
}

/// Lines of the label of an axis, with its unit and the power of ten of its ticks.
fn label(axis: &Axis, exponent: i32, length: f64) -> Vec<String> {
    let power = match exponent {
        0 => String::new(),
        exponent => format!("10{}", to_superscript(exponent)),
    };
    let unit = axis.unit.as_deref().filter(|unit| !unit.is_empty());
    let measure = match (power.as_str(), unit) {
        ("", None) => String::new(),
        (power, None) => format!("× {power}"),
        ("", Some(unit)) => unit.to_owned(),
        (power, Some(unit)) => format!("{power} {unit}"),
    };
    let (label, measure) = match (axis.label.as_str(), measure.as_str()) {
        (label, "") => (label, String::new()),
        ("", measure) => (measure, String::new()),
        (label, measure) => (label, format!("({measure})")),
    };
    let line = format!("{label} {measure}");
    if width(&line, LABEL) <= length {
        return wrap(&line, LABEL, length, 1);
    }
    // The unit has a line of its own, because a break within it is hard to read.
    let mut lines = wrap(label, LABEL, length, 2);
    lines.extend(Some(shorten(&measure, LABEL, length)).filter(|measure| !measure.is_empty()));
    lines
}

/// Names of categories that are short enough. Names that would then be equal lose the parts that all have in common first.
fn short_names(names: &[String]) -> Vec<String> {
    let shorten_all =
        |names: &[String]| -> Vec<String> { names.iter().map(|name| shorten(name, TICK, CATEGORY_LENGTH)).collect() };
    let short = shorten_all(names);
    let different = |names: &[String]| names.iter().collect::<std::collections::BTreeSet<_>>().len();
    if different(&short) == different(names) {
        return short;
    }
    let parts: Vec<Vec<&str>> = names.iter().map(|name| name.split('.').collect()).collect();
    let shortest = parts.iter().map(Vec::len).min().unwrap_or(0);
    let all_have = |part: &dyn Fn(&[&str]) -> String| {
        parts.iter().map(|name| part(name)).collect::<std::collections::BTreeSet<_>>().len() == 1
    };
    let head = (0..shortest).take_while(|at| all_have(&|name| name[*at].to_owned())).count();
    let tail = (0..shortest - head).take_while(|at| all_have(&|name| name[name.len() - 1 - at].to_owned())).count();
    let middle = |name: &Vec<&str>| {
        let middle = name[head..name.len() - tail].join(".");
        let end = match name.last() {
            Some(last) if tail == 1 => format!(".{last}"),
            Some(last) if tail > 1 => format!("…{last}"),
            _ => String::new(),
        };
        format!("{}{middle}{end}", if head > 0 { "…" } else { "" })
    };
    shorten_all(&parts.iter().map(middle).collect::<Vec<_>>())
}
