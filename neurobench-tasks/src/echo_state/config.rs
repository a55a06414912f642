//! Settings of echo state networks.

use serde::{Deserialize, Serialize};

/// Settings of an echo state network: the keys of its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EchoStateConfig {
    /// Number of inputs, and of outputs.
    #[serde(default = "one")]
    pub inputs: usize,
    /// Number of units in the reservoir.
    pub reservoir_size: usize,
    /// Weights of the constant input 1 are uniform in ±`bias_scale`/2.
    pub bias_scale: f64,
    /// Weights of the inputs are uniform in ±`input_scale`/2.
    pub input_scale: f64,
    /// Fraction of the connections within the reservoir that exist. Their number is the nearest whole number, and they are drawn
    /// without replacement, so that all reservoirs cost the same; their weights are normally distributed.
    pub connection_probability: f64,
    /// Spectral radius to which the weights within the reservoir are scaled.
    pub spectral_radius: f64,
    /// Fraction of the state that is replaced at every step.
    pub leak: f64,
    /// Weight of the squared readout weights in the fit.
    pub ridge: f64,
    /// Number of training samples at the beginning that are left out of the fit.
    #[serde(default)]
    pub washout: usize,
    /// Seed of the first reservoir.
    #[serde(default)]
    pub seed: u64,
    /// Number of reservoirs, which the sequences take in turn: sequence `i` has the reservoir of seed `seed + i mod reservoirs`.
    #[serde(default = "one")]
    pub reservoirs: usize,
}

fn one() -> usize {
    1
}

/// Most units: their connections fit in a gigabyte.
const MOST_UNITS: usize = 10_000;

impl EchoStateConfig {
    /// Describes the first setting that is out of range.
    pub(super) fn problem(&self) -> Option<String> {
        let sizes = [
            ("inputs", self.inputs, 1_000),
            ("reservoir_size", self.reservoir_size, MOST_UNITS),
            ("reservoirs", self.reservoirs, 1_000_000),
        ];
        if let Some((name, size, most)) = sizes.into_iter().find(|(_, size, most)| !(1..=*most).contains(size)) {
            return Some(format!("`{name}` must be between 1 and {most}, found {size}"));
        }
        let fractions = [("connection_probability", self.connection_probability), ("leak", self.leak)];
        if let Some((name, value)) = fractions.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Some(format!("`{name}` must be between 0 and 1, found {value}"));
        }
        let numbers = [
            ("bias_scale", self.bias_scale),
            ("input_scale", self.input_scale),
            ("spectral_radius", self.spectral_radius),
            ("ridge", self.ridge),
        ];
        let negative = numbers.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0));
        negative.map(|(name, value)| format!("`{name}` must be a finite number of at least 0, found {value}"))
    }
}
