//! NIR graphs and files of PyTorch, read, converted and refused.

#[path = "../../../neurobench-network/tests/it/common.rs"]
mod common;
#[path = "../../../neurobench-core/tests/memory/mod.rs"]
mod memory;
#[cfg(feature = "nir")]
mod nir_conversions;
#[cfg(feature = "nir")]
mod nir_files;
#[cfg(feature = "nir")]
mod nir_networks;
#[cfg(feature = "pytorch")]
mod pytorch_files;
