//! The built-in metrics: every one is an annotated function, a file for each family.
//!
//! `neurobench list` prints this catalogue from the same descriptions. Costs are integers counted during the run; what is
//! normalised says so in its unit.

mod activity;
mod classification;
mod footprint;
mod membranes;
mod operations;
mod regression;
mod sparsity;

pub use activity::{AverageActivity, NeuronActivity, average_activity, neuron_activity};
pub use classification::{ClassificationAccuracy, classification_accuracy};
pub use footprint::{Footprint, ParameterCount, footprint, parameter_count};
pub use membranes::{
    LayerNeuronOperations, MembraneUpdateCounts, MembraneUpdateTotals, MembraneUpdates, NeuronOperationCounts,
    NeuronOperationTotals, NeuronOperations, NeuronOperationsPerSample, membrane_update_counts, membrane_updates,
    neuron_operation_counts, neuron_operations,
};
pub use operations::{
    LayerOperations, OperationCounts, OperationTotals, OperationsPerSample, SynapticOperations, operation_counts,
    synaptic_operations,
};
pub use regression::{Mse, Rmse, mse, rmse};
pub use sparsity::{
    ActivationSparsity, ActivationSparsityByLayer, ConnectionSparsity, ZeroActivations, activation_sparsity,
    activation_sparsity_by_layer, connection_sparsity, zero_activations,
};
