//! Leaky integrate-and-fire neurons in discrete time, as snnTorch's `Leaky`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With membrane `m` (zero at rest), input current `I`, decay `β` in 0..=1 and threshold `θ`, a step is
//!
//! ```text
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! subtract:  m ← (β·m + I) - r·θ
//! zero:      m ← β·((1 - r)·m) + I
//! none:      m ← β·m + I
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! in single precision, every operation rounded, no fused multiply-add.

use serde::{Deserialize, Serialize};

use crate::model::Needs;
use crate::model::{Layer, StoredTensor};
use crate::network::NetworkBuilder;
use crate::network::error::{NetworkError, TensorError};
use crate::network::layers::{Built, Hook, Kernel, Kind, Parts, STRETCH};

pub(super) const KIND: Kind = Kind { name: "leaky", build };

/// What becomes of a membrane in the step after its spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// The threshold is subtracted from it.
    #[default]
    Subtract,
    /// It starts again from zero.
    Zero,
    /// Nothing.
    None,
}

impl Reset {
    /// Its name in a network file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtract => "subtract",
            Self::Zero => "zero",
            Self::None => "none",
        }
    }

    /// Its number in `reset_mechanism_val`.
    fn number(self) -> u8 {
        match self {
            Self::Subtract => 0,
            Self::Zero => 1,
            Self::None => 2,
        }
    }
}

/// A constant of neurons: one for all, or one for each.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of numbers, one for each neuron")]
pub enum Constant {
    /// The same for all neurons.
    Same(f32),
    /// One for each neuron, in memory order.
    Each(Vec<f32>),
}

impl Constant {
    fn values(&self) -> &[f32] {
        match self {
            Self::Same(value) => std::slice::from_ref(value),
            Self::Each(values) => values,
        }
    }

    fn into_values(self) -> Vec<f32> {
        match self {
            Self::Same(value) => vec![value],
            Self::Each(values) => values,
        }
    }

    /// One number for each of so many neurons.
    fn each(&self, neurons: usize) -> Vec<f32> {
        match self {
            Self::Same(value) => vec![*value; neurons],
            Self::Each(values) => values.clone(),
        }
    }

    /// Whether it is the same for every neuron as another; lists of both are as long as there are neurons.
    fn agrees(&self, other: &Self) -> bool {
        let at = |constant: &Self, index: usize| match constant {
            Self::Same(value) => Some(*value),
            Self::Each(values) => values.get(index).copied(),
        };
        let length = self.values().len().max(other.values().len());
        (0..length).all(|index| at(self, index) == at(other, index))
    }

    fn map(self, change: impl Fn(f32) -> f32) -> Self {
        match self {
            Self::Same(value) => Self::Same(change(value)),
            Self::Each(values) => Self::Each(values.into_iter().map(change).collect()),
        }
    }
}

impl From<f32> for Constant {
    fn from(value: f32) -> Self {
        Self::Same(value)
    }
}

impl From<Vec<f32>> for Constant {
    fn from(values: Vec<f32>) -> Self {
        Self::Each(values)
    }
}

/// The constants of leaky integrate-and-fire neurons.
#[derive(Clone, Debug, PartialEq)]
pub struct LeakyConfig {
    /// `β`: what is left of a membrane after one step. Clamped to 0..=1.
    pub beta: Constant,
    /// `θ`: a neuron spikes when its membrane exceeds it.
    pub threshold: Constant,
    /// What becomes of a membrane in the step after its spike.
    pub reset: Reset,
}

impl LeakyConfig {
    /// Neurons of this decay, with threshold 1 and reset by subtraction.
    pub fn new(beta: impl Into<Constant>) -> Self {
        Self { beta: beta.into(), threshold: Constant::Same(1.0), reset: Reset::Subtract }
    }

    /// The same with another threshold.
    #[must_use]
    pub fn with_threshold(mut self, threshold: impl Into<Constant>) -> Self {
        self.threshold = threshold.into();
        self
    }

