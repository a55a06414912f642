//! Figures and reports of results.

pub mod draw;
