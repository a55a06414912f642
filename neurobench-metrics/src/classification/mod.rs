//! Predicted classes against target classes.
//!
//! All metrics except classification accuracy, top-k accuracy and the exact match ratio read one core, [`Confusion`]:
//! with equal settings they share one count.

mod accuracy;
mod agreement;
mod average;
mod confusion;
mod diagnostic;
mod exact_match;
mod overlap;
mod rates;

pub use accuracy::{
    Accuracy, ClassificationAccuracy, HammingLoss, TopKAccuracy, accuracy, classification_accuracy, hamming_loss,
    top_k_accuracy,
};
pub use agreement::{
    BalancedAccuracy, CohensKappa, KappaWeights, MatthewsCorrelationCoefficient, balanced_accuracy, cohens_kappa,
    matthews_correlation_coefficient,
};
pub use average::{Average, AverageValue, ZeroDivision};
pub use confusion::{Confusion, ConfusionCounts, ConfusionTable, OneVersusRest, Task, confusion};
pub use diagnostic::{
    NegativeLikelihoodRatio, PositiveLikelihoodRatio, PrevalenceThreshold, negative_likelihood_ratio,
    positive_likelihood_ratio, prevalence_threshold,
};
pub use exact_match::{ExactMatchRatio, exact_match_ratio};
pub use overlap::{F1Score, FBetaScore, JaccardIndex, f_beta_score, f1_score, jaccard_index};
pub use rates::{
    FalseDiscoveryRate, FalseNegativeRate, FalseOmissionRate, FalsePositiveRate, NegativePredictiveValue, Precision,
    Recall, Specificity, false_discovery_rate, false_negative_rate, false_omission_rate, false_positive_rate,
    negative_predictive_value, precision, recall, specificity,
};
