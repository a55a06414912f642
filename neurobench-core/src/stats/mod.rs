//! Statistics of finished values: quantiles, intervals, tests of paired values and sizes of effects.
//!
//! Distributions are those of statrs. What is here it lacks: its quantiles are of one definition and reorder their data, and it
//! has neither intervals nor tests of pairs.

mod distribution;
mod distributions;
pub mod effects;
pub mod intervals;
mod quantile;
pub(crate) mod random;
pub mod tests;

pub use distribution::Distribution;
pub use intervals::Interval;
pub use quantile::{QuantileMethod, quantile, quantile_by};
