//! Detection of objects as boxes: COCO's mean average precision.

mod boxes;
pub use boxes::*;
mod curve;
mod matched;
pub use matched::*;
mod matching;
mod precision;
pub use precision::*;
mod summary;
pub use summary::*;
mod thresholds;
pub use thresholds::*;
