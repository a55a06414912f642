//! What single operations take on a device: published figures by name, or figures of one's own.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use neurobench_core::component::Definitions;
use neurobench_core::names::{did_you_mean, listed};

/// What single operations take on a device, in joules.
///
/// As a setting it is a name of this table, or a record with these fields:
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
/// The last six are the devices of KerasSpiking 0.3's `ModelEnergy`, with its figures: on processors and graphics cards every
/// weight of every step takes a multiply-accumulate, on neuromorphic chips only what a spike meets, and all of them update every
/// neuron at every step. KerasSpiking also counts the units of other activation functions as neurons; here only membranes are.
/// Chips that know no multiplication are priced as if an analog input were one event.
///
/// The sources in full: M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, doi
/// [10.1109/ISSCC.2014.6757323](https://doi.org/10.1109/ISSCC.2014.6757323); B. Degnan, B. Marr and J. Hasler, IEEE Transactions
/// on VLSI Systems 24(1):58-66, <https://ieeexplore.ieee.org/document/7054508>; M. Davies et al., IEEE Micro 38(1), doi
/// [10.1109/MM.2018.112130359](https://doi.org/10.1109/MM.2018.112130359); S. Höppner et al., IEEE Transactions on Circuits and
/// Systems I 66(8), [arXiv:1903.08941](https://arxiv.org/abs/1903.08941); KerasSpiking, <https://www.nengo.ai/keras-spiking>.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// What it is called.
    pub name: String,
    /// What a multiply-accumulate takes, in joules.
    pub mac: f64,
    /// What an accumulate takes, in joules.
    pub ac: f64,
    /// What the update of a membrane potential takes, in joules; none where nobody has said.
    pub membrane_update: Option<f64>,
    /// Which synaptic operations it carries out.
    pub operations: Counted,
    /// Which membrane potentials it updates.
    pub updates: Counted,
    /// The kind of numbers that the figures are for.
    pub precision: String,
    /// Where the figures are from.
    pub source: String,
}

/// What a device carries out of what there is to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// What makes a difference: non-zero inputs on non-zero weights, potentials that change.
    #[default]
    Effective,
    /// All: every input on every weight, every neuron at every step.
    Dense,
}

const HOROWITZ: &str = "Horowitz 2014, doi 10.1109/ISSCC.2014.6757323";
const DEGNAN: &str = "Degnan et al. 2015, https://ieeexplore.ieee.org/document/7054508, by KerasSpiking";
const DAVIES: &str = "Davies et al. 2018, doi 10.1109/MM.2018.112130359, by KerasSpiking";
const HOPPNER: &str = "Höppner et al. 2019, arXiv:1903.08941, by KerasSpiking";

/// A row of the table of published devices: joules for a multiply-accumulate, an accumulate and an update.
struct Published {
    name: &'static str,
    prices: (f64, f64, Option<f64>),
    counted: (Counted, Counted),
    precision: &'static str,
    source: &'static str,
}

neurobench_core::definitions!(Definitions::new::<Device>("devices", "device", || {
    PUBLISHED.iter().map(|device| device.name).collect()
}));

/// The default.
const FP32: Published = arithmetic("45nm_fp32", (4.6e-12, 0.9e-12), "fp32");
/// The chip whose figures are cited most of those that have a price of updates: the default where these count.
const LOIHI: Published = chip("loihi", (27.1e-12, 81e-12), DAVIES);

const PUBLISHED: [Published; 9] = [
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

const fn arithmetic(name: &'static str, (mac, ac): (f64, f64), precision: &'static str) -> Published {
    let counted = (Counted::Effective, Counted::Effective);
    Published { name, prices: (mac, ac, None), counted, precision, source: HOROWITZ }
}

const fn processor(name: &'static str, mac: f64) -> Published {
    let counted = (Counted::Dense, Counted::Dense);
    Published { name, prices: (mac, mac, Some(mac)), counted, precision: "not stated", source: DEGNAN }
}

const fn chip(name: &'static str, (event, update): (f64, f64), source: &'static str) -> Published {
    let counted = (Counted::Effective, Counted::Dense);
    Published { name, prices: (event, event, Some(update)), counted, precision: "as on the chip", source }
}

impl Device {
    /// A device of the table of published ones.
    ///
    /// ```
    /// use neurobench::metrics::Device;
    /// assert_eq!(Device::published("45nm_fp32").map(|device| device.mac), Some(4.6e-12));
    /// ```
    #[must_use]
    pub fn published(name: &str) -> Option<Self> {
        PUBLISHED.iter().find(|device| device.name == name).map(Self::of)
    }

    pub(super) fn loihi() -> Self {
        Self::of(&LOIHI)
    }

    fn of(published: &Published) -> Self {
        let (mac, ac, membrane_update) = published.prices;
        let (operations, updates) = published.counted;
        let (name, precision, source) = (published.name.into(), published.precision.into(), published.source.into());
        Self { name, mac, ac, membrane_update, operations, updates, precision, source }
    }
}

/// fp32 arithmetic in 45 nm.
impl Default for Device {
    fn default() -> Self {
        Self::of(&FP32)
    }
}

/// A device as a file spells it out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    name: String,
    mac: f64,
    ac: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    membrane_update: Option<f64>,
    #[serde(default)]
    operations: Counted,
    #[serde(default)]
    updates: Counted,
    precision: String,
    source: String,
}

/// A published device by its name, any other by its fields.
impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if Self::published(&self.name).as_ref() == Some(self) {
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

/// Reads either, and says of both what is wrong with them.
struct NameOrRecord;

impl<'de> Visitor<'de> for NameOrRecord {
    type Value = Device;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a device, as \"45nm_fp32\", or a record of one")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Device, E> {
        Device::published(name).ok_or_else(|| {
            let names = || PUBLISHED.iter().map(|device| device.name);
            let hint = did_you_mean(name, names());
            E::custom(format!("no device `{name}`; there are {}{hint}", listed(names())))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, record: A) -> Result<Device, A::Error> {
        let Record { name, mac, ac, membrane_update, operations, updates, precision, source } =
            Record::deserialize(MapAccessDeserializer::new(record))?;
        let prices = [("mac", Some(mac)), ("ac", Some(ac)), ("membrane_update", membrane_update)];
        for (field, joules) in prices {
            if let Some(joules) = joules.filter(|joules| !(joules.is_finite() && *joules >= 0.0)) {
                return Err(de::Error::custom(format!("`{field}` of device `{name}` is {joules}; it must be joules")));
            }
        }
        // Else results would name figures as published that are not.
        let device = Device { name, mac, ac, membrane_update, operations, updates, precision, source };
        match Device::published(&device.name) {
            Some(published) if published != device => {
                Err(de::Error::custom(format!("`{}` is a published device with other figures", device.name)))
            }
            _ => Ok(device),
        }
    }
}
