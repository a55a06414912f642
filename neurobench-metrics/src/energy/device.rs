//! Energy of single operations on a device: published figures by name, or your own figures.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use neurobench_core::names::{did_you_mean, listed};

/// Energy of single operations on a device, in joules.
///
/// A setting gives a name of this table, or a record with these fields:
///
/// | name | multiply-accumulate | accumulate | membrane update | operations | updates | precision | source |
/// |---|---|---|---|---|---|---|---|
/// | `45nm_fp32` | 4.6 pJ | 0.9 pJ | – | effective | – | fp32 | Horowitz 2014: 3.7 pJ to multiply, 0.9 pJ to add |
/// | `45nm_fp16` | 1.5 pJ | 0.4 pJ | – | effective | – | fp16 | Horowitz 2014: 1.1 pJ and 0.4 pJ |
/// | `45nm_int8` | 0.23 pJ | 0.03 pJ | – | effective | – | int8 | Horowitz 2014: 0.2 pJ and 0.03 pJ |
/// | `cpu` | 8.6 nJ | 8.6 nJ | 8.6 nJ | dense | dense | not stated | Degnan et al. 2015, an Intel i7-4960X |
/// | `gpu` | 0.3 nJ | 0.3 nJ | 0.3 nJ | dense | dense | not stated | Degnan et al. 2015, an Nvidia GTX Titan Black |
/// | `arm` | 0.9 nJ | 0.9 nJ | 0.9 nJ | dense | dense | not stated | Degnan et al. 2015, an ARM Cortex-A |
/// | `loihi` | 27.1 pJ | 27.1 pJ | 81 pJ | effective | dense | as on the chip | Davies et al. 2018: 23.6 pJ and 3.5 pJ |
/// | `spinnaker` | 13.3 nJ | 13.3 nJ | 26 nJ | effective | dense | as on the chip | Höppner et al. 2019 |
/// | `spinnaker2` | 450 pJ | 450 pJ | 2.19 nJ | effective | dense | as on the chip | Höppner et al. 2019 |
///
/// The last six are the devices of KerasSpiking 0.3's `ModelEnergy`, with its figures. On processors and graphics cards
/// every weight takes a multiply-accumulate at every step; on neuromorphic chips only the weights that a spike meets
/// do. All of them update every neuron at every step. KerasSpiking also counts the units of other activation functions
/// as neurons; here only membranes count. Chips without multiplication are priced as if an analog input were one event.
///
/// The sources in full: M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, doi
/// [10.1109/ISSCC.2014.6757323](https://doi.org/10.1109/ISSCC.2014.6757323); B. Degnan, B. Marr and J. Hasler, IEEE Transactions
/// on VLSI Systems 24(1):58-66, <https://ieeexplore.ieee.org/document/7054508>; M. Davies et al., IEEE Micro 38(1), doi
/// [10.1109/MM.2018.112130359](https://doi.org/10.1109/MM.2018.112130359); S. Höppner et al., IEEE Transactions on Circuits and
/// Systems I 66(8), [arXiv:1903.08941](https://arxiv.org/abs/1903.08941); KerasSpiking, <https://www.nengo.ai/keras-spiking>.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Name of the device.
    pub name: String,
    /// Energy of a multiply-accumulate, in joules.
    pub mac: f64,
    /// Energy of an accumulate, in joules.
    pub ac: f64,
    /// Energy of the update of a membrane potential, in joules; `None` if no figure is published.
    pub membrane_update: Option<f64>,
    /// Synaptic operations that the device carries out.
    pub operations: CountingRule,
    /// Membrane potentials that the device updates.
    pub updates: CountingRule,
    /// Number format of the figures.
    pub precision: String,
    /// Source of the figures.
    pub source: String,
}

/// Part of the computation that a device carries out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountingRule {
    /// Only operations with an effect: non-zero inputs on non-zero weights, potentials that change.
    #[default]
    Effective,
    /// All operations: every input on every weight, every neuron at every step.
    Dense,
}

const HOROWITZ: &str = "Horowitz 2014, doi 10.1109/ISSCC.2014.6757323";
const DEGNAN: &str = "Degnan et al. 2015, https://ieeexplore.ieee.org/document/7054508, by KerasSpiking";
const DAVIES: &str = "Davies et al. 2018, doi 10.1109/MM.2018.112130359, by KerasSpiking";
const HOPPNER: &str = "Höppner et al. 2019, arXiv:1903.08941, by KerasSpiking";

/// Row of the table of published devices: joules for a multiply-accumulate, an accumulate and an update.
struct PublishedDevice {
    name: &'static str,
    prices: (f64, f64, Option<f64>),
    counted: (CountingRule, CountingRule),
    precision: &'static str,
    source: &'static str,
}

