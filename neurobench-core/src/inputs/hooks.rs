//! Inputs from the model's layers: their description, and the records of hooks.

use std::ops::Deref;

use crate::accumulate::PerLayer;
use crate::metric::{Context, Input, MetricError, Needs};
use crate::model::{ActivationCount, ConnectionCount, Layer, LayerKind, MembraneCount, NeuronCount, Trace};

/// Layers of the model, described. They need no run, so a static metric may take them.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a>(&'a [Layer]);

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

/// Input with one record for each layer of some kind.
macro_rules! layer_input {
    ($(#[$docs:meta])* $type:ident of $record:ty, $field:ident, needs $need:ident, of layers $word:literal if $is_included:expr) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $type<'a> {
            layers: &'a [Layer],
            records: &'a [$record],
        }

        impl<'a> $type<'a> {
            /// Creates the input from layers and one record for each, for calling a metric's function directly.
            #[must_use]
            pub fn new(layers: &'a [Layer], records: &'a [$record]) -> Self {
                Self { layers, records }
            }

            /// Iterates over the layers of the kind with their records, in the model's order.
            pub fn iter(&self) -> impl Iterator<Item = (&'a Layer, &'a $record)> + use<'a> {
                let is_included: fn(&Layer) -> bool = $is_included;
                self.layers.iter().zip(self.records).filter(move |(layer, _)| is_included(layer))
            }

            /// Computes a value for every layer of the kind, by path, in the model's order.
            pub fn per_layer<T>(&self, mut value: impl FnMut(&'a $record) -> T) -> PerLayer<T> {
                let is_included: fn(&Layer) -> bool = $is_included;
                let numbered = self.layers.iter().zip(self.records).enumerate();
                numbered.filter(|(_, (layer, _))| is_included(layer)).map(|(at, (layer, record))| (at, layer, value(record))).collect()
            }

            /// Computes a value for every layer of the kind; fails for example if a layer lacks a declaration.
            ///
            /// # Errors
            ///
            /// The first error that `value` returns.
            pub fn try_per_layer<T, E>(&self, mut value: impl FnMut(&'a Layer, &'a $record) -> Result<T, E>) -> Result<PerLayer<T>, E> {
                let is_included: fn(&Layer) -> bool = $is_included;
                let numbered = self.layers.iter().zip(self.records).enumerate();
                let wanted = numbered.filter(|(_, (layer, _))| is_included(layer));
                wanted.map(|(at, (layer, record))| Ok((at, layer, value(layer, record)?))).collect()
            }
        }

        impl<'a> Input<'a> for $type<'a> {
            const NEEDS: Needs = Needs::BATCH.union(Needs::$need);

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let layers = context.model().layers();
                let record = context.batch()?.record(Needs::$need)?;
                if !layers.iter().any($is_included) {
                    return Err(MetricError::Missing(concat!("the model has no ", $word, " layers").to_owned()));
                }
                Ok(Self { layers, records: &record.$field })
            }
        }
    };
}

layer_input! {
    /// Number of non-zero outputs of each activation layer. Memory: O(layers).
    ActivationCounts of ActivationCount, activations, needs ACTIVATION_COUNTS, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// Number of synaptic operations that the inputs of each connection layer caused. Memory: O(layers × steps).
    ConnectionCounts of ConnectionCount, connections, needs CONNECTION_COUNTS, of layers "connection" if is_connection
}
layer_input! {
    /// Number of membrane potentials that changed in each layer of spiking neurons. Memory: O(layers).
    MembraneCounts of MembraneCount, membranes, needs MEMBRANE_COUNTS, of layers "spiking" if is_neuron
}
layer_input! {
    /// Number of non-zero outputs of each neuron of each activation layer. Memory: O(neurons).
    NeuronCounts of NeuronCount, neurons, needs NEURON_COUNTS, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// Number of steps with one or more spikes, for each neuron of each spiking layer. Memory: O(neurons).
    SpikeCounts of NeuronCount, neurons, needs NEURON_COUNTS, of layers "spiking" if Layer::is_spiking
}
layer_input! {
    /// Outputs of each spiking layer. Memory: O(batch × steps × neurons).
    SpikeTrains of Trace, activation_traces, needs ACTIVATION_TRACES, of layers "spiking" if Layer::is_spiking
}
layer_input! {
    /// Outputs of each activation layer. Memory: O(batch × steps × neurons).
    Activations of Trace, activation_traces, needs ACTIVATION_TRACES, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// Inputs of each connection layer. Memory: O(batch × steps × inputs).
    Connections of Trace, connection_traces, needs CONNECTION_TRACES, of layers "connection" if is_connection
}
layer_input! {
    /// Membrane potentials of each layer of spiking neurons after every step. Memory: O(batch × steps × neurons).
    Membranes of Trace, membrane_traces, needs MEMBRANE_TRACES, of layers "spiking" if is_neuron
}

fn is_connection(layer: &Layer) -> bool {
    layer.kind() == LayerKind::Connection
}

fn is_neuron(layer: &Layer) -> bool {
    layer.kind() == LayerKind::Neuron
}
