//! The guides run, and their results are right.

#[expect(
    dead_code,
    unreachable_pub,
    reason = "the guide is a program of its own, whose arguments are not those of the tests"
)]
#[path = "../../examples/average_activity.rs"]
mod average_activity;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/custom_metrics.rs"]
mod custom_metrics;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/evaluate_records.rs"]
mod evaluate_records;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/intervals.rs"]
mod intervals;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/own_model.rs"]
mod own_model;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/processors.rs"]
mod processors;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/speech_commands.rs"]
mod speech_commands;
#[expect(unreachable_pub, reason = "the guide is a program of its own")]
#[path = "../../examples/traces.rs"]
mod traces;

use ndarray::Array2;
use neurobench::accumulate::Distribution;
use neurobench::metrics::{
    ActivationSparsity, AverageActivity, MembraneUpdates, NeuronActivity, SpikeTotals, SynapticOperations,
};
use neurobench::report::IntervalKind;

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
    average_activity::run(None).unwrap();
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

/// By hand, with β = 0.5, a threshold of 1 and a reset in the same step:
///
/// | sample | inputs | membranes of neuron 0 | membranes of neuron 1 | operations |
/// |---|---|---|---|---|
/// | 0 | (1, 0), (1, 0), (0, 0) | 0.75; 1.125 spikes, 0.125; 0.0625 | 0.5; 0.75; 0.375 | 2 + 2 + 0 |
/// | 1 | (0, 1), (1, 1), (0, 0) | 0; 0.75; 0.375 | 1; 2 spikes, 1; 0.5 | 1 + 3 + 0 |
///
/// In sample 1 neuron 1 stays at 1 in the second step: 6 + 5 updates.
#[test]
fn own_model() {
    own_model::main().unwrap();
    let report = own_model::report().unwrap();
    assert_eq!(report["classification_accuracy"].as_f64(), Some(1.0));
    let operations = report.get::<SynapticOperations>().unwrap();
    assert_eq!((operations.effective_acs, operations.effective_macs, operations.dense), (4.0, 0.0, 12.0));
    let totals = *report.get::<SpikeTotals>().unwrap().get("neurons").unwrap();
    assert_eq!((totals.spikes, totals.nonzero, totals.activations, totals.calls), (Some(2.0), 2, 12, 6));
    assert_eq!(*report.get::<MembraneUpdates>().unwrap(), 5.5);
    assert_eq!(*report.get::<ActivationSparsity>().unwrap(), 10.0 / 12.0);
}

/// By hand: the weights 1.5 and 0.75 make one neuron of `lif1` spike at each input, the other at the second in a row. For
/// the constant input, `lif2` has membranes 0.75 and then 0.375 + 1.5, and spikes at step 1. For the event at step 2, one neuron
/// of `lif1` spikes, and `lif2` is silent, which counts as 4.
#[test]
fn traces() {
    traces::main().unwrap();
    let report = traces::report().unwrap();
    let steps = report.get::<traces::TimeToFirstSpike>().unwrap();
    assert_eq!(steps.iter().collect::<Vec<_>>(), [("lif1", &1.0), ("lif2", &2.5)]);
}

/// By hand: of -3 to 3, the four numbers beyond ±1 change. Twice the bounded inputs is above 1 exactly for the three positive
/// numbers.
#[test]
fn processors() {
    processors::main().unwrap();
    let (code, names) = (processors::report_from_code().unwrap(), processors::report_from_names().unwrap());
    for report in [&code, &names] {
        assert_eq!(*report.get::<processors::ChangedInputs>().unwrap(), 4.0 / 7.0);
        assert_eq!(report["accuracy"].as_f64(), Some(1.0));
    }
    let (code, names) = (code.results(), names.results());
    assert_eq!(code.preprocessors, ["bound(limit=1)"]);
    assert_eq!((code.preprocessors, code.postprocessors), (names.preprocessors, names.postprocessors));
    let error = neurobench::process::preprocessors().construct(&"bound(limit=-1.0)".parse().unwrap()).err().unwrap();
    assert!(error.to_string().contains("`limit` is -1: it must be a finite number of at least 0"), "{error}");
}

