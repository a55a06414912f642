//! The legend: above the marks, never over them.

use super::canvas::{Canvas, Look, Text};
use super::layout::{GAP, LINE, TICK};
use super::paint::Paint;
use super::series::{Key, Series, dashes};
use super::text::{shorten, width};

/// Width of the sign of an entry, and gaps behind it and behind its text.
const SIGN: f64 = 16.0;
const SIGN_GAP: f64 = 4.0;
const ENTRY_GAP: f64 = 12.0;

/// Entries of the legend in rows.
#[derive(Default)]
pub(super) struct Legend {
    rows: Vec<Vec<(Series, f64)>>,
}

impl Legend {
    /// The labels of series, in rows of this width.
    pub(super) fn new(series: &[Series], room: f64) -> Self {
        let mut rows: Vec<Vec<(Series, f64)>> = Vec::new();
        let mut end = f64::INFINITY;
        for entry in series.iter().filter(|series| !series.label.is_empty()) {
            let label = shorten(&entry.label, TICK, room - SIGN - SIGN_GAP);
            let length = SIGN + SIGN_GAP + width(&label, TICK);
            if end + length > room {
                rows.push(Vec::new());
                end = 0.0;
            }
            if let Some(row) = rows.last_mut() {
                row.push((Series { label, ..entry.clone() }, end));
            }
            end += length + ENTRY_GAP;
        }
        Self { rows }
    }

    pub(super) fn height(&self) -> f64 {
        if self.rows.is_empty() { 0.0 } else { 3.0 + LINE * TICK * self.rows.len() as f64 }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, top: f64) {
        for (row, entries) in self.rows.iter().enumerate() {
            let base = top + 3.0 + LINE * TICK * row as f64 + TICK;
            for (series, start) in entries {
                let left = GAP + start;
                for key in &series.keys {
                    draw_key(canvas, *key, series, (left, base - 0.35 * TICK));
                }
                canvas.text(Text::new(&series.label, (left + SIGN + SIGN_GAP, base), TICK));
            }
        }
    }
}

fn draw_key(canvas: &mut Canvas, key: Key, series: &Series, (left, middle): (f64, f64)) {
    let right = left + SIGN;
    match key {
        Key::Area => {
            canvas.rectangle((left + 3.0, middle - 4.0), (right - 3.0, middle + 4.0), Look::fill(series.paint), "");
        }
        Key::Line => {
            let look = Look { dashes: dashes(series.index), ..Look::stroke(series.paint, 1.5) };
            canvas.line((left, middle), (right, middle), look);
        }
        Key::Reference => canvas.line((left, middle), (right, middle), Look::stroke(Paint::Muted, 1.0).dashes("4 3")),
        Key::Point => super::marks::draw_point(canvas, series, (left + 0.5 * SIGN, middle), 3.0, ""),
        Key::Spike => canvas.line(
            (left + 0.5 * SIGN, middle - 4.0),
            (left + 0.5 * SIGN, middle + 4.0),
            Look::stroke(series.paint, 1.5),
        ),
    }
}
