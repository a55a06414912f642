//! The guides run, and their results are right.

#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/average_activity.rs"]
mod average_activity;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/custom_metrics.rs"]
mod custom_metrics;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/evaluate_records.rs"]
mod evaluate_records;

use neurobench::accumulate::Distribution;
use neurobench::metrics::{AverageActivity, NeuronActivity};

/// Results of numpy, recorded by `examples/digits/record_reference.py`.
fn reference() -> serde_json::Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/reference.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn custom_metrics() {
    custom_metrics::main().unwrap();
    let report = custom_metrics::report().unwrap();
    let totals = &reference()["batch_sizes"]["360"]["totals"];
    assert_eq!(*report.get::<custom_metrics::CountParameters>().unwrap(), 64 * 128 + 128 + 128 * 10 + 10);
    assert_eq!(*report.get::<custom_metrics::MaxLoss>().unwrap(), reference()["guides"]["max_loss"].as_f64().unwrap());
    // Four batches of 90: the average of their quotients, with equal weights, is the quotient of the totals up to rounding of
    // the four quotients.
    let accuracy = totals["correct_predictions"].as_f64().unwrap() / 360.0;
    assert!((report.get::<custom_metrics::BatchAccuracy>().unwrap() - accuracy).abs() < 1e-15);
    assert_eq!(report["classification_accuracy"].as_f64(), Some(accuracy));
}

#[test]
fn average_activity() {
    average_activity::main().unwrap();
    let report = average_activity::report().unwrap();
    let expected = &reference()["guides"]["average_activity"];
    let layers = report.get::<AverageActivity>().unwrap();
    assert_eq!(layers.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["2", "4"]);
    for (path, activity) in layers.iter() {
        let numpy: Distribution = serde_json::from_value(expected[path].clone()).unwrap();
        let pairs = [
            (activity.min, numpy.min),
            (activity.q1, numpy.q1),
            (activity.median, numpy.median),
            (activity.q3, numpy.q3),
            (activity.max, numpy.max),
            (activity.mean, numpy.mean),
            (activity.std, numpy.std),
        ];
        for (ours, theirs) in pairs {
            // The rates are the same floats; numpy interpolates, averages and squares in another order.
            assert!((ours - theirs).abs() <= 1e-15, "layer {path}: {ours} for {theirs}");
        }
    }
    let rates = report.get::<NeuronActivity>().unwrap();
    assert_eq!(rates.get("2").unwrap().len(), 128);
    let spikes: f64 = rates.get("4").unwrap().iter().map(|rate| rate * 360.0 * 25.0).sum();
    assert_eq!(spikes.round(), 11541.0);
}

/// By hand: of class 0, (0.9, 0.2) is nearest to the center of class 1; of class 2, (0.6, 0.4) and (0.0, 0.4) are not
/// nearest to their own center, and the former is third.
#[test]
fn evaluate_records() {
    evaluate_records::main().unwrap();
    let report = evaluate_records::report().unwrap();
    let top_1 = report.get_with(&evaluate_records::FoundByClass { k: 1 }).unwrap();
    assert_eq!(top_1["class 0"], 2.0 / 3.0);
    assert_eq!(top_1["class 1"], 1.0);
    assert_eq!(top_1["class 2"], 1.0 / 3.0);
    let top_2 = &report["found_by_class_top_2"];
    assert_eq!(top_2.get("class 0").unwrap().as_f64(), Some(1.0));
    assert_eq!(top_2.get("class 2").unwrap().as_f64(), Some(2.0 / 3.0));
    assert_eq!(report["accuracy"].as_f64(), Some(5.0 / 8.0));
    let recall = &report["recall(average=\"none\")"];
    assert_eq!(recall.get("2").unwrap().as_f64(), Some(1.0 / 3.0));
}
