//! Inputs from the model's layers: their description, and the records of hooks.

use std::ops::Deref;

use crate::accumulate::PerLayer;
use crate::inputs::LayerSelection;
use crate::metric::{Context, Input, MetricError, Needs};
use crate::model::{
    ActivationCount, ConnectionCount, HookPoint, Layer, LayerGroup, LayerTotal, MembraneCount, NeuronCount, Record,
    Trace, ValueCount,
};

/// Layers of the model, described. They need no run, so a static metric may take them.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a>(&'a [Layer]);

impl<'a> Layers<'a> {
    /// Creates the input from layers, for calling a metric's function directly.
    #[must_use]
    pub fn new(layers: &'a [Layer]) -> Self {
        Self(layers)
    }

    /// Iterates over the layers of a selection, in the model's order.
    pub fn select<'s>(&self, selection: &'s LayerSelection) -> impl Iterator<Item = &'a Layer> + use<'a, 's> {
        let layers = self.0;
        layers.iter().enumerate().filter(move |(at, _)| selection.selects(layers, *at)).map(|(_, layer)| layer)
    }
}

impl Deref for Layers<'_> {
    type Target = [Layer];

    fn deref(&self) -> &[Layer] {
        self.0
    }
}

impl<'a> Input<'a> for Layers<'a> {
    const NEEDS: Needs = Needs::NONE;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(Self(context.model().layers()))
    }
}

/// Input with one record for each layer of some group.
macro_rules! layer_input {
    ($(#[$docs:meta])* $type:ident of $record:ty, $records:expr, needs $need:ident, of $group:ident layers) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $type<'a> {
            layers: &'a [Layer],
            records: &'a [$record],
            /// `None` for all layers.
            selection: Option<&'a LayerSelection>,
        }

        impl<'a> $type<'a> {
            /// Creates the input from layers and one record for each, for calling a metric's function directly.
            #[must_use]
            pub fn new(layers: &'a [Layer], records: &'a [$record]) -> Self {
                Self { layers, records, selection: None }
            }

            /// Restricts the input to the layers of a selection, which is usually a setting of the metric.
            #[must_use]
            pub fn select<'s>(self, selection: &'s LayerSelection) -> $type<'s>
            where
                'a: 's,
            {
                $type { layers: self.layers, records: self.records, selection: Some(selection) }
            }

            /// The layers of the group that are selected, with their indices in the model and their records.
            fn selected(&self) -> impl Iterator<Item = (usize, &'a Layer, &'a $record)> + use<'a> {
                let (layers, selection) = (self.layers, self.selection);
                let numbered = layers.iter().zip(self.records).enumerate();
                let numbered = numbered.filter(|(_, (layer, _))| LayerGroup::$group.contains(layer));
                let selected = numbered.filter(move |(at, _)| selection.is_none_or(|selection| selection.selects(layers, *at)));
                selected.map(|(at, (layer, record))| (at, layer, record))
            }

            /// Iterates over the layers of the kind with their records, in the model's order.
            pub fn iter(&self) -> impl Iterator<Item = (&'a Layer, &'a $record)> + use<'a> {
                self.selected().map(|(_, layer, record)| (layer, record))
            }

            /// Computes a value for every layer of the kind, by path, in the model's order.
            pub fn per_layer<T>(&self, mut value: impl FnMut(&'a $record) -> T) -> PerLayer<T> {
                self.selected().map(|(at, layer, record)| (at, layer, value(record))).collect()
            }

            /// Computes a value for every layer of the kind; fails for example if a layer lacks a declaration.
            ///
            /// # Errors
            ///
            /// The first error that `value` returns.
            pub fn try_per_layer<T, E>(&self, mut value: impl FnMut(&'a Layer, &'a $record) -> Result<T, E>) -> Result<PerLayer<T>, E> {
                self.selected().map(|(at, layer, record)| Ok((at, layer, value(layer, record)?))).collect()
            }
        }

        impl<'a> Input<'a> for $type<'a> {
            const NEEDS: Needs = Needs::BATCH.union(Needs::$need).of_layers(LayerGroup::$group);

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let layers = context.model().layers();
                let record = context.batch()?.record(Needs::$need)?;
                if !layers.iter().any(|layer| LayerGroup::$group.contains(layer)) {
                    return Err(MetricError::Missing(LayerGroup::$group.missing().to_owned()));
                }
                let records: fn(&Record) -> &[$record] = $records;
                Ok(Self { layers, records: records(record), selection: None })
            }
        }
    };
}

