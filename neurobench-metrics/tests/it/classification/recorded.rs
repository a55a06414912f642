//! Comparison with scikit-learn, as recorded by `tests/data/metrics/record_classification.py`.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use neurobench::metric::Answer;
use neurobench::metrics::{
    Average, AverageValue, Confusion, ConfusionCounts, KappaWeights, Task, TopKAccuracy, ZeroDivision, accuracy,
    balanced_accuracy, classification_accuracy, cohens_kappa, f_beta_score, f1_score, false_discovery_rate,
    false_negative_rate, false_omission_rate, false_positive_rate, hamming_loss, jaccard_index,
    matthews_correlation_coefficient, negative_likelihood_ratio, negative_predictive_value, positive_likelihood_ratio,
    precision, prevalence_threshold, recall, specificity,
};
use neurobench::prelude::*;
use serde_json::Value;

use super::{Rate, counted, exact_match, top_k};

fn recorded() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/metrics/classification.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn classes(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

fn rows<T: Clone + Default>(value: &Value, row: impl Fn(&Value) -> Vec<T>) -> Array2<T> {
    let rows: Vec<Vec<T>> = value.as_array().unwrap().iter().map(row).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Our averages are exact sums, rounded once; numpy rounds every addition and normalizes weights first, so values
/// differ by a few units in the last place.
fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-14 * theirs.abs().max(1.0)
}

const AVERAGES: [Average; 3] = [Average::Micro, Average::Macro, Average::Weighted];

/// Compares all averaged metrics, and the counts.
fn compare(names: &Value, case: &Value, counts: &ConfusionCounts) {
    let labels = classes(&case["labels"]);
    let ours: Vec<Vec<u64>> = counts
        .by_class()
        .values()
        .map(|class| vec![class.true_positives, class.false_positives, class.false_negatives, class.true_negatives])
        .collect();
    assert_eq!(counts.by_class().into_keys().collect::<Vec<_>>(), labels);
    assert_eq!(serde_json::to_value(ours).unwrap(), case["counts"], "{case}");

    let convention: ZeroDivision = serde_json::from_value(case["zero_division"].clone()).unwrap();
    let beta = case["beta"].as_f64().unwrap();
    for (name, expected) in names.as_array().unwrap().iter().zip(case["averaged"].as_array().unwrap()) {
        let name = name.as_str().unwrap();
        let metric = |average: Average, convention: ZeroDivision| match name {
            "f_beta_score" => f_beta_score(counts, beta, average, convention),
            name => rate(name)(counts, average, convention),
        };
        if expected.is_null() {
            // scikit-learn has no counterpart.
            continue;
        }
        let by_class = expected[3].as_array().unwrap();
        for (average, expected) in AVERAGES.into_iter().zip(expected.as_array().unwrap()) {
            check(metric(average, convention), expected, &format_args!("{name} {average:?} {convention:?} {case}"));
        }
        let message = Message(name, convention, case);
        match metric(Average::None, convention) {
            Ok(AverageValue::ByClass(ours)) => {
                let theirs: Vec<(i64, f64)> =
                    labels.iter().zip(by_class).filter_map(|(label, value)| Some((*label, value.as_f64()?))).collect();
                // The value is one division of integers, or of the same floats; only the prevalence threshold has roots
                // of other quotients.
                assert_eq!(ours.len(), theirs.len(), "{message}");
                for ((class, ours), (label, theirs)) in ours.into_iter().zip(theirs) {
                    let ours = *ours.value().unwrap();
                    let same = if name == "prevalence_threshold" { close(ours, theirs) } else { ours == theirs };
                    assert!(class == label && same, "{ours} for {theirs} of {class}: {message}");
                }
            }
            Ok(other) => panic!("{other:?} for {message}"),
            Err(error) => assert!(error.is_undefined() && by_class.iter().all(Value::is_null), "{error} {message}"),
        }
        // A value that is undefined for a class is undefined for the mean of all, unless a convention replaces it.
        let skipped = metric(Average::None, ZeroDivision::Skip);
        let undefined = !matches!(&skipped, Ok(AverageValue::ByClass(values)) if values.len() == labels.len());
        assert_eq!(metric(Average::Macro, ZeroDivision::Undefined).is_err(), undefined, "{message}");
        // Each class has a separate answer: the classes that the convention would skip are undefined, the others keep
        // their value.
        let skipped = match skipped {
            Ok(AverageValue::ByClass(values)) => values,
            _ => BTreeMap::new(),
        };
        match metric(Average::None, ZeroDivision::Undefined) {
            Ok(AverageValue::ByClass(answers)) => {
                assert_eq!(answers.keys().copied().collect::<Vec<_>>(), labels, "{message}");
                for (class, answer) in answers {
                    match skipped.get(&class) {
                        Some(value) => assert_eq!(answer, *value, "{message}"),
                        None => assert!(matches!(answer, Answer::Undefined(why) if why.contains("division by zero"))),
                    }
                }
            }
            Ok(other) => panic!("{other:?} for {message}"),
            Err(error) => assert!(error.is_undefined() && skipped.is_empty(), "{error} {message}"),
        }
    }
}

fn rate(name: &str) -> Rate {
    match name {
        "precision" => precision,
        "recall" => recall,
        "f1_score" => f1_score,
        "jaccard_index" => jaccard_index,
        "specificity" => specificity,
        "negative_predictive_value" => negative_predictive_value,
        "false_negative_rate" => false_negative_rate,
        "false_positive_rate" => false_positive_rate,
        "false_discovery_rate" => false_discovery_rate,
        "false_omission_rate" => false_omission_rate,
        "positive_likelihood_ratio" => positive_likelihood_ratio,
        "negative_likelihood_ratio" => negative_likelihood_ratio,
        "prevalence_threshold" => prevalence_threshold,
        other => panic!("{other}"),
    }
}

/// Description of a comparison, formatted only if it differs.
struct Message<'a>(&'a str, ZeroDivision, &'a Value);

impl std::fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.0, self.1, self.2)
    }
}

