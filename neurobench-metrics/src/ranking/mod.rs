//! Ranking of positive samples above negative ones by their scores.

mod area;
pub use area::*;
mod binned;
pub use binned::*;
mod curves;
pub use curves::*;
mod precision;
pub use precision::*;
mod scores;
pub use scores::*;
