//! Data of a run that a metric needs.
//!
//! Invariant 6: nothing is recorded that no metric needs. The needs of a metric follow from the types of its arguments,
//! so that they cannot be forgotten or overstated.

use crate::model::{HookPoint, Layer, LayerKind};

/// Data of a run that a metric needs: a set, computed at compile time from the types of its arguments.
///
/// A run records only the union of its metrics' needs. The set also holds the kinds of layers without which an input
/// has nothing to show, so that a model without any is reported before a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    data: u32,
    /// Kinds of layers that the model must have, one bit each, by [`LayerGroup`].
    layers: u8,
}

/// Layers that the inputs from hooks show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerGroup {
    Activation,
    Connection,
    Neuron,
    Spiking,
    Synaptic,
    Recurrent,
}

impl LayerGroup {
    const ALL: [Self; 6] =
        [Self::Activation, Self::Connection, Self::Neuron, Self::Spiking, Self::Synaptic, Self::Recurrent];

    /// Returns true for the layers of the group.
    pub(crate) fn contains(self, layer: &Layer) -> bool {
        match self {
            Self::Activation => layer.is_activation(),
            Self::Connection => layer.kind() == LayerKind::Connection,
            Self::Neuron => layer.kind() == LayerKind::Neuron,
            Self::Spiking => layer.is_spiking(),
            Self::Synaptic => layer.has_hook_point(HookPoint::SynapticCurrents),
            Self::Recurrent => layer.has_hook_point(HookPoint::RecurrentStates),
        }
    }

    /// The problem of a model that has none of these layers.
    pub(crate) fn missing(self) -> &'static str {
        match self {
            Self::Activation => "the model has no activation layers",
            Self::Connection => "the model has no connection layers",
            // Neurons are called spiking layers, even if they output their membranes.
            Self::Neuron | Self::Spiking => "the model has no spiking layers",
            Self::Synaptic => "the model has no layers with synaptic currents",
            Self::Recurrent => "the model has no layers with a recurrent state",
        }
    }
}

impl Needs {
    /// No data of a run, only the model.
    pub const NONE: Self = Self::data(0);
    /// Predictions and targets of a batch.
    pub const BATCH: Self = Self::data(1);
    /// Number of non-zero outputs of each activation layer.
    pub const ACTIVATION_COUNTS: Self = Self::data(1 << 1);
    /// Number of operations that the inputs of each connection layer caused.
    pub const CONNECTION_COUNTS: Self = Self::data(1 << 2);
    /// Number of membrane potentials that changed in each neuron layer.
    pub const MEMBRANE_COUNTS: Self = Self::data(1 << 3);
    /// Number of non-zero outputs of each neuron of each activation layer.
    pub const NEURON_COUNTS: Self = Self::data(1 << 4);
    /// Outputs of activation layers.
    pub const ACTIVATION_TRACES: Self = Self::data(1 << 5);
    /// Inputs of connection layers.
    pub const CONNECTION_TRACES: Self = Self::data(1 << 6);
    /// Membrane potentials.
    pub const MEMBRANE_TRACES: Self = Self::data(1 << 7);
    /// Inputs of the model.
    pub const INPUTS: Self = Self::data(1 << 8);
    /// Inputs of the data set, before the preprocessors.
    pub const DATA_INPUTS: Self = Self::data(1 << 9);
    /// Totals of each activation layer: spikes by their size, outputs and calls.
    pub const LAYER_TOTALS: Self = Self::data(1 << 10);
    /// Number of non-zero inputs of each activation layer.
    pub const PRE_ACTIVATION_COUNTS: Self = HookPoint::PreActivations.counts();
    /// Number of non-zero outputs of each connection layer.
    pub const CONNECTION_OUTPUT_COUNTS: Self = HookPoint::ConnectionOutputs.counts();
    /// Number of non-zero membrane potentials before the reset, for each neuron layer.
    pub const PRE_RESET_MEMBRANE_COUNTS: Self = HookPoint::PreResetMembranes.counts();
    /// Number of non-zero synaptic currents of each neuron layer that has them.
    pub const SYNAPTIC_CURRENT_COUNTS: Self = HookPoint::SynapticCurrents.counts();
    /// Number of non-zero numbers in the state of each recurrent layer.
    pub const RECURRENT_STATE_COUNTS: Self = HookPoint::RecurrentStates.counts();
    /// Inputs of activation layers.
    pub const PRE_ACTIVATION_TRACES: Self = HookPoint::PreActivations.traces();
    /// Outputs of connection layers.
    pub const CONNECTION_OUTPUT_TRACES: Self = HookPoint::ConnectionOutputs.traces();
    /// Membrane potentials before the reset.
    pub const PRE_RESET_MEMBRANE_TRACES: Self = HookPoint::PreResetMembranes.traces();
    /// Synaptic currents.
    pub const SYNAPTIC_CURRENT_TRACES: Self = HookPoint::SynapticCurrents.traces();
    /// States of recurrent layers.
    pub const RECURRENT_STATE_TRACES: Self = HookPoint::RecurrentStates.traces();
    /// All counts, of layers and of neurons: the grant of a plain `hooks`.
    pub const COUNTS: Self = Self::data((0b1111 << 1) | (1 << 10) | HookPoint::ALL_COUNTS);
    /// All traces; memory grows with batch, steps and neurons.
    pub const TRACES: Self = Self::data((0b111 << 5) | HookPoint::ALL_TRACES);
    /// All hooks: counts, per-neuron counts and traces.
    pub const HOOKS: Self = Self::COUNTS.union(Self::TRACES);

