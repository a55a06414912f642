//! Matrices of colored cells.

use neurobench_core::figure::{Cells, Figure};

use super::Plane;
use crate::draw::canvas::{Anchor, Canvas, Look, Text};
use crate::draw::layout::{Layout, TICK};
use crate::draw::paint::Paint;
use crate::draw::scale::number_text;
use crate::draw::text::width;

/// Largest number of columns of a matrix that has numbers in its cells.
pub(in crate::draw) const NUMBERED_COLUMNS: usize = 16;

/// Largest number of rows and of columns that are drawn.
const DRAWN: usize = 150;

/// Size of the numbers, at most and at least.
const NUMBER: f64 = 9.5;
const SMALLEST_NUMBER: f64 = 6.0;

/// Number of rows and of columns of the cells that are drawn as one.
pub(super) fn group(cells: &Cells) -> usize {
    let columns = cells.rows.first().map_or(0, Vec::len);
    cells.rows.len().max(columns).div_ceil(DRAWN).max(1)
}

/// Draws a matrix: the larger a number, the deeper the color of its cell.
pub(super) fn draw(canvas: &mut Canvas, plane: Plane<'_>, cells: &Cells, figure: &Figure) {
    let shades = shades(cells);
    let (group, columns) = (group(cells), figure.x.categories.len());
    canvas.open(Look::fill(Paint::Series(0)));
    for row in (0..shades.len()).step_by(group) {
        for column in (0..columns).step_by(group) {
            let rows = row..(row + group).min(shades.len());
            let in_columns = column..(column + group).min(columns);
            let shade =
                rows.clone().flat_map(|row| shades[row][in_columns.clone()].iter()).fold(0.0, |a: f64, b| a.max(*b));
            if shade == 0.0 {
                continue;
            }
            let corner = |row: usize, column: usize| (plane.x.at(column as f64 - 0.5), plane.y.at(row as f64 - 0.5));
            let hint = match group {
                1 if columns <= 2 * NUMBERED_COLUMNS => hint(figure, row, column, cells),
                _ => String::new(),
            };
            let look = Look::default().opacity(opacity(shade));
            canvas.rectangle(corner(row, column), corner(rows.end, in_columns.end), look, &hint);
        }
    }
    canvas.close();
    if columns <= NUMBERED_COLUMNS && group == 1 {
        draw_numbers(canvas, plane, cells, &shades);
    }
}

fn hint(figure: &Figure, row: usize, column: usize, cells: &Cells) -> String {
    let part = |label: &str, name: &str| if label.is_empty() { name.to_owned() } else { format!("{label} {name}") };
    let row_name = part(&figure.y.label, &figure.y.categories[row]);
    let column_name = part(&figure.x.label, &figure.x.categories[column]);
    format!("{row_name}, {column_name}: {}", number_text(cells.rows[row][column]))
}

fn draw_numbers(canvas: &mut Canvas, plane: Plane<'_>, cells: &Cells, shades: &[Vec<f64>]) {
    let texts: Vec<Vec<String>> = cells.rows.iter().map(|row| row.iter().copied().map(number_text).collect()).collect();
    let longest = texts.iter().flatten().map(|text| width(text, 1.0)).fold(0.1, f64::max);
    let size = (0.86 * plane.x.unit() / longest).min(0.8 * plane.y.unit()).min(NUMBER);
    if size < SMALLEST_NUMBER {
        return;
    }
    for (row, texts) in texts.iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            let (x, y) = plane.at((column as f64, row as f64));
            let (shade, number) = (shades[row][column], cells.rows[row][column]);
            let paint = match () {
                () if opacity(shade) > 0.55 => Paint::OnCell,
                () if number == 0.0 => Paint::Muted,
                () => Paint::Ink,
            };
            canvas.text(Text::new(text, (x, y + 0.36 * size), size).anchor(Anchor::Middle).paint(paint));
        }
    }
}

/// Depth of the color of each cell from 0 to 1.
fn shades(cells: &Cells) -> Vec<Vec<f64>> {
    if !cells.shades.is_empty() {
        return cells.shades.iter().map(|row| row.iter().map(|shade| shade.clamp(0.0, 1.0)).collect()).collect();
    }
    let (low, high) = limits(cells);
    let shade = |number: f64| if high > low { (number - low) / (high - low) } else { 0.0 };
    cells.rows.iter().map(|row| row.iter().map(|number| shade(*number)).collect()).collect()
}

/// Numbers of the lightest and of the deepest color.
fn limits(cells: &Cells) -> (f64, f64) {
    cells.rows.iter().flatten().fold((0.0, 0.0), |(low, high), number| (number.min(low), number.max(high)))
}

/// Opacity of a shade. Faint cells remain visible.
fn opacity(shade: f64) -> f64 {
    if shade == 0.0 { 0.0 } else { 0.08 + 0.92 * shade }
}

/// Draws the colors of a matrix without numbers in its cells, with the numbers of their ends.
pub(in crate::draw) fn draw_color_bar(canvas: &mut Canvas, cells: &Cells, layout: &Layout) {
    const STEPS: u32 = 24;
    let (_, right, top, bottom) = layout.area();
    let (left, height) = (right + 8.0, (bottom - top).min(110.0));
    canvas.open(Look::fill(Paint::Series(0)));
    for step in 0..STEPS {
        let y = |step: u32| top + height * (1.0 - f64::from(step) / f64::from(STEPS));
        let shade = (f64::from(step) + 0.5) / f64::from(STEPS);
        canvas.rectangle((left, y(step)), (left + 9.0, y(step + 1)), Look::default().opacity(opacity(shade)), "");
    }
    canvas.close();
    let (low, high) = if cells.shades.is_empty() { limits(cells) } else { (0.0, 1.0) };
    for (number, y) in [(high, top + 0.7 * TICK), (low, top + height)] {
        canvas.text(Text::new(&number_text(number), (left + 12.0, y), TICK));
    }
}
