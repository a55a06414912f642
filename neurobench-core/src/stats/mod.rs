//! Statistics of finished values.

mod distribution;

pub use distribution::{Distribution, quantile};
