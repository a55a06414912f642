//! The built-in metrics: every one is an annotated function, a file for each family.
//!
//! `neurobench list` prints this catalogue from the same descriptions. Costs are integers counted during the run; what is
//! normalised says so in its unit.

mod activity;
mod classification;
mod energy;
mod execution_rate;
mod firing;
mod footprint;
mod latency_to_decision;
mod membranes;
mod operations;
mod regression;
mod sparsity;
mod spike_trains;

pub use activity::{AverageActivity, NeuronActivity, average_activity, neuron_activity};
pub use classification::{ClassificationAccuracy, classification_accuracy};
pub use energy::{
    Counted, Device, Energy, EnergyEstimate, MembraneEnergy, SynapticEnergy, energy, membrane_energy, synaptic_energy,
};
pub use execution_rate::{ModelExecutionRate, model_execution_rate};
pub use firing::{
    DeadNeurons, FiringRate, FiringRateByLayer, FiringRateInHertz, NeuronShare, NeuronSpikes, SaturatedNeurons,
    dead_neurons, firing_rate, firing_rate_by_layer, firing_rate_in_hertz, neuron_spikes, saturated_neurons,
};
pub use footprint::{Footprint, ParameterCount, footprint, parameter_count};
pub use latency_to_decision::{DecisionTimes, Evidence, LatencySummary, LatencyToDecision, latency_to_decision};
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
pub use spike_trains::{
    AcrossNeurons, FanoFactor, InterspikeIntervalCv, InterspikeIntervalCv2, MeanInterspikeInterval, NeuronTrainTotals,
    SpikeTrainCosineSimilarity, SpikeTrainCounts, SpikeTrainTotals, Synchrony, SynchronyTotals, TrainCounts,
    VanRossumDistance, VictorPurpuraDistance, WhenSilent, fano_factor, interspike_interval_cv, interspike_interval_cv2,
    mean_interspike_interval, spike_train_cosine_similarity, spike_train_totals, synchrony, van_rossum_distance,
    victor_purpura_distance,
};
