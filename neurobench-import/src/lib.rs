//! Readers and writers for the files of other frameworks.

#[cfg(feature = "nir")]
pub mod nir;
#[cfg(feature = "pytorch")]
pub mod pytorch;
