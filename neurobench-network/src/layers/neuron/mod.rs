//! Common parts of spiking neurons: constants, resets, outputs, and the loop over neurons.

mod alpha;
mod constant;
pub(super) mod feedback;
mod lapicque;
mod leaky;
mod radlif;
mod rleaky;
mod synaptic;

use serde::{Deserialize, Serialize};

pub use alpha::AlphaConfig;
pub use constant::Constant;
pub(in crate::layers) use constant::{Constants, constant, optional_constant};
pub use feedback::SpikeFeedback;
pub use lapicque::LapicqueConfig;
pub use leaky::LeakyConfig;
pub use radlif::RadLifConfig;
pub use synaptic::SynapticConfig;

use crate::NetworkBuilder;
use crate::error::{NetworkError, TensorError};
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{BuiltLayer, Parts, STRETCH};
use crate::real::Real;
use neurobench_core::model::{Layer, Needs, StoredTensor};

/// Reset of a membrane in the step after its spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// The threshold is subtracted from the membrane.
    #[default]
    Subtract,
    /// The membrane is set to zero.
    Zero,
    /// No reset.
    None,
}

impl Reset {
    /// Name in a network file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtract => "subtract",
            Self::Zero => "zero",
            Self::None => "none",
        }
    }

    /// Selects the value for this reset.
    pub(in crate::layers) fn select<T>(self, subtract: T, zero: T, none: T) -> T {
        match self {
            Self::Subtract => subtract,
            Self::Zero => zero,
            Self::None => none,
        }
    }

    /// Number in `reset_mechanism_val`.
    fn number(self) -> u8 {
        match self {
            Self::Subtract => 0,
            Self::Zero => 1,
            Self::None => 2,
        }
    }
}

/// Outputs of neurons for the next layer. The recorded activations are the spikes in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeuronOutput {
    /// The spikes.
    #[default]
    Spikes,
    /// The membranes after the step, for example for a numeric readout.
    Membrane,
}

/// Defines the methods that every configuration of snnTorch's neurons has: they set the threshold, the reset and the outputs.
macro_rules! firing {
    ($config:ident) => {
        impl $config {
            /// Sets the threshold.
            #[must_use]
            pub fn with_threshold(mut self, threshold: impl Into<Constant>) -> Self {
                self.threshold = Some(threshold.into());
                self
            }
        }

        $crate::layers::settable::settable!($config {
            /// Sets the reset.
            with_reset(reset: Reset);
            /// Sets the outputs.
            with_output(output: NeuronOutput);
        });
    };
}
pub(in crate::layers) use firing;

/// Settings of all neurons of snnTorch.
#[derive(Clone, Debug)]
pub(in crate::layers) struct Common {
    pub(in crate::layers) reset: Reset,
    pub(in crate::layers) output: NeuronOutput,
}

impl Common {
    /// Converts the keys to those of a network file.
    pub(in crate::layers) fn settings(&self) -> toml::Table {
        let mut settings = toml::Table::new();
        settings.insert("reset".to_owned(), toml::Value::String(self.reset.name().to_owned()));
        if self.output == NeuronOutput::Membrane {
            settings.insert("output".to_owned(), toml::Value::String("membrane".to_owned()));
        }
        settings
    }