/// Wilson's interval and McNemar's exact test by their textbook formulas, from the values of samples.
#[test]
fn intervals() {
    intervals::main().unwrap();
    let (long, short) = (intervals::report(25).unwrap(), intervals::report(4).unwrap());
    let (n, correct) = (360.0, reference()["batch_sizes"]["360"]["totals"]["correct_predictions"].as_f64().unwrap());
    let (z, p) = (1.644_853_626_951_472_2_f64, correct / n);
    let (center, scale) = ((p + z * z / (2.0 * n)), 1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let [accuracy, recall] = long.entries() else { panic!("two entries") };
    let [wilson] = accuracy.intervals() else { panic!("one interval") };
    assert_eq!(wilson.kind, IntervalKind::Wilson);
    assert!((wilson.low - (center - half) / scale).abs() < 1e-12, "{wilson:?}");
    assert!((wilson.high - (center + half) / scale).abs() < 1e-12, "{wilson:?}");
    let [bootstrap] = recall.intervals() else { panic!("one interval") };
    assert_eq!(bootstrap.kind, IntervalKind::Bca);
    let value = recall.value().unwrap().as_f64().unwrap();
    assert!(bootstrap.low < value && value < bootstrap.high, "{bootstrap:?} around {value}");

    let values = |report: &neurobench::report::Report| report.entries()[0].samples().unwrap().values.clone();
    let pairs: Vec<(f64, f64)> = values(&long).into_iter().zip(values(&short)).collect();
    let count = |long: f64, short: f64| pairs.iter().filter(|pair| **pair == (long, short)).count() as u32;
    let (lost, won) = (count(1.0, 0.0), count(0.0, 1.0));
    let (mut term, mut tail) = (0.5_f64.powi((lost + won) as i32), 0.0);
    for k in 0..=lost.min(won) {
        tail += term;
        term *= f64::from(lost + won - k) / f64::from(k + 1);
    }
    let comparison = intervals::comparison(&long, &short).unwrap();
    let [accuracy] = comparison.samples.as_slice() else { panic!("one metric sample by sample") };
    assert_eq!(accuracy.mean_difference, (f64::from(won) - f64::from(lost)) / n);
    assert_eq!(accuracy.tests[0].name, "mcnemar_exact");
    let p_value = *accuracy.tests[0].p_value.as_ref().unwrap();
    assert!((p_value - (2.0 * tail).min(1.0)).abs() < 1e-12, "{p_value}");
    assert!(comparison.resamples.iter().flat_map(|number| &number.tests).any(|test| test.name == "paired_bootstrap"));
}

/// The spikes of a plain simulation, neuron by neuron and step by step. Sums of its weights are exact in any order.
#[test]
fn speech_commands() {
    speech_commands::main().unwrap();
    let report = speech_commands::report(None).unwrap();
    let (weights, events) = (speech_commands::random_weights(), speech_commands::random_events());
    let mut spikes: Vec<Vec<u64>> = weights.iter().map(|(_, bias)| vec![0; bias.len()]).collect();
    for sample in events.outer_iter() {
        let mut membranes: Vec<Vec<f32>> = weights.iter().map(|(_, bias)| vec![0.0; bias.len()]).collect();
        for input in sample.outer_iter() {
            let mut values = input.to_vec();
            for (layer, (weight, bias)) in weights.iter().enumerate() {
                let weight: &Array2<f32> = weight;
                let outputs = membranes[layer].iter_mut().zip(weight.rows()).zip(bias).enumerate();
                values = outputs
                    .map(|(neuron, ((membrane, row), bias))| {
                        let active = row.iter().zip(&values).filter(|(_, value)| **value != 0.0);
                        let current = active.map(|(weight, value)| weight * value).sum::<f32>() + bias;
                        let reset = if *membrane > 1.0 { 1.0 } else { 0.0 };
                        *membrane = 0.9 * *membrane + current - reset;
                        spikes[layer][neuron] += u64::from(*membrane > 1.0);
                        f32::from(u8::from(*membrane > 1.0))
                    })
                    .collect();
            }
        }
    }
    let outputs = (speech_commands::SAMPLES * speech_commands::STEPS) as f64;
    let layers = report.get::<AverageActivity>().unwrap();
    assert_eq!(layers.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["2", "4", "6", "8"]);
    for ((path, activity), spikes) in layers.iter().zip(&spikes) {
        let mean = spikes.iter().sum::<u64>() as f64 / outputs / spikes.len() as f64;
        assert!((activity.mean - mean).abs() < 1e-12, "layer {path}: {} for {mean}", activity.mean);
        assert!(mean > 0.01 && mean < 0.9, "layer {path} is neither silent nor saturated: {mean}");
        assert_eq!(activity.max, *spikes.iter().max().unwrap() as f64 / outputs);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    speech_commands::random_network().write(&file).unwrap();
    let from_file = speech_commands::report(Some(&file)).unwrap();
    assert_eq!(from_file["average_activity"], report["average_activity"]);
    // As Python NeuroBench counts the published network: 145,955 weights and biases, and five buffers that snnTorch
    // stores for each of the four layers of neurons, of 4 bytes each.
    assert_eq!(report["footprint"].as_u64(), Some(4 * (145_955 + 4 * 5)));
}
