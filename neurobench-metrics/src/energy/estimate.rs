//! Energy as counts times prices.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::energy::device::{CountingRule, Device};
use crate::membranes::{MembranePotentialCounts, MembranePotentialTotals, MembraneUpdateCounts, MembraneUpdateTotals};
use crate::operations::{LayerOperations, OperationCounts, OperationTotals};
use neurobench_core::prelude::*;

/// Estimate of energy, with its assumptions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct EnergyEstimate {
    /// Energy of a sample.
    #[value(unit = "J/sample", higher_is_better = false)]
    pub energy: f64,
    /// Device that the prices are for.
    pub device: String,
    /// Number format that the prices are for.
    pub precision: String,
    /// Operations included in the estimate.
    pub boundary: String,
    /// Source of the prices.
    pub source: String,
}

impl EnergyEstimate {
    fn new(energy: f64, device: Device, boundary: &str) -> Result<Self, MetricError> {
        if !energy.is_finite() {
            return Err(format!(
                "the prices of device `{}` are too high: the energy is not a finite number of joules",
                device.name
            )
            .into());
        }
        let Device { name, precision, source, .. } = device;
        Ok(Self { energy, device: name, precision, boundary: boundary.to_owned(), source })
    }
}

/// Energy of a sample's synaptic operations, on average over the run.
///
/// `E = (MACs · mac + ACs · ac) / samples` in J/sample, with the effective operations of `synaptic_operations` and the
/// device's prices; on a device that skips no zeros `E = dense operations · mac / samples`. The estimate covers
/// computation only; it excludes memory, moving data, membranes and idling. Do not compare estimates from the tables of
/// different devices.
#[accumulated_metric(
    of = OperationCounts,
    version = 2,
    cite = "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323",
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking"
)]
pub fn synaptic_energy(
    totals: &OperationTotals,
    /// Device of the prices: the name of a published device (`45nm_fp32`, `45nm_fp16`, `45nm_int8`, `cpu`, `gpu`,
    /// `arm`, `loihi`, `spinnaker`, `spinnaker2`), or a record with `name`, `mac` and `ac` in joules, `precision` and
    /// `source`, and optionally `membrane_update` in joules, `operations` and `updates` (`effective` or `dense`).
    #[param]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = operation_energy(totals, &device)?;
    EnergyEstimate::new(energy, device, "compute only: synaptic operations")
}

/// Energy of a sample's membrane updates, on average over the run.
///
/// `E = updates · membrane_update / samples` in J/sample, with the updates of `membrane_updates`; on a device that
/// updates every neuron at every step, updates are neurons times steps. The estimate covers computation only. Devices
/// without a price for updates, such as those of arithmetic only, are an error.
#[accumulated_metric(
    of = MembraneUpdateCounts,
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking"
)]
pub fn membrane_energy(
    totals: &MembraneUpdateTotals,
    /// Device of the prices, as in `synaptic_energy`; it must have a price for membrane updates.
    #[param(default = Device::loihi())]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = update_energy(totals, &device)?;
    EnergyEstimate::new(energy, device, "compute only: membrane updates")
}

/// Energy of a sample's synaptic operations and membrane updates, on average over the run.
///
/// `E = synaptic_energy + membrane_energy` by the prices of one device, in J/sample. The estimate covers computation
/// only; it excludes memory, moving data and idling. For networks without spiking neurons, or devices without a price
/// for updates, use `synaptic_energy`.
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
    /// Device of the prices, as in `synaptic_energy`; it must have a price for membrane updates.
    #[param(default = Device::loihi())]
    device: Device,
) -> Result<EnergyEstimate, MetricError> {
    let energy = operation_energy(operations, &device)? + update_energy(updates, &device)?;
    EnergyEstimate::new(energy, device, "compute only: synaptic operations and membrane updates")
}

/// Energy of a sample's synaptic operations, on average over the run, by layer.
///
/// For each connection layer the energy as in `synaptic_energy`, whose value is the sum of the layers. The setting names
/// the table of prices; compare layers of one table only.
#[accumulated_metric(
    of = OperationCounts,
    unit = "J/sample",
    higher_is_better = false,
    cite = "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323",
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking"
)]
pub fn synaptic_energy_by_layer(
    totals: &OperationTotals,
    /// Device of the prices, as in `synaptic_energy`.
    #[param]
    device: Device,
) -> Result<LayerMap<f64>, MetricError> {
    let mut energies = LayerEnergies::default();
    energies.add_operations(totals, &device)?;
    Ok(energies.finish())
}

