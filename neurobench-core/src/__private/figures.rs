//! Finds the figure of a metric's value without requiring one.

use core::marker::PhantomData;

use crate::figure::{Plot, Plotter, plotter};
use crate::metric::Metric;

/// The figure of a metric. For a value that implements [`Plot`] the inherent constant is found first, for any other that of
/// [`NoFigure`]; neither is an error, also not for a metric that does not compile for another reason.
pub struct FigureOf<M>(PhantomData<M>);

impl<M: Metric> FigureOf<M>
where
    M::Output: Plot,
{
    /// Draws a value of the metric.
    pub const PLOTTER: Option<Plotter> = Some(plotter::<M::Output>);
}

/// A metric whose value cannot be drawn.
pub trait NoFigure {
    /// Nothing draws it.
    const PLOTTER: Option<Plotter> = None;
}

impl<M> NoFigure for FigureOf<M> {}
