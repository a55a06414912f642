//! Tests of figures and reports.

mod drawing;
mod gallery;
