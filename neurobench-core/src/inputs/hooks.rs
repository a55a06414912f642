//! Inputs from the model's layers: their description, and what the hooks recorded.

use std::ops::Deref;

use crate::accumulate::PerLayer;
use crate::metric::{Context, Input, MetricError, Needs};
use crate::model::{ActivationCount, ConnectionCount, Layer, LayerKind, MembraneCount, NeuronCount, Trace};

/// The model's layers, described. They need nothing of a run, so that a static metric may take them.
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

/// An input with one record for each layer of some kind.
macro_rules! layer_input {
    ($(#[$docs:meta])* $type:ident of $record:ty, $field:ident, needs $need:ident, of layers $word:literal if $belongs:expr) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $type<'a> {
            layers: &'a [Layer],
            records: &'a [$record],
        }

        impl<'a> $type<'a> {
            /// From layers and one record for each, for calling a metric's function directly.
            #[must_use]
            pub fn new(layers: &'a [Layer], records: &'a [$record]) -> Self {
                Self { layers, records }
            }

            /// Every layer of the kind with its record, in the model's order.
            pub fn iter(&self) -> impl Iterator<Item = (&'a Layer, &'a $record)> + use<'a> {
                let belongs: fn(&Layer) -> bool = $belongs;
                self.layers.iter().zip(self.records).filter(move |(layer, _)| belongs(layer))
            }

            /// Something of every layer of the kind, by path, in the model's order.
            pub fn per_layer<T>(&self, mut of: impl FnMut(&'a $record) -> T) -> PerLayer<T> {
                let belongs: fn(&Layer) -> bool = $belongs;
                let numbered = self.layers.iter().zip(self.records).enumerate();
                numbered.filter(|(_, (layer, _))| belongs(layer)).map(|(at, (layer, record))| (at, layer, of(record))).collect()
            }

            /// Something of every layer of the kind that may be refused, as by a layer that does not say what is needed.
            ///
            /// # Errors
            ///
            /// The first that `of` gives.
            pub fn try_per_layer<T, E>(&self, mut of: impl FnMut(&'a Layer, &'a $record) -> Result<T, E>) -> Result<PerLayer<T>, E> {
                let belongs: fn(&Layer) -> bool = $belongs;
                let numbered = self.layers.iter().zip(self.records).enumerate();
                let wanted = numbered.filter(|(_, (layer, _))| belongs(layer));
                wanted.map(|(at, (layer, record))| Ok((at, layer, of(layer, record)?))).collect()
            }
        }

        impl<'a> Input<'a> for $type<'a> {
            const NEEDS: Needs = Needs::BATCH.union(Needs::$need);

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let layers = context.model().layers();
                let record = context.batch()?.record(Needs::$need)?;
                if !layers.iter().any($belongs) {
                    return Err(MetricError::Missing(concat!("the model has no ", $word, " layers").to_owned()));
                }
                Ok(Self { layers, records: &record.$field })
            }
        }
    };
}

layer_input! {
    /// How many outputs of each activation layer were not zero. Memory: O(layers).
    ActivationCounts of ActivationCount, activations, needs ACTIVATION_COUNTS, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// How many synaptic operations the inputs of each connection layer caused. Memory: O(layers × steps).
    ConnectionCounts of ConnectionCount, connections, needs CONNECTION_COUNTS, of layers "connection" if is_connection
}
layer_input! {
    /// How many membrane potentials of each layer of spiking neurons changed. Memory: O(layers).
    MembraneCounts of MembraneCount, membranes, needs MEMBRANE_COUNTS, of layers "spiking" if is_neuron
}
layer_input! {
    /// How often each neuron of each activation layer was not zero. Memory: O(neurons).
    NeuronCounts of NeuronCount, neurons, needs NEURON_COUNTS, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// How often each neuron of each layer that spikes did so: steps without a spike and steps with one or more. Memory:
    /// O(neurons).
    SpikeCounts of NeuronCount, neurons, needs NEURON_COUNTS, of layers "spiking" if Layer::is_spiking
}
layer_input! {
    /// The outputs of each layer that spikes. Memory: O(batch × steps × neurons).
    SpikeTrains of Trace, activation_traces, needs ACTIVATION_TRACES, of layers "spiking" if Layer::is_spiking
}
layer_input! {
    /// The outputs of each activation layer. Memory: O(batch × steps × neurons).
    Activations of Trace, activation_traces, needs ACTIVATION_TRACES, of layers "activation" if Layer::is_activation
}
layer_input! {
    /// The inputs of each connection layer. Memory: O(batch × steps × inputs).
    Connections of Trace, connection_traces, needs CONNECTION_TRACES, of layers "connection" if is_connection
}
layer_input! {
    /// The membrane potentials of each layer of spiking neurons after every step. Memory: O(batch × steps × neurons).
    Membranes of Trace, membrane_traces, needs MEMBRANE_TRACES, of layers "spiking" if is_neuron
}

fn is_connection(layer: &Layer) -> bool {
    layer.kind() == LayerKind::Connection
}

fn is_neuron(layer: &Layer) -> bool {
    layer.kind() == LayerKind::Neuron
}
