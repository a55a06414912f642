//! Settings: sharing of cores, errors and messages.

use ndarray::{arr1, arr2};
use neurobench::bench::{Batch, Snapshot};
use neurobench::metric::Registry;
use neurobench::metric::{Answer, Shape};
use neurobench::metrics::{
    Accuracy, Average, AverageValue, Confusion, ConfusionTable, F1Score, Footprint, KappaWeights,
    PositiveLikelihoodRatio, Precision, Recall, Task, TopKAccuracy, ZeroDivision, cohens_kappa, f_beta_score,
    matthews_correlation_coefficient, precision, recall,
};
use neurobench::prelude::*;
use neurobench::testing::predictions;

use super::{class_counts, counted, top_k};

#[test]
fn metrics_of_equal_settings_share_one_core() {
    let builder = || Benchmark::builder().model(predictions());
    let names = ["precision", "recall(average=micro)", "f1", "npv(zero_division=one)", "kappa", "MCC", "accuracy"];
    let all = |builder: neurobench::bench::BenchmarkBuilder<'static>| {
        names.iter().fold(builder, |builder, name| builder.metric_named(name))
    };
    assert_eq!(all(builder()).build().unwrap().cores(), 1);
    let more = all(builder()).metric_named("precision(ignore_index=0)").metric_named("recall(ignore_index=0)");
    let more = more.metric_named("recall(threshold=0.25, task=binary)").metric_named("accuracy(task=binary)");
    assert_eq!(more.build().unwrap().cores(), 4);
}

#[test]
fn values_are_typed() {
    let benchmark = Benchmark::builder()
        .model(predictions())
        .metric(Precision { average: Average::None, ..Precision::default() })
        .metric(Recall::default())
        .metric(F1Score { average: Average::Weighted, ..F1Score::default() })
        .metric(Accuracy::default())
        .metric(Confusion::default())
        .build()
        .unwrap();
    let batch = Batch::new(arr1(&[1_i64, 1, 2, 1]), arr1(&[1_i64, 2, 2, 1]));
    let report = benchmark.run_stream([Ok(batch)].into_iter()).unwrap();
    let by_class = report.get::<Precision>().unwrap();
    assert_eq!((by_class.for_class(1), by_class.for_class(3), by_class.number()), (Some(2.0 / 3.0), None, None));
    assert_eq!(report.get::<Recall>().unwrap().number(), Some(0.75));
    assert_eq!(report["precision(average=\"none\")"].get("2").unwrap().as_f64(), Some(1.0));
    // (2 · 4/5 + 2 · 2/3) / 4
    assert!((report["f1_score(average=\"weighted\")"].as_f64().unwrap() - 11.0 / 15.0).abs() < 1e-15);
    assert_eq!(*report.get::<Accuracy>().unwrap(), Ratio::new(3, 4));
    assert_eq!(report["confusion"].get("2").unwrap().get("1").unwrap().as_u64(), Some(1));
    assert_eq!(Registry::global().find("precision").unwrap().shape(), Shape::NumberOrByClass);
}

#[test]
fn variants_are_their_settings() {
    let variants = [
        ("f2_score", "f_beta_score(beta=2.0)"),
        ("f0_5_score", "f_beta_score(beta=0.5)"),
        ("quadratic_kappa", "cohens_kappa(weights=quadratic)"),
        ("adjusted_balanced_accuracy", "balanced_accuracy(adjusted=true)"),
    ];
    let builder = Benchmark::builder().model(predictions());
    let all = variants.iter().fold(builder, |builder, (variant, _)| builder.metric_named(variant));
    let batch = Batch::new(arr1(&[1_i64, 1, 2, 3, 1]), arr1(&[1_i64, 2, 2, 3, 3]));
    let report = all.build().unwrap().run_stream([Ok(batch.clone())].into_iter()).unwrap();
    let mut values = Vec::new();
    for (variant, written) in variants {
        let alone = Benchmark::builder().model(predictions()).metric_named(written).build().unwrap();
        let alone = alone.run_stream([Ok(batch.clone())].into_iter()).unwrap();
        let value = alone.entries()[0].value().unwrap().as_f64().unwrap();
        assert_eq!(report.value(variant).unwrap().as_f64(), Some(value), "{variant}");
        values.push(value);
    }
    // By hand: recalls of 1, 1/2 and 1/2 give (2/3 − 1/3) / (2/3).
    assert!((values[3] - 0.5).abs() < 1e-15, "{values:?}");
    assert!(values[0] != values[1], "{values:?}");
}

