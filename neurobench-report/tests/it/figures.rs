//! Figures of real runs, which `docs/figures.md` shows.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use neurobench_core::bench::Intervals;
use neurobench_core::data::InMemory;
use neurobench_core::figure::{Figure, Mark};
use neurobench_core::model::{FnModel, ModelError, Probe, Tensor};
use neurobench_core::prelude::*;
use neurobench_core::process::{ChooseMaxCount, RepeatOverTime, Scale};
use neurobench_core::report::export::NamedRun;
use neurobench_core::report::{Report, Results};
use neurobench_metrics::{
    AverageActivity, ClassificationAccuracy, Confusion, ForecastTrace, NeuronActivity, OperationCounts,
    PrecisionRecallCurve, Reliability, RocCurve, SpikeRaster,
};
use neurobench_network::Network;
use neurobench_report::draw::{Style, svg};
use neurobench_report::figures;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The digits network over its test images.
fn digits(steps: usize) -> neurobench_core::bench::BenchmarkBuilder<'static> {
    let digits = root().join("examples/digits");
    Benchmark::builder()
        .model(Network::load(digits.join("network.toml")).unwrap())
        .data(InMemory::from_npy(digits.join("inputs.npy"), digits.join("targets.npy")).unwrap())
        .preprocess(Scale { factor: 1.0 / 16.0 })
        .preprocess(RepeatOverTime { steps })
        .batch_size(30)
}

fn run(builder: neurobench_core::bench::BenchmarkBuilder<'_>) -> Report {
    builder.build().unwrap().run().unwrap()
}

/// Accuracy and operations of the digits network over this number of steps.
fn tradeoff(steps: usize) -> Results {
    let builder = digits(steps)
        .postprocess(ChooseMaxCount)
        .metric_named("classification_accuracy")
        .metric_named("synaptic_operations")
        .intervals(Intervals::default());
    run(builder).results()
}

/// A Mackey-Glass series with τ = 17, by Euler steps of 0.1 that are sampled once a unit of time.
fn mackey_glass(count: usize) -> Vec<f64> {
    const DELAY: usize = 170;
    let mut values = vec![1.2_f64; DELAY + 1];
    while values.len() < 10 * (count + 200) {
        let (now, then) = (values[values.len() - 1], values[values.len() - 1 - DELAY]);
        values.push(now + 0.1 * (0.2 * then / (1.0 + libm::pow(then, 10.0)) - 0.1 * now));
    }
    values.iter().skip(2000).step_by(10).take(count).copied().collect()
}

/// Forecast of the value five steps ahead as the present value.
fn persistence() -> Figure {
    let series = mackey_glass(305);
    let inputs = Array2::from_shape_vec((300, 1), series[..300].iter().map(|value| *value as f32).collect()).unwrap();
    let targets = Array2::from_shape_vec((300, 1), series[5..].to_vec()).unwrap();
    let same = |inputs: &Tensor, _: &mut Probe| -> Result<Tensor, ModelError> { Ok(inputs.clone()) };
    let builder = Benchmark::builder()
        .model(FnModel::new(vec![], same))
        .data(InMemory::new(inputs, targets).unwrap())
        .metric(ForecastTrace { samples: 200, ..ForecastTrace::default() });
    run(builder).entries()[0].figure().unwrap()
}

