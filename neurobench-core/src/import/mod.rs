//! Readers of what other frameworks save.

pub mod pytorch;