#[test]
fn a_division_by_zero_names_the_class_and_the_setting() {
    let counts = class_counts(&[1, 1, 2], &[1, 3, 2]);
    let error = precision(&counts, Average::Macro, ZeroDivision::Undefined).unwrap_err();
    assert_eq!(
        error.to_string(),
        "undefined: class 3 is never predicted, a division by zero; set `zero_division` to choose a value"
    );
    // Classes with the weight 0 need no value.
    let counts = class_counts(&[1, 1, 2], &[1, 1, 1]);
    assert!(recall(&counts, Average::Macro, ZeroDivision::Undefined).unwrap_err().to_string().contains("class 2"));
    let weighted = recall(&counts, Average::Weighted, ZeroDivision::Undefined);
    assert_eq!(weighted.unwrap(), AverageValue::Number(2.0 / 3.0));
}

/// A class without a value has a reason and does not affect the others.
#[test]
fn each_class_has_its_value_or_its_reason() {
    let each = |counts: &_| precision(counts, Average::None, ZeroDivision::Undefined);
    let found = each(&class_counts(&[1, 1, 2], &[1, 3, 5])).unwrap();
    let why =
        |class| format!("class {class} is never predicted, a division by zero; set `zero_division` to choose a value");
    assert_eq!((found.for_class(1), found.for_class(2), found.for_class(3)), (Some(0.5), Some(0.0), None));
    let AverageValue::ByClass(answers) = &found else { panic!("{found:?}") };
    assert_eq!(answers.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 5]);
    assert_eq!((&answers[&3], &answers[&5]), (&Answer::Undefined(why(3)), &Answer::Undefined(why(5))));
    let json = serde_json::to_value(neurobench::Value::from_serialize(&found).unwrap()).unwrap();
    assert_eq!(json["3"], serde_json::json!({"undefined": why(3)}));
    // If no class has a value, the whole has none.
    let labels = Confusion { task: Task::Multilabel, ..Confusion::default() };
    let none = counted(arr2(&[[0.1; 7]]), arr2(&[[1_i64; 7]]), &labels).unwrap();
    let error = each(&none).unwrap_err().to_string();
    assert!(error.starts_with("undefined: class 0 is never predicted") && error.ends_with(" and 2 more"), "{error}");
    let skipped = precision(&class_counts(&[1, 1, 2], &[1, 3, 5]), Average::None, ZeroDivision::Skip).unwrap();
    assert_eq!((skipped.for_class(1), skipped.for_class(3)), (Some(0.5), None));
}

#[test]
fn without_targets_all_classes_count_equally() {
    let labels = Confusion { task: Task::Multilabel, ..Confusion::default() };
    let counts = counted(arr2(&[[0.9, 0.1], [0.9, 0.9]]), arr2(&[[0_i64, 0], [0, 0]]), &labels).unwrap();
    let weighted = |convention| precision(&counts, Average::Weighted, convention);
    assert_eq!(weighted(ZeroDivision::Undefined), Ok(AverageValue::Number(0.0)));
    let counts = counted(arr2(&[[0.9, 0.1], [0.9, 0.1]]), arr2(&[[0_i64, 0], [0, 0]]), &labels).unwrap();
    let weighted = |convention| precision(&counts, Average::Weighted, convention);
    let error = weighted(ZeroDivision::Undefined).unwrap_err().to_string();
    assert!(error.contains("class 1 is never predicted"), "{error}");
    assert_eq!(weighted(ZeroDivision::One), Ok(AverageValue::Number(0.5)));
    assert_eq!(weighted(ZeroDivision::Skip), Ok(AverageValue::Number(0.0)));
}

#[test]
fn a_beta_of_zero_requires_predictions() {
    let counts = class_counts(&[1, 1, 2], &[1, 3, 2]);
    let measure = |beta| f_beta_score(&counts, beta, Average::Macro, ZeroDivision::Undefined);
    let error = measure(0.0).unwrap_err().to_string();
    assert!(error.starts_with("undefined: class 3 is never predicted, a division by zero"), "{error}");
    assert_eq!(measure(0.0), precision(&counts, Average::Macro, ZeroDivision::Undefined));
    assert!(measure(0.1).is_ok());
}