    pub(crate) const fn data(data: u32) -> Self {
        Self { data, layers: 0 }
    }

    /// Adds a kind of layers that the model must have.
    pub(crate) const fn of_layers(self, group: LayerGroup) -> Self {
        Self { layers: self.layers | 1 << group as u8, ..self }
    }

    /// Returns the set for an input that may be missing: the same data, but the model need not have such layers.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { layers: 0, ..self }
    }

    /// Kinds of layers that the model must have.
    pub(crate) fn layer_groups(self) -> impl Iterator<Item = LayerGroup> {
        LayerGroup::ALL.into_iter().filter(move |group| self.layers & 1 << *group as u8 != 0)
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self { data: self.data | other.data, layers: self.layers | other.layers }
    }

    /// Returns true if every need of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.data & other.data == other.data
    }

    /// Returns true if the sets have a need in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.data & other.data != 0
    }

    /// Returns the needs in words, in the order of the constants above.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = [
            (Self::BATCH, "batches"),
            (Self::ACTIVATION_COUNTS, "counts of activations"),
            (Self::CONNECTION_COUNTS, "counts of synaptic operations"),
            (Self::MEMBRANE_COUNTS, "counts of membrane updates"),
            (Self::NEURON_COUNTS, "counts by neuron"),
            (Self::ACTIVATION_TRACES, "traces of activations"),
            (Self::CONNECTION_TRACES, "traces of inputs of connections"),
            (Self::MEMBRANE_TRACES, "traces of membranes"),
            (Self::INPUTS, "inputs of the model"),
            (Self::DATA_INPUTS, "inputs of the data set"),
            (Self::LAYER_TOTALS, "totals of spikes"),
            (Self::PRE_ACTIVATION_COUNTS, "counts of pre-activations"),
            (Self::CONNECTION_OUTPUT_COUNTS, "counts of outputs of connections"),
            (Self::PRE_RESET_MEMBRANE_COUNTS, "counts of membranes before the reset"),
            (Self::SYNAPTIC_CURRENT_COUNTS, "counts of synaptic currents"),
            (Self::RECURRENT_STATE_COUNTS, "counts of recurrent states"),
            (Self::PRE_ACTIVATION_TRACES, "traces of pre-activations"),
            (Self::CONNECTION_OUTPUT_TRACES, "traces of outputs of connections"),
            (Self::PRE_RESET_MEMBRANE_TRACES, "traces of membranes before the reset"),
            (Self::SYNAPTIC_CURRENT_TRACES, "traces of synaptic currents"),
            (Self::RECURRENT_STATE_TRACES, "traces of recurrent states"),
        ];
        named.into_iter().filter(move |(need, _)| self.contains(*need)).map(|(_, name)| name)
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.data == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_are_counts_and_traces_and_nothing_of_the_batch() {
        assert!(!Needs::COUNTS.intersects(Needs::TRACES));
        for batch in [Needs::BATCH, Needs::INPUTS, Needs::DATA_INPUTS] {
            assert!(!Needs::HOOKS.intersects(batch));
        }
        let all = Needs::HOOKS.union(Needs::BATCH).union(Needs::INPUTS).union(Needs::DATA_INPUTS);
        let names: std::collections::BTreeSet<_> = all.names().collect();
        assert_eq!(names.len(), 21);
        assert_eq!(all.data.count_ones(), 21);
    }

    #[test]
    fn optional_data_needs_no_layers() {
        let needs = Needs::ACTIVATION_COUNTS.of_layers(LayerGroup::Activation).of_layers(LayerGroup::Spiking);
        assert!(needs.layer_groups().eq([LayerGroup::Activation, LayerGroup::Spiking]));
        assert_eq!(needs.optional().layer_groups().count(), 0);
        assert_eq!(needs.optional(), Needs::ACTIVATION_COUNTS);
    }
}
