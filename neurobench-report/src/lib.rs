//! Figures and reports of results.

// The macros expand to `::neurobench::..`.
extern crate neurobench_core as neurobench;

pub mod draw;
pub mod figures;
pub mod html;
