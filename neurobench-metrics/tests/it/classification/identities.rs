//! Identities between metrics, whatever the data.

use neurobench::metrics::{
    Average, AverageValue, ConfusionCounts, KappaWeights, TopKAccuracy, ZeroDivision, accuracy, balanced_accuracy,
    cohens_kappa, f_beta_score, f1_score, false_discovery_rate, false_negative_rate, false_omission_rate,
    false_positive_rate, hamming_loss, jaccard_index, matthews_correlation_coefficient, negative_likelihood_ratio,
    negative_predictive_value, positive_likelihood_ratio, precision, prevalence_threshold, recall, specificity,
};
use neurobench::prelude::*;
use proptest::prelude::*;

use super::{Rate, class_counts, top_k};

fn pairs() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
    let class = prop_oneof![0_i64..4, Just(-3), Just(40)];
    prop::collection::vec((class.clone(), class, any::<bool>()), 1..60).prop_map(|samples| {
        samples.into_iter().map(|(target, other, right)| (target, if right { target } else { other })).unzip()
    })
}

/// Values of the classes that have one.
fn by_class(metric: Rate, counts: &ConfusionCounts) -> std::collections::BTreeMap<i64, f64> {
    values(metric(counts, Average::None, ZeroDivision::Skip))
}

fn values(answers: Result<AverageValue, MetricError>) -> std::collections::BTreeMap<i64, f64> {
    let Ok(AverageValue::ByClass(answers)) = answers else { return std::collections::BTreeMap::new() };
    answers.into_iter().map(|(class, answer)| (class, *answer.value().unwrap())).collect()
}

/// Pairs of values of two metrics, for the classes that have both.
fn both(left: Rate, right: Rate, counts: &ConfusionCounts) -> Vec<(f64, f64)> {
    let right = by_class(right, counts);
    by_class(left, counts).into_iter().filter_map(|(class, value)| Some((value, *right.get(&class)?))).collect()
}

fn number(metric: Rate, counts: &ConfusionCounts, average: Average) -> Option<f64> {
    metric(counts, average, ZeroDivision::Undefined).ok()?.number()
}

/// Equality up to a few roundings of numbers of this size.
fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-13 * left.abs().max(1.0)
}

