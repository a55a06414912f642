//! The built-in metrics: every one is an annotated function, a file or a folder for each family.
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
pub use classification::{
    Accuracy, Average, Averaged, BalancedAccuracy, ClassificationAccuracy, CohensKappa, Confusion, ConfusionCounts,
    ConfusionTable, F1Score, FBetaScore, FalseDiscoveryRate, FalseNegativeRate, FalseOmissionRate, FalsePositiveRate,
    JaccardIndex, KappaWeights, MatthewsCorrelationCoefficient, NegativeLikelihoodRatio, NegativePredictiveValue,
    OneVersusRest, PositiveLikelihoodRatio, Precision, PrevalenceThreshold, Recall, Specificity, Task, TopKAccuracy,
    ZeroDivision, accuracy, balanced_accuracy, classification_accuracy, cohens_kappa, confusion, f_beta_score,
    f1_score, false_discovery_rate, false_negative_rate, false_omission_rate, false_positive_rate, jaccard_index,
    matthews_correlation_coefficient, negative_likelihood_ratio, negative_predictive_value, positive_likelihood_ratio,
    precision, prevalence_threshold, recall, specificity, top_k_accuracy,
};
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
