//! The intervals that there are.

use ndarray::Array1;
use neurobench::bench::{BootstrapInterval, IntervalMethod, Intervals, ProportionInterval};
use neurobench::data::InMemory;
use neurobench::metric::ResamplingForm;
use neurobench::metrics::ClassificationAccuracy;
use neurobench::prelude::*;
use neurobench::report::IntervalKind;
use neurobench::stats::intervals::{clopper_pearson, mean, wilson};

use super::{ALL, QUICK, benchmark, benchmark_with, classes, entry, noise, numbers, only};
use crate::engine::merging::Everything;
use crate::engine::{digits, identity};

#[test]
fn proportions_and_means_have_intervals_in_closed_form() {
    let report = benchmark(classes(100), &["classification_accuracy"], 7, 2).run().unwrap();
    let hits = (report["classification_accuracy"].as_f64().unwrap() * 100.0).round() as u64;
    let expected = wilson(hits, 100, 0.95).unwrap();
    let found = only(&report, "classification_accuracy");
    assert_eq!(found, (expected.low, expected.high, IntervalKind::Wilson));
    let values = entry(&report, "classification_accuracy").samples().unwrap();
    assert_eq!(values.samples, (0..100).collect::<Vec<_>>());
    assert_eq!(values.values.iter().filter(|value| **value == 1.0).count() as u64, hits);
    assert!(values.values.iter().all(|value| *value == 0.0 || *value == 1.0));

    let exact = Intervals { proportion: ProportionInterval::ClopperPearson, level: 0.9, ..QUICK };
    let report = benchmark_with(classes(100), &["classification_accuracy"], 7, 2, exact).run().unwrap();
    let expected = clopper_pearson(hits, 100, 0.9).unwrap();
    let found = only(&report, "classification_accuracy");
    assert_eq!(found, (expected.low, expected.high, IntervalKind::ClopperPearson));

    let report = benchmark(numbers(80), &["mse", "mean_above(least=0.5)"], 7, 2).run().unwrap();
    let (predictions, targets) = (noise(80), noise(160)[80..].to_vec());
    let squared: Vec<f64> = predictions.iter().zip(&targets).map(|(p, t)| (p - t) * (p - t)).collect();
    let expected = mean(&squared, 0.95).unwrap();
    assert_eq!(only(&report, "mse"), (expected.low, expected.high, IntervalKind::StudentT));
    assert_eq!(entry(&report, "mse").samples().unwrap().values, squared);
    // Samples without a weight take no part.
    let above: Vec<f64> = targets.iter().copied().filter(|target| *target >= 0.5).collect();
    let expected = mean(&above, 0.95).unwrap();
    assert_eq!(only(&report, "mean_above(least=0.5)"), (expected.low, expected.high, IntervalKind::StudentT));
    let values = entry(&report, "mean_above(least=0.5)").samples().unwrap();
    assert_eq!(values.values, above);
    assert!(values.samples.iter().all(|sample| targets[*sample as usize] >= 0.5));
}

