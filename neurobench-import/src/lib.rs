//! Readers and writers of what other frameworks save.

#[cfg(feature = "nir")]
pub mod nir;
#[cfg(feature = "pytorch")]
pub mod pytorch;