#[test]
fn agreement_on_a_single_class_is_undefined_without_a_setting() {
    let counts = class_counts(&[4, 4], &[4, 4]);
    let correlation = |convention| matthews_correlation_coefficient(&counts, convention);
    let kappa = |convention| cohens_kappa(&counts, Default::default(), convention);
    for convention in [ZeroDivision::Undefined, ZeroDivision::Skip] {
        assert!(correlation(convention).unwrap_err().is_undefined());
        assert!(kappa(convention).unwrap_err().is_undefined());
    }
    assert_eq!((correlation(ZeroDivision::Zero), kappa(ZeroDivision::One)), (Ok(0.0), Ok(1.0)));
}

/// By hand: ratings 1, 2 and 4 of a scale. One pair has the distance 2; over all nine pairs the distances sum to 14,
/// and their squares to 36.
#[test]
fn distances_are_those_of_the_class_numbers() {
    let counts = class_counts(&[1, 4, 4], &[1, 2, 4]);
    let kappa = |weights: &str| {
        let weights = serde_json::from_str(&format!("\"{weights}\"")).unwrap();
        cohens_kappa(&counts, weights, ZeroDivision::Undefined).unwrap()
    };
    // Targets 1, 2, 4 against predictions 1, 4, 4: distances 0 3 3, 1 2 2, 3 0 0.
    assert_eq!(kappa("linear"), (14.0 - 3.0 * 2.0) / 14.0);
    assert_eq!(kappa("quadratic"), (36.0 - 3.0 * 4.0) / 36.0);
}

#[test]
fn chance_agreement_of_many_classes_takes_no_pairs_of_them() {
    // 10⁵ classes have 10¹⁰ pairs.
    let classes: Vec<i64> = (0..100_000).collect();
    let shifted: Vec<i64> = classes.iter().map(|class| (class + 1) % 100_000).collect();
    let counts = class_counts(&shifted, &classes);
    let kappa = |weights| cohens_kappa(&counts, weights, ZeroDivision::Undefined).unwrap();
    // Among Σ t·p = n products with t = p = 1, n fall on the diagonal: 1 − n·n/(n² − n).
    assert_eq!(kappa(KappaWeights::None), -1.0 / 99_999.0);
    // All distances are 1 except one of n − 1; the mean over pairs is (n² − 1)/3, or (n² − 1)/6 squared.
    let n = 1e5;
    assert!((kappa(KappaWeights::Linear) - (1.0 - 6.0 * (n - 1.0) / (n * n - 1.0))).abs() < 1e-12);
    assert!(
        (kappa(KappaWeights::Quadratic) - (1.0 - 6.0 * ((n - 1.0) + (n - 1.0) * (n - 1.0)) / n / (n * n - 1.0))).abs()
            < 1e-12
    );
}

#[test]
fn class_numbers_too_far_apart_are_an_error_and_no_number() {
    let counts = class_counts(&[i64::MIN, i64::MAX], &[i64::MAX, i64::MIN]);
    let quadratic = serde_json::from_str("\"quadratic\"").unwrap();
    let error = cohens_kappa(&counts, quadratic, ZeroDivision::Undefined).unwrap_err();
    assert!(error.to_string().starts_with("the sums do not fit into 128 bits"), "{error}");
    assert_eq!(cohens_kappa(&counts, Default::default(), ZeroDivision::Undefined), Ok(-1.0));
}

