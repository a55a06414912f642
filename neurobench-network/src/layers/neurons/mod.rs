//! What all kinds of spiking neurons share: constants, resets, what they hand on, and the loop over neurons.

mod constant;

use serde::{Deserialize, Serialize};

pub use constant::Constant;
pub(in crate::layers) use constant::{Constants, constant, constant_if_any};

use crate::NetworkBuilder;
use crate::error::{NetworkError, TensorError};
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{Built, Parts, STRETCH};
use crate::real::Real;
use neurobench_core::model::{Layer, Needs, StoredTensor};

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

    /// The one of its own among what holds for subtraction, for zero and for none.
    pub(in crate::layers) fn of<T>(self, subtract: T, zero: T, none: T) -> T {
        match self {
            Self::Subtract => subtract,
            Self::Zero => zero,
            Self::None => none,
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

/// What neurons hand on to the next layer. The recorded activations are the spikes in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeuronOutput {
    /// The spikes.
    #[default]
    Spikes,
    /// The membranes after the step, as a readout that is a number needs them.
    Membrane,
}

/// What every configuration of snnTorch's neurons can be told: its threshold, its reset, and what it hands on.
macro_rules! firing {
    ($config:ident) => {
        $crate::layers::settable::settable!($config {
            /// The same with another threshold.
            with_threshold(threshold: impl Into<Constant>);
            /// The same with another reset.
            with_reset(reset: Reset);
            /// The same, handing on something else.
            with_output(output: NeuronOutput);
        });
    };
}
pub(in crate::layers) use firing;

/// The keys that all neurons have.
#[derive(Clone, Debug)]
pub(in crate::layers) struct Common {
    pub(in crate::layers) reset: Reset,
    pub(in crate::layers) output: NeuronOutput,
}

impl Common {
    /// The keys as a network file has them.
    pub(in crate::layers) fn settings(&self) -> toml::Table {
        let mut settings = toml::Table::new();
        settings.insert("reset".to_owned(), toml::Value::String(self.reset.name().to_owned()));
        if self.output == NeuronOutput::Membrane {
            settings.insert("output".to_owned(), toml::Value::String("membrane".to_owned()));
        }
        settings
    }

    /// Claims the tensors that say what the keys say, and makes the layer.
    pub(in crate::layers) fn build<R: Real>(
        self,
        mut parts: Parts<'_, '_>,
        mut buffers: Vec<StoredTensor>,
        rule: impl Rule<R> + 'static,
    ) -> Result<Built<R>, NetworkError> {
        self.claim::<R>(&mut parts, &mut buffers)?;
        let (neurons, output) = (parts.elements(), self.output);
        let layer = buffers.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_buffer);
        Ok(Built::vectorized(layer, Neurons { neurons, output, rule }, parts.shape.to_vec()))
    }

    /// Claims the tensors that say what the keys say.
    pub(in crate::layers) fn claim<R: Real>(
        &self,
        parts: &mut Parts<'_, '_>,
        buffers: &mut Vec<StoredTensor>,
    ) -> Result<(), NetworkError> {
        let reset = self.reset;
        let factor = |value: f64| (value != 1.0).then(|| "only neurons that spike with 1 are supported".to_owned());
        fixed::<R>(parts, "graded_spikes_factor", factor, buffers)?;
        let agrees = |value: f64| {
            let differs = value != f64::from(reset.number());
            differs.then(|| format!("`reset` is \"{}\", which is {}", reset.name(), reset.number()))
        };
        fixed::<R>(parts, "reset_mechanism_val", agrees, buffers)
    }
}

impl NetworkBuilder {
    /// Adds what every neuron of snnTorch stores: its threshold, and two numbers that follow from its reset and its spikes.
    pub(in crate::layers) fn common(self, path: &str, threshold: Constant, reset: Reset) -> Self {
        self.constant(path, "threshold", threshold).tensor(path, "graded_spikes_factor", &[], [1.0]).integer(
            path,
            "reset_mechanism_val",
            i64::from(reset.number()),
        )
    }
}

