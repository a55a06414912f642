//! Time series that are computed, so that they need no files.

mod delay_equation;
mod mackey_glass;
pub use mackey_glass::*;