#[test]
fn invalid_decisions_are_rejected_with_their_place() {
    let task = |task| Confusion { task, ..Confusion::default() };
    let error = |result: Result<_, MetricError>| result.err().unwrap().to_string();
    assert_eq!(
        error(counted(arr1(&[0.1, 0.9]), arr1(&[0_i64, 2]), &task(Task::Binary))),
        "sample 1 of the batch: targets: 2 is neither 0 nor 1"
    );
    assert_eq!(
        error(counted(arr2(&[[0.1, 0.9]]), arr2(&[[0.0, 0.5]]), &task(Task::Multilabel))),
        "sample 0 of the batch: targets: label 1: 0.5 is neither 0 nor 1"
    );
    assert_eq!(
        error(counted(arr2(&[[0.1, 0.9]]), arr2(&[[0.0, 1.0, 1.0]]), &task(Task::Multilabel))),
        "predictions: shape [1, 2], but the targets have [1, 3]"
    );
    assert_eq!(
        error(counted(arr2(&[[0.1, 0.9], [0.2, 0.3]]), arr1(&[0_i64, 1]), &task(Task::Binary))),
        "predictions: 4 predictions for 2 targets"
    );
    assert_eq!(
        error(counted(arr1(&[0.1, f64::NAN]), arr1(&[0_i64, 1]), &task(Task::Binary))),
        "sample 1 of the batch: predictions: NaN"
    );
    assert_eq!(
        error(counted(arr1(&[0.5, 1.0]), arr1(&[0_i64, 1]), &Confusion::default())),
        "sample 0 of the batch: predictions: 0.5 is not a class"
    );
    let found = top_k(&arr2(&[[0.1, 0.9]]).into_dyn(), &arr1(&[2.0]).into_dyn(), &TopKAccuracy::default());
    assert_eq!(found.unwrap_err().to_string(), "sample 0 of the batch: targets: 2 is not one of 2 classes");
}

#[test]
fn a_score_at_the_threshold_is_a_no() {
    let core = Confusion { task: Task::Binary, threshold: 0.25, ..Confusion::default() };
    let counts = counted(arr1(&[0.25, 0.26]), arr1(&[1_i64, 1]), &core).unwrap();
    assert_eq!(recall(&counts, Average::Macro, ZeroDivision::Undefined), Ok(AverageValue::Share(Ratio::new(1, 2))));
}

#[test]
fn scores_and_their_classes_count_equally() {
    let scores = arr2(&[[0.1_f32, 0.7, 0.7], [0.9, 0.0, 0.1], [0.2, 0.3, 0.4]]);
    let targets = arr1(&[1_u8, 0, 1]);
    let score_counts = counted(scores, targets.clone(), &Confusion::default()).unwrap();
    assert_eq!(score_counts, class_counts(&[1, 0, 2], &[1, 0, 1]));
    assert_eq!(score_counts, counted(arr1(&[1_u8, 0, 2]), targets, &Confusion::default()).unwrap());
}

#[test]
fn a_metric_of_the_same_core_is_read_from_the_snapshot() {
    let data = neurobench::data::InMemory::new(arr1(&[1_i64, 1, 2, 1]), arr1(&[1_i64, 2, 2, 1])).unwrap();
    let benchmark =
        |metric| Benchmark::builder().model(predictions()).data(&data).metric_named(metric).build().unwrap();
    let run = benchmark("recall(average=micro)");
    let snapshot = run.run_batches(&(0..run.batches().unwrap()).into()).unwrap();
    let later = benchmark("precision(average=none)").report_snapshot(&snapshot).unwrap();
    assert_eq!(later.entries()[0].value().unwrap().get("1").unwrap().as_f64(), Some(2.0 / 3.0));
    assert!(benchmark("precision(ignore_index=3)").report_snapshot(&snapshot).is_err());
    // Uses only the stored snapshot, without the model and the data.
    let written = serde_json::to_string(&snapshot).unwrap();
    let alone: Snapshot = serde_json::from_str(&written).unwrap();
    let by_class = alone.value(&Precision { average: Average::None, ..Precision::default() }).unwrap();
    assert_eq!(by_class.for_class(1), Some(2.0 / 3.0));
    assert!(matches!(alone.value(&Confusion::default()), Ok(ConfusionTable::Classes(rows)) if rows[&2][&1] == 1));
    let ignoring = Confusion { ignore_index: Some(3), ..Confusion::default() };
    let error = alone.value(&Accuracy { core: ignoring }).unwrap_err().to_string();
    assert!(error.starts_with("the snapshot does not contain `confusion(ignore_index=3)`; it contains "), "{error}");
    let error = alone.value(&Footprint::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "`footprint` reads only the model, which snapshots do not contain: run the benchmark to compute it"
    );
    let error = alone.value(&PositiveLikelihoodRatio::default()).unwrap_err().to_string();
    assert!(error.starts_with("`positive_likelihood_ratio`: undefined: class 2 has no false positive"), "{error}");
}
