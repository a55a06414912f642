//! Hundreds of random and all degenerate inputs, as `data/metrics/record_ranking.py` recorded them.

use ndarray::{Array1, Array2};
use neurobench_core::metric::{Metric, MetricValue};
use neurobench_core::metrics::{
    Auroc, AurocByClass, AveragePrecision, AveragePrecisionByClass, BinnedAuroc, BinnedAurocByClass,
    BinnedAveragePrecision, BinnedAveragePrecisionByClass, BinnedScores, RankedScores, RankingAverage, Thresholds,
};
use neurobench_core::model::Tensor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::value;

struct Case {
    scores: Tensor,
    targets: Tensor,
    recorded: Value,
}

impl Case {
    fn value<M: Metric>(&self, metric: M) -> Result<M::Output, String>
    where
        M::Output: MetricValue,
    {
        value(metric, self.scores.clone(), self.targets.clone(), 4)
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn table<T: Clone + DeserializeOwned>(value: &Value) -> Array2<T> {
    let rows: Vec<Vec<T>> = read(value);
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn cases() -> (Vec<f64>, Vec<Case>) {
    let file: Value = serde_json::from_str(include_str!("../data/metrics/ranking.json")).unwrap();
    let case = |recorded: &Value| {
        let (scores, targets) = (&recorded["scores"], &recorded["targets"]);
        let (scores, targets) = match recorded["kind"].as_str().unwrap() {
            "binary" => (Array1::<f64>::from_vec(read(scores)).into(), Array1::<i64>::from_vec(read(targets)).into()),
            "multiclass" => (table::<f64>(scores).into(), Array1::<i64>::from_vec(read(targets)).into()),
            _ => (table::<f64>(scores).into(), table::<i64>(targets).into()),
        };
        Case { scores, targets, recorded: recorded.clone() }
    };
    (read(&file["thresholds"]), file["cases"].as_array().unwrap().iter().map(case).collect())
}

fn assert_same(found: &Result<f64, String>, recorded: &Value, tolerance: f64, what: &str) {
    match (found, recorded.as_f64()) {
        (Ok(found), Some(recorded)) => {
            assert!((found - recorded).abs() <= tolerance, "{what}: {found}, recorded {recorded}");
        }
        (Err(why), None) => assert!(why.contains("undefined: there are no"), "{what}: {why}"),
        (found, recorded) => panic!("{what}: {found:?}, recorded {recorded:?}"),
    }
}

fn assert_same_classes(found: &Result<Vec<f64>, String>, recorded: &Value, what: &str) {
    let recorded = recorded.as_array().unwrap();
    match found {
        Ok(found) => {
            assert_eq!(found.len(), recorded.len(), "{what}");
            for (found, recorded) in found.iter().zip(recorded) {
                assert_same(&Ok(*found), recorded, 1e-15, what);
            }
        }
        Err(why) => {
            assert!(recorded.contains(&Value::Null) && why.contains("undefined: there are no"), "{what}: {why}");
        }
    }
}

/// scikit-learn sums rounded trapezoids, here is one quotient of integers: they differ by a few last digits.
#[test]
fn exact_rankings_are_those_of_scikit_learn() {
    for (index, case) in cases().1.iter().enumerate() {
        for (average, name) in
            [(RankingAverage::Macro, "macro"), (RankingAverage::Weighted, "weighted"), (RankingAverage::Micro, "micro")]
        {
            let core = RankedScores::default();
            let what = |metric: &str| format!("{metric}_{name} of case {index}");
            let found = case.value(Auroc { average, core: core.clone() });
            assert_same(&found, &case.recorded[format!("auroc_{name}")], 1e-15, &what("auroc"));
            let found = case.value(AveragePrecision { average, core });
            let recorded = &case.recorded[format!("average_precision_{name}")];
            assert_same(&found, recorded, 1e-15, &what("average_precision"));
        }
        let found = case.value(AurocByClass::default());
        assert_same_classes(&found, &case.recorded["auroc_by_class"], &format!("auroc of case {index}"));
        let found = case.value(AveragePrecisionByClass::default());
        assert_same_classes(
            &found,
            &case.recorded["average_precision_by_class"],
            &format!("precision of case {index}"),
        );
    }
}

/// torchmetrics computes in f32, to 24 bits, and sums a few such numbers.
#[test]
fn binned_rankings_are_those_of_torchmetrics() {
    let (thresholds, cases) = cases();
    let core = BinnedScores { thresholds: Thresholds::at(thresholds).unwrap(), ignore_index: None };
    for (index, case) in cases.iter().enumerate() {
        let found = case.value(BinnedAuroc { average: RankingAverage::Macro, core: core.clone() });
        assert_same(&found, &case.recorded["binned_auroc"], 5e-7, &format!("binned auroc of case {index}"));
        let found = case.value(BinnedAveragePrecision { average: RankingAverage::Macro, core: core.clone() });
        let recorded = &case.recorded["binned_average_precision"];
        assert_same(&found, recorded, 5e-7, &format!("binned precision of case {index}"));
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let found = case.value(BinnedAurocByClass { core: core.clone() }).map(mean);
        assert_same(&found, &case.recorded["binned_auroc"], 5e-7, &format!("by class, case {index}"));
        let found = case.value(BinnedAveragePrecisionByClass { core: core.clone() }).map(mean);
        assert_same(&found, recorded, 5e-7, &format!("by class, case {index}"));
    }
}
