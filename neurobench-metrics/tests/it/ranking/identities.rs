//! Identities between metrics, for any scores.

use ndarray::{Array1, Array2};
use neurobench::metric::{Answer, Metric, MetricValue};
use neurobench::metrics::{
    Auroc, AurocByClass, AveragePrecision, BinnedAuroc, BinnedAveragePrecision, BinnedScores, RankedScores,
    RankingAverage, Thresholds,
};
use proptest::prelude::*;

use super::value;

/// Scores in multiples of 1/16, so that many tie, with samples of both kinds.
fn scored() -> impl Strategy<Value = (Vec<f64>, Vec<i64>)> {
    prop::collection::vec((0..=16_i32, 0..=1_i64), 2..20)
        .prop_map(|samples| samples.into_iter().map(|(score, target)| (f64::from(score) / 16.0, target)).unzip())
        .prop_filter("both kinds", |(_, targets): &(Vec<f64>, Vec<i64>)| targets.contains(&0) && targets.contains(&1))
}

fn metric_value<M: Metric>(metric: M, scores: &[f64], targets: &[i64]) -> M::Output
where
    M::Output: MetricValue,
{
    value(metric, Array1::from(scores.to_vec()), Array1::from(targets.to_vec()), 3).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_area_counts_pairs((scores, targets) in scored()) {
        let (mut twice_right, mut pairs) = (0, 0);
        for (positive, _) in scores.iter().zip(&targets).filter(|(_, target)| **target == 1) {
            for (negative, _) in scores.iter().zip(&targets).filter(|(_, target)| **target == 0) {
                twice_right += if positive > negative { 2 } else { i32::from(positive == negative) };
                pairs += 1;
            }
        }
        prop_assert_eq!(metric_value(Auroc::default(), &scores, &targets), f64::from(twice_right) / 2.0 / f64::from(pairs));
    }

    #[test]
    fn growing_functions_change_nothing((scores, targets) in scored()) {
        let grown: Vec<f64> = scores.iter().map(|score| score.exp() * 7.0 - 100.0).collect();
        prop_assert_eq!(metric_value(Auroc::default(), &grown, &targets), metric_value(Auroc::default(), &scores, &targets));
        let precision = |scores: &[f64]| metric_value(AveragePrecision::default(), scores, &targets);
        prop_assert_eq!(precision(&grown), precision(&scores));
    }

    #[test]
    fn negated_scores_or_targets_give_one_minus_the_area((scores, targets) in scored()) {
        let area = metric_value(Auroc::default(), &scores, &targets);
        let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
        let others: Vec<i64> = targets.iter().map(|target| 1 - target).collect();
        prop_assert!((metric_value(Auroc::default(), &negated, &targets) - (1.0 - area)).abs() < 1e-15);
        prop_assert_eq!(metric_value(Auroc::default(), &negated, &others), area);
    }

    #[test]
    fn bins_are_exact_if_every_score_is_a_threshold((scores, targets) in scored()) {
        let core = BinnedScores { thresholds: Thresholds::even(17).unwrap(), ..BinnedScores::default() };
        let binned = BinnedAuroc { average: RankingAverage::Macro, core: core.clone() };
        prop_assert_eq!(metric_value(binned, &scores, &targets), metric_value(Auroc::default(), &scores, &targets));
        let binned = BinnedAveragePrecision { average: RankingAverage::Macro, core };
        prop_assert_eq!(metric_value(binned, &scores, &targets), metric_value(AveragePrecision::default(), &scores, &targets));
    }

    #[test]
    fn an_ignored_target_removes_its_sample((scores, targets) in scored(), ignored in prop::collection::vec(0..=8_i32, 0..4)) {
        let mut more: Vec<(f64, i64)> = scores.iter().copied().zip(targets.iter().copied()).collect();
        more.extend(ignored.into_iter().map(|score| (f64::from(score) / 8.0, -7)));
        let (all, marked): (Vec<f64>, Vec<i64>) = more.into_iter().unzip();
        let core = RankedScores { ignore_index: Some(-7), ..RankedScores::default() };
        let area = Auroc { average: RankingAverage::Macro, core: core.clone() };
        prop_assert_eq!(metric_value(area, &all, &marked), metric_value(Auroc::default(), &scores, &targets));
        let precision = AveragePrecision { average: RankingAverage::Weighted, core };
        prop_assert_eq!(metric_value(precision, &all, &marked), metric_value(AveragePrecision::default(), &scores, &targets));
    }

    #[test]
    fn two_classes_have_one_area((scores, targets) in scored()) {
        let rows = Array2::from_shape_fn((scores.len(), 2), |(row, class)| {
            if class == 1 { scores[row] } else { 1.0 - scores[row] }
        });
        let both = value(AurocByClass::default(), rows, Array1::from(targets.clone()), 3).unwrap();
        let one = metric_value(Auroc::default(), &scores, &targets);
        prop_assert_eq!(both, vec![Answer::Value(one), Answer::Value(one)]);
    }

    #[test]
    fn precision_is_at_least_the_share_of_positives_at_the_end((scores, targets) in scored()) {
        let positives = targets.iter().sum::<i64>() as f64;
        let precision = metric_value(AveragePrecision::default(), &scores, &targets);
        // The last positive sample is found at least at that precision, and all have the same weight.
        prop_assert!(precision >= positives / targets.len() as f64 / positives);
        prop_assert!(precision <= 1.0);
    }
}
