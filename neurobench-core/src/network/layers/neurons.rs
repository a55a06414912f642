//! What all kinds of spiking neurons share: constants, resets, what they hand on, and the loop over neurons.

use serde::{Deserialize, Serialize};

use crate::model::{Layer, Needs, StoredTensor};
use crate::network::NetworkBuilder;
use crate::network::error::{NetworkError, TensorError};
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::{Built, Parts, STRETCH};
use crate::network::real::Real;

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
    pub(super) fn of<T>(self, subtract: T, zero: T, none: T) -> T {
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

/// A constant of neurons: one for all, or one for each.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of numbers, one for each neuron")]
pub enum Constant {
    /// The same for all neurons.
    Same(f64),
    /// One for each neuron, in memory order.
    Each(Vec<f64>),
}

impl Constant {
    pub(super) fn values(&self) -> &[f64] {
        match self {
            Self::Same(value) => std::slice::from_ref(value),
            Self::Each(values) => values,
        }
    }

    /// As a key of a network file.
    pub(super) fn into_toml(self) -> toml::Value {
        match self {
            Self::Same(value) => toml::Value::Float(value),
            Self::Each(values) => toml::Value::Array(values.into_iter().map(toml::Value::Float).collect()),
        }
    }

    fn into_values(self) -> Vec<f64> {
        match self {
            Self::Same(value) => vec![value],
            Self::Each(values) => values,
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

    pub(crate) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Same(value) => Self::Same(change(value)),
            Self::Each(values) => Self::Each(values.into_iter().map(change).collect()),
        }
    }
}

macro_rules! constant_from {
    ($($number:ty),*) => { $(
        impl From<$number> for Constant {
            fn from(value: $number) -> Self { Self::Same(value.into()) }
        }

        impl From<Vec<$number>> for Constant {
            fn from(values: Vec<$number>) -> Self { Self::Each(values.into_iter().map(Into::into).collect()) }
        }
    )* };
}
constant_from!(f32, f64);

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
        $crate::network::layers::settable::settable!($config {
            /// The same with another threshold.
            with_threshold(threshold: impl Into<Constant>);
            /// The same with another reset.
            with_reset(reset: Reset);
            /// The same, handing on something else.
            with_output(output: NeuronOutput);
        });
    };
}
pub(super) use firing;

/// The keys that all neurons have.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) reset: Reset,
    pub(super) output: NeuronOutput,
}

impl Common {
    /// The keys as a network file has them.
    pub(super) fn settings(&self) -> toml::Table {
        let mut settings = toml::Table::new();
        settings.insert("reset".to_owned(), toml::Value::String(self.reset.name().to_owned()));
        if self.output == NeuronOutput::Membrane {
            settings.insert("output".to_owned(), toml::Value::String("membrane".to_owned()));
        }
        settings
    }

    /// Claims the tensors that say what the keys say, and makes the layer.
    pub(super) fn build<R: Real>(
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
    pub(super) fn claim<R: Real>(
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
    /// Adds a constant of neurons.
    pub(super) fn constant(self, path: &str, name: &str, constant: Constant) -> Self {
        let shape = match &constant {
            Constant::Same(_) => Vec::new(),
            Constant::Each(values) => vec![values.len()],
        };
        self.tensor(path, name, &shape, constant.into_values())
    }

    /// Adds what every neuron of snnTorch stores: its threshold, and two numbers that follow from its reset and its spikes.
    pub(super) fn common(self, path: &str, threshold: Constant, reset: Reset) -> Self {
        self.constant(path, "threshold", threshold).tensor(path, "graded_spikes_factor", &[], [1.0]).integer(
            path,
            "reset_mechanism_val",
            i64::from(reset.number()),
        )
    }
}

/// A constant that must be there, from the tensor of that name, from the key of that name, or from both if they agree.
pub(super) fn constant<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    key: Option<Constant>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<Constant, NetworkError> {
    let constant = constant_if_any::<R>(parts, name, key, buffers)?;
    constant.ok_or_else(|| parts.problem(format!("`{name}` is neither a key of the layer nor a tensor")))
}

/// The same of a constant that may be missing.
pub(super) fn constant_if_any<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    key: Option<Constant>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<Option<Constant>, NetworkError> {
    let neurons = parts.elements();
    if let Some(key) = &key {
        if let Some(value) = key.values().iter().find(|value| !value.is_finite()) {
            return Err(parts.problem(format!("`{name}` holds {value}; every number must be finite")));
        }
        if let Some(value) = key.values().iter().find(|value| !R::nearest(**value).is_finite()) {
            return Err(parts.problem(format!("`{name}` holds {value:e}, which is beyond {}", R::NAME)));
        }
        if let Constant::Each(values) = key
            && values.len() != neurons
        {
            let found = values.len();
            return Err(parts.problem(format!("`{name}` has {found} numbers; the layer has {neurons} neurons")));
        }
    }
    let Some(claimed) = parts.weights.constant::<R>(name, parts.shape)? else { return Ok(key) };
    buffers.push(claimed.stored);
    let stored = match claimed.values.as_slice() {
        [value] => Constant::Same(value.as_f64()),
        values => Constant::Each(values.iter().map(|value| value.as_f64()).collect()),
    };
    // A key says the same as a tensor if it rounds to the same number.
    let rounded = |constant: Constant| constant.map(|value| R::nearest(value).as_f64());
    match key.map(rounded) {
        Some(key) if !key.agrees(&stored) => {
            Err(parts.problem(format!("the key `{name}` and the tensor `{}.{name}` differ", parts.path)))
        }
        _ => Ok(Some(stored)),
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

/// The constants of neurons as a kernel reads them.
pub(super) enum Constants<C> {
    /// The same for all.
    Same(C),
    /// One for each neuron.
    Each(Vec<C>),
}

impl<C> Constants<C> {
    /// From the constants that one neuron has, in the order in which `make` takes them.
    pub(super) fn new<const K: usize, R: Real>(
        neurons: usize,
        constants: &[Constant; K],
        make: impl Fn([R; K]) -> C,
    ) -> Self {
        let at = |index: usize| {
            constants.each_ref().map(|constant| match constant {
                Constant::Same(value) => R::nearest(*value),
                // There are as many as neurons: so it was claimed.
                Constant::Each(values) => values.get(index).map(|value| R::nearest(*value)).unwrap_or_default(),
            })
        };
        if constants.iter().all(|constant| matches!(constant, Constant::Same(_))) {
            Self::Same(make(at(0)))
        } else {
            Self::Each((0..neurons).map(|index| make(at(index))).collect())
        }
    }

    /// Those of a neuron.
    #[inline(always)]
    pub(super) fn of(&self, neuron: usize) -> &C {
        match self {
            Self::Same(constants) => constants,
            Self::Each(each) => &each[neuron],
        }
    }

    /// Whether all of them pass.
    pub(super) fn all(&self, pass: impl Fn(&C) -> bool) -> bool {
        match self {
            Self::Same(constants) => pass(constants),
            Self::Each(each) => each.iter().all(pass),
        }
    }
}

/// What a kind of neurons computes.
pub(super) trait Rule<R>: Send + Sync {
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
pub(super) struct Counted {
    pub(super) spikes: u64,
    /// Membranes that differ from before.
    pub(super) changed: u64,
}

/// The constants of a neuron whose new membrane follows from these, from the old one and from the current.
pub(super) trait Membrane<R: Real>: Copy {
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
pub(super) fn step<const COUNT: bool, R: Real, C: Membrane<R>>(
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
pub(super) fn fires<R: Real>(membrane: R, threshold: R) -> R {
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