proptest! {
    #[test]
    fn rates_and_their_complements_add_up_to_one((targets, predicted) in pairs()) {
        let counts = class_counts(&predicted, &targets);
        let complements: [(Rate, Rate); 4] = [
            (false_discovery_rate, precision),
            (false_omission_rate, negative_predictive_value),
            (false_negative_rate, recall),
            (false_positive_rate, specificity),
        ];
        for (wrong, right) in complements {
            prop_assert_eq!(by_class(wrong, &counts).len(), by_class(right, &counts).len());
            for (wrong, right) in both(wrong, right, &counts) {
                prop_assert!(same(wrong + right, 1.0));
            }
            for average in [Average::Micro, Average::Macro, Average::Weighted] {
                match (number(wrong, &counts, average), number(right, &counts, average)) {
                    (Some(wrong), Some(right)) => prop_assert!(same(wrong + right, 1.0)),
                    (None, None) => {}
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }

    #[test]
    fn the_threat_score_follows_from_f1((targets, predicted) in pairs()) {
        let counts = class_counts(&predicted, &targets);
        for (threat, f1) in both(jaccard_index, f1_score, &counts) {
            prop_assert!(same(threat, f1 / (2.0 - f1)));
        }
    }

    #[test]
    fn f_measures_are_means_of_precision_and_recall((targets, predicted) in pairs(), beta in 0.1..5.0) {
        let counts = class_counts(&predicted, &targets);
        let (precisions, recalls) = (by_class(precision, &counts), by_class(recall, &counts));
        // Every class that occurs has a value.
        let measure = |beta| values(Ok(f_beta_score(&counts, beta, Average::None, ZeroDivision::Undefined).unwrap()));
        for (class, value) in measure(beta) {
            if let (Some(precision), Some(recall)) = (precisions.get(&class), recalls.get(&class))
                && precision + recall > 0.0
            {
                let square = beta * beta;
                prop_assert!(same(value, (1.0 + square) * precision * recall / (square * precision + recall)));
            }
        }
        prop_assert_eq!(measure(1.0), by_class(f1_score, &counts));
        for (class, value) in values(f_beta_score(&counts, 0.0, Average::None, ZeroDivision::Skip)) {
            prop_assert_eq!(value, precisions[&class]);
        }
    }

    #[test]
    fn likelihood_ratios_and_thresholds_follow_from_the_rates((targets, predicted) in pairs()) {
        let counts = class_counts(&predicted, &targets);
        let (hits, alarms) = (by_class(recall, &counts), by_class(false_positive_rate, &counts));
        for (class, ratio) in by_class(positive_likelihood_ratio, &counts) {
            prop_assert!(same(ratio, hits[&class] / alarms[&class]));
        }
        for (class, ratio) in by_class(negative_likelihood_ratio, &counts) {
            prop_assert!(same(ratio, (1.0 - hits[&class]) / (1.0 - alarms[&class])));
        }
        for (class, threshold) in by_class(prevalence_threshold, &counts) {
            let (hit, alarm) = (hits[&class], alarms[&class]);
            if hit != alarm {
                // They are close if the difference of the rates is not small.
                let published = ((hit * alarm).sqrt() - alarm) / (hit - alarm);
                prop_assert!((threshold - published).abs() < 1e-12 / (hit - alarm).abs());
            } else {
                prop_assert_eq!(threshold, 0.5);
            }
        }
    }

    #[test]
    fn shares_of_all_samples_are_the_accuracy((targets, predicted) in pairs()) {
        let counts = class_counts(&predicted, &targets);
        let right = Ratio::from_bools(targets.iter().zip(&predicted).map(|(target, predicted)| target == predicted));
        prop_assert_eq!(accuracy(&counts).unwrap(), right);
        let accuracy = right.finish().unwrap();
        for metric in [precision, recall, f1_score] {
            prop_assert_eq!(number(metric, &counts, Average::Micro), Some(accuracy));
        }
        prop_assert!(same(number(recall, &counts, Average::Weighted).unwrap(), accuracy));
        let classes = by_class(recall, &counts);
        let mean = classes.values().sum::<f64>() / classes.len() as f64;
        prop_assert!(same(balanced_accuracy(&counts, false).unwrap(), mean));
        let chance = 1.0 / classes.len() as f64;
        match balanced_accuracy(&counts, true) {
            Ok(adjusted) => prop_assert!(same(adjusted, (mean - chance) / (1.0 - chance))),
            Err(error) => prop_assert!(classes.len() == 1 && error.is_undefined()),
        }
        prop_assert!(same(hamming_loss(&counts).and_then(|share| share.finish()).unwrap(), 1.0 - accuracy));
    }

    #[test]
    fn chance_agreement_is_the_sum_over_all_pairs_of_classes((targets, predicted) in pairs()) {
        let counts = class_counts(&predicted, &targets);
        let all = || targets.iter().flat_map(|target| predicted.iter().map(move |predicted| (*target, *predicted)));
        let observed_pairs = || targets.iter().copied().zip(predicted.iter().copied());
        for (weights, power) in [(KappaWeights::None, 0), (KappaWeights::Linear, 1), (KappaWeights::Quadratic, 2)] {
            let weigh = |(target, predicted): (i64, i64)| match (target - predicted).abs() {
                0 => 0,
                distance => distance.pow(power),
            };
            let (observed, expected) = (observed_pairs().map(weigh).sum::<i64>(), all().map(weigh).sum::<i64>());
            // Scaled by the squared number of samples, each is an integer, so the quotient has the same bits.
            let beyond = expected - observed * targets.len() as i64;
            match cohens_kappa(&counts, weights, ZeroDivision::Undefined) {
                Ok(kappa) => prop_assert_eq!(kappa, beyond as f64 / expected as f64),
                Err(_) => prop_assert_eq!(expected, 0),
            }
        }
    }

    #[test]
    fn agreement_is_symmetric((targets, predicted) in pairs()) {
        let (counts, turned) = (class_counts(&predicted, &targets), class_counts(&targets, &predicted));
        let correlation = |counts: &_| matthews_correlation_coefficient(counts, ZeroDivision::Zero).unwrap();
        prop_assert_eq!(correlation(&counts), correlation(&turned));
        for weights in [KappaWeights::None, KappaWeights::Linear, KappaWeights::Quadratic] {
            let kappa = |counts: &_| cohens_kappa(counts, weights, ZeroDivision::One).unwrap();
            prop_assert_eq!(kappa(&counts), kappa(&turned));
            prop_assert!((-1.0..=1.0).contains(&kappa(&counts)));
            prop_assert_eq!(kappa(&counts) == 1.0, targets == predicted);
        }
    }

    #[test]
    fn the_highest_score_is_the_predicted_class(
        samples in prop::collection::vec(([0_i64..4, 0..4, 0..4], 0_i64..3), 1..20)
    ) {
        let scores = ndarray::Array2::from_shape_fn((samples.len(), 3), |(at, class)| samples[at].0[class] as f64);
        let targets: Vec<i64> = samples.iter().map(|(_, target)| *target).collect();
        let found = {
            let targets = ndarray::Array1::from_iter(targets.iter().map(|target| *target as f64)).into_dyn();
            top_k(&scores.clone().into_dyn(), &targets, &TopKAccuracy { k: 1, ..TopKAccuracy::default() }).unwrap()
        };
        let (outputs, wanted) = (scores.into(), ndarray::Array1::from(targets).into());
        let right = super::with_batch(&outputs, &wanted, |context| {
            let (predicted, targets) = Input::get(context).unwrap();
            neurobench::metrics::classification_accuracy(predicted, targets)
        });
        prop_assert_eq!(found, right);
    }
}
