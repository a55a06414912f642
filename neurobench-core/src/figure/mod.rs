//! Figures as data: what a figure shows, in numbers, without how it is drawn.
//!
//! A [`Figure`] has two axes and [marks](Mark) on them. The crate feature `report` of `neurobench` draws it as SVG or PNG.
//! A metric whose value implements [`Plot`] has a figure in every report, without further registration.

mod axis;
mod mark;
mod plot;

pub use axis::{Axis, Scale};
pub use mark::{Bars, BoxMark, Cells, Histogram, Line, LineStyle, Mark, Points, Raster};
pub(crate) use plot::plotter;
pub use plot::{Plot, PlotError, PlotLayers, PlotList, Plotter};

use crate::accumulate::LayerMap;

/// Two axes and the marks on them.
///
/// ```
/// use neurobench::figure::{Axis, Figure, Line};
///
/// let figure = Figure::new(Axis::new("batch"), Axis::new("accuracy").unit("fraction").range(0.0, 1.0))
///     .title("Accuracy over the run")
///     .mark(Line::new([(0.0, 0.5), (1.0, 0.75)]).label("digits"));
/// assert_eq!(figure.marks.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// Title above the figure. A report fills in the name of the metric if there is none.
    pub title: Option<String>,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis. A report fills in the unit of the metric if [`Axis::is_value`] says that it shows the metric's value.
    pub y: Axis,
    /// Marks on the axes, from back to front.
    pub marks: Vec<Mark>,
    /// Sentences below the figure, such as rules by which something is left out.
    pub notes: Vec<String>,
}

impl Figure {
    /// A figure with these axes and no marks.
    #[must_use]
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { title: None, x, y, marks: Vec::new(), notes: Vec::new() }
    }

    /// A figure without marks: the horizontal axis has the layers as categories, and the vertical axis shows the value of the metric.
    #[must_use]
    pub fn by_layer<V>(layers: &LayerMap<V>) -> Self {
        Self::new(Axis::categories("layer", layers.iter().map(|(path, _)| path)), Axis::value())
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds a mark in front of the others.
    #[must_use]
    pub fn mark(mut self, mark: impl Into<Mark>) -> Self {
        self.marks.push(mark.into());
        self
    }

    /// Names what the figure of a value leaves open: the label and the unit of the axis of the value, and the title. Figures from a
    /// report or a file of results are named already.
    #[must_use]
    pub fn named(mut self, name: &str, unit: Option<&str>) -> Self {
        let (metric, settings) = name.split_at(name.find('(').unwrap_or(name.len()));
        let label = metric.replace('_', " ");
        for axis in [&mut self.x, &mut self.y] {
            if axis.is_value {
                if axis.label.is_empty() {
                    axis.label.clone_from(&label);
                }
                if axis.unit.is_none() {
                    axis.unit = unit.map(str::to_owned);
                }
            }
        }
        self.title.get_or_insert_with(|| format!("{label} {settings}").trim_end().to_owned());
        self
    }

    /// Adds a sentence below the figure.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds marks, each in front of those before it.
    #[must_use]
    pub fn marks<M: Into<Mark>>(mut self, marks: impl IntoIterator<Item = M>) -> Self {
        self.marks.extend(marks.into_iter().map(Into::into));
        self
    }
}
