//! Printing, reading and writing a report, and evaluating records in one line.

use std::sync::Arc;

use ndarray::array;
use neurobench::bench::{BatchEvent, Observer, RunStart, Verbose, evaluate};
use neurobench::data::{InMemory, Records};
use neurobench::metrics::Accuracy;
use neurobench::prelude::*;
use neurobench::report::{Report, Results};
use neurobench::testing::predictions;

/// Mean and standard deviation of the predictions.
#[accumulated_metric(unit = "units")]
fn report_moments(values: Predictions<'_>) -> Moments {
    Moments::from_values(values.iter().copied())
}

/// Predicts 1, 2, 3, 4 for the targets 1, 2, 3, 0.
fn benchmark<'b>() -> neurobench::bench::BenchmarkBuilder<'b> {
    let data = InMemory::new(array![1_i64, 2, 3, 4], array![1_i64, 2, 3, 0]).unwrap();
    let benchmark = Benchmark::builder().model(predictions()).data(data).batch_size(2);
    benchmark.metric_named("accuracy").metric(ReportMoments).metric_named("recall(average=none)")
}

fn report() -> Report {
    benchmark().build().unwrap().run().unwrap()
}

#[test]
fn a_report_prints_as_a_table_with_the_reasons_below() {
    let printed = report().to_string();
    let (summary, table) = printed.split_once('\n').unwrap();
    assert!(
        summary.starts_with("benchmark: 4 samples in 2 batches, ") && summary.ends_with(" on 1 worker"),
        "{summary}"
    );
    // Recall by hand: class 0 is never predicted, class 4 never a target.
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with('│'))
        .map(|line| line.trim_matches('│').split("   ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows[0], ["metric", "value", "unit", "better", "status"]);
    assert_eq!(rows[1], ["accuracy", "0.75", "fraction", "higher", "ok"]);
    assert_eq!(rows[2], ["report_moments · mean", "2.5", "units", "ok"]);
    // √((1.5² + 0.5²)·2 / 4) = √1.25
    assert_eq!(rows[3], ["report_moments · std", "1.118034", "units", "ok"]);
    let widths: Vec<usize> =
        table.lines().take_while(|line| !line.starts_with('└')).map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
}

#[test]
fn a_part_of_a_value_is_found_by_its_path() {
    let results = report().results();
    assert_eq!(results.get("accuracy").unwrap().as_f64(), Some(0.75));
    assert_eq!(results.get("report_moments.mean").unwrap().as_f64(), Some(2.5));
    assert_eq!(results.get("recall(average=\"none\").1").unwrap().as_f64(), Some(1.0));
    let message = |path: &str| results.get(path).unwrap_err().to_string();
    assert!(message("acuracy").contains("it has accuracy, report_moments"), "{}", message("acuracy"));
    assert!(message("report_moments.median").contains("report_moments.mean, report_moments.std"));
    assert!(message("accuracy.x").contains("`accuracy.x` is not in this report"));
}

#[test]
fn results_are_written_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let report = report();
    report.write_json(file("a.json")).unwrap();
    report.write_csv(file("a.csv")).unwrap();
    report.write_markdown(file("a.md")).unwrap();
    let read: Results = serde_json::from_slice(&std::fs::read(file("a.json")).unwrap()).unwrap();
    assert_eq!(read, report.results());
    let csv = std::fs::read_to_string(file("a.csv")).unwrap();
    assert!(csv.contains("\r\naccuracy,,0.75,,,fraction,true,ok,\r\n"), "{csv}");
    assert!(std::fs::read_to_string(file("a.md")).unwrap().contains("| accuracy | 0.75 | fraction | higher | ok |"));
    let error = report.write_json(file("no/such/folder.json")).unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("folder.json"), "{error}");
}

/// Forwards everything to an observer that the test keeps.
struct Shared(Arc<Verbose<Vec<u8>>>);

impl Observer for Shared {
    fn started(&self, run: &RunStart) {
        self.0.started(run);
    }
    fn wants_values(&self) -> bool {
        self.0.wants_values()
    }
    fn wants_running_values(&self) -> bool {
        self.0.wants_running_values()
    }
    fn batch(&self, event: &BatchEvent<'_>) {
        self.0.batch(event);
    }
}