/// Default device.
const FP32: PublishedDevice = arithmetic("45nm_fp32", (4.6e-12, 0.9e-12), "fp32");
/// Most cited chip among those with a price for updates: the default for metrics of membrane updates.
const LOIHI: PublishedDevice = chip("loihi", (27.1e-12, 81e-12), DAVIES);

const PUBLISHED: [PublishedDevice; 9] = [
    FP32,
    arithmetic("45nm_fp16", (1.5e-12, 0.4e-12), "fp16"),
    arithmetic("45nm_int8", (0.23e-12, 0.03e-12), "int8"),
    processor("cpu", 8.6e-9),
    processor("gpu", 0.3e-9),
    processor("arm", 0.9e-9),
    LOIHI,
    chip("spinnaker", (13.3e-9, 26e-9), HOPPNER),
    chip("spinnaker2", (450e-12, 2.19e-9), HOPPNER),
];

const fn arithmetic(name: &'static str, (mac, ac): (f64, f64), precision: &'static str) -> PublishedDevice {
    let counted = (CountingRule::Effective, CountingRule::Effective);
    PublishedDevice { name, prices: (mac, ac, None), counted, precision, source: HOROWITZ }
}

const fn processor(name: &'static str, mac: f64) -> PublishedDevice {
    let counted = (CountingRule::Dense, CountingRule::Dense);
    PublishedDevice { name, prices: (mac, mac, Some(mac)), counted, precision: "not stated", source: DEGNAN }
}

const fn chip(name: &'static str, (event, update): (f64, f64), source: &'static str) -> PublishedDevice {
    let counted = (CountingRule::Effective, CountingRule::Dense);
    PublishedDevice { name, prices: (event, event, Some(update)), counted, precision: "as on the chip", source }
}

impl Device {
    /// Returns a published device of the table by its name.
    ///
    /// ```
    /// use neurobench::metrics::Device;
    /// assert_eq!(Device::from_name("45nm_fp32").map(|device| device.mac), Some(4.6e-12));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        PUBLISHED.iter().find(|device| device.name == name).map(Self::from_published)
    }

    pub(super) fn loihi() -> Self {
        Self::from_published(&LOIHI)
    }

    fn from_published(published: &PublishedDevice) -> Self {
        let (mac, ac, membrane_update) = published.prices;
        let (operations, updates) = published.counted;
        let (name, precision, source) = (published.name.into(), published.precision.into(), published.source.into());
        Self { name, mac, ac, membrane_update, operations, updates, precision, source }
    }
}

/// fp32 arithmetic in 45 nm.
impl Default for Device {
    fn default() -> Self {
        Self::from_published(&FP32)
    }
}

/// Device as spelled out in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    name: String,
    mac: f64,
    ac: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    membrane_update: Option<f64>,
    #[serde(default)]
    operations: CountingRule,
    #[serde(default)]
    updates: CountingRule,
    precision: String,
    source: String,
}

/// Writes a published device as its name, any other as its fields.
impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if Self::from_name(&self.name).as_ref() == Some(self) {
            return serializer.serialize_str(&self.name);
        }
        let Self { name, mac, ac, membrane_update, operations, updates, precision, source } = self.clone();
        Record { name, mac, ac, membrane_update, operations, updates, precision, source }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrRecord)
    }
}

/// Reads a name or a record, and reports errors in either.
struct NameOrRecord;

impl<'de> Visitor<'de> for NameOrRecord {
    type Value = Device;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a device, such as \"45nm_fp32\", or a record")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Device, E> {
        Device::from_name(name).ok_or_else(|| {
            let names = || PUBLISHED.iter().map(|device| device.name);
            let hint = did_you_mean(name, names());
            E::custom(format!("unknown device `{name}`; there are {}{hint}", listed(names())))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, record: A) -> Result<Device, A::Error> {
        let Record { name, mac, ac, membrane_update, operations, updates, precision, source } =
            Record::deserialize(MapAccessDeserializer::new(record))?;
        let prices = [("mac", Some(mac)), ("ac", Some(ac)), ("membrane_update", membrane_update)];
        for (field, joules) in prices {
            if let Some(joules) = joules.filter(|joules| !(joules.is_finite() && *joules >= 0.0)) {
                return Err(de::Error::custom(format!(
                    "`{field}` of device `{name}` is {joules}; it must be a finite number of joules of at least 0"
                )));
            }
        }
        // Otherwise results would attribute figures to a publication that does not have them.
        let device = Device { name, mac, ac, membrane_update, operations, updates, precision, source };
        match Device::from_name(&device.name) {
            Some(published) if published != device => Err(de::Error::custom(format!(
                "`{}` is a published device with other figures; choose another name",
                device.name
            ))),
            _ => Ok(device),
        }
    }
}
