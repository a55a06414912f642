//! Benchmarks for neuromorphic models.
pub use neurobench_core::*;
