//! Tests of figures and reports.

mod drawing;
mod figures;
mod gallery;
