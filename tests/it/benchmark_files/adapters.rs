//! `prefetch` and `cache` in `[data]`: values do not change.

use std::fs;
use std::path::Path;

use neurobench::report::Report;
use neurobench::spec::{BenchmarkSpec, SpecError};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

/// The benchmark of the digits with further keys in `[data]` and further metrics, whose files are in another folder.
fn spec(folder: &Path, keys: &str, metrics: &str) -> BenchmarkSpec {
    let text = fs::read_to_string(Path::new(DIGITS).join("benchmark.toml")).unwrap();
    let text = text.replace("inputs = \"", &format!("{keys}\ninputs = \"{DIGITS}/"));
    let text = text.replace("targets = \"", &format!("targets = \"{DIGITS}/"));
    let text = text.replace("network = \"", &format!("network = \"{DIGITS}/"));
    let text = text.replace("metrics = [", &format!("metrics = [{metrics}"));
    BenchmarkSpec::parse(&text, &folder.join("benchmark.toml")).unwrap()
}

fn run(folder: &Path, keys: &str) -> Report {
    spec(folder, keys, "").builder().unwrap().workers(2).build().unwrap().run().unwrap()
}

fn metrics(report: &Report) -> String {
    let results = report.results();
    serde_json::to_string(&(results.metrics, results.data, results.preprocessors)).unwrap()
}

#[test]
fn reading_ahead_and_keeping_batches_changes_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let plain = metrics(&run(folder.path(), ""));
    assert_eq!(metrics(&run(folder.path(), "prefetch = 3")), plain);
    let cache = "cache = \"kept\"";
    assert_eq!(metrics(&run(folder.path(), cache)), plain);
    let kept: Vec<_> = fs::read_dir(folder.path().join("kept")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [kept] = kept.as_slice() else { panic!("one folder for one data set, found {kept:?}") };
    assert_eq!(fs::read_dir(kept).unwrap().count(), 6, "batches of 64 of 360 samples");
    // From the files alone; and with both.
    assert_eq!(metrics(&run(folder.path(), cache)), plain);
    assert_eq!(metrics(&run(folder.path(), &format!("{cache}\nprefetch = 1"))), plain);
}

#[test]
fn a_metric_that_reads_the_inputs_of_the_data_set_cannot_have_a_cache() {
    use neurobench::prelude::*;

    /// Mean of the inputs as the data set gives them.
    #[accumulated_metric]
    fn mean_pixel(inputs: DataInputs<'_>) -> Mean {
        Mean::from_values(inputs.iter().copied())
    }

    let folder = tempfile::tempdir().unwrap();
    let refused = spec(folder.path(), "cache = \"kept\"", "\"mean_pixel\", ").builder().err().unwrap();
    assert!(matches!(refused, SpecError::CachedInputs));
    let expected = "[data]: a metric reads the inputs of the data set, which `cache` does not keep: remove one of them";
    assert_eq!(refused.to_string(), expected);
}
