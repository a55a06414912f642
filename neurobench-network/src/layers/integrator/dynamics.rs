//! Discretization of neurons that are defined in continuous time.
//!
//! NIR (Jens E. Pedersen et al., "Neuromorphic intermediate representation: A unified instruction set for interoperable
//! brain-inspired computing", Nature Communications 15, 2024, doi
//! [10.1038/s41467-024-52259-9](https://doi.org/10.1038/s41467-024-52259-9)) defines the changes of a membrane `v` and a synaptic
//! current `i` in continuous time, and every simulator discretizes them in its own way.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use neurobench_core::names::{did_you_mean, listed};

/// Discretization of neurons that are defined in continuous time: that of a simulator, or an explicit rule.
///
/// ```
/// use neurobench::network::{Dynamics, Simulator};
///
/// assert_eq!("norse".parse::<Dynamics>()?, Dynamics::Simulator(Simulator::Norse));
/// let mistake = "nose".parse::<Dynamics>().unwrap_err();
/// assert!(mistake.to_string().ends_with("did you mean `norse`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Dynamics {
    /// The discretization of this simulator.
    Simulator(Simulator),
    /// This rule.
    Rule(StepRule),
}

/// A simulator whose discretization is known.
///
/// Membranes are always in NIR's units, even if the simulator scales them: for example, those of snnTorch are divided by
/// `r·dt/tau`. All simulators except [`Norse`](Self::Norse) reset to zero or by subtraction, and do not accept neurons whose
/// `v_reset` is not zero.
///
/// `dt` is the length of a step in seconds, the unit of the time constants, and scales the inputs. In a step, the membrane of a
/// neuron with leak gains `r·dt/tau·x` (`nengo`: `r·(1 - e^(-dt/tau))·x`), a synaptic current `w_in·dt/tau_syn·x` (`nengo`:
/// `w_in·(1 - e^(-dt/tau_syn))·x`), and the membrane of a neuron without leak `r·dt·x`, with every simulator. Neurons that sinabs
/// itself runs without leak gain `x`: their graphs need `dt = 1`. With `dt = 1e-3` they gain a thousandth of it and may never
/// spike, which the report of a run notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Simulator {
    /// Forward Euler; spikes above the threshold; resets to `v_reset`.
    Norse,
    /// Forward Euler; spikes above the threshold; resets to zero in the same step, like snnTorch's importer of NIR.
    /// A graph whose metadata contain the `reset_mechanism` of snnTorch's neurons becomes these neurons instead, which reset one
    /// step later.
    SnnTorch,
    /// Forward Euler; spikes above the threshold; resets to zero.
    SpiNNaker2,
    /// Forward Euler; spikes above the threshold; resets to zero; outputs are delayed by one step. In floating point.
    Lava,
    /// Exact for inputs that are constant during a step; spikes above the threshold; resets to zero.
    Nengo,
    /// Inputs are impulses; spikes at or above the threshold, possibly several in a step; subtracts the threshold for each.
    /// Membranes of neurons without leak do not fall below the negative threshold.
    Sinabs,
    /// Inputs are impulses; spikes at or above the threshold; subtracts the threshold.
    Rockpool,
    /// Forward Euler; spikes above the threshold; subtracts the threshold in the next step, in which the spike is also output.
    Spyx,
}

/// An explicit rule for a step.
///
/// With input `x`, `a = dt/tau` and `b = dt/tau_syn`, a step consists of, in this order,
///
/// ```text
///                       keep       gain            rest                  synapse
/// euler                 1 - a      a·r             a·v_leak              i' = (1 - b)·i + b·w_in·x
/// exponential           e^-a       (1 - e^-a)·r    (1 - e^-a)·v_leak     i' = e^-b·i + (1 - e^-b)·w_in·x
/// impulse               e^-a       a·r             (1 - e^-a)·v_leak     i' = e^-b·i + b·w_in·x
/// without leak, all     1          dt·r            0
///
/// n = number of spikes of the old v                             (only with reset_at = "next_step")
/// if n > 0:     to_reset: v ← v_reset     to_zero: v ← 0        (only with reset_at = "next_step")
/// v ← (keep·v + gain·x) + rest            in neurons with a current, x is i' or, with current = "old", i
/// subtract: v ← v - n·v_threshold                               (only with reset_at = "next_step")
/// v ← max(v, -v_threshold)                                      (only with floor = true)
/// s = number of spikes of v
/// if s > 0:     to_reset: v ← v_reset     to_zero: v ← 0     subtract: v ← v - s·v_threshold
///                                                               (only with reset_at = "same_step")
/// ```
///
/// The outputs are `s`, or `v` for neurons that do not spike; with `output = "next_step"` they are those of the previous step.
/// `keep`, `gain` and `rest` are computed in double precision and rounded once. Everything else is computed in the network's
/// precision, and every operation is rounded. `v`, `i` and the outputs before the first step are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// Integration method.
    pub integration: Integration,
    /// Effect of a spike on the membrane.
    pub reset: StepReset,
    /// Step in which the reset happens.
    #[serde(default)]
    pub reset_at: StepTiming,
    /// Comparison of the membrane with the threshold.
    #[serde(default)]
    pub spikes: Spikes,
    /// If true, the number of spikes in a step is the number of thresholds that the membrane has passed; otherwise at most 1.
    #[serde(default)]
    pub several: bool,
    /// If true, membranes do not fall below the negative threshold.
    #[serde(default)]
    pub floor: bool,
    /// Synaptic current that drives the membrane.
    #[serde(default)]
    pub current: Current,
    /// Step in which the outputs appear.
    #[serde(default)]
    pub output: StepTiming,
}

