//! The axes of a figure.

/// An axis: numbers on a scale, or categories.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Axis {
    /// Quantity that the axis shows; empty for an axis without a label.
    pub label: String,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// Spacing of the numbers.
    pub scale: Scale,
    /// First and last number; `None` to include every mark.
    pub range: Option<(f64, f64)>,
    /// Names of the categories, in order. Category `i` is at `i` on the axis. Empty for an axis of numbers.
    pub categories: Vec<String>,
    /// Numbers that are marked, each with its text, in place of round numbers. Empty for round numbers.
    pub ticks: Vec<(f64, String)>,
    /// True if the axis shows the value of a metric: a report then fills in the metric's name and unit.
    pub is_value: bool,
}

/// Spacing of the numbers on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios. Numbers that are not positive cannot be drawn.
    Log,
}

impl Axis {
    /// An axis of numbers.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// An axis of numbers that shows the value of the metric, whose name and unit a report fills in.
    #[must_use]
    pub fn value() -> Self {
        Self { is_value: true, ..Self::default() }
    }

    /// An axis of categories, in this order.
    #[must_use]
    pub fn categories<S: Into<String>>(label: impl Into<String>, names: impl IntoIterator<Item = S>) -> Self {
        Self { categories: names.into_iter().map(Into::into).collect(), ..Self::new(label) }
    }

    /// Sets the unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Sets the first and the last number.
    #[must_use]
    pub fn range(mut self, first: f64, last: f64) -> Self {
        self.range = Some((first, last));
        self
    }

    /// Marks these numbers, each with its text, in place of round numbers.
    #[must_use]
    pub fn ticks<S: Into<String>>(mut self, ticks: impl IntoIterator<Item = (f64, S)>) -> Self {
        self.ticks = ticks.into_iter().map(|(number, text)| (number, text.into())).collect();
        self
    }

    /// Spaces the numbers by their logarithms.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.scale = Scale::Log;
        self
    }
}