fn check(ours: Result<AverageValue, MetricError>, expected: &Value, message: &dyn std::fmt::Display) {
    match (ours.map(|value| value.number()), expected.as_f64()) {
        (Ok(Some(ours)), Some(theirs)) => assert!(close(ours, theirs), "{ours} for {theirs}: {message}"),
        (Err(error), None) => assert!(error.is_undefined(), "{error}: {message}"),
        (ours, theirs) => panic!("{ours:?} for {theirs:?}: {message}"),
    }
}

/// Compares the metrics without averages.
fn compare_whole(case: &Value, counts: &ConfusionCounts) {
    let kappa = |weights| cohens_kappa(counts, weights, ZeroDivision::Undefined);
    let mut pairs = vec![
        (accuracy(counts).and_then(|share| share.finish()), &case["accuracy"]),
        (hamming_loss(counts).and_then(|share| share.finish()), &case["hamming_loss"]),
        (balanced_accuracy(counts, false), &case["balanced_accuracy"]),
        (balanced_accuracy(counts, true), &case["adjusted_balanced_accuracy"]),
        (matthews_correlation_coefficient(counts, ZeroDivision::Undefined), &case["matthews_correlation_coefficient"]),
        (kappa(KappaWeights::None), &case["cohens_kappa"][0]),
    ];
    if case["distances_known"] == true {
        pairs.push((kappa(KappaWeights::Linear), &case["cohens_kappa"][1]));
        pairs.push((kappa(KappaWeights::Quadratic), &case["cohens_kappa"][2]));
    }
    for (place, (ours, theirs)) in pairs.into_iter().enumerate() {
        check(ours.map(AverageValue::Number), theirs, &format_args!("{place} of {case}"));
    }
}

fn nothing_is_defined(counts: &ConfusionCounts) {
    for metric in [precision, recall, f1_score, positive_likelihood_ratio] {
        for convention in [ZeroDivision::Undefined, ZeroDivision::Zero, ZeroDivision::One, ZeroDivision::Skip] {
            for average in [Average::None, Average::Micro, Average::Macro, Average::Weighted] {
                let error = metric(counts, average, convention).unwrap_err();
                assert_eq!(error.to_string(), "undefined: there are no samples, or all of them are ignored");
            }
        }
    }
    assert!(accuracy(counts).unwrap_err().is_undefined());
    assert!(hamming_loss(counts).unwrap_err().is_undefined());
}

fn core(task: Task, case: &Value) -> Confusion {
    let threshold = case["threshold"].as_f64().unwrap_or(0.5);
    Confusion { task, threshold, ignore_index: case["ignore"].as_i64(), ..Confusion::default() }
}

#[test]
fn one_class_of_several() {
    let recorded = recorded();
    for case in recorded["multiclass"].as_array().unwrap() {
        let targets = Array1::from(classes(&case["targets"]));
        let counts =
            counted(Array1::from(classes(&case["predicted"])), targets, &core(Task::Multiclass, case)).unwrap();
        if case["empty"] == true {
            nothing_is_defined(&counts);
        } else {
            compare(&recorded["averaged"], case, &counts);
            compare_whole(case, &counts);
            // This metric has no target to ignore.
            if case["ignore"].is_null() {
                let (predicted, targets) = (classes(&case["predicted"]), classes(&case["targets"]));
                let share = classification_accuracy(Classes::new(&predicted), KnownTargetClasses::new(&targets));
                check(share.finish().map(AverageValue::Number), &case["accuracy"], case);
            }
        }
    }
}

