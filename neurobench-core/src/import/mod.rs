//! Networks that were made elsewhere.

#[cfg(feature = "nir")]
pub mod nir;