    /// Claims the tensors that must agree with the keys, and builds the layer.
    pub(in crate::layers) fn build<R: Real>(
        self,
        mut parts: Parts<'_, '_>,
        mut buffers: Vec<StoredTensor>,
        rule: impl Rule<R> + 'static,
    ) -> Result<BuiltLayer<R>, NetworkError> {
        self.claim::<R>(&mut parts, &mut buffers)?;
        let (neurons, output) = (parts.elements(), self.output);
        let layer = buffers.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_buffer);
        Ok(BuiltLayer::vectorized(layer, Neurons { neurons, output, rule }, parts.shape.to_vec()))
    }

    /// Claims the tensors that must agree with the keys.
    pub(in crate::layers) fn claim<R: Real>(
        &self,
        parts: &mut Parts<'_, '_>,
        buffers: &mut Vec<StoredTensor>,
    ) -> Result<(), NetworkError> {
        let reset = self.reset;
        let factor = |value: f64| (value != 1.0).then(|| "it must be 1".to_owned());
        claim_fixed::<R>(parts, "graded_spikes_factor", factor, buffers)?;
        let agrees = |value: f64| {
            let differs = value != f64::from(reset.number());
            differs.then(|| format!("it must be {1}, because `reset` is \"{0}\"", reset.name(), reset.number()))
        };
        claim_fixed::<R>(parts, "reset_mechanism_val", agrees, buffers)
    }
}

impl NetworkBuilder {
    /// Adds the tensors of all neurons of snnTorch: the threshold, and two numbers that follow from the reset and the spikes.
    pub(in crate::layers) fn common(self, path: &str, threshold: Option<Constant>, reset: Reset) -> Self {
        self.constants(path, [("threshold", threshold)]).tensor(path, "graded_spikes_factor", &[], [1.0]).integer(
            path,
            "reset_mechanism_val",
            i64::from(reset.number()),
        )
    }
}

/// Claims an optional constant with a single supported value.
fn claim_fixed<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    problem: impl Fn(f64) -> Option<String>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<(), NetworkError> {
    let Some(claimed) = parts.weights.constant::<R>(name, parts.shape)? else { return Ok(()) };
    for value in claimed.values {
        let found = value.as_f64();
        if let Some(expected) = problem(found) {
            return Err(parts.weights.error(name, TensorError::Value { found, expected }));
        }
    }
    buffers.push(claimed.stored);
    Ok(())
}

/// Computation of a kind of neurons.
pub(in crate::layers) trait Rule<R>: Send + Sync {
    /// Number of synaptic currents of a neuron, in addition to the membrane.
    const SYNAPSES: usize = 0;

    /// Computes a step of all neurons; counts spikes and changed membranes if `COUNT` is true.
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        synapses: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> StepCounts;
}

/// The kernel. The inputs are currents. The state is the membranes, followed by the synaptic currents if there are any, one kind
/// after the other.
struct Neurons<N> {
    neurons: usize,
    output: NeuronOutput,
    rule: N,
}

impl<R: Real, N: Rule<R>> Kernel<R> for Neurons<N> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        self.neurons * (1 + N::SYNAPSES)
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        (self.output == NeuronOutput::Spikes).then_some(1.0)
    }

    fn emits_spikes(&self) -> bool {
        self.output == NeuronOutput::Spikes
    }

    #[inline(always)]
    fn run(
        &self,
        currents: &[R],
        state: &mut [R],
        outputs: &mut [R],
        workspace: &mut Workspace<R>,
        hook: &mut Hook<'_>,
    ) {
        let counts = hook.wants(Needs::ACTIVATION_COUNTS.union(Needs::MEMBRANE_COUNTS));
        let (membranes, synapses) = state.split_at_mut(self.neurons);
        if self.output == NeuronOutput::Membrane {
            workspace.numbers.room(outputs.len());
        }
        let mut nonzero = 0;
        for (row, currents) in currents.chunks_exact(self.neurons).enumerate() {
            let row_range = row * self.neurons..(row + 1) * self.neurons;
            // If the outputs are membranes, the spikes are only reported to the probe.
            let spikes = match self.output {
                NeuronOutput::Spikes => &mut outputs[row_range.clone()],
                NeuronOutput::Membrane => &mut workspace.numbers[row_range.clone()],
            };
            let counted = if counts {
                self.rule.step::<true>(currents, synapses, membranes, spikes)
            } else {
                self.rule.step::<false>(currents, synapses, membranes, spikes)
            };
            nonzero += counted.spikes;
            hook.membranes(row, counted.changed, membranes);
            if self.output == NeuronOutput::Membrane {
                outputs[row_range].copy_from_slice(membranes);
            }
        }
        let spikes = match self.output {
            NeuronOutput::Spikes => outputs,
            NeuronOutput::Membrane => &mut workspace.numbers[..outputs.len()],
        };
        hook.activations(nonzero, spikes, self.neurons);
    }
}

