//! Figures of the values of metrics.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::accumulate::{Distribution, LayerMap};
use crate::figure::{Axis, Bars, BoxMark, Cells, Figure};
use crate::metric::Answer;
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

/// A type whose values, one for each layer, can be drawn together: with it, `LayerMap<Self>` implements [`Plot`].
///
/// ```
/// use neurobench::figure::{Bars, Figure, PlotLayers};
/// use neurobench::prelude::*;
///
/// /// Energy of a layer.
/// #[derive(Clone, Debug, Serialize, Deserialize, MetricValue)]
/// pub struct LayerEnergy {
///     #[value(unit = "J")]
///     pub compute: f64,
///     #[value(unit = "J")]
///     pub memory: f64,
/// }
///
/// impl PlotLayers for LayerEnergy {
///     fn plot_layers(layers: &LayerMap<Self>) -> Figure {
///         Figure::by_layer(layers)
///             .mark(Bars::new(layers.iter().map(|(_, energy)| energy.compute)).label("compute"))
///             .mark(Bars::new(layers.iter().map(|(_, energy)| energy.memory)).label("memory"))
///     }
/// }
/// ```
pub trait PlotLayers: DeserializeOwned {
    /// Returns the figure of the values of all layers.
    fn plot_layers(layers: &LayerMap<Self>) -> Figure;
}

impl<V: PlotLayers> Plot for LayerMap<V> {
    fn plot(&self) -> Figure {
        V::plot_layers(self)
    }
}

/// A type whose lists can be drawn: with it, `Vec<Self>` implements [`Plot`].
pub trait PlotList: DeserializeOwned {
    /// Returns the figure of a list of values.
    fn plot_list(list: &[Self]) -> Figure;
}

impl<V: PlotList> Plot for Vec<V> {
    fn plot(&self) -> Figure {
        V::plot_list(self)
    }
}

/// A box for each layer.
impl PlotLayers for Distribution {
    fn plot_layers(layers: &LayerMap<Self>) -> Figure {
        let boxes = layers.iter().enumerate().map(|(layer, (_, summary))| BoxMark::new(layer, *summary));
        Figure::by_layer(layers).marks(boxes)
    }
}

/// A box for each layer, with its numbers as points. Layers without a number have no box.
impl PlotLayers for Vec<f64> {
    fn plot_layers(layers: &LayerMap<Self>) -> Figure {
        let boxes = layers.iter().enumerate().filter_map(|(layer, (_, numbers))| {
            let summary = Distribution::from_values(numbers).ok()?;
            Some(BoxMark::new(layer, summary).points(numbers.iter().copied()))
        });
        Figure::by_layer(layers).marks(boxes)
    }
}

/// A bar for each layer.
impl PlotLayers for f64 {
    fn plot_layers(layers: &LayerMap<Self>) -> Figure {
        Figure::by_layer(layers).mark(Bars::new(layers.iter().map(|(_, number)| *number)))
    }
}

/// A bar for each layer.
impl PlotLayers for u64 {
    fn plot_layers(layers: &LayerMap<Self>) -> Figure {
        Figure::by_layer(layers).mark(Bars::new(layers.iter().map(|(_, count)| *count as f64)))
    }
}

/// A bar for each class or output, by index.
impl PlotList for f64 {
    fn plot_list(list: &[Self]) -> Figure {
        indexed(list.len()).mark(Bars::new(list.iter().copied()))
    }
}

/// A bar for each class or output, by index; none where the value is undefined.
impl PlotList for Answer<f64> {
    fn plot_list(list: &[Self]) -> Figure {
        indexed(list.len()).mark(Bars::new(list.iter().map(|answer| answer.value().ok().copied())))
    }
}

/// A bar for each key.
impl Plot for BTreeMap<i64, f64> {
    fn plot(&self) -> Figure {
        let keys = self.keys().map(ToString::to_string);
        Figure::new(Axis::categories("class", keys), Axis::value()).mark(Bars::new(self.values().copied()))
    }
}

/// Largest number of classes of a confusion matrix that are drawn.
const MAX_CLASSES: usize = 500;

/// A confusion matrix, by target class and predicted class. The depth of a color is the fraction of the target class; the numbers are
/// counts.
impl Plot for BTreeMap<i64, BTreeMap<i64, u64>> {
    fn plot(&self) -> Figure {
        let all: BTreeSet<i64> = self.iter().flat_map(|(target, row)| row.keys().chain([target])).copied().collect();
        let total = |class: &i64| {
            self.get(class).map_or(0, |row| row.values().fold(0, |sum: u64, count| sum.saturating_add(*count)))
        };
        let mut classes: Vec<i64> = all.iter().copied().collect();
        if classes.len() > MAX_CLASSES {
            classes.sort_by_key(|class| (Reverse(total(class)), *class));
            classes.truncate(MAX_CLASSES);
            classes.sort_unstable();
        }
        let count =
            |target: &i64, predicted: &i64| self.get(target).and_then(|row| row.get(predicted)).copied().unwrap_or(0);
        let row =
            |target: &i64| -> Vec<f64> { classes.iter().map(|predicted| count(target, predicted) as f64).collect() };
        let shades = |target: &i64| -> Vec<f64> {
            let total = total(target).max(1) as f64;
            row(target).into_iter().map(|count| count / total).collect()
        };
        let names = || classes.iter().map(ToString::to_string);
        let cells = Cells::new("samples", classes.iter().map(row)).shades(classes.iter().map(shades));
        let figure =
            Figure::new(Axis::categories("predicted class", names()), Axis::categories("target class", names()));
        let figure = figure.mark(cells);
        match all.len() > MAX_CLASSES {
            true => figure.note(format!("The {MAX_CLASSES} most frequent target classes of {}.", all.len())),
            false => figure,
        }
    }
}

fn indexed(count: usize) -> Figure {
    Figure::new(Axis::categories("index", (0..count).map(|index| index.to_string())), Axis::value())
}