#[test]
fn averages_over_classes_have_intervals_and_so_has_each_class() {
    let (micro, none) = (r#"recall(average="micro")"#, r#"recall(average="none", zero_division="zero")"#);
    let report = benchmark(classes(100), &["classification_accuracy", micro, none], 7, 2).run().unwrap();
    let accuracy = report["classification_accuracy"].as_f64().unwrap();
    let (low, high, kind) = only(&report, micro);
    let expected = wilson((accuracy * 100.0).round() as u64, 100, 0.95).unwrap();
    assert_eq!((low, high, kind), (expected.low, expected.high, IntervalKind::Wilson));
    let alone = entry(&report, micro).samples().unwrap();
    assert_eq!(alone.values, entry(&report, "classification_accuracy").samples().unwrap().values);
    let by_class = report.value(none).unwrap().to_typed::<std::collections::BTreeMap<String, f64>>().unwrap();
    let intervals = entry(&report, none).intervals();
    assert_eq!(
        intervals.iter().map(|found| found.path.concat()).collect::<Vec<_>>(),
        by_class.keys().cloned().collect::<Vec<_>>()
    );
    assert!(intervals.iter().zip(by_class.values()).all(|(found, value)| found.low <= *value && *value <= found.high));
}

#[test]
fn shares_of_samples_have_the_interval_of_proportions_and_other_shares_have_not() {
    let shares = ["accuracy", r#"f1_score(average="micro")"#, r#"f_beta_score(beta=2.0, average="micro")"#];
    let others =
        ["recall", r#"specificity(average="micro")"#, r#"jaccard_index(average="micro")"#, "balanced_accuracy"];
    let report = benchmark(classes(100), &[&shares[..], &others].concat(), 7, 2).run().unwrap();
    let right = (report["accuracy"].as_f64().unwrap() * 100.0).round() as u64;
    let expected = wilson(right, 100, 0.95).unwrap();
    for name in shares {
        assert_eq!(only(&report, name), (expected.low, expected.high, IntervalKind::Wilson), "{name}");
    }
    for name in others {
        assert_eq!(only(&report, name).2, IntervalKind::Bca, "{name}");
    }
    let forced = Intervals { method: IntervalMethod::Bootstrap, ..QUICK };
    let report = benchmark_with(classes(100), &shares, 7, 2, forced).run().unwrap();
    assert_eq!(only(&report, "accuracy").2, IntervalKind::Bca);
}

#[test]
fn only_samples_that_a_binary_share_is_about_count() {
    let scores = Array1::from(noise(90));
    let targets: Array1<i64> =
        noise(180)[90..].iter().zip(&scores).map(|(x, score)| i64::from(x + score > 0.0)).collect();
    let yes = |sample: usize| scores[sample] > 0.0;
    let found = (0..90).filter(|sample| yes(*sample) && targets[*sample] == 1).count() as u64;
    let (positives, predicted) = (targets.sum() as u64, (0..90).filter(|sample| yes(*sample)).count() as u64);
    let data = InMemory::new(scores.clone(), targets.clone()).unwrap();
    let of = |name: &str| format!("{name}(task=\"binary\", threshold=0.0)");
    let names = [of("recall"), of("precision"), of("accuracy"), of("f1_score")];
    let report = benchmark(data, &names.each_ref().map(String::as_str), 7, 2).run().unwrap();
    for (name, whole) in [(&names[0], positives), (&names[1], predicted)] {
        let expected = wilson(found, whole, 0.95).unwrap();
        assert_eq!(only(&report, name), (expected.low, expected.high, IntervalKind::Wilson), "{name}");
    }
    assert_eq!(only(&report, &names[2]).2, IntervalKind::Wilson);
    assert_eq!(only(&report, &names[3]).2, IntervalKind::Bca);
}

#[test]
fn decisions_on_labels_of_one_sample_are_not_independent() {
    let scores = ndarray::Array2::from_shape_vec((60, 3), noise(180)).unwrap();
    let targets = ndarray::Array2::from_shape_vec((60, 3), noise(360)[180..].to_vec()).unwrap();
    let targets = (&targets + &scores).mapv(|x| i64::from(x > 0.0));
    let name = r#"accuracy(task="multilabel", threshold=0.0)"#;
    let report = benchmark(InMemory::new(scores, targets).unwrap(), &[name], 7, 2).run().unwrap();
    assert_eq!(only(&report, name).2, IntervalKind::Bca);
}

#[test]
fn values_by_class_and_by_output_have_an_interval_for_each() {
    let each = |data, names: &[&str], count: usize| {
        let report = benchmark(data, names, 7, 2).run().unwrap();
        for name in names {
            let found = entry(&report, name);
            assert_eq!((found.no_interval(), found.intervals().len()), (None, count), "{name}");
            let values: Vec<f64> = report.value(name).unwrap().to_typed().unwrap();
            for ((at, value), interval) in values.iter().enumerate().zip(found.intervals()) {
                assert_eq!(interval.path, [at.to_string()]);
                assert!(interval.low < *value && *value < interval.high, "{name}: {value} in {interval:?}");
            }
        }
    };
    each(classes(90), &["auroc_by_class", "average_precision_by_class", "binned_auroc_by_class"], 3);
    let targets = ndarray::Array2::from_shape_vec((60, 2), noise(120)).unwrap();
    let off = ndarray::Array2::from_shape_vec((60, 2), noise(240)[120..].to_vec()).unwrap();
    let data = InMemory::new(&targets + &off * 0.5, targets).unwrap();
    each(data, &["r2_by_output", "pearson_by_output", "spearman_by_output"], 2);
}

/// A class that never is the target has no value, which costs the others nothing.
#[test]
fn what_is_undefined_of_several_has_no_interval_and_the_others_have_one() {
    let scores = ndarray::Array2::from_shape_vec((80, 4), noise(320)).unwrap();
    let targets = Array1::from_iter((0..80).map(|sample| [0_i64, 1, 3][sample % 3]));
    let names = ["auroc_by_class", r#"recall(average="none")"#];
    let report = benchmark(InMemory::new(scores, targets).unwrap(), &names, 7, 2).run().unwrap();
    assert!(!report.is_complete());
    let results = serde_json::to_value(report.results()).unwrap();
    for (at, name) in names.into_iter().enumerate() {
        let found = entry(&report, name);
        let undefined = found.value().unwrap().undefined();
        let [(path, why)] = undefined.as_slice() else { panic!("{undefined:?}") };
        assert_eq!(*path, ["2"]);
        assert!(why.contains("class 2"), "{why}");
        let paths: Vec<_> = found.intervals().iter().map(|interval| interval.path.concat()).collect();
        assert_eq!((paths.join(" "), found.no_interval()), ("0 1 3".to_owned(), None), "{name}");
        let written = &results["metrics"][at];
        assert_eq!(written["status"], "partial");
        let item = written["value"].get("2").unwrap_or(&written["value"][2]);
        assert_eq!(*item, serde_json::json!({ "undefined": why }));
    }
    // A class of which one sample in eighty is left out of most resamples' share, has a value and no interval.
    let scores = ndarray::Array2::from_shape_vec((80, 2), noise(160)).unwrap();
    let targets = Array1::from_iter((0..80).map(|sample| i64::from(sample == 7)));
    let report =
        benchmark(InMemory::new(scores, targets).unwrap(), &["average_precision_by_class"], 7, 2).run().unwrap();
    let found = entry(&report, "average_precision_by_class");
    assert!(report.is_complete());
    assert_eq!(found.intervals().iter().map(|interval| interval.path.concat()).collect::<Vec<_>>(), ["0"]);
    let why = found.no_interval().unwrap();
    assert!(why.starts_with("`1`: ") && why.contains("there are no positive samples for class 1"), "{why}");
}

/// The mean error of every output, and the number of outputs.
#[derive(Clone, Debug, Serialize, MetricValue)]
pub(crate) struct OutputErrorList {
    outputs: u64,
    mean_error: Vec<f64>,
    all: f64,
}

/// A record of which a field is a list.
#[accumulated_metric(of = neurobench::metrics::OutputErrors)]
pub(crate) fn errors_of_outputs(
    outputs: &PerOutput<neurobench::metrics::ErrorMoments>,
) -> Result<OutputErrorList, MetricError> {
    let each = outputs.outputs()?.iter().map(|output| Ok(output.finish()?.mean_error));
    let mean_error = each.collect::<Result<Vec<f64>, MetricError>>()?;
    Ok(OutputErrorList {
        outputs: mean_error.len() as u64,
        all: Mean::from_values(mean_error.iter().copied()).finish()?,
        mean_error,
    })
}

#[test]
fn lists_that_are_fields_have_an_interval_for_each_item() {
    let outputs = || ndarray::Array2::from_shape_vec((60, 2), noise(120)).unwrap();
    let off = ndarray::Array2::from_shape_vec((60, 2), noise(240)[120..].to_vec()).unwrap();
    let report = benchmark(InMemory::new(&outputs() + &off, outputs()).unwrap(), &["errors_of_outputs"], 7, 2).run();
    let report = report.unwrap();
    let found = entry(&report, "errors_of_outputs");
    let value = |path: &[String]| match path {
        [field] => found.value().unwrap().get(field).unwrap().as_f64().unwrap(),
        [field, at] => {
            let list: Vec<f64> = found.value().unwrap().get(field).unwrap().to_typed().unwrap();
            list[at.parse::<usize>().unwrap()]
        }
        other => panic!("{other:?}"),
    };
    let paths: Vec<_> = found.intervals().iter().map(|interval| interval.path.join(".")).collect();
    assert_eq!(
        (paths, found.no_interval()),
        (["mean_error.0", "mean_error.1", "all"].map(str::to_owned).to_vec(), None)
    );
    for interval in found.intervals() {
        let value = value(&interval.path);
        assert!(interval.low < value && value < interval.high, "{value} in {interval:?}");
    }
}

#[test]
fn what_has_no_closed_form_has_a_bootstrap() {
    let report = benchmark(numbers(300), &ALL, 16, 2).run().unwrap();
    let (low, high, kind) = only(&report, "rmse");
    assert_eq!(kind, IntervalKind::Bca);
    // The root of Student's interval of the mean square is nearly the same, at 300 samples.
    let (square_low, square_high, _) = only(&report, "mse");
    let width = high - low;
    assert!((low - square_low.sqrt()).abs() < 0.15 * width, "{low} for {}", square_low.sqrt());
    assert!((high - square_high.sqrt()).abs() < 0.15 * width, "{high} for {}", square_high.sqrt());
    // That of the median is near the order statistics 150 ± 17.
    let (low, high, _) = only(&report, "middle_absolute_error");
    let mut errors = entry(&report, "middle_absolute_error").samples().unwrap().values.clone();
    errors.sort_by(f64::total_cmp);
    assert!(errors[120] < low && low < errors[149] && errors[150] < high && high < errors[180]);
    let extent = entry(&report, "extent");
    let paths: Vec<_> = extent.intervals().iter().map(|interval| interval.path.join(".")).collect();
    assert_eq!(paths, ["smallest", "mean"]);
    assert!((extent.intervals()[0].low - (extent.intervals()[1].low - 1.0)).abs() < 1e-12);

    let forced = Intervals { method: IntervalMethod::Bootstrap, bootstrap: BootstrapInterval::Percentile, ..QUICK };
    let report = benchmark_with(numbers(300), &["mse", "uneven_mean"], 16, 2, forced).run().unwrap();
    let (low, high, kind) = only(&report, "mse");
    assert_eq!(kind, IntervalKind::Percentile);
    let width = square_high - square_low;
    assert!((low - square_low).abs() < 0.15 * width && (high - square_high).abs() < 0.15 * width);
    assert_eq!(only(&report, "uneven_mean").2, IntervalKind::Percentile);
}

/// A mean whose author wrote a merge and a value, and nothing else.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct HandWritten {
    mean: Mean,
}

impl Accumulator for HandWritten {
    fn merge(&mut self, other: Self) {
        self.mean.merge(other.mean);
    }
}

impl Finish for HandWritten {
    type Output = f64;

    fn finish(&self) -> Result<f64, MetricError> {
        self.mean.finish()
    }
}

/// The mean of the targets, in a hand-written state.
#[accumulated_metric]
pub(crate) fn hand_written_mean(targets: Targets<'_>) -> HandWritten {
    HandWritten { mean: Mean::from_values(targets.iter().copied()) }
}

#[test]
fn a_hand_written_state_has_the_bootstrap_interval_of_the_ready_made_one() {
    let forced = Intervals { method: IntervalMethod::Bootstrap, ..QUICK };
    let names = ["hand_written_mean", "mean_above(least=-100.0)"];
    let report = benchmark_with(numbers(60), &names, 7, 2, forced).run().unwrap();
    let (own, ready) = (only(&report, names[0]), only(&report, names[1]));
    assert_eq!((own.0.to_bits(), own.1.to_bits(), own.2), (ready.0.to_bits(), ready.1.to_bits(), IntervalKind::Bca));
}

#[test]
fn an_interval_stays_within_the_bounds_that_the_metric_states() {
    let mut targets = Array1::<f64>::zeros(10);
    targets[3] = 1.0;
    let data = || InMemory::new(targets.clone(), targets.clone()).unwrap();
    let report = benchmark(data(), &["bounded_squares"], 4, 1).run().unwrap();
    let (low, high, kind) = only(&report, "bounded_squares");
    let free = mean(targets.as_slice().unwrap(), 0.95).unwrap();
    assert!(free.low < 0.0);
    assert_eq!((low, high, kind), (0.0, free.high, IntervalKind::StudentT));
}

#[test]
fn states_that_contain_one_that_keeps_an_order_are_kept_by_sample() {
    fn form<A: Accumulator>() -> ResamplingForm {
        A::resampling().form()
    }
    let (parts, states) = (ResamplingForm::Parts, ResamplingForm::States { bytes_per_neuron: 0 });
    assert_eq!([form::<Everything>(), form::<(Mean, [Concat<f64>; 2])>(), form::<PerLayer<Concat<f64>>>()], [parts; 3]);
    assert_eq!(form::<std::collections::BTreeMap<String, Concat<f64>>>(), parts);
    assert_eq!([form::<Mean>(), form::<(Mean, [Ratio; 2])>(), form::<PerLayer<Count>>()], [states; 3]);
    let by_neuron = ResamplingForm::States { bytes_per_neuron: 24 };
    assert_eq!(form::<(PerLayer<PerNeuron>, [PerNeuron; 2])>(), by_neuron);
}

#[test]
fn metrics_with_hooks_have_intervals_in_batches_of_one() {
    let (network, data) = digits();
    let run = |batch_size| {
        Benchmark::builder()
            .model(&network)
            .data(InMemory::new(data.inputs().rows(0, 24), data.targets().rows(0, 24)).unwrap())
            .preprocess(neurobench::process::RepeatOverTime { steps: 4 })
            .postprocess(neurobench::process::ChooseMaxCount)
            .batch_size(batch_size)
            .workers(2)
            .metric_named("activation_sparsity")
            .metric_named("synaptic_operations")
            .metric_named("classification_accuracy")
            .intervals(QUICK)
            .build()
            .unwrap()
            .run()
            .unwrap()
    };
    let report = run(8);
    assert!(entry(&report, "activation_sparsity").no_interval().unwrap().contains("set `batch_size = 1`"));
    assert_eq!(only(&report, "classification_accuracy").2, IntervalKind::Wilson);
    let report = run(1);
    let (low, high, kind) = only(&report, "activation_sparsity");
    assert_eq!(kind, IntervalKind::Bca);
    let value = report["activation_sparsity"].as_f64().unwrap();
    assert!(low < value && value < high && high - low < 0.1);
    let operations = entry(&report, "synaptic_operations");
    let paths: Vec<_> = operations.intervals().iter().map(|interval| interval.path.join(".")).collect();
    assert_eq!(paths, ["effective_macs", "effective_acs"]);
    // Every sample has as many, which no sample decides.
    let why = "`dense`: all resamples are identical, so they do not show the spread of other samples";
    assert_eq!(operations.no_interval(), Some(why));
}

#[test]
fn results_hold_what_was_asked_for_and_nothing_else() {
    let plain =
        Benchmark::builder().model(identity()).data(classes(20)).metric(ClassificationAccuracy).build().unwrap();
    let text = serde_json::to_string(&plain.run().unwrap().results()).unwrap();
    assert!(!text.contains("interval") && !text.contains("sample_unit"), "{text}");
    let results = benchmark(classes(20), &["classification_accuracy"], 6, 1).run().unwrap().results();
    let json = serde_json::to_value(&results).unwrap();
    assert_eq!(json["intervals"]["replicates"], 400);
    assert_eq!((&json["sample_unit"], &json["sample_units"]), (&"sample".into(), &20.into()));
    assert_eq!(json["metrics"][0]["intervals"][0]["kind"], "wilson");
    assert_eq!(json["metrics"][0]["samples"]["samples"].as_array().unwrap().len(), 20);
    assert_eq!(serde_json::from_value::<neurobench::report::Results>(json).unwrap(), results);
}