/// Names of files and figures.
fn drawn() -> Vec<(&'static str, Figure)> {
    let spikes = run(digits(25)
        .metric(NeuronActivity::default())
        .metric(AverageActivity::default())
        .metric(OperationCounts::default())
        .metric(SpikeRaster { samples: 3, ..SpikeRaster::default() }));
    let classes = run(digits(25).postprocess(ChooseMaxCount).metric(Confusion::default()));
    let scores = run(noisy_scores());
    let figure = |report: &Report, at: usize| {
        let entry = &report.entries()[at];
        entry.figure().unwrap_or_else(|| panic!("{}: {:?}", entry.name(), entry.value().map(ToString::to_string)))
    };
    let runs = [2, 4, 8, 16, 25].map(|steps| (format!("{steps} steps"), tradeoff(steps)));
    let named: Vec<NamedRun<'_>> = runs.iter().map(|(name, results)| NamedRun { name, results }).collect();
    let accuracy = run(digits(25).postprocess(ChooseMaxCount).metric(ClassificationAccuracy).per_sample()).results();
    let values = &accuracy.metrics[0].samples.as_ref().unwrap().values;
    let (fast, slow) = (latencies(1.0), latencies(2.5));
    vec![
        ("activity", figure(&spikes, 0)),
        ("average_activity", figure(&spikes, 1)),
        ("operations", figure(&spikes, 2)),
        ("spike_raster", figure(&spikes, 3)),
        ("confusion", figure(&classes, 0)),
        ("reliability", figure(&scores, 0)),
        ("roc_curve", figure(&scores, 1)),
        ("precision_recall_curve", figure(&scores, 2)),
        ("forecast_trace", persistence()),
        ("pareto", figures::pareto(&named, "synaptic_operations.effective_acs", "classification_accuracy").unwrap()),
        ("over_run", figures::over_run("classification_accuracy", Some("fraction"), values, 30).unwrap()),
        ("latency", figures::latency_histogram(&fast).unwrap()),
        ("percentiles", figures::percentiles(&[("batch size 1", &fast), ("batch size 8", &slow)]).unwrap()),
    ]
}

/// Probabilities of three classes, with samples that are hard to tell apart and confidences that are too high.
fn noisy_scores() -> neurobench_core::bench::BenchmarkBuilder<'static> {
    const SAMPLES: usize = 600;
    // Fractional parts of multiples of irrational numbers are spread evenly.
    let spread = |at: usize, by: f64| (at as f64 * by).fract();
    let target = |sample: usize| (sample * 7) % 3;
    let scores = Array2::from_shape_fn((SAMPLES, 3), |(sample, class)| {
        let right = if class == target(sample) { 1.3 } else { 0.0 };
        let noise = spread(sample + 211 * class, 0.618_033_988_7) + spread(sample + 97 * class, 0.754_877_666_2) - 1.0;
        libm::exp(2.2 * (right + (1.6 + 0.5 * class as f64) * noise))
    });
    let sums = scores.sum_axis(ndarray::Axis(1));
    let scores = Array2::from_shape_fn((SAMPLES, 3), |(sample, class)| (scores[[sample, class]] / sums[sample]) as f32);
    let targets = Array1::from_shape_fn(SAMPLES, |sample| target(sample) as i64);
    let same = |inputs: &Tensor, _: &mut Probe| -> Result<Tensor, ModelError> { Ok(inputs.clone()) };
    Benchmark::builder()
        .model(FnModel::new(vec![], same))
        .data(InMemory::new(scores, targets).unwrap())
        .metric(Reliability { bins: 10, ..Reliability::default() })
        .metric(RocCurve::default())
        .metric(PrecisionRecallCurve::default())
}

/// Buckets of 10 000 latencies around 2 ms with a long tail.
fn latencies(factor: f64) -> Vec<(u64, u64)> {
    let bucket = |at: u32| {
        let part = f64::from(at) / 200.0;
        let count = 900.0 * libm::exp(-libm::pow((part - 0.25) / 0.08, 2.0)) + 60.0 * libm::exp(-6.0 * part) * part;
        ((factor * 1e6 * libm::exp10(1.6 * part)) as u64, count as u64)
    };
    (0..200).map(bucket).filter(|(_, count)| *count > 0).collect()
}

