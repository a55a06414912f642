//! The built-in preprocessors and postprocessors of `neurobench`.
//!
//! Each is a function with an attribute, in the file of its name:
//! [`preprocessor`](neurobench_core::preprocessor) or [`postprocessor`](neurobench_core::postprocessor). It is a type here,
//! whose fields are its settings, and a name in benchmark files. This crate uses the public API of the engine alone.

// The macros expand to `::neurobench::..`.
extern crate neurobench_core as neurobench;

pub mod audio;
mod channels;
pub mod classes;
pub mod encoding;
pub mod events;
pub mod shape;
pub mod time;
pub mod values;