#[test]
fn verbose_writes_a_line_for_each_batch_in_order() {
    for workers in [1, 3] {
        let verbose = Arc::new(Verbose::new(Vec::new()));
        let data = InMemory::new(array![1_i64, 2, 3, 4, 5], array![1_i64, 0, 3, 0, 5]).unwrap();
        let builder = Benchmark::builder().model(predictions()).data(data).batch_size(2).workers(workers);
        let benchmark = builder.metric(Accuracy::default()).observe(Shared(Arc::clone(&verbose))).build().unwrap();
        benchmark.run().unwrap();
        drop(benchmark);
        let written = Arc::into_inner(verbose).unwrap().into_inner();
        let expected = "batch 0 of 3, 2 samples: accuracy 0.5 (so far 0.5)\n\
                        batch 1 of 3, 2 samples: accuracy 0.5 (so far 0.5)\n\
                        batch 2 of 3, 1 sample: accuracy 1 (so far 0.6)\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}

#[test]
fn records_are_evaluated_in_one_line() {
    let records = [(0_i64, 0_i64), (1, 1), (1, 0), (0, 1)];
    let report = evaluate(Records::new(records), ["accuracy", "Hit Rate(average=none)"]).unwrap();
    assert_eq!(report["accuracy"].as_f64(), Some(0.5));
    assert_eq!(report["recall(average=\"none\")"].get("1").unwrap().as_f64(), Some(0.5));
    let target_first = evaluate(Records::new([(5_i64, 5_i64), (5, 4)]).target_column(0), ["accuracy"]).unwrap();
    assert_eq!(target_first["accuracy"].as_f64(), Some(0.5));
    let none: [(i64, i64); 0] = [];
    assert_eq!(evaluate(Records::new(none), ["accuracy"]).unwrap_err().to_string(), "the data set has no samples");
    let unknown = evaluate(Records::new(records), ["acuracy"]).unwrap_err().to_string();
    assert!(unknown.contains("did you mean `accuracy`?"), "{unknown}");
}

#[test]
fn a_metric_under_two_of_its_names_has_both() {
    let named = |names: &[&str]| {
        let builder = names.iter().fold(benchmark(), |builder, name| builder.metric_named(name));
        builder.build().map(|benchmark| benchmark.run().unwrap().entries().last().unwrap().names().to_vec())
    };
    assert_eq!(named(&["recall", "Sensitivity"]).unwrap(), ["recall", "Sensitivity"]);
    assert_eq!(named(&["Sensitivity", "recall"]).unwrap(), ["recall"]);
    assert_eq!(named(&["hit_rate", "Sensitivity", "recall"]).unwrap(), ["recall", "Sensitivity"]);
    let twice = named(&["Sensitivity", "sensitivity"]).unwrap_err().to_string();
    assert!(twice.contains("two metrics have the name `recall`"), "{twice}");
    let report = benchmark().metric_named("Selectivity").metric_named("specificity").build().unwrap().run().unwrap();
    assert_eq!(report["selectivity"], report["specificity"]);
}

#[test]
fn errors_in_main_are_a_few_readable_lines() {
    let build = Benchmark::builder().metric_named("acuracy").build().unwrap_err();
    assert_eq!(format!("{build:?}"), build.to_string());

    /// Fails on the second batch.
    struct Fails;
    impl Observer for Fails {
        fn batch(&self, event: &BatchEvent<'_>) {
            assert!(event.index == 0, "enough");
        }
    }
    let run = benchmark().observe(Fails).build().unwrap().run().unwrap_err();
    let debug = format!("{run:?}");
    assert!(debug.starts_with("an observer panicked: enough (") && debug.lines().count() == 1, "{debug}");
    let completed = run.completed().unwrap();
    let summary = format!("{completed:?}");
    assert!(summary.contains("samples") && summary.len() < 300, "{summary}");
}

#[test]
fn settings_in_single_precision_print_as_they_were_written() {
    /// Mean of the predictions that exceed a threshold.
    #[accumulated_metric]
    fn report_above(values: Predictions<'_>, #[param(default = 0.5)] threshold: f32) -> Mean {
        Mean::from_values(values.iter().copied().filter(|value| *value > f64::from(threshold)))
    }
    for threshold in [0.1_f32, 1.0 / 3.0, 16_777_216.0, 1e-30, f32::MIN_POSITIVE, f32::MAX] {
        let report = benchmark().metric(ReportAbove { threshold }).build().unwrap().run().unwrap();
        let entry = report.entries().last().unwrap();
        let written: f64 = threshold.to_string().parse().unwrap();
        assert_eq!(entry.settings()["threshold"].as_f64(), Some(written));
        // The name finds the same settings again.
        let again = benchmark().metric(ReportAbove { threshold }).metric_as("again", ReportAbove { threshold });
        assert_eq!(again.metric_named(entry.name()).build().unwrap_err().0.len(), 1, "{}", entry.name());
    }
}

#[test]
fn mistakes_in_preprocessors_are_reported_without_data_too() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/benchmark.toml");
    let text = "name = \"static\"\npreprocessors = [\"scael\"]\nmetrics = [\"footprint\"]\n[model]\nnetwork = \"network.toml\"\n";
    let errors =
        neurobench::spec::BenchmarkSpec::parse(text, file.as_ref()).unwrap().builder().unwrap().build().unwrap_err();
    assert_eq!(errors.to_string(), "no preprocessor `scael`; did you mean `scale`?");
}

#[test]
fn metrics_of_the_model_alone_need_no_data_in_a_benchmark_file() {
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/benchmark.toml");
    let spec = |metrics: &str| {
        let text = format!("name = \"static\"\nmetrics = [{metrics}]\n[model]\nnetwork = \"network.toml\"\n");
        neurobench::spec::BenchmarkSpec::parse(&text, digits.as_ref()).unwrap()
    };
    let report = spec("\"footprint\"").builder().unwrap().build().unwrap().run().unwrap();
    assert_eq!(report["footprint"].as_u64(), Some(38480));
    let error = spec("\"accuracy\"").builder().unwrap().build().unwrap().run().unwrap_err().to_string();
    assert!(error.contains("the benchmark has no data set") && error.contains("add `[data]`"), "{error}");
}

#[test]
fn a_table_in_one_file_has_its_target_in_any_column() {
    let folder = tempfile::tempdir().unwrap();
    // numpy.save of [[1, 0.5, 1], [0, 2, 3]] in f32, made by hand: the header is padded to 128 bytes.
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".to_vec();
    bytes.resize(127, b' ');
    bytes.push(b'\n');
    bytes.extend([1.0_f32, 0.5, 1.0, 0.0, 2.0, 3.0].iter().flat_map(|number| number.to_le_bytes()));
    std::fs::write(folder.path().join("table.npy"), bytes).unwrap();
    let open = |more: &str| {
        let text = format!(
            "name = \"t\"\n[model]\nfile = \"none.toml\"\n[data]\ndataset = \"columns\"\nfile = \"table.npy\"\n{more}"
        );
        let spec = neurobench::spec::BenchmarkSpec::parse(&text, &folder.path().join("b.toml")).unwrap();
        spec.open_data().map(Option::unwrap)
    };
    use neurobench::data::Dataset as _;
    let (inputs, targets) = open("").unwrap().batch(0..2).unwrap();
    assert_eq!(inputs, array![[1.0_f32, 0.5], [0.0, 2.0]].into());
    assert_eq!(targets, array![1.0_f32, 3.0].into());
    let first = open("target_column = 0").unwrap();
    let (inputs, targets) = first.batch(1..2).unwrap();
    assert_eq!((inputs, targets), (array![[2.0_f32, 3.0]].into(), array![0.0_f32].into()));
    assert_eq!(first.files(), [folder.path().join("table.npy")]);
    let message = open("target_column = 3").err().unwrap().to_string();
    assert!(message.contains("`target_column` = 3 is out of range: there are 3 columns, from 0 on"), "{message}");
}

#[test]
fn names_are_registered_at_run_time() {
    use neurobench::metric::Registry;
    Registry::register("report_top_two", "top_k_accuracy(k=2)").unwrap();
    let scores = array![[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]];
    let data = || InMemory::new(scores.clone(), array![2_i64, 2]).unwrap();
    let run = |name: &str| {
        let benchmark = Benchmark::builder().model(predictions()).data(data()).metric_named(name).build().unwrap();
        let report = benchmark.run().unwrap();
        (report.entries()[0].name().to_owned(), report.entries()[0].value().unwrap().as_f64().unwrap())
    };
    assert_eq!(run("Report Top Two"), ("report_top_two".to_owned(), 0.5));
    // Further settings change those of the name.
    assert_eq!(run("report_top_two(k=3)"), ("top_k_accuracy(k=3)".to_owned(), 1.0));
    let refused = |name: &str, metric: &str| Registry::register(name, metric).unwrap_err().to_string();
    assert!(refused("report_top_two", "top_k_accuracy(k=3)").contains("`report_top_two` of a metric is taken"));
    assert!(refused("recall", "top_k_accuracy(k=3)").contains("`recall` of a metric is taken"));
    assert!(refused("report_new", "top_k_acuracy").contains("did you mean `top_k_accuracy`?"));
    assert!(refused("report_new", "top_k_accuracy(k=0)").contains("setting `k`"));
}
