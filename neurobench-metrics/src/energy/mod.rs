//! Estimates of the energy of a run from its counts of operations.
//!
//! An estimate multiplies counts by published prices of single operations. It covers the arithmetic only; memory,
//! moving data, control and idling are excluded, and they often take most of a device's energy. It names its table, and
//! estimates from different tables cannot be compared.
//!
//! An estimate is a metric of counts with the device as its setting: a name of the published table or a record of
//! figures. Results contain the settings, so that every figure that went into an estimate is known.

mod device;
pub use device::*;
mod estimate;
pub use estimate::*;
