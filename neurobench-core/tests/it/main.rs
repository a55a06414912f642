//! States, data sets, processors and statistics, against outside truth, and the order of the core's rooms.

#[path = "../../../neurobench-network/tests/it/common.rs"]
mod common;
mod comparison;
mod data_sets;
mod exact_sum;
mod process;
mod rooms;
mod statistics;