/// Integration method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Integration {
    /// Forward Euler; `dt` must not exceed a time constant.
    Euler,
    /// Exact, for inputs that are constant during a step.
    Exponential,
    /// Exact decay; inputs are impulses at the end of the step, with the total effect that they would have without decay.
    Impulse,
}

/// Effect of a spike on the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepReset {
    /// The membrane is set to `v_reset`.
    ToReset,
    /// The membrane is set to zero; `v_reset` must be zero.
    ToZero,
    /// The threshold is subtracted; `v_reset` must be zero.
    Subtract,
    /// No reset.
    None,
}

/// Step in which an effect happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepTiming {
    /// The step that causes it.
    #[default]
    SameStep,
    /// The next step.
    NextStep,
}

/// Comparison of the membrane with the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spikes {
    /// A membrane spikes above the threshold.
    #[default]
    Above,
    /// A membrane spikes at or above the threshold.
    AtOrAbove,
}

/// Synaptic current that drives the membrane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Current {
    /// The current after the step.
    #[default]
    New,
    /// The current before the step.
    Old,
}

/// An error about a name that is not a simulator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dynamics `{found}`; there are {known}{hint}")]
pub struct UnknownDynamics {
    found: String,
    known: String,
    hint: String,
}

impl Simulator {
    /// All simulators.
    pub const ALL: &[Self] = &[
        Self::Norse,
        Self::SnnTorch,
        Self::SpiNNaker2,
        Self::Lava,
        Self::Nengo,
        Self::Sinabs,
        Self::Rockpool,
        Self::Spyx,
    ];

    /// Name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Norse => "norse",
            Self::SnnTorch => "snntorch",
            Self::SpiNNaker2 => "spinnaker2",
            Self::Lava => "lava",
            Self::Nengo => "nengo",
            Self::Sinabs => "sinabs",
            Self::Rockpool => "rockpool",
            Self::Spyx => "spyx",
        }
    }

    /// Rule for neurons with or without leak.
    #[must_use]
    pub fn rule(self, leaks: bool) -> StepRule {
        let euler = StepRule {
            integration: Integration::Euler,
            reset: StepReset::ToZero,
            reset_at: StepTiming::SameStep,
            spikes: Spikes::Above,
            several: false,
            floor: false,
            current: Current::New,
            output: StepTiming::SameStep,
        };
        let impulse = StepRule {
            integration: Integration::Impulse,
            reset: StepReset::Subtract,
            spikes: Spikes::AtOrAbove,
            ..euler
        };
        match self {
            Self::Norse => StepRule { reset: StepReset::ToReset, ..euler },
            Self::SnnTorch | Self::SpiNNaker2 => euler,
            Self::Lava => StepRule { output: StepTiming::NextStep, ..euler },
            Self::Nengo => StepRule { integration: Integration::Exponential, ..euler },
            Self::Sinabs => StepRule { several: true, floor: !leaks, ..impulse },
            Self::Rockpool => impulse,
            Self::Spyx => {
                let next = StepTiming::NextStep;
                StepRule { reset: StepReset::Subtract, reset_at: next, output: next, ..euler }
            }
        }
    }
}

impl Dynamics {
    /// Rule for neurons with or without leak.
    #[must_use]
    pub fn rule(self, leaks: bool) -> StepRule {
        match self {
            Self::Simulator(simulator) => simulator.rule(leaks),
            Self::Rule(rule) => rule,
        }
    }
}

impl From<Simulator> for Dynamics {
    fn from(simulator: Simulator) -> Self {
        Self::Simulator(simulator)
    }
}

impl From<StepRule> for Dynamics {
    fn from(rule: StepRule) -> Self {
        Self::Rule(rule)
    }
}

impl<'de> Deserialize<'de> for Dynamics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrRule)
    }
}

/// Visitor that accepts a name or a table, and reports precise errors for both.
struct NameOrRule;

impl<'de> Visitor<'de> for NameOrRule {
    type Value = Dynamics;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a simulator, such as \"norse\", or a table with a rule")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Dynamics, E> {
        name.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Dynamics, A::Error> {
        StepRule::deserialize(MapAccessDeserializer::new(table)).map(Dynamics::Rule)
    }
}

impl FromStr for Dynamics {
    type Err = UnknownDynamics;

    fn from_str(name: &str) -> Result<Self, UnknownDynamics> {
        let names = || Simulator::ALL.iter().copied().map(Simulator::name);
        let known = Simulator::ALL.iter().copied().find(|simulator| simulator.name() == name);
        known.map(Self::Simulator).ok_or_else(|| UnknownDynamics {
            found: name.to_owned(),
            known: listed(names()),
            hint: did_you_mean(name, names()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_are_the_names_that_are_parsed() {
        for simulator in Simulator::ALL.iter().copied() {
            let written = toml::Value::try_from(Dynamics::Simulator(simulator)).unwrap();
            assert_eq!(written, toml::Value::String(simulator.name().to_owned()));
            assert_eq!(written.try_into(), Ok(Dynamics::Simulator(simulator)));
            assert_eq!(simulator.name().parse(), Ok(Dynamics::Simulator(simulator)));
        }
    }
}
