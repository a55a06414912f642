//! Hundreds of random and all degenerate inputs, as recorded by `data/metrics/record_ranking.py`.

use ndarray::{Array1, Array2, Axis};
use neurobench::metric::{Answer, Metric, MetricValue};
use neurobench::metrics::{
    Auroc, AurocByClass, AveragePrecision, AveragePrecisionByClass, BinnedAuroc, BinnedAurocByClass,
    BinnedAveragePrecision, BinnedAveragePrecisionByClass, BinnedScores, RankedScores, RankingAverage, Thresholds,
    TopKAccuracy,
};
use neurobench::model::Tensor;
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

fn file() -> Value {
    serde_json::from_str(include_str!("../../data/metrics/ranking.json")).unwrap()
}

fn cases() -> (Vec<f64>, Vec<Case>) {
    let file = file();
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

/// Each class keeps its value, whatever the others have.
fn assert_same_classes(found: &Result<Vec<Answer<f64>>, String>, recorded: &Value, tolerance: f64, what: &str) {
    let recorded = recorded.as_array().unwrap();
    match found {
        Ok(found) => {
            assert_eq!(found.len(), recorded.len(), "{what}");
            for (found, recorded) in found.iter().zip(recorded) {
                let found = found.value().copied().map_err(|why| why.to_string());
                assert_same(&found, recorded, tolerance, what);
            }
        }
        Err(why) => {
            assert!(recorded.iter().all(Value::is_null) && why.contains("undefined: there are no"), "{what}: {why}");
        }
    }
}

/// scikit-learn sums rounded trapezoids, whereas our value is one quotient of integers: they differ in a few last
/// digits.
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
        assert_same_classes(&found, &case.recorded["auroc_by_class"], 1e-15, &format!("auroc of case {index}"));
        let found = case.value(AveragePrecisionByClass::default());
        assert_same_classes(
            &found,
            &case.recorded["average_precision_by_class"],
            1e-15,
            &format!("precision of case {index}"),
        );
    }
}

/// Every position of a sample counts as one, on whichever axis of the scores the classes lie. torchmetrics computes in
/// f32, to 24 bits, and sums a few such numbers.
#[test]
fn positions_are_those_of_torchmetrics() {
    let file = file();
    let thresholds = Thresholds::from_values(read::<Vec<f64>>(&file["thresholds"])).unwrap();
    let mut defined = 0;
    for (index, case) in file["places"].as_array().unwrap().iter().enumerate() {
        let scores: Vec<Array2<f64>> = case["scores"].as_array().unwrap().iter().map(table).collect();
        let scores = ndarray::stack(Axis(0), &scores.iter().map(|scores| scores.view()).collect::<Vec<_>>()).unwrap();
        let turned = scores.clone().permuted_axes([0, 2, 1]).as_standard_layout().into_owned();
        let ignore_index = case["ignore"].as_i64();
        for (class_axis, scores) in [(1, scores), (2, turned)] {
            let (scores, targets) = (Tensor::from(scores), Tensor::from(table::<i64>(&case["targets"])));
            let case = Case { scores, targets, recorded: case.clone() };
            let what = |metric: &str| format!("{metric} of places {index}, classes on axis {class_axis}");
            let core = RankedScores { ignore_index, class_axis };
            let binned = BinnedScores { thresholds: thresholds.clone(), ignore_index, class_axis };
            for (name, each, binned, mean) in [
                (
                    "auroc",
                    case.value(AurocByClass { core: core.clone() }),
                    case.value(BinnedAurocByClass { core: binned.clone() }),
                    case.value(Auroc { core: core.clone(), ..Auroc::default() }),
                ),
                (
                    "average_precision",
                    case.value(AveragePrecisionByClass { core: core.clone() }),
                    case.value(BinnedAveragePrecisionByClass { core: binned.clone() }),
                    case.value(AveragePrecision { core: core.clone(), ..AveragePrecision::default() }),
                ),
            ] {
                assert_same_classes(&each, &case.recorded[name], 5e-7, &what(name));
                assert_same_classes(&binned, &case.recorded[format!("binned_{name}")], 5e-7, &what(name));
                assert_same(&mean, &case.recorded[format!("{name}_macro")], 5e-7, &what(name));
                defined += usize::from(mean.is_ok());
            }
            for (k, recorded) in (1..).zip(case.recorded["top_k"].as_array().unwrap()) {
                let found = case.value(TopKAccuracy { k, ignore_index, class_axis });
                match recorded.as_f64() {
                    Some(recorded) => assert!((found.unwrap() - recorded).abs() < 1e-7, "{}", what("top_k")),
                    None => assert!(found.unwrap_err().contains("undefined"), "{}", what("top_k")),
                }
            }
        }
    }
    assert!(defined > 100, "{defined} means have a value");
}

/// torchmetrics computes in f32, to 24 bits, and sums a few such numbers.
#[test]
fn binned_rankings_are_those_of_torchmetrics() {
    let (thresholds, cases) = cases();
    let core = BinnedScores { thresholds: Thresholds::from_values(thresholds).unwrap(), ..BinnedScores::default() };
    for (index, case) in cases.iter().enumerate() {
        let found = case.value(BinnedAuroc { average: RankingAverage::Macro, core: core.clone() });
        assert_same(&found, &case.recorded["binned_auroc"], 5e-7, &format!("binned auroc of case {index}"));
        let found = case.value(BinnedAveragePrecision { average: RankingAverage::Macro, core: core.clone() });
        let recorded = &case.recorded["binned_average_precision"];
        assert_same(&found, recorded, 5e-7, &format!("binned precision of case {index}"));
        // Mean of all answers, each of which must have a value.
        let mean = |answers: Result<Vec<Answer<f64>>, String>| {
            let answers = answers?;
            let values = answers.iter().map(|answer| answer.value().copied().map_err(|why| why.to_string()));
            let values = values.collect::<Result<Vec<f64>, _>>()?;
            Ok(values.iter().sum::<f64>() / values.len() as f64)
        };
        let found = mean(case.value(BinnedAurocByClass { core: core.clone() }));
        assert_same(&found, &case.recorded["binned_auroc"], 5e-7, &format!("by class, case {index}"));
        let found = mean(case.value(BinnedAveragePrecisionByClass { core: core.clone() }));
        assert_same(&found, recorded, 5e-7, &format!("by class, case {index}"));
    }
}
