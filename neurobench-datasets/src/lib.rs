//! The built-in data sets of `neurobench`: published recordings in their published layouts.
//!
//! Each is a function with the attribute [`dataset`](neurobench_core::dataset), in the file of its name. It is a type here,
//! whose fields are its settings, and a name in benchmark files. Nothing is downloaded: a data set whose files are missing
//! is an error that names them, their source and their license.

// The macros expand to `::neurobench::..`.
extern crate neurobench_core as neurobench;

pub mod audio;
pub mod events;
mod recordings;
pub mod series;
pub mod tables;

pub use recordings::OnError;
