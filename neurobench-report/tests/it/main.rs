//! Tests of figures and reports.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod drawing;
mod figures;
mod gallery;