/// A stored constant that has one supported value, if it is there.
fn fixed<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    refuse: impl Fn(f64) -> Option<String>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<(), NetworkError> {
    let Some(claimed) = parts.weights.constant::<R>(name, parts.shape)? else { return Ok(()) };
    for value in claimed.values {
        let found = value.as_f64();
        if let Some(expected) = refuse(found) {
            return Err(parts.weights.error(name, TensorError::Value { found, expected }));
        }
    }
    buffers.push(claimed.stored);
    Ok(())
}

/// What a kind of neurons computes.
pub(in crate::layers) trait Rule<R>: Send + Sync {
    /// How many synaptic currents its neurons carry beside the membrane.
    const SYNAPSES: usize = 0;

    /// One step of all neurons; counts if it is told to.
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        synapses: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> Counted;
}

/// The kernel: inputs are currents. The state is membranes, then synaptic currents if there are any, one kind after the other.
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
            let of_row = row * self.neurons..(row + 1) * self.neurons;
            // Where membranes are handed on, spikes are only told of.
            let spikes = match self.output {
                NeuronOutput::Spikes => &mut outputs[of_row.clone()],
                NeuronOutput::Membrane => &mut workspace.numbers[of_row.clone()],
            };
            let counted = if counts {
                self.rule.step::<true>(currents, synapses, membranes, spikes)
            } else {
                self.rule.step::<false>(currents, synapses, membranes, spikes)
            };
            nonzero += counted.spikes;
            hook.membranes(row, counted.changed, membranes);
            if self.output == NeuronOutput::Membrane {
                outputs[of_row].copy_from_slice(membranes);
            }
        }
        let spikes = match self.output {
            NeuronOutput::Spikes => outputs,
            NeuronOutput::Membrane => &mut workspace.numbers[..outputs.len()],
        };
        hook.activations(nonzero, spikes, self.neurons);
    }
}

/// What a step counted.
#[derive(Debug, Default, PartialEq)]
pub(in crate::layers) struct Counted {
    pub(in crate::layers) spikes: u64,
    /// Membranes that differ from before.
    pub(in crate::layers) changed: u64,
}

/// The constants of a neuron whose new membrane follows from these, from the old one and from the current.
pub(in crate::layers) trait Membrane<R: Real>: Copy {
    /// The neuron spikes when its membrane exceeds it.
    fn threshold(self) -> R;

    /// The new membrane without a reset.
    fn unreset(self, membrane: R, current: R) -> R;

    /// The new membrane where the threshold is subtracted.
    #[inline(always)]
    fn subtracted(self, membrane: R, current: R) -> R {
        self.unreset(membrane, current) - fires(membrane, self.threshold()) * self.threshold()
    }

    /// The new membrane where it starts again from zero.
    #[inline(always)]
    fn zeroed(self, membrane: R, current: R) -> R {
        let unreset = self.unreset(membrane, current);
        unreset - fires(membrane, self.threshold()) * unreset
    }
}

/// One step of neurons: each reset has a loop of its own, so that none asks which it is.
#[inline(always)]
pub(in crate::layers) fn step<const COUNT: bool, R: Real, C: Membrane<R>>(
    reset: Reset,
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
) -> Counted {
    match reset {
        Reset::Subtract => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::subtracted),
        Reset::Zero => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::zeroed),
        Reset::None => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::unreset),
    }
}

/// The same, where `after` gives the new membrane from the neuron's constants, the old one and the current.
#[inline(always)]
fn lanes<const COUNT: bool, R: Real, C: Membrane<R>>(
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
    after: impl Fn(C, R, R) -> R,
) -> Counted {
    let mut counted = Counted::default();
    let stretches = currents.chunks(STRETCH).zip(membranes.chunks_mut(STRETCH)).zip(spikes.chunks_mut(STRETCH));
    for (index, ((currents, membranes), spikes)) in stretches.enumerate() {
        let (mut fired, mut changed) = (0_u32, 0_u32);
        let mut neuron = |current: &R, membrane: &mut R, spike: &mut R, constants: C| {
            let after = after(constants, *membrane, *current);
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

/// 1 where the membrane exceeds the threshold, else 0.
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
