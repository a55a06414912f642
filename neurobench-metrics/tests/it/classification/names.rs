//! Names of metrics in other frameworks.

use neurobench::metric::Registry;

/// Metrics with their names in other frameworks.
const NAMES: [(&str, &[&str]); 30] = [
    ("classification_accuracy", &["ClassificationAccuracy", "classification-accuracy"]),
    ("accuracy", &["Accuracy", "accuracy_score", "AccuracyScore"]),
    (
        "recall",
        &["TruePositiveRate", "true_positive_rate", "Sensitivity", "Recall", "HitRate", "Hit Rate", "hit_rate", "TPR"],
    ),
    ("specificity", &["TrueNegativeRate", "Specificity", "Selectivity", "true negative rate", "TNR"]),
    ("precision", &["PositivePredictiveValue", "Precision", "PPV"]),
    ("negative_predictive_value", &["NegativePredictiveValue", "NPV"]),
    ("false_negative_rate", &["FalseNegativeRate", "FNR", "Miss Rate"]),
    ("false_positive_rate", &["FalsePositiveRate", "FPR", "Fall-out"]),
    ("false_discovery_rate", &["FalseDiscoveryRate", "FDR"]),
    ("false_omission_rate", &["FalseOmissionRate", "FOR"]),
    ("positive_likelihood_ratio", &["PositiveLikelihoodRatio", "LR_plus"]),
    ("negative_likelihood_ratio", &["NegativeLikelihoodRatio", "LR_minus"]),
    ("prevalence_threshold", &["PrevalenceThreshold"]),
    ("jaccard_index", &["ThreatScore", "threat_score", "CriticalSuccessIndex", "JaccardIndex", "jaccard_score"]),
    ("f1_score", &["F1Score", "F1", "f1"]),
    ("f_beta_score", &["FBetaScore", "fbeta_score"]),
    ("f2_score", &["F2Score"]),
    ("f0_5_score", &["F0.5Score", "f0.5_score"]),
    ("quadratic_kappa", &["QuadraticKappa"]),
    ("top_k_accuracy", &["topk", "TopK", "top-k", "TopKAccuracy"]),
    ("top_1", &["top1", "Top-1"]),
    ("top_3", &["top3", "Top-3"]),
    ("top_5", &["top5", "Top 5"]),
    ("balanced_accuracy", &["BalancedAccuracy", "balanced_accuracy_score"]),
    ("adjusted_balanced_accuracy", &["AdjustedBalancedAccuracy"]),
    ("hamming_loss", &["HammingLoss", "HammingDistance"]),
    ("exact_match_ratio", &["ExactMatch", "subset_accuracy"]),
    ("matthews_correlation_coefficient", &["MCC", "MatthewsCorrCoef", "matthews_corrcoef"]),
    ("cohens_kappa", &["CohenKappa", "cohen_kappa_score", "Cohen's kappa"]),
    ("confusion", &["ConfusionMatrix", "confusion_matrix"]),
];

#[test]
fn every_name_is_found_however_it_is_written() {
    for (name, aliases) in NAMES {
        for written in aliases.iter().chain([&name]) {
            let found = Registry::global().find(written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(found.name, name, "{written}");
            let spaced = written.replace(['_', '-'], " ");
            assert_eq!(Registry::global().find(&spaced).unwrap().name, name, "{spaced}");
            assert_eq!(Registry::global().find(&written.to_uppercase()).unwrap().name, name, "{written}");
        }
    }
}

#[test]
fn every_metric_names_its_source() {
    for (name, _) in NAMES {
        let metric = Registry::global().find(name).unwrap();
        let (about, metric) = (metric.about, metric.metric());
        assert!(!about.citations.is_empty() && metric.unit.is_some() && about.docs.contains('`'), "{name}");
        assert!(name == "confusion" || (metric.higher_is_better.is_some() && metric.bounds.is_some()), "{name}");
    }
}
