//! Native networks: what layers compute, files, and everything that is wrong with them.

mod averages_over_time;
mod common;
mod convolutions;
mod hooks;
mod hostile_files;
mod integrators;
mod layers;
mod layers_page;
#[path = "../../../neurobench-core/tests/memory/mod.rs"]
mod memory;
mod network;
mod network_files;
mod neurons;
mod not_finite;
mod own_layer;
mod pooling;
mod recurrent;
mod shapes_and_norms;
