//! neurobench
pub use neurobench_core::*;

#[cfg(feature = "cli")]
pub mod cli;
