//! The tests of the library and of the command, in one binary, which links once.
//!
//! A test has a file of its own beside this folder only if it needs its own crate: to link metrics whose names would disturb
//! others, to set lints, or to run the compiler.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

#[cfg(feature = "cli")]
mod benchmark_files;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod compare;
#[cfg(feature = "cli")]
mod comparing;
#[cfg(feature = "network")]
mod conformance;
#[cfg(feature = "cli")]
mod convert;
#[cfg(all(feature = "datasets", feature = "npy"))]
mod data_examples;
#[cfg(feature = "network")]
mod digits;
mod dsl;
#[cfg(feature = "network")]
mod engine;
#[cfg(all(feature = "cli", unix))]
mod evaluate;
#[cfg(feature = "cli")]
#[path = "../../neurobench-datasets/tests/tables/fetch.rs"]
mod fetch;
#[cfg(feature = "network")]
mod figures;
mod guides;
#[cfg(feature = "cli")]
mod inspect;
#[cfg(all(feature = "cli", unix))]
mod interruption;
#[cfg(feature = "cli")]
mod japanese_vowels;
mod language;
#[cfg(feature = "cli")]
mod mackey_glass;
#[cfg(feature = "cli")]
mod messages;
#[cfg(feature = "cli")]
mod metrics_page;
#[cfg(feature = "cli")]
mod own_tasks;
#[cfg(feature = "cli")]
mod readme;
mod report;
#[cfg(all(feature = "cli", unix))]
mod reports;
#[cfg(feature = "cli")]
mod schemas;
#[cfg(feature = "cli")]
mod speech_commands;
#[cfg(feature = "cli")]
mod tasks;
#[cfg(feature = "cli")]
mod timing;
