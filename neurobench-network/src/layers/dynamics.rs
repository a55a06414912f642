//! How neurons that are defined in continuous time are stepped.
//!
//! NIR (Jens E. Pedersen et al., "Neuromorphic intermediate representation: A unified instruction set for interoperable
//! brain-inspired computing", Nature Communications 15, 2024, doi
//! [10.1038/s41467-024-52259-9](https://doi.org/10.1038/s41467-024-52259-9)) says how a membrane `v` and a synaptic current `i`
//! change in time, and every simulator has its own way to make steps of it.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use neurobench_core::names::{did_you_mean, listed};

/// How neurons that are defined in continuous time are stepped: as a simulator does it, or by a rule that is spelled out.
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
    /// As this simulator.
    Simulator(Simulator),
    /// By this rule.
    Rule(StepRule),
}

/// A simulator whose steps are known.
///
/// Membranes are in NIR's units whatever the simulator scales them by: snnTorch's, for one, are these divided by `r·dt/tau`.
/// All of them but [`Norse`](Self::Norse) reset to zero or by subtraction, and refuse neurons whose `v_reset` is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Simulator {
    /// Forward Euler; spikes above the threshold; resets to `v_reset`.
    Norse,
    /// Forward Euler; spikes above the threshold; resets to zero in the same step, as its importer of NIR has it.
    /// A graph whose metadata have the `reset_mechanism` of snnTorch's own neurons becomes these instead, which reset a step later.
    SnnTorch,
    /// Forward Euler; spikes above the threshold; resets to zero.
    SpiNNaker2,
    /// Forward Euler; spikes above the threshold; resets to zero; outputs come one step later. In floating point.
    Lava,
    /// Exact for inputs that are constant during a step; spikes above the threshold; resets to zero.
    Nengo,
    /// Inputs are impulses; spikes at the threshold or above, several in a step; subtracts the threshold for each. Neurons
    /// without leak do not fall below the negative of the threshold.
    Sinabs,
    /// Inputs are impulses; spikes at the threshold or above; subtracts the threshold.
    Rockpool,
    /// Forward Euler; spikes above the threshold; subtracts the threshold in the next step, which is when the spike comes.
    Spyx,
}

/// How a step goes, spelled out.
///
/// With input `x`, `a = dt/tau` and `b = dt/tau_syn`, a step is, in this order,
///
/// ```text
///                       keep       gain            rest                  synapse
/// euler                 1 - a      a·r             a·v_leak              i' = (1 - b)·i + b·w_in·x
/// exponential           e^-a       (1 - e^-a)·r    (1 - e^-a)·v_leak     i' = e^-b·i + (1 - e^-b)·w_in·x
/// impulse               e^-a       a·r             (1 - e^-a)·v_leak     i' = e^-b·i + b·w_in·x
/// without leak, all     1          dt·r            0
///
/// n = the spikes that the old v calls for                       (with reset_at = "next_step" only)
/// where n > 0:  to_reset: v ← v_reset     to_zero: v ← 0        (likewise)
/// v ← (keep·v + gain·x) + rest            x is i' or, with current = "old", i in neurons that have one
/// subtract: v ← v - n·v_threshold                               (with reset_at = "next_step" only)
/// v ← max(v, -v_threshold)                                      (with floor = true only)
/// s = the spikes that v calls for
/// where s > 0:  to_reset: v ← v_reset     to_zero: v ← 0     subtract: v ← v - s·v_threshold
///                                                               (with reset_at = "same_step" only)
/// ```
///
/// The outputs are `s`, or `v` of what does not spike; with `output = "next_step"` those of the step before. `keep`, `gain` and
/// `rest` are computed in double precision and rounded once; all else is in the network's kind of numbers, every operation
/// rounded. `v`, `i` and what came before the first step are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// How time is integrated over.
    pub integration: Integration,
    /// What a spike does to the membrane.
    pub reset: StepReset,
    /// When it does it.
    #[serde(default)]
    pub reset_at: When,
    /// Where the threshold is.
    #[serde(default)]
    pub spikes: Spikes,
    /// Whether there are as many spikes in a step as thresholds that the membrane has passed.
    #[serde(default)]
    pub several: bool,
    /// Whether membranes do not fall below the negative of the threshold.
    #[serde(default)]
    pub floor: bool,
    /// Which synaptic current drives the membrane.
    #[serde(default)]
    pub current: Current,
    /// When the outputs come.
    #[serde(default)]
    pub output: When,
}

/// How time is integrated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Integration {
    /// Forward Euler; `dt` must not exceed a time constant.
    Euler,
    /// Exact, for inputs that are constant during a step.
    Exponential,
    /// Exact decay; inputs are impulses at the end of the step, that bring what they would bring in all without decay.
    Impulse,
}

/// What a spike does to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepReset {
    /// It starts again from `v_reset`.
    ToReset,
    /// It starts again from zero; `v_reset` must be zero.
    ToZero,
    /// The threshold is subtracted; `v_reset` must be zero.
    Subtract,
    /// Nothing.
    None,
}

/// When something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In the step that causes it.
    #[default]
    SameStep,
    /// In the step after it.
    NextStep,
}

/// Where the threshold is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spikes {
    /// A membrane spikes above it.
    #[default]
    Above,
    /// A membrane spikes at it or above.
    AtOrAbove,
}

/// Which synaptic current drives the membrane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Current {
    /// The one after the step.
    #[default]
    New,
    /// The one before it.
    Old,
}

/// A name that is no simulator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no dynamics `{found}`; there are {known}{hint}")]
pub struct UnknownDynamics {
    found: String,
    known: String,
    hint: String,
}

impl Simulator {
    /// All of them.
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

    /// Its name in files.
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

    /// How it steps neurons that leak, or that do not.
    #[must_use]
    pub fn rule(self, leaks: bool) -> StepRule {
        let euler = StepRule {
            integration: Integration::Euler,
            reset: StepReset::ToZero,
            reset_at: When::SameStep,
            spikes: Spikes::Above,
            several: false,
            floor: false,
            current: Current::New,
            output: When::SameStep,
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
            Self::Lava => StepRule { output: When::NextStep, ..euler },
            Self::Nengo => StepRule { integration: Integration::Exponential, ..euler },
            Self::Sinabs => StepRule { several: true, floor: !leaks, ..impulse },
            Self::Rockpool => impulse,
            Self::Spyx => {
                let next = When::NextStep;
                StepRule { reset: StepReset::Subtract, reset_at: next, output: next, ..euler }
            }
        }
    }
}

impl Dynamics {
    /// The rule for neurons that leak, or that do not.
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

/// Reads either, and says of both what is wrong with them.
struct NameOrRule;

impl<'de> Visitor<'de> for NameOrRule {
    type Value = Dynamics;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a simulator, as \"norse\", or a table that spells the rule out")
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
    fn a_name_in_a_file_is_the_name_that_is_parsed() {
        for simulator in Simulator::ALL.iter().copied() {
            let written = toml::Value::try_from(Dynamics::Simulator(simulator)).unwrap();
            assert_eq!(written, toml::Value::String(simulator.name().to_owned()));
            assert_eq!(written.try_into(), Ok(Dynamics::Simulator(simulator)));
            assert_eq!(simulator.name().parse(), Ok(Dynamics::Simulator(simulator)));
        }
    }
}
