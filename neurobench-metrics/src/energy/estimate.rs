//! Counts times prices.

use crate::energy::device::{Counted, Device};
use crate::membranes::{MembraneUpdateCounts, MembraneUpdateTotals};
use crate::operations::{OperationCounts, OperationTotals};
use neurobench_core::prelude::*;

/// An estimate of energy, with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct EnergyEstimate {
    /// What a sample takes.
    #[value(unit = "J/sample", higher_is_better = false)]
    pub energy: f64,
    /// The device whose prices these are.
    pub device: String,
    /// The kind of numbers that the prices are for.
    pub precision: String,
    /// What is in the estimate.
    pub boundary: String,
    /// Where the prices are from.
    pub source: String,
}

impl EnergyEstimate {
    fn new(energy: f64, device: Device, boundary: &str) -> Result<Self, MetricError> {
        if !energy.is_finite() {
            return Err(format!("the prices of `{}` are too high for a number of joules", device.name).into());
        }
        let Device { name, precision, source, .. } = device;
        Ok(Self { energy, device: name, precision, boundary: boundary.to_owned(), source })
    }
}

/// What the synaptic operations of a sample would take, on average over the run.
///
/// `E = (MACs · mac + ACs · ac) / samples` in J/sample, with the effective operations of `synaptic_operations` and the device's
/// prices; on a device that skips no zeros `E = dense operations · mac / samples`. Compute only: memory, moving data, membranes
/// and idling are not in it. Estimates by different devices' tables are not to be compared.
#[accumulated_metric(
    of = OperationCounts,
    version = 2,
    cite = "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323",
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking"
)]
pub fn synaptic_energy(
    totals: &OperationTotals,
    /// Whose prices: a published device (`45nm_fp32`, `45nm_fp16`, `45nm_int8`, `cpu`, `gpu`, `arm`, `loihi`, `spinnaker`,
    /// `spinnaker2`), or a record with `name`, `mac` and `ac` in joules, `precision` and `source`, and if wanted
    /// `membrane_update` in joules, `operations` and `updates` (`effective`, or `dense`).
    #[param]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = of_operations(totals, &device)?;
    EnergyEstimate::new(energy, device, "compute only: synaptic operations")
}

/// What the updates of membrane potentials of a sample would take, on average over the run.
///
/// `E = updates · membrane_update / samples` in J/sample, with the updates of `membrane_updates`, or on a device that updates
/// every neuron at every step as many as there are neurons and steps. Compute only. An error for devices without a price of
/// updates, such as the ones of arithmetic alone.
#[accumulated_metric(
    of = MembraneUpdateCounts,
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking"
)]
pub fn membrane_energy(
    totals: &MembraneUpdateTotals,
    /// Whose prices, as of `synaptic_energy`; it must have one of updates.
    #[param(default = Device::loihi())]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = of_updates(totals, &device)?;
    EnergyEstimate::new(energy, device, "compute only: membrane updates")
}

/// What the synaptic operations and membrane updates of a sample would take, on average over the run.
///
/// `E = synaptic_energy + membrane_energy` by one device's prices, in J/sample. Compute only: memory, moving data and idling are
/// not in it. For networks without spiking neurons, and devices without a price of updates, there is `synaptic_energy`.
#[accumulated_metric(
    of = (OperationCounts, MembraneUpdateCounts),
    alias = "energy_estimate",
    version = 2,
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking",
    cite = "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323"
)]
pub fn energy(
    operations: &OperationTotals,
    updates: &MembraneUpdateTotals,
    /// Whose prices, as of `synaptic_energy`; it must have one of updates.
    #[param(default = Device::loihi())]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = of_operations(operations, &device)? + of_updates(updates, &device)?;
    EnergyEstimate::new(energy, device, "compute only: synaptic operations and membrane updates")
}

fn of_operations(totals: &OperationTotals, device: &Device) -> Result<f64, MetricError> {
    let (mut multiplied, mut accumulated) = (Count::default(), Count::default());
    for layer in totals.layers.values() {
        match (device.operations, layer.analog) {
            (Counted::Dense, _) => multiplied.merge(Count(layer.dense)),
            (Counted::Effective, true) => multiplied.merge(Count(layer.effective)),
            (Counted::Effective, false) => accumulated.merge(Count(layer.effective)),
        }
    }
    let (macs, acs) = (per_sample(multiplied, totals.samples)?, per_sample(accumulated, totals.samples)?);
    Ok(macs * device.mac + acs * device.ac)
}

fn of_updates(totals: &MembraneUpdateTotals, device: &Device) -> Result<f64, MetricError> {
    let Some(price) = device.membrane_update else {
        let name = &device.name;
        return Err(format!("device `{name}` has no price of membrane updates; `synaptic_energy` needs none").into());
    };
    let mut updates = Count::default();
    match device.updates {
        Counted::Dense => updates.merge(Count(totals.potentials)),
        Counted::Effective => totals.layers.values().for_each(|layer| updates.merge(*layer)),
    }
    Ok(per_sample(updates, totals.samples)? * price)
}

fn per_sample(total: Count, samples: u64) -> Result<f64, MetricError> {
    Ratio::new(total.0, samples).finish()
}
