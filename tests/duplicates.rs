//! A name that two metrics have is reported with both places, and only that name is affected.
//!
//! It is a test of its own because it links a crate whose metrics have the names of built-in ones.

use duplicates::Mse;
use neurobench::component::RegistryError;
use neurobench::metric::Registry;
use neurobench::prelude::*;
use neurobench::testing::{assert_no_duplicates, predictions};

#[test]
fn every_duplicate_is_reported_with_all_its_places() {
    let texts: Vec<String> = Registry::global().duplicates().map(|duplicate| duplicate.to_string()).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    for (text, name, own, other) in [
        (
            &texts[0],
            "footprint",
            "neurobench-test-duplicates (tests/crates/duplicates/src/lib.rs:",
            "neurobench (neurobench-metrics/src/footprint.rs:",
        ),
        (
            &texts[1],
            "mse",
            "neurobench-test-duplicates (tests/crates/duplicates/src/lib.rs:",
            "neurobench (neurobench-metrics/src/regression/errors.rs:",
        ),
    ] {
        let parts = [format!("the name `{name}` is registered by "), own.to_owned(), other.to_owned()];
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
}

#[test]
fn a_duplicate_is_found_by_its_package_and_by_its_type() {
    let registry = Registry::global();
    let error = registry.find("MSE").unwrap_err();
    assert!(matches!(error, RegistryError::Ambiguous(_)));
    assert!(error.to_string().ends_with("use `package::name`, or rename one of them with `name = \"..\"`"));
    let own = registry.find("neurobench-test-duplicates::mse").unwrap();
    assert_eq!(own.about.package, "neurobench-test-duplicates");
    assert_eq!(registry.find("neurobench::mse").unwrap().about.package, "neurobench");
    assert!(registry.find("elsewhere::mse").is_err());

    let data = neurobench::data::InMemory::new(ndarray::array![1_i64, 2], ndarray::array![1_i64, 2]).unwrap();
    let builder = || Benchmark::builder().model(predictions()).data(&data);
    let report = builder().metric(Mse).metric_named("classification_accuracy").build().unwrap().run().unwrap();
    assert_eq!(*report.get::<Mse>().unwrap(), 2);
    let report = builder().metric_named("neurobench::mse").build().unwrap().run().unwrap();
    assert_eq!(report["mse"].as_f64(), Some(0.0));
    let errors = builder().metric_named("footprint").build().unwrap_err();
    assert!(errors.to_string().contains("the name `footprint` is registered by"), "{errors}");
}

#[test]
fn a_crate_checks_the_names_of_every_kind() {
    let panicked = std::panic::catch_unwind(assert_no_duplicates).unwrap_err();
    let message = panicked.downcast_ref::<String>().unwrap();
    let mut lines = message.lines();
    let first = "several components have one name; rename all but one of them with `name = \"..\"`:";
    assert_eq!(lines.next(), Some(first));
    let own = "neurobench-test-duplicates (tests/crates/duplicates/src/lib.rs:";
    for (line, name, builtin) in [
        (lines.next().unwrap(), "metrics: the name `footprint`", "neurobench (neurobench-metrics/src/footprint.rs:"),
        (lines.next().unwrap(), "metrics: the name `mse`", "neurobench (neurobench-metrics/src/regression/errors.rs:"),
        (lines.next().unwrap(), "preprocessors: the name `scale`", "neurobench (neurobench-core/src/process/scale.rs:"),
    ] {
        assert!(line.trim_start().starts_with(name) && line.contains(own) && line.contains(builtin), "{line}");
    }
    assert_eq!(lines.next(), None, "{message}");
}
