//! States, data sets, processors and statistics, against outside truth.

#[path = "../../../neurobench-network/tests/it/common.rs"]
mod common;
mod comparison;
mod data_sets;
mod exact_sum;
mod process;
mod statistics;