/// Counts of a step.
#[derive(Debug, Default, PartialEq)]
pub(in crate::layers) struct StepCounts {
    pub(in crate::layers) spikes: u64,
    /// Number of membranes that changed.
    pub(in crate::layers) changed: u64,
}

/// Constants of a neuron whose new membrane depends only on these, the old membrane and the current.
pub(in crate::layers) trait Membrane<R: Real>: Copy {
    /// Threshold: the neuron spikes when its membrane exceeds it.
    fn threshold(self) -> R;

    /// Computes the new membrane without a reset.
    fn without_reset(self, membrane: R, current: R) -> R;

    /// Computes the new membrane with a reset by subtraction of the threshold.
    #[inline(always)]
    fn subtract_reset(self, membrane: R, current: R) -> R {
        self.without_reset(membrane, current) - fires(membrane, self.threshold()) * self.threshold()
    }

    /// Computes the new membrane with a reset to zero.
    #[inline(always)]
    fn zero_reset(self, membrane: R, current: R) -> R {
        let unreset = self.without_reset(membrane, current);
        unreset - fires(membrane, self.threshold()) * unreset
    }
}

/// Computes a step of all neurons. Each reset has its own loop, so that the loops have no branch for it.
#[inline(always)]
pub(in crate::layers) fn step<const COUNT: bool, R: Real, C: Membrane<R>>(
    reset: Reset,
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
) -> StepCounts {
    match reset {
        Reset::Subtract => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::subtract_reset),
        Reset::Zero => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::zero_reset),
        Reset::None => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::without_reset),
    }
}

/// Computes a step of all neurons; `update` returns the new membrane from the neuron's constants, the old membrane and the
/// current.
#[inline(always)]
fn lanes<const COUNT: bool, R: Real, C: Membrane<R>>(
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
    update: impl Fn(C, R, R) -> R,
) -> StepCounts {
    let mut counted = StepCounts::default();
    let stretches = currents.chunks(STRETCH).zip(membranes.chunks_mut(STRETCH)).zip(spikes.chunks_mut(STRETCH));
    for (index, ((currents, membranes), spikes)) in stretches.enumerate() {
        let (mut fired, mut changed) = (0_u32, 0_u32);
        let mut neuron = |current: &R, membrane: &mut R, spike: &mut R, constants: C| {
            let after = update(constants, *membrane, *current);
            *spike = fires(after, constants.threshold());
            if COUNT {
                fired += u32::from(!spike.is_zero());
                changed += u32::from(after != *membrane);
            }
            *membrane = after;
        };
        let lanes = currents.iter().zip(membranes).zip(spikes);
        match constants {
            Constants::Same(constants) => {
                for ((current, membrane), spike) in lanes {
                    neuron(current, membrane, spike, *constants);
                }
            }
            Constants::Each(each) => {
                for (((current, membrane), spike), constants) in lanes.zip(each.iter().skip(index * STRETCH)) {
                    neuron(current, membrane, spike, *constants);
                }
            }
        }
        counted.spikes += u64::from(fired);
        counted.changed += u64::from(changed);
    }
    counted
}

/// Returns 1 if the membrane exceeds the threshold, otherwise 0.
#[inline(always)]
pub(in crate::layers) fn fires<R: Real>(membrane: R, threshold: R) -> R {
    if membrane - threshold > R::zero() { R::one() } else { R::zero() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membrane_on_the_threshold_does_not_spike() {
        assert_eq!(fires(1.0, 1.0), 0.0);
        assert_eq!(fires(1.0_f32.next_up(), 1.0), 1.0);
    }
}