    /// The same with another reset.
    #[must_use]
    pub fn with_reset(mut self, reset: Reset) -> Self {
        self.reset = reset;
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    reset: Reset,
    beta: Option<Constant>,
    threshold: Option<Constant>,
}

fn build(mut parts: Parts<'_, '_>) -> Result<Built, NetworkError> {
    let config: Config = parts.settings()?;
    let mut buffers = Vec::new();
    let beta = constant(&mut parts, "beta", config.beta, &mut buffers)?.map(|beta| beta.clamp(0.0, 1.0));
    let threshold = constant(&mut parts, "threshold", config.threshold, &mut buffers)?;
    let factor = |value: f32| (value != 1.0).then(|| "only neurons that spike with 1 are supported".to_owned());
    fixed(&mut parts, "graded_spikes_factor", factor, &mut buffers)?;
    let reset = config.reset;
    let agrees = |value: f32| {
        let differs = value != f32::from(reset.number());
        differs.then(|| format!("`reset` is \"{}\", which is {}", reset.name(), reset.number()))
    };
    fixed(&mut parts, "reset_mechanism_val", agrees, &mut buffers)?;

    let neurons = parts.elements();
    let layer = buffers.into_iter().fold(Layer::neuron(parts.path, KIND.name, neurons), Layer::with_buffer);
    let constants = match (beta, threshold) {
        (Constant::Same(beta), Constant::Same(threshold)) => Constants::Same { beta, threshold },
        (beta, threshold) => Constants::Each { beta: beta.each(neurons), threshold: threshold.each(neurons) },
    };
    Ok(Built::new(layer, Leaky { neurons, reset, constants }, parts.shape.to_vec()))
}

/// A constant from the tensor of that name, from the key of that name, or from both if they agree.
fn constant(
    parts: &mut Parts<'_, '_>,
    name: &str,
    key: Option<Constant>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<Constant, NetworkError> {
    let neurons = parts.elements();
    if let Some(key) = &key {
        if let Some(value) = key.values().iter().find(|value| !value.is_finite()) {
            return Err(parts.problem(format!("`{name}` holds {value}; every number must be finite")));
        }
        if let Constant::Each(values) = key
            && values.len() != neurons
        {
            let found = values.len();
            return Err(parts.problem(format!("`{name}` has {found} numbers; the layer has {neurons} neurons")));
        }
    }
    let Some(claimed) = parts.weights.constant(name, parts.shape)? else {
        return key.ok_or_else(|| parts.problem(format!("`{name}` is neither a key of the layer nor a tensor")));
    };
    buffers.push(claimed.stored);
    let stored = match claimed.values.as_slice() {
        [value] => Constant::Same(*value),
        _ => Constant::Each(claimed.values),
    };
    match key {
        Some(key) if !key.agrees(&stored) => {
            Err(parts.problem(format!("the key `{name}` and the tensor `{}.{name}` differ", parts.path)))
        }
        _ => Ok(stored),
    }
}

/// A stored constant that has one supported value, if it is there.
fn fixed(
    parts: &mut Parts<'_, '_>,
    name: &str,
    refuse: impl Fn(f32) -> Option<String>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<(), NetworkError> {
    let Some(claimed) = parts.weights.constant(name, parts.shape)? else { return Ok(()) };
    for value in claimed.values {
        if let Some(expected) = refuse(value) {
            return Err(parts.weights.error(name, TensorError::Value { found: f64::from(value), expected }));
        }
    }
    buffers.push(claimed.stored);
    Ok(())
}

/// The kernel: membranes are the state, inputs are currents, outputs are spikes.
struct Leaky {
    neurons: usize,
    reset: Reset,
    constants: Constants,
}

enum Constants {
    Same { beta: f32, threshold: f32 },
    Each { beta: Vec<f32>, threshold: Vec<f32> },
}

impl Kernel for Leaky {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        self.neurons
    }

    fn step(&self, currents: &[f32], membranes: &mut [f32], spikes: &mut [f32], hook: &mut Hook<'_>) {
        let counts = Needs::ACTIVATION_COUNTS.union(Needs::MEMBRANE_COUNTS);
        let counted = if hook.probe.wants(counts) {
            self.run::<true>(currents, membranes, spikes)
        } else {
            self.run::<false>(currents, membranes, spikes)
        };
        let updates = if hook.call.step == 0 { self.neurons as u64 } else { counted.changed };
        hook.probe.activation_counted(hook.layer, hook.call, counted.spikes, spikes);
        hook.probe.membrane_counted(hook.layer, hook.call, updates, membranes);
    }
}

/// What a step counted.
#[derive(Default)]
struct Counted {
    spikes: u64,
    /// Membranes that differ from before.
    changed: u64,
}

impl Leaky {
    fn run<const COUNT: bool>(&self, currents: &[f32], membranes: &mut [f32], spikes: &mut [f32]) -> Counted {
        match self.reset {
            Reset::Subtract => self.lanes::<COUNT>(currents, membranes, spikes, subtract),
            Reset::Zero => self.lanes::<COUNT>(currents, membranes, spikes, zero),
            Reset::None => self.lanes::<COUNT>(currents, membranes, spikes, none),
        }
    }

    fn lanes<const COUNT: bool>(
        &self,
        currents: &[f32],
        membranes: &mut [f32],
        spikes: &mut [f32],
        rule: impl Fn(f32, f32, f32, f32) -> f32,
    ) -> Counted {
        let mut counted = Counted::default();
        let stretches = currents.chunks(STRETCH).zip(membranes.chunks_mut(STRETCH)).zip(spikes.chunks_mut(STRETCH));
        for (index, ((currents, membranes), spikes)) in stretches.enumerate() {
            let (mut fired, mut changed) = (0_u32, 0_u32);
            let mut neuron = |current: &f32, membrane: &mut f32, spike: &mut f32, beta: f32, threshold: f32| {
                let after = rule(*membrane, *current, beta, threshold);
                *spike = fires(after, threshold);
                if COUNT {
                    fired += u32::from(*spike != 0.0);
                    changed += u32::from(after != *membrane);
                }
                *membrane = after;
            };
            let lanes = currents.iter().zip(membranes).zip(spikes);
            match &self.constants {
                Constants::Same { beta, threshold } => {
                    for ((current, membrane), spike) in lanes {
                        neuron(current, membrane, spike, *beta, *threshold);
                    }
                }
                Constants::Each { beta, threshold } => {
                    let constants = beta.iter().zip(threshold).skip(index * STRETCH);
                    for (((current, membrane), spike), (beta, threshold)) in lanes.zip(constants) {
                        neuron(current, membrane, spike, *beta, *threshold);
                    }
                }
            }
            counted.spikes += u64::from(fired);
            counted.changed += u64::from(changed);
        }
        counted
    }
}

/// 1 where the membrane exceeds the threshold, else 0.
#[inline]
fn fires(membrane: f32, threshold: f32) -> f32 {
    if membrane - threshold > 0.0 { 1.0 } else { 0.0 }
}

#[inline]
fn subtract(membrane: f32, current: f32, beta: f32, threshold: f32) -> f32 {
    (beta * membrane + current) - fires(membrane, threshold) * threshold
}

#[inline]
fn zero(membrane: f32, current: f32, beta: f32, threshold: f32) -> f32 {
    beta * ((1.0 - fires(membrane, threshold)) * membrane) + current
}

#[inline]
fn none(membrane: f32, current: f32, beta: f32, _: f32) -> f32 {
    beta * membrane + current
}

impl NetworkBuilder {
    /// Adds leaky integrate-and-fire neurons, one for each input; inputs are currents, outputs spikes. They store what
    /// snnTorch's `Leaky` stores: `beta`, `threshold`, `graded_spikes_factor` and `reset_mechanism_val`, 20 bytes if the
    /// first two are the same for all neurons.
    #[must_use]
    pub fn leaky(self, path: &str, config: LeakyConfig) -> Self {
        let shape = |constant: &Constant| match constant {
            Constant::Same(_) => Vec::new(),
            Constant::Each(values) => vec![values.len()],
        };
        let LeakyConfig { beta, threshold, reset } = config;
        let settings = [("reset".to_owned(), toml::Value::String(reset.name().to_owned()))];
        self.layer(path, KIND.name, settings.into_iter().collect())
            .tensor(path, "beta", &shape(&beta), beta.into_values())
            .tensor(path, "threshold", &shape(&threshold), threshold.into_values())
            .tensor(path, "graded_spikes_factor", &[], [1.0])
            .integer(path, "reset_mechanism_val", i64::from(reset.number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The membranes of one neuron for these currents, with β = 1/2 and θ = 1.
    fn membranes(rule: fn(f32, f32, f32, f32) -> f32, currents: &[f32]) -> Vec<f32> {
        let mut membrane = 0.0;
        currents
            .iter()
            .map(|current| {
                membrane = rule(membrane, *current, 0.5, 1.0);
                membrane
            })
            .collect()
    }

    #[test]
    fn the_three_resets_by_hand() {
        let currents = [1.5, 1.5, 0.25, 0.0];
        // 1.5 spikes; 0.75 + 1.5 - 1 spikes; 0.625 + 0.25 - 1; half of it.
        assert_eq!(membranes(subtract, &currents), [1.5, 1.25, -0.125, -0.0625]);
        // 1.5 spikes; from zero 1.5, spikes; from zero 0.25; half of it.
        assert_eq!(membranes(zero, &currents), [1.5, 1.5, 0.25, 0.125]);
        // 1.5; 0.75 + 1.5; 1.125 + 0.25; half of it.
        assert_eq!(membranes(none, &currents), [1.5, 2.25, 1.375, 0.6875]);
    }

    #[test]
    fn a_membrane_on_the_threshold_does_not_spike() {
        assert_eq!(fires(1.0, 1.0), 0.0);
        assert_eq!(fires(1.0_f32.next_up(), 1.0), 1.0);
    }

    #[test]
    fn a_step_counts_spikes_and_changed_membranes() {
        let constants = Constants::Each { beta: vec![0.5, 1.0, 0.0], threshold: vec![1.0, 5.0, 0.25] };
        let leaky = Leaky { neurons: 3, reset: Reset::Subtract, constants };
        let (mut membranes, mut spikes) = ([0.0, 2.0, 3.0], [9.0; 3]);
        let counted = leaky.run::<true>(&[1.5, 0.0, 0.5], &mut membranes, &mut spikes);
        assert_eq!(membranes, [1.5, 2.0, 0.25]);
        assert_eq!(spikes, [1.0, 0.0, 0.0]);
        assert_eq!((counted.spikes, counted.changed), (1, 2));
    }
}
