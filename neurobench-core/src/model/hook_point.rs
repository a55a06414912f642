//! Points of a layer at which a model reports numbers.

use crate::model::{Layer, LayerKind, Needs};

/// A point of a layer at which a model reports numbers, in addition to the outputs of activation layers, the inputs of
/// connection layers and the membranes after a step, which have methods of their own on the [`Probe`](crate::model::Probe).
///
/// A layer declares its points by [`Layer::with_hook_point`], and the model reports them by
/// [`Probe::report`](crate::model::Probe::report). A metric that needs a point that a layer of the kind does not
/// declare is an error when the benchmark is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookPoint {
    /// Inputs of an activation layer; for neurons, their input currents, before any feedback within the layer.
    PreActivations,
    /// Outputs of a connection layer.
    ConnectionOutputs,
    /// Membrane potentials that are compared with the threshold, before the reset that follows the spikes.
    ///
    /// If the reset happens in the step after the spike, as in snnTorch, these are the membranes after the step.
    PreResetMembranes,
    /// Synaptic currents of neurons after a step: for each kind of current, one of each neuron.
    SynapticCurrents,
    /// State of a recurrent layer after a step: for each layer and direction of a stack, the outputs of all units and,
    /// for LSTM, their cells.
    RecurrentStates,
}

impl HookPoint {
    /// All hook points.
    pub const ALL: [Self; 5] = [
        Self::PreActivations,
        Self::ConnectionOutputs,
        Self::PreResetMembranes,
        Self::SynapticCurrents,
        Self::RecurrentStates,
    ];
    const FIRST_COUNT: u32 = 11;
    const FIRST_TRACE: u32 = 16;
    /// The bits of all counts.
    pub(crate) const ALL_COUNTS: u32 = 0b1_1111 << Self::FIRST_COUNT;
    /// The bits of all traces.
    pub(crate) const ALL_TRACES: u32 = 0b1_1111 << Self::FIRST_TRACE;

    /// Returns the need for the counts at this point.
    #[must_use]
    pub const fn counts(self) -> Needs {
        Needs::data(1 << (Self::FIRST_COUNT + self as u32))
    }

    /// Returns the need for the numbers at this point.
    #[must_use]
    pub const fn traces(self) -> Needs {
        Needs::data(1 << (Self::FIRST_TRACE + self as u32))
    }

    /// Returns the need for either.
    #[must_use]
    pub const fn either(self) -> Needs {
        self.counts().union(self.traces())
    }

    /// Returns the numbers in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreActivations => "pre-activations",
            Self::ConnectionOutputs => "outputs",
            Self::PreResetMembranes => "membranes before the reset",
            Self::SynapticCurrents => "synaptic currents",
            Self::RecurrentStates => "recurrent state",
        }
    }

    /// Returns true if a layer must have this point for a metric that needs it. Synaptic currents and recurrent states
    /// are not parts of every layer of a kind.
    pub(crate) fn is_required_of(self, layer: &Layer) -> bool {
        match self {
            Self::PreActivations => layer.is_activation(),
            Self::ConnectionOutputs => layer.kind() == LayerKind::Connection,
            Self::PreResetMembranes => layer.kind() == LayerKind::Neuron,
            Self::SynapticCurrents | Self::RecurrentStates => false,
        }
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}
