//! Axes, grid lines, title, legend and notes.

use super::canvas::{Anchor, Canvas, Look, Text};
use super::layout::{AxisLayout, GAP, LABEL, LINE, Layout, NOTE, TICK, TICK_LENGTH, TITLE};
use super::paint::Paint;

/// Draws horizontal grid lines, behind the marks.
pub(super) fn draw_grid(canvas: &mut Canvas, layout: &Layout) {
    let (left, right, ..) = layout.area();
    canvas.open(Look::stroke(Paint::Grid, 0.8));
    for (number, _) in &layout.y.ticks.ticks {
        let y = layout.y.scaling.at(*number);
        canvas.line((left, y), (right, y), Look::default());
    }
    canvas.close();
}

/// Draws lines, ticks and texts, in front of the marks.
pub(super) fn draw(canvas: &mut Canvas, layout: &Layout, has_bars: bool) {
    let (left, right, top, bottom) = layout.area();
    canvas.open(Look::stroke(Paint::Ink, 0.9));
    canvas.line((left, bottom), (right, bottom), Look::default());
    // Bars on both sides of zero stand on a line.
    let (first, last) = layout.y.scaling.numbers;
    if has_bars && first < 0.0 && last > 0.0 {
        let zero = layout.y.scaling.at(0.0);
        canvas.line((left, zero), (right, zero), Look::default());
    }
    canvas.line((left, bottom), (left, top), Look::default());
    for (number, _) in &layout.x.ticks.ticks {
        let x = layout.x.scaling.at(*number);
        canvas.line((x, bottom), (x, bottom + TICK_LENGTH), Look::default());
    }
    for (number, _) in &layout.y.ticks.ticks {
        let y = layout.y.scaling.at(*number);
        canvas.line((left, y), (left - TICK_LENGTH, y), Look::default());
    }
    for number in &layout.x.ticks.minor {
        let x = layout.x.scaling.at(*number);
        canvas.line((x, bottom), (x, bottom + 0.6 * TICK_LENGTH), Look::default());
    }
    for number in &layout.y.ticks.minor {
        let y = layout.y.scaling.at(*number);
        canvas.line((left, y), (left - 0.6 * TICK_LENGTH, y), Look::default());
    }
    canvas.close();
    draw_horizontal_texts(canvas, layout);
    draw_vertical_texts(canvas, layout);
    for (line, text) in layout.title.iter().enumerate() {
        canvas.text(Text::new(text, (GAP, GAP + TITLE * (0.9 + LINE * line as f64)), TITLE));
    }
    layout.legend.draw(canvas, layout.legend_top);
}

fn draw_horizontal_texts(canvas: &mut Canvas, layout: &Layout) {
    let (left, right, _, bottom) = layout.area();
    let base = bottom + TICK_LENGTH + 1.0;
    let axis = &layout.x;
    let mut end = f64::NEG_INFINITY;
    for (number, text) in &axis.ticks.ticks {
        let (x, half) = (axis.scaling.at(*number), 0.5 * super::text::width(text, TICK));
        // Ticks that a figure sets itself may be too close for their texts.
        if x - half < end {
            continue;
        }
        end = x + half + 2.0;
        canvas.text(Text::new(text, (x, base + TICK), TICK).anchor(Anchor::Middle));
    }
    for (x, name) in axis.shown_names() {
        let text = Text::new(name, (x, base + TICK), TICK);
        canvas.text(match axis.names.turn {
            0.0 => text.anchor(Anchor::Middle),
            turn => Text { at: (x + 0.35 * TICK, base + 4.0), ..text }.anchor(Anchor::End).turn(turn),
        });
    }
    let middle = 0.5 * (left + right);
    let mut base = base + axis.depth + 2.0;
    for line in &axis.label {
        base += LINE * LABEL;
        canvas.text(Text::new(line, (centered(line, middle, layout.width), base - 0.2 * LABEL), LABEL));
    }
    base += 3.0;
    for note in &layout.notes {
        base += LINE * NOTE;
        canvas.text(Text::new(note, (GAP, base - 0.2 * NOTE), NOTE).paint(Paint::Muted));
    }
}

/// Start of a text that is centered where it can be, and within the drawing.
fn centered(text: &str, middle: f64, width: f64) -> f64 {
    let length = super::text::width(text, LABEL);
    (middle - 0.5 * length).min(width - GAP - length).max(GAP)
}

fn draw_vertical_texts(canvas: &mut Canvas, layout: &Layout) {
    let (left, _, top, bottom) = layout.area();
    let axis: &AxisLayout = &layout.y;
    let ticks = axis.ticks.ticks.iter().map(|(number, text)| (axis.scaling.at(*number), text.as_str()));
    let mut end = f64::INFINITY;
    for (y, text) in ticks.chain(axis.shown_names()) {
        if (end - y).abs() < TICK {
            continue;
        }
        end = y;
        canvas.text(Text::new(text, (left - TICK_LENGTH - 2.0, y + 0.35 * TICK), TICK).anchor(Anchor::End));
    }
    let middle = 0.5 * (top + bottom);
    let first = left - TICK_LENGTH - 5.0 - axis.depth - LINE * LABEL * axis.label.len() as f64;
    for (line, text) in axis.label.iter().enumerate() {
        let x = first + LABEL * (0.85 + LINE * line as f64);
        // A label that is longer than the axis stays within the drawing.
        let half = 0.5 * super::text::width(text, LABEL);
        let y = middle.max(GAP + half).min((layout.height - GAP - half).max(GAP + half));
        canvas.text(Text::new(text, (x, y), LABEL).anchor(Anchor::Middle).turn(-90.0));
    }
}
