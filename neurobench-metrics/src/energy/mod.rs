//! What a run would take in joules, if counts of operations were all.
//!
//! An estimate multiplies counts with published prices of single operations. It holds for the arithmetic alone: memory, moving
//! data, control and idling are not in it, and they are often most of what a device takes. It names its table, and estimates of
//! different tables cannot be compared.

mod device;
mod estimate;

pub use device::{Counted, Device};
pub use estimate::{Energy, EnergyEstimate, MembraneEnergy, SynapticEnergy, energy, membrane_energy, synaptic_energy};
