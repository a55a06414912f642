//! Colors of series, and the legend.

use neurobench_core::figure::{Figure, LineStyle, Mark};

use super::paint::Paint;

/// A set of marks with one label, which have one color.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    pub(super) label: String,
    pub(super) paint: Paint,
    /// Zero-based index among the series; the shape of points and the dashes of lines follow from it.
    pub(super) index: usize,
    pub(super) keys: Vec<Key>,
}

/// Sign beside a label in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Area,
    Line,
    Reference,
    Point,
    Spike,
}

/// The series of a figure, in order. Marks without a label share the first color that has no label.
pub(super) fn series(figure: &Figure) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut colors = 0;
    for mark in &figure.marks {
        let Some((label, key)) = label(mark) else { continue };
        if let Some(known) =
            all.iter_mut().find(|series| series.label == label && is_reference(series) == (key == Key::Reference))
        {
            if !known.keys.contains(&key) {
                known.keys.push(key);
            }
            continue;
        }
        let (paint, index) = match key {
            Key::Reference => (Paint::Muted, 0),
            _ => (Paint::Series(colors), colors),
        };
        colors += usize::from(key != Key::Reference);
        all.push(Series { label: label.to_owned(), paint, index, keys: vec![key] });
    }
    all
}

fn is_reference(series: &Series) -> bool {
    series.keys.contains(&Key::Reference)
}

/// The series of a mark.
pub(super) fn series_of<'a>(all: &'a [Series], mark: &Mark) -> Option<&'a Series> {
    let (label, key) = label(mark)?;
    all.iter().find(|series| series.label == label && is_reference(series) == (key == Key::Reference))
}

fn label(mark: &Mark) -> Option<(&str, Key)> {
    Some(match mark {
        Mark::Box(_) => ("", Key::Area),
        Mark::Bars(bars) => (&bars.label, Key::Area),
        Mark::Histogram(histogram) => (&histogram.label, Key::Area),
        Mark::Line(line) if line.style == LineStyle::Dashed => (&line.label, Key::Reference),
        Mark::Line(line) => (&line.label, Key::Line),
        Mark::Points(points) => (&points.label, Key::Point),
        Mark::Raster(raster) => (&raster.label, Key::Spike),
        _ => return None,
    })
}

/// Dashes of the line of a series: none for the first.
pub(super) fn dashes(index: usize) -> Option<&'static str> {
    [None, Some("7 2"), Some("2 1.5"), Some("7 2 2 2"), Some("4 1.5"), Some("9 2 2 2 2 2"), Some("1 1.5")][index % 7]
}
