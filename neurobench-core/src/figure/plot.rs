//! Figures of the values of metrics.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::accumulate::{Distribution, LayerMap};
use crate::figure::{Axis, Bars, BoxMark, Figure};
use crate::value::{TypeError, Value};

/// A type of values that can be drawn.
///
/// Every metric that returns such a value has a figure in reports: the attribute of the metric finds the trait. It must be possible
/// to read the value back from a results file, so the type also implements `Deserialize`.
///
/// ```
/// use neurobench::figure::{Axis, Bars, Figure, Plot};
/// use neurobench::prelude::*;
///
/// /// Number of samples of each kind.
/// #[derive(Clone, Debug, Serialize, Deserialize, MetricValue)]
/// pub struct Kinds {
///     pub quiet: u64,
///     pub loud: u64,
/// }
///
/// impl Plot for Kinds {
///     fn plot(&self) -> Figure {
///         Figure::new(Axis::categories("kind", ["quiet", "loud"]), Axis::value())
///             .mark(Bars::new([self.quiet as f64, self.loud as f64]))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no figure",
    label = "cannot be drawn",
    note = "implement `neurobench::figure::Plot` for it: a function from `&self` to a `Figure`"
)]
pub trait Plot: DeserializeOwned {
    /// Returns the figure of the value. Axes made by [`Axis::value`] get the name and the unit of the metric.
    fn plot(&self) -> Figure;
}

/// Reason why a value in a results file cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the value does not have the form that its metric has in this program: {0}")]
pub struct PlotError(#[from] TypeError);

/// Draws a value of a metric that was read from a file.
pub type Plotter = fn(&Value) -> Result<Figure, PlotError>;

/// The figure of a value in its erased form.
pub(crate) fn plotter<P: Plot>(value: &Value) -> Result<Figure, PlotError> {
    Ok(value.to_typed::<P>()?.plot())
}

/// A box for each layer.
impl Plot for LayerMap<Distribution> {
    fn plot(&self) -> Figure {
        let boxes = self.iter().enumerate().map(|(layer, (_, summary))| BoxMark::new(layer, *summary));
        by_layer(self).marks(boxes)
    }
}

/// A box for each layer, with its numbers as points. Layers without a number have no box.
impl Plot for LayerMap<Vec<f64>> {
    fn plot(&self) -> Figure {
        let boxes = self.iter().enumerate().filter_map(|(layer, (_, numbers))| {
            let summary = Distribution::from_values(numbers).ok()?;
            Some(BoxMark::new(layer, summary).points(numbers.iter().copied()))
        });
        by_layer(self).marks(boxes)
    }
}

/// A bar for each layer.
impl Plot for LayerMap<f64> {
    fn plot(&self) -> Figure {
        by_layer(self).mark(Bars::new(self.iter().map(|(_, number)| *number)))
    }
}

/// A bar for each layer.
impl Plot for LayerMap<u64> {
    fn plot(&self) -> Figure {
        by_layer(self).mark(Bars::new(self.iter().map(|(_, count)| *count as f64)))
    }
}

/// A bar for each class or output, by index.
impl Plot for Vec<f64> {
    fn plot(&self) -> Figure {
        let indices = (0..self.len()).map(|index| index.to_string());
        Figure::new(Axis::categories("index", indices), Axis::value()).mark(Bars::new(self.iter().copied()))
    }
}

/// A bar for each key.
impl Plot for BTreeMap<i64, f64> {
    fn plot(&self) -> Figure {
        let keys = self.keys().map(ToString::to_string);
        Figure::new(Axis::categories("class", keys), Axis::value()).mark(Bars::new(self.values().copied()))
    }
}

/// A figure whose horizontal axis has the layers as categories.
fn by_layer<V>(layers: &LayerMap<V>) -> Figure {
    Figure::new(Axis::categories("layer", layers.iter().map(|(path, _)| path)), Axis::value())
}