#[test]
fn yes_or_no() {
    let recorded = recorded();
    for case in recorded["binary"].as_array().unwrap() {
        let (scores, targets) = (Array1::from(numbers(&case["scores"])), Array1::from(classes(&case["targets"])));
        let columns = scores.clone().into_shape_with_order((scores.len(), 1)).unwrap();
        let counts = counted(scores, targets.clone(), &core(Task::Binary, case)).unwrap();
        assert_eq!(counted(columns, targets, &core(Task::Binary, case)).unwrap(), counts);
        if case["empty"] == true {
            nothing_is_defined(&counts);
        } else {
            compare(&recorded["averaged"], case, &counts);
            compare_whole(case, &counts);
        }
    }
}

#[test]
fn several_labels() {
    let recorded = recorded();
    for case in recorded["multilabel"].as_array().unwrap() {
        let (scores, targets) = (rows(&case["scores"], numbers), rows(&case["targets"], classes));
        let counts = counted(scores.clone(), targets.clone(), &core(Task::Multilabel, case)).unwrap();
        let exact = exact_match(scores, targets, &core(Task::Multilabel, case)).unwrap().finish();
        check(exact.map(AverageValue::Number), &case["exact_match"], case);
        if case["empty"] == true {
            nothing_is_defined(&counts);
        } else {
            compare(&recorded["averaged"], case, &counts);
            check(accuracy(&counts).map(AverageValue::Share), &case["accuracy"], case);
            let wrong = hamming_loss(&counts).unwrap().finish().unwrap();
            assert!(close(wrong, 1.0 - case["accuracy"].as_f64().unwrap()), "{wrong}: {case}");
            let error = balanced_accuracy(&counts, false).unwrap_err().to_string();
            assert!(error.ends_with("labels; this metric is defined only for one decision per sample"), "{error}");
        }
    }
}

/// Every step of a sample is a decision, on whichever axis of the scores the classes lie.
#[test]
fn classes_with_time_steps() {
    let mut right = 0;
    for case in recorded()["with_steps"].as_array().unwrap() {
        let targets = rows(&case["targets"], classes);
        let scores: Vec<Array2<f64>> =
            case["scores"].as_array().unwrap().iter().map(|scores| rows(scores, numbers)).collect();
        let scores =
            ndarray::stack(ndarray::Axis(0), &scores.iter().map(|scores| scores.view()).collect::<Vec<_>>()).unwrap();
        let core = core(Task::Multiclass, case);
        let counts = counted(scores.clone(), targets.clone(), &core).unwrap();
        let exact = exact_match(scores.clone(), targets.clone(), &core).unwrap();
        check(exact.finish().map(AverageValue::Number), &case["exact_match"], case);
        right += exact.part;
        let last = Confusion { class_axis: 2, ..core.clone() };
        let turned = scores.permuted_axes([0, 2, 1]);
        assert_eq!(counted(turned.clone(), targets.clone(), &last).unwrap(), counts);
        assert_eq!(exact_match(turned, targets, &last).unwrap(), exact);
        if case["empty"] == true {
            nothing_is_defined(&counts);
        } else {
            check(accuracy(&counts).map(AverageValue::Share), &case["accuracy"], case);
            check(precision(&counts, Average::Macro, ZeroDivision::Zero), &case["precision"], case);
            check(f1_score(&counts, Average::Weighted, ZeroDivision::Zero), &case["f1_score"], case);
        }
    }
    assert!(right > 30, "{right} samples are right in all steps");
}

#[test]
fn found_among_the_highest() {
    for case in recorded()["top_k"].as_array().unwrap() {
        let (scores, targets) = (rows(&case["scores"], numbers), Array1::from(numbers(&case["targets"])).into_dyn());
        let (classes, scores) = (scores.ncols(), scores.into_dyn());
        let found = |k| {
            let settings = TopKAccuracy { k, ignore_index: case["ignore"].as_i64(), ..TopKAccuracy::default() };
            top_k(&scores, &targets, &settings)
        };
        for (k, expected) in (1..).zip(case["found"].as_array().unwrap()) {
            let ours = found(k).unwrap().finish();
            assert_eq!(ours.ok(), expected.as_f64(), "{k} {case}");
        }
        assert_eq!(found(classes).unwrap().finish().unwrap_or(1.0), 1.0);
    }
}
