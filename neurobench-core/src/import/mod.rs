//! Readers and writers for the files of other frameworks.

#[cfg(feature = "nir")]
pub mod nir;
pub mod pytorch;
