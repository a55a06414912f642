//! Data formats of published files, for the data sets `arrays`, `archive` and `columns`.

mod idx;
pub use idx::*;
