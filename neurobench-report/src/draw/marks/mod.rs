//! Marks on the axes.

mod bars;
mod boxes;
mod cells;
mod line;
mod points;
mod raster;

use neurobench_core::figure::{Figure, Mark};

use super::canvas::Canvas;
use super::layout::Layout;
use super::scale::Scaling;
use super::series::{Series, series_of};
use super::thin;

pub(super) use cells::{NUMBERED_COLUMNS, draw_color_bar};
pub(super) use points::draw_point;

/// Positions on both axes.
#[derive(Clone, Copy)]
struct Plane<'a> {
    x: &'a Scaling,
    y: &'a Scaling,
}

impl Plane<'_> {
    fn contains(&self, (x, y): (f64, f64)) -> bool {
        self.x.contains(x) && self.y.contains(y)
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }
}

/// Draws the marks of a figure from back to front.
pub(super) fn draw(canvas: &mut Canvas, figure: &Figure, all: &[Series], layout: &Layout) {
    let plane = Plane { x: &layout.x.scaling, y: &layout.y.scaling };
    let series_of_bars = all.iter().filter(|series| {
        figure.marks.iter().any(|mark| matches!(mark, Mark::Bars(_)) && series_of(all, mark) == Some(series))
    });
    let beside: Vec<&Series> = series_of_bars.collect();
    let mut labels = points::Labels::new(figure, plane, layout);
    for mark in &figure.marks {
        if let Mark::Cells(cells) = mark {
            cells::draw(canvas, plane, cells, figure);
        }
        let Some(series) = series_of(all, mark) else { continue };
        match mark {
            Mark::Box(mark) => boxes::draw(canvas, plane, mark, series.paint, figure),
            Mark::Bars(bars) => bars::draw(canvas, plane, bars, figure, (series, &beside)),
            Mark::Histogram(histogram) => bars::draw_histogram(canvas, plane, histogram, series.paint),
            Mark::Line(line) => line::draw(canvas, plane, line, series),
            Mark::Points(points) => points::draw(canvas, plane, points, series, &mut labels),
            Mark::Raster(raster) => raster::draw(canvas, plane, raster, series.paint),
            _ => {}
        }
    }
}

/// Notes below the figure: the meaning of boxes, and rules by which there are fewer marks than numbers.
pub(super) fn notes(figure: &Figure) -> Vec<String> {
    let mut notes = Vec::new();
    let boxes = || figure.marks.iter().filter_map(|mark| if let Mark::Box(mark) = mark { Some(mark) } else { None });
    if boxes().next().is_some() {
        let points = if boxes().any(|mark| !mark.points.is_empty()) { "; points: single values" } else { "" };
        notes.push(format!("Boxes: quartiles and median; whiskers: minimum and maximum; diamonds: mean{points}."));
    }
    if boxes().any(|mark| mark.points.len() > thin::BOX_POINTS) {
        let count = boxes().map(|mark| mark.points.len()).sum();
        let shown = boxes().map(|mark| mark.points.len().min(thin::BOX_POINTS)).sum();
        notes.push(thin::note(shown, count, "points", "in each box evenly by rank, with the smallest and the largest"));
    }
    let events: usize =
        figure.marks.iter().map(|mark| if let Mark::Raster(raster) = mark { raster.events.len() } else { 0 }).sum();
    let most =
        figure.marks.iter().map(|mark| if let Mark::Raster(raster) = mark { raster.events.len() } else { 0 }).max();
    if most.is_some_and(|most| most > thin::EVENTS) {
        let shown = |mark: &Mark| {
            if let Mark::Raster(raster) = mark {
                raster.events.len().div_ceil(raster.events.len().div_ceil(thin::EVENTS).max(1))
            } else {
                0
            }
        };
        notes.push(thin::note(
            figure.marks.iter().map(shown).sum(),
            events,
            "events",
            "one of every group of neighbors in order",
        ));
    }
    for mark in &figure.marks {
        match mark {
            Mark::Points(points) if points.points.len() > thin::POINTS => {
                let count = points.points.len();
                let shown = count.div_ceil(count.div_ceil(thin::POINTS));
                notes.push(thin::note(shown, count, "points", "one of every group of neighbors in order"));
            }
            Mark::Line(line) if line.points.len() > thin::LINE_POINTS => {
                let (shown, count) = (thin::line(&line.points).len(), line.points.len());
                notes.push(thin::note(
                    shown,
                    count,
                    "points of the line",
                    "the lowest and the highest of every group of neighbors",
                ));
            }
            Mark::Cells(cells) if cells::group(cells) > 1 => {
                let group = cells::group(cells);
                notes.push(format!("Each cell drawn is the largest of {group} × {group} cells."));
            }
            _ => {}
        }
    }
    notes.dedup();
    notes
}