/// Energy of a sample's synaptic operations and membrane updates, on average over the run, by layer.
///
/// For each connection layer the energy of its operations, for each layer of spiking neurons that of its updates, as in
/// `energy`, whose value is the sum of the layers. For networks without spiking neurons, or devices without a price for
/// updates, use `synaptic_energy_by_layer`.
#[accumulated_metric(
    of = (OperationCounts, MembranePotentialCounts),
    unit = "J/sample",
    higher_is_better = false,
    cite = "KerasSpiking 0.3, `ModelEnergy`, https://www.nengo.ai/keras-spiking",
    cite = "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323"
)]
pub fn energy_by_layer(
    operations: &OperationTotals,
    potentials: &MembranePotentialTotals,
    /// Device of the prices, as in `synaptic_energy`; it must have a price for membrane updates.
    #[param(default = Device::loihi())]
    device: Device,
) -> Result<LayerMap<f64>, MetricError> {
    let mut energies = LayerEnergies::default();
    energies.add_operations(operations, &device)?;
    let price = update_price(&device)?;
    for (index, path, layer) in Vec::from(potentials.layers.clone()) {
        let updates = match device.updates {
            CountingRule::Dense => layer.potentials,
            CountingRule::Effective => layer.updates,
        };
        energies.add(index, path, per_sample(Count(updates), potentials.samples)? * price);
    }
    Ok(energies.finish())
}

/// Energies by index and path of layers. Recurrent layers have both operations and updates.
#[derive(Default)]
struct LayerEnergies(BTreeMap<(u32, Arc<str>), f64>);

impl LayerEnergies {
    fn add_operations(&mut self, totals: &OperationTotals, device: &Device) -> Result<(), MetricError> {
        for (index, path, layer) in Vec::from(totals.layers.clone()) {
            let LayerOperations { effective, dense, analog, .. } = layer;
            let (operations, price) = match (device.operations, analog) {
                (CountingRule::Dense, _) => (dense, device.mac),
                (CountingRule::Effective, true) => (effective, device.mac),
                (CountingRule::Effective, false) => (effective, device.ac),
            };
            self.add(index, path, per_sample(Count(operations), totals.samples)? * price);
        }
        Ok(())
    }

    fn add(&mut self, index: u32, path: Arc<str>, energy: f64) {
        *self.0.entry((index, path)).or_default() += energy;
    }

    fn finish(self) -> LayerMap<f64> {
        self.0.into_iter().map(|((_, path), energy)| (path.to_string(), energy)).collect()
    }
}

fn operation_energy(totals: &OperationTotals, device: &Device) -> Result<f64, MetricError> {
    let (mut multiplied, mut accumulated) = (Count::default(), Count::default());
    for layer in totals.layers.values() {
        match (device.operations, layer.analog) {
            (CountingRule::Dense, _) => multiplied.merge(Count(layer.dense)),
            (CountingRule::Effective, true) => multiplied.merge(Count(layer.effective)),
            (CountingRule::Effective, false) => accumulated.merge(Count(layer.effective)),
        }
    }
    let (macs, acs) = (per_sample(multiplied, totals.samples)?, per_sample(accumulated, totals.samples)?);
    Ok(macs * device.mac + acs * device.ac)
}

fn update_energy(totals: &MembraneUpdateTotals, device: &Device) -> Result<f64, MetricError> {
    let price = update_price(device)?;
    let mut updates = Count::default();
    match device.updates {
        CountingRule::Dense => updates.merge(Count(totals.potentials)),
        CountingRule::Effective => totals.layers.values().for_each(|layer| updates.merge(*layer)),
    }
    Ok(per_sample(updates, totals.samples)? * price)
}

fn update_price(device: &Device) -> Result<f64, MetricError> {
    let name = &device.name;
    device.membrane_update.ok_or_else(|| {
        format!("device `{name}` has no price for membrane updates; set `membrane_update`, or use `synaptic_energy`")
            .into()
    })
}

fn per_sample(total: Count, samples: u64) -> Result<f64, MetricError> {
    Ratio::new(total.0, samples).finish()
}