layer_input! {
    /// Number of non-zero outputs of each activation layer. Memory: O(layers).
    ActivationCounts of ActivationCount, |record| &record.activations, needs ACTIVATION_COUNTS, of Activation layers
}
layer_input! {
    /// Number of synaptic operations that the inputs of each connection layer caused. Memory: O(layers × steps).
    ConnectionCounts of ConnectionCount, |record| &record.connections, needs CONNECTION_COUNTS, of Connection layers
}
layer_input! {
    /// Number of membrane potentials that changed in each layer of spiking neurons. Memory: O(layers).
    MembraneCounts of MembraneCount, |record| &record.membranes, needs MEMBRANE_COUNTS, of Neuron layers
}
layer_input! {
    /// Number of non-zero outputs of each neuron of each activation layer. Memory: O(neurons).
    NeuronCounts of NeuronCount, |record| &record.neurons, needs NEURON_COUNTS, of Activation layers
}
layer_input! {
    /// Number of steps with one or more spikes, for each neuron of each spiking layer. Memory: O(neurons).
    SpikeCounts of NeuronCount, |record| &record.neurons, needs NEURON_COUNTS, of Spiking layers
}
layer_input! {
    /// Totals of each activation layer: its outputs, those that are not zero, its calls, and the spikes of spiking
    /// neurons by their size, so that two spikes of a neuron in a step count twice. Memory: O(layers).
    LayerTotals of LayerTotal, |record| &record.totals, needs LAYER_TOTALS, of Activation layers
}
layer_input! {
    /// Outputs of each spiking layer. Memory: O(batch × steps × neurons).
    SpikeTrains of Trace, |record| &record.activation_traces, needs ACTIVATION_TRACES, of Spiking layers
}
layer_input! {
    /// Outputs of each activation layer. Memory: O(batch × steps × neurons).
    Activations of Trace, |record| &record.activation_traces, needs ACTIVATION_TRACES, of Activation layers
}
layer_input! {
    /// Inputs of each connection layer. Memory: O(batch × steps × inputs).
    Connections of Trace, |record| &record.connection_traces, needs CONNECTION_TRACES, of Connection layers
}
layer_input! {
    /// Membrane potentials of each layer of spiking neurons after every step. Memory: O(batch × steps × neurons).
    Membranes of Trace, |record| &record.membrane_traces, needs MEMBRANE_TRACES, of Neuron layers
}
layer_input! {
    /// Number of non-zero inputs of each activation layer; for neurons, of their input currents. Memory: O(layers).
    PreActivationCounts of ValueCount, |record| record.counts_at(HookPoint::PreActivations),
    needs PRE_ACTIVATION_COUNTS, of Activation layers
}
layer_input! {
    /// Inputs of each activation layer, `[neurons]` at each step: the pre-activations and, for neurons, their input
    /// currents, without any feedback within the layer. Memory: O(batch × steps × neurons).
    PreActivations of Trace, |record| record.traces_at(HookPoint::PreActivations),
    needs PRE_ACTIVATION_TRACES, of Activation layers
}
layer_input! {
    /// Number of non-zero outputs of each connection layer. Memory: O(layers).
    ConnectionOutputCounts of ValueCount, |record| record.counts_at(HookPoint::ConnectionOutputs),
    needs CONNECTION_OUTPUT_COUNTS, of Connection layers
}
layer_input! {
    /// Outputs of each connection layer, bias included. Memory: O(batch × steps × outputs).
    ConnectionOutputs of Trace, |record| record.traces_at(HookPoint::ConnectionOutputs),
    needs CONNECTION_OUTPUT_TRACES, of Connection layers
}
layer_input! {
    /// Number of non-zero membrane potentials before the reset, for each layer of spiking neurons. Memory: O(layers).
    PreResetMembraneCounts of ValueCount, |record| record.counts_at(HookPoint::PreResetMembranes),
    needs PRE_RESET_MEMBRANE_COUNTS, of Neuron layers
}
layer_input! {
    /// Membrane potentials of each layer of spiking neurons that are compared with the threshold, before the reset that
    /// follows the spikes, `[neurons]` at each step. If the reset happens in the step after the spike, as in snnTorch,
    /// they are the [`Membranes`]. Memory: O(batch × steps × neurons).
    PreResetMembranes of Trace, |record| record.traces_at(HookPoint::PreResetMembranes),
    needs PRE_RESET_MEMBRANE_TRACES, of Neuron layers
}
layer_input! {
    /// Number of non-zero synaptic currents of each layer of neurons that has them. Memory: O(layers).
    SynapticCurrentCounts of ValueCount, |record| record.counts_at(HookPoint::SynapticCurrents),
    needs SYNAPTIC_CURRENT_COUNTS, of Synaptic layers
}
layer_input! {
    /// Synaptic currents after every step, for each layer of neurons that has them: `[neurons]`, or `[2, neurons]` for
    /// an excitatory and an inhibitory current. Memory: O(batch × steps × neurons).
    SynapticCurrents of Trace, |record| record.traces_at(HookPoint::SynapticCurrents),
    needs SYNAPTIC_CURRENT_TRACES, of Synaptic layers
}
layer_input! {
    /// Number of non-zero numbers in the state of each recurrent layer. Memory: O(layers).
    RecurrentStateCounts of ValueCount, |record| record.counts_at(HookPoint::RecurrentStates),
    needs RECURRENT_STATE_COUNTS, of Recurrent layers
}
layer_input! {
    /// State of each recurrent layer after every step: for each layer and direction of a stack the outputs `[units]`
    /// and, for LSTM, the cells `[units]`. Memory: O(batch × steps × state).
    RecurrentStates of Trace, |record| record.traces_at(HookPoint::RecurrentStates),
    needs RECURRENT_STATE_TRACES, of Recurrent layers
}
