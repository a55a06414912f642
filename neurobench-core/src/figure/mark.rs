//! The marks of a figure.

use crate::accumulate::Distribution;

/// Something that is drawn on the axes of a figure.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mark {
    /// A box plot.
    Box(BoxMark),
    /// A bar for each category.
    Bars(Bars),
    /// Bars over intervals of numbers.
    Histogram(Histogram),
    /// A line through points.
    Line(Line),
    /// Points.
    Points(Points),
    /// Colored cells of a matrix.
    Cells(Cells),
    /// A short vertical line for each event.
    Raster(Raster),
}

macro_rules! marks {
    ($($variant:ident($mark:ty)),*) => { $(
        impl From<$mark> for Mark {
            fn from(mark: $mark) -> Self {
                Self::$variant(mark)
            }
        }
    )* };
}
marks!(Box(BoxMark), Bars(Bars), Histogram(Histogram), Line(Line), Points(Points), Cells(Cells), Raster(Raster));

/// A box from the first to the third quartile with a line at the median, whiskers to the minimum and the maximum, and a point at the
/// mean.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BoxMark {
    /// Index of its category on the horizontal axis.
    pub category: usize,
    /// The five numbers and the mean.
    pub summary: Distribution,
    /// Numbers that are drawn as points beside the box.
    pub points: Vec<f64>,
}

impl BoxMark {
    /// A box at the category with this index.
    #[must_use]
    pub fn new(category: usize, summary: Distribution) -> Self {
        Self { category, summary, points: Vec::new() }
    }

    /// Draws these numbers as points beside the box.
    #[must_use]
    pub fn points(mut self, points: impl IntoIterator<Item = f64>) -> Self {
        self.points = points.into_iter().collect();
        self
    }
}

/// A series of bars, one for each category of the horizontal axis, in order. Several series stand side by side.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Bars {
    /// Name in the legend; empty for none.
    pub label: String,
    /// Heights; `None` for a category without a bar.
    pub heights: Vec<Option<f64>>,
    /// Confidence interval of each height; empty, or as long as `heights`.
    pub intervals: Vec<Option<(f64, f64)>>,
}

impl Bars {
    /// Bars of these heights.
    #[must_use]
    pub fn new<H: Into<Option<f64>>>(heights: impl IntoIterator<Item = H>) -> Self {
        Self { heights: heights.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Sets the name in the legend.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the confidence interval of each height.
    #[must_use]
    pub fn intervals(mut self, intervals: impl IntoIterator<Item = Option<(f64, f64)>>) -> Self {
        self.intervals = intervals.into_iter().collect();
        self
    }
}

/// Bars over adjacent intervals of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Histogram {
    /// Name in the legend; empty for none.
    pub label: String,
    /// Borders of the intervals, ascending; one more than `heights`.
    pub edges: Vec<f64>,
    /// Height over each interval.
    pub heights: Vec<f64>,
}

impl Histogram {
    /// Bars of these heights between these borders, of which there is one more.
    #[must_use]
    pub fn new(edges: impl IntoIterator<Item = f64>, heights: impl IntoIterator<Item = f64>) -> Self {
        Self { label: String::new(), edges: edges.into_iter().collect(), heights: heights.into_iter().collect() }
    }

    /// Sets the name in the legend.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
}

/// A line through points, in order.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Name in the legend; empty for none.
    pub label: String,
    /// The points.
    pub points: Vec<(f64, f64)>,
    /// Style of the line.
    pub style: LineStyle,
}

/// Style of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineStyle {
    /// Straight from point to point.
    #[default]
    Solid,
    /// Straight and dashed, for references such as the diagonal of a ROC curve.
    Dashed,
    /// Horizontal from each point to the next, then vertical.
    Steps,
}

impl Line {
    /// A line through these points.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { points: points.into_iter().collect(), ..Self::default() }
    }

    /// Sets the name in the legend.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the style.
    #[must_use]
    pub fn style(mut self, style: LineStyle) -> Self {
        self.style = style;
        self
    }
}

/// Points, with names and confidence intervals where there are any.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Points {
    /// Name in the legend; empty for none.
    pub label: String,
    /// The points.
    pub points: Vec<(f64, f64)>,
    /// Text beside each point; empty, or as long as `points`.
    pub names: Vec<String>,
    /// Number that the area of each point is proportional to; empty, or as long as `points`.
    pub sizes: Vec<f64>,
    /// Horizontal confidence interval of each point; empty, or as long as `points`.
    pub x_intervals: Vec<Option<(f64, f64)>>,
    /// Vertical confidence interval of each point; empty, or as long as `points`.
    pub y_intervals: Vec<Option<(f64, f64)>>,
}

impl Points {
    /// These points.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { points: points.into_iter().collect(), ..Self::default() }
    }

    /// Sets the name in the legend.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the text beside each point.
    #[must_use]
    pub fn names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the numbers that the areas of the points are proportional to.
    #[must_use]
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = f64>) -> Self {
        self.sizes = sizes.into_iter().collect();
        self
    }

    /// Sets the horizontal confidence intervals.
    #[must_use]
    pub fn x_intervals(mut self, intervals: impl IntoIterator<Item = Option<(f64, f64)>>) -> Self {
        self.x_intervals = intervals.into_iter().collect();
        self
    }

    /// Sets the vertical confidence intervals.
    #[must_use]
    pub fn y_intervals(mut self, intervals: impl IntoIterator<Item = Option<(f64, f64)>>) -> Self {
        self.y_intervals = intervals.into_iter().collect();
        self
    }
}

/// A matrix of colored cells: columns are the categories of the horizontal axis, rows those of the vertical axis from the top.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Cells {
    /// Quantity that colors and numbers show.
    pub label: String,
    /// Number of each cell, row by row.
    pub rows: Vec<Vec<f64>>,
    /// Depth of the color of each cell from 0 to 1, row by row; empty for colors by the numbers.
    pub shades: Vec<Vec<f64>>,
}

impl Cells {
    /// Cells of these numbers, row by row.
    #[must_use]
    pub fn new(label: impl Into<String>, rows: impl IntoIterator<Item = Vec<f64>>) -> Self {
        Self { label: label.into(), rows: rows.into_iter().collect(), shades: Vec::new() }
    }

    /// Sets the depth of the color of each cell from 0 to 1, row by row.
    #[must_use]
    pub fn shades(mut self, shades: impl IntoIterator<Item = Vec<f64>>) -> Self {
        self.shades = shades.into_iter().collect();
        self
    }
}

/// A short vertical line for each event.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Raster {
    /// Name in the legend; empty for none.
    pub label: String,
    /// Time and row of each event.
    pub events: Vec<(f64, f64)>,
}

impl Raster {
    /// Events, each with its time and row.
    #[must_use]
    pub fn new(events: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { label: String::new(), events: events.into_iter().collect() }
    }

    /// Sets the name in the legend.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
}