/// Compares the drawings of `docs/figures` with those of this program. With the environment variable `WRITE_FIGURES`, overwrites them.
#[test]
fn the_figures_of_the_page_are_current() {
    let page = fs::read_to_string(root().join("docs/figures.md")).unwrap_or_default();
    for (name, figure) in drawn() {
        let path = root().join(format!("docs/figures/{name}.svg"));
        let drawing = svg(&figure, &Style::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        if std::env::var_os("WRITE_FIGURES").is_some() {
            fs::write(&path, &drawing).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(drawing == committed, "docs/figures/{name}.svg is outdated; look at it and run with WRITE_FIGURES=1");
        assert!(page.contains(&format!("figures/{name}.svg")), "docs/figures.md does not show {name}");
    }
}

/// Numbers of `examples/digits/reference.json`, which numpy computed.
#[test]
fn the_boxes_of_the_digits_network_are_those_of_numpy() {
    let report = run(digits(25).metric(NeuronActivity::default()));
    let figure = report.entries()[0].figure().unwrap();
    let reference = fs::read_to_string(root().join("examples/digits/reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&reference).unwrap();
    assert_eq!(figure.x.categories, ["2", "4"]);
    for mark in &figure.marks {
        let Mark::Box(layer) = mark else { panic!("{mark:?}") };
        let expected = &reference["guides"]["average_activity"][&figure.x.categories[layer.category]];
        let summary = layer.summary;
        for (name, number) in [
            ("min", summary.min),
            ("q1", summary.q1),
            ("median", summary.median),
            ("q3", summary.q3),
            ("max", summary.max),
            ("mean", summary.mean),
        ] {
            assert!((number - expected[name].as_f64().unwrap()).abs() < 1e-15, "{name}");
        }
    }
}

#[test]
fn names_of_numbers_that_do_not_exist_are_errors_with_those_that_do() {
    let results = tradeoff(2);
    let runs = [NamedRun { name: "digits", results: &results }];
    let error = |x: &str| figures::pareto(&runs, x, "classification_accuracy").unwrap_err().to_string();
    assert_eq!(
        error("energy"),
        "no run has the metric of `energy`; the runs have `classification_accuracy`, `synaptic_operations`"
    );
    assert_eq!(
        error("synaptic_operations"),
        "`synaptic_operations` is not a number; choose `synaptic_operations.effective_macs`, \
         `synaptic_operations.effective_acs`, `synaptic_operations.dense`"
    );
}

#[test]
fn several_runs_have_a_figure_of_accuracy_against_each_cost_that_differs() {
    let runs = [2, 25].map(|steps| (format!("{steps}"), tradeoff(steps)));
    let named: Vec<NamedRun<'_>> = runs.iter().map(|(name, results)| NamedRun { name, results }).collect();
    let labels: Vec<String> = figures::tradeoffs(&named).into_iter().map(|figure| figure.x.label).collect();
    assert!(labels.contains(&"synaptic operations, effective acs".to_owned()), "{labels:?}");
    assert!(figures::tradeoffs(&named[..1]).is_empty());
}

/// Counts marks of a figure of a raster.
#[test]
fn a_raster_has_the_spikes_of_the_first_samples_for_any_number_of_workers() {
    let raster = |workers: usize| {
        let report = run(digits(5).workers(workers).metric(SpikeRaster { samples: 2, ..SpikeRaster::default() }));
        report.get::<SpikeRaster>().unwrap().clone()
    };
    let one = raster(1);
    assert_eq!(one, raster(3));
    assert_eq!(one.len(), 2);
    assert_eq!(one[0].layers.iter().map(|layer| layer.layer.as_str()).collect::<Vec<_>>(), ["2", "4"]);
    // The first hundred of 128 neurons, and all ten of the last layer.
    assert_eq!(one[0].layers.iter().map(|layer| layer.neurons).collect::<Vec<_>>(), [100, 10]);
    let all = run(digits(5).metric(SpikeRaster { samples: 360, neurons: 128, ..SpikeRaster::default() }));
    let spikes: usize = all.get::<SpikeRaster>().unwrap().iter().map(|sample| sample.layers[0].spikes.len()).sum();
    let activity = run(digits(5).metric(NeuronActivity::default()));
    let rates: f64 = activity.get::<NeuronActivity>().unwrap().get("2").unwrap().iter().sum();
    assert!((rates * 360.0 * 5.0 - spikes as f64).abs() < 1e-6, "{spikes} spikes, {rates} a step");
}
