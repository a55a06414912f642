//! Figures of the metrics of a report and of results.

use crate::component::Registration;
use crate::figure::{Figure, PlotError, Plotter};
use crate::metric::{Metrics, Registry};
use crate::report::{Entry, MetricResult};
use crate::value::Value;

impl Entry {
    /// Returns the figure of its value; `None` if it has no value, or a value of a type without figure.
    #[must_use]
    pub fn figure(&self) -> Option<Figure> {
        let value = self.value().ok()?;
        // Only a value that was edited in a file can have another form than its type.
        draw(self.about().plot?, value, self.name(), self.about().unit).ok()
    }
}

impl MetricResult {
    /// Returns the figure of its value; `None` if it has no value, a value of a type without figure, or a metric or a version of it
    /// that is not linked into this program.
    ///
    /// # Errors
    ///
    /// A value of another form than the metric returns.
    pub fn figure(&self) -> Option<Result<Figure, PlotError>> {
        let is_metric = |registered: &&Registration<Metrics>| {
            let about = registered.metric().component;
            about.id() == self.metric && about.version == self.version
        };
        let about = Registry::global().iter().find(is_metric)?.metric();
        Some(draw(about.plot?, self.value.as_ref()?, &self.name, self.unit.as_deref()))
    }
}

/// Draws a value and names what its axes leave open.
fn draw(plotter: Plotter, value: &Value, name: &str, unit: Option<&str>) -> Result<Figure, PlotError> {
    Ok(plotter(value)?.named(name, unit))
}
