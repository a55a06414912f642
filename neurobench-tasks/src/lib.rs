//! The published benchmarks as tasks: benchmark files that the program contains, and the models that they fit.

// The macros expand to `::neurobench::..`.
extern crate neurobench_core as neurobench;

pub mod echo_state;
