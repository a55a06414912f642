//! Statistics of plain numbers: quantiles, confidence intervals, tests of paired values and effect sizes.
//!
//! statrs provides the distributions under the intervals and tests. Quantiles are implemented here because statrs has a
//! single definition of them (8 of Hyndman and Fan) and reorders its data; it has neither confidence intervals nor
//! paired tests.

mod distributions;
pub mod effects;
mod error;
pub mod intervals;
mod moments;
mod quantile;
pub mod random;
pub mod tests;

pub use error::StatsError;
pub use intervals::Interval;
pub use moments::SampleMoments;
pub use quantile::{QuantileMethod, quantile, quantile_by};
