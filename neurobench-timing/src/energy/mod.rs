//! Measured energy: counters of the system, or the log of a power meter.
//!
//! A measurement includes everything within the boundary of the meter: memory, control and idling. The estimates of
//! `neurobench-metrics` price arithmetic alone. The two are different sections of results, and are not compared.

mod meter;
mod powercap;

pub use meter::MeterLog;
pub use powercap::{EnergyCounter, Powercap};
