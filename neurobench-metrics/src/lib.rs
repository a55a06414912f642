//! The built-in metrics: every metric is an annotated function; a family of metrics is a file or a folder.
//!
//! `neurobench list` prints this catalogue from the same descriptions. Costs are integers counted during the run; units
//! show if a value is normalized.
//!
//! Invariant 10: no metric knows a layer and no layer knows a metric. They meet in
//! [`Layer`](neurobench_core::model::Layer) and in the [record](neurobench_core::model::Record) of a probe. This crate
//! does not depend on the one of the networks, so the compiler enforces it.

// The macros' expansions say `neurobench`, the crate that re-exports this one.
extern crate neurobench_core as neurobench;

mod activity;
mod calibration;
mod classification;
mod detection;
mod energy;
mod execution_rate;
mod firing;
mod footprint;
mod latency_to_decision;
mod membranes;
mod operations;
mod place;
mod ranking;
mod regression;
mod score_rows;
mod seconds;
mod shapes;
mod sparsity;
mod spike_trains;
mod targets;
mod weighing;

pub use activity::{AverageActivity, NeuronActivity, average_activity, neuron_activity};
pub use calibration::{
    BrierScore, BrierScoreByLabel, ConfidenceBin, ConfidenceBins, ExpectedCalibrationError,
    ExpectedCalibrationErrorByLabel, LogLoss, LogLossByLabel, MaximumCalibrationError, Reliability, ReliabilityByLabel,
    Scores, brier_score, brier_score_by_label, expected_calibration_error, expected_calibration_error_by_label,
    log_loss, log_loss_by_label, maximum_calibration_error, reliability, reliability_by_label,
};
pub use classification::{
    Accuracy, Average, AverageValue, BalancedAccuracy, ClassificationAccuracy, CohensKappa, Confusion, ConfusionCounts,
    ConfusionTable, ExactMatchRatio, F1Score, FBetaScore, FalseDiscoveryRate, FalseNegativeRate, FalseOmissionRate,
    FalsePositiveRate, HammingLoss, JaccardIndex, KappaWeights, MatthewsCorrelationCoefficient,
    NegativeLikelihoodRatio, NegativePredictiveValue, OneVersusRest, PositiveLikelihoodRatio, Precision,
    PrevalenceThreshold, Recall, Specificity, Task, TopKAccuracy, ZeroDivision, accuracy, balanced_accuracy,
    classification_accuracy, cohens_kappa, confusion, exact_match_ratio, f_beta_score, f1_score, false_discovery_rate,
    false_negative_rate, false_omission_rate, false_positive_rate, hamming_loss, jaccard_index,
    matthews_correlation_coefficient, negative_likelihood_ratio, negative_predictive_value, positive_likelihood_ratio,
    precision, prevalence_threshold, recall, specificity, top_k_accuracy,
};
pub use detection::{
    BoxAveragePrecisionByClass, BoxRows, CocoFigures, CocoSummary, MatchedBoxes, MatchedDetection, MatchedTotals,
    Matches, MeanAveragePrecision, box_average_precision_by_class, coco_summary, matched_boxes, mean_average_precision,
};
pub use energy::{
    CountingRule, Device, Energy, EnergyEstimate, MembraneEnergy, SynapticEnergy, energy, membrane_energy,
    synaptic_energy,
};
pub use execution_rate::{ModelExecutionRate, model_execution_rate};
pub use firing::{
    ActivationTotals, DeadNeurons, FiringRate, FiringRateByLayer, FiringRateInHertz, LayerSpikeTotals, NeuronShare,
    NeuronSpikes, SaturatedNeurons, SpikeTotals, dead_neurons, firing_rate, firing_rate_by_layer, firing_rate_in_hertz,
    neuron_spikes, saturated_neurons, spike_totals,
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
pub use ranking::{
    Auroc, AurocByClass, AveragePrecision, AveragePrecisionByClass, BinnedAuroc, BinnedAurocByClass,
    BinnedAveragePrecision, BinnedAveragePrecisionByClass, BinnedScores, RankedScores, RankingAverage, Thresholds,
    auroc, auroc_by_class, average_precision, average_precision_by_class, binned_auroc, binned_auroc_by_class,
    binned_average_precision, binned_average_precision_by_class, binned_scores, ranked_scores,
};
pub use regression::{
    AbsoluteErrorDistribution, AbsoluteErrors, ErrorMoments, ExplainedVariance, ExplainedVarianceByOutput, KeptPairs,
    Mae, Mape, MaxError, MedianAbsoluteError, Mse, OutputAverage, OutputErrorSummary, OutputErrors, OutputPairs,
    Pearson, PearsonByOutput, R2, R2ByOutput, Rmse, Smape, Spearman, SpearmanByOutput, absolute_error_distribution,
    absolute_errors, explained_variance, explained_variance_by_output, kept_pairs, mae, mape, max_error,
    median_absolute_error, mse, output_errors, output_pairs, pearson, pearson_by_output, r2, r2_by_output, rmse, smape,
    spearman, spearman_by_output,
};
pub use seconds::Seconds;
pub use sparsity::{
    ActivationSparsity, ActivationSparsityByLayer, ConnectionSparsity, ZeroActivations, activation_sparsity,
    activation_sparsity_by_layer, connection_sparsity, zero_activations,
};
pub use spike_trains::{
    FanoFactor, InterspikeIntervalCv, InterspikeIntervalCv2, MeanInterspikeInterval, NeuronDistribution,
    NeuronTrainTotals, SilencePolicy, SpikeTrainCosineSimilarity, SpikeTrainCounts, SpikeTrainTotals, Synchrony,
    SynchronyTotals, TrainCounts, VanRossumDistance, VictorPurpuraDistance, fano_factor, interspike_interval_cv,
    interspike_interval_cv2, mean_interspike_interval, spike_train_cosine_similarity, spike_train_totals, synchrony,
    van_rossum_distance, victor_purpura_distance,
};
