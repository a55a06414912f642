//! Metrics of other crates are found as soon as the crate is named, whatever it calls neurobench.

use elsewhere as _;
use renamed as _;

use neurobench::component::{Params, RegistryError};
use neurobench::metric::Registry;
use neurobench::metric::Shape;
use neurobench::value::Value;

fn setting(name: &str, param: &str) -> Result<Value, RegistryError> {
    let settings: Params = Registry::global().find(name)?.settings()?;
    Ok(settings[param].clone())
}

#[test]
fn metrics_of_a_crate_that_is_only_named_are_found() -> Result<(), RegistryError> {
    let found = Registry::global().find("elsewhere_samples")?;
    assert_eq!(found.about.id(), "neurobench-test-elsewhere::elsewhere_samples");
    assert_eq!(found.about.module, "elsewhere");
    assert_eq!(found.metric().unit, Some("samples"));
    assert_eq!(Registry::global().find("elsewhere_any")?.shape(), Shape::Bool);
    Ok(())
}

#[test]
fn a_crate_adds_a_variant_to_the_metric_of_another() -> Result<(), RegistryError> {
    assert_eq!(setting("elsewhere_samples", "times")?, Value::Integer(1));
    assert_eq!(setting("elsewhere_twice", "times")?, Value::Integer(2));
    assert_eq!(setting("elsewhere_thrice", "times")?, Value::Integer(3));
    let variant = Registry::global().find("elsewhere_thrice")?;
    assert_eq!(variant.variant_of(), Some("elsewhere_samples"));
    assert!(variant.file.ends_with("renamed/src/lib.rs"), "{:?}", (variant.file, variant.line));
    Ok(())
}

#[test]
fn a_crate_may_know_neurobench_by_another_name() -> Result<(), RegistryError> {
    let registry = Registry::global();
    for name in ["renamed_static", "renamed_workload", "renamed_accumulated", "renamed_of"] {
        assert_eq!(registry.find(name)?.about.package, "neurobench-test-renamed");
    }
    assert_eq!(setting("renamed_workload", "k")?, Value::Integer(6));
    assert_eq!(setting("renamed_variant", "k")?, Value::Integer(7));
    let Shape::Record(fields) = registry.find("renamed_accumulated")?.shape().clone() else {
        panic!("a struct with named fields is a record");
    };
    assert_eq!(fields[0].unit, Some("samples"));
    assert_eq!(fields[1].docs, "The mean size of a batch.");
    Ok(())
}

#[test]
fn a_metric_of_others_has_their_params() -> Result<(), RegistryError> {
    let found = Registry::global().find("renamed_of")?;
    let names: Vec<&str> = found.params().iter().map(|param| param.name).collect();
    assert_eq!(names, ["offset", "times"]);
    Ok(())
}

#[test]
fn a_statistical_test_of_a_crate_that_is_only_named_is_made() {
    use ndarray::array;
    use neurobench::bench::Benchmark;
    use neurobench::compare::{ComparisonSettings, NamedResults, compare_runs};
    use neurobench::data::InMemory;
    use neurobench::testing::predictions;

    let run = |name: &str, predicted: [f64; 4]| {
        let data = InMemory::new(ndarray::Array1::from(predicted.to_vec()), array![0.0, 0.0, 0.0, 0.0]).unwrap();
        let benchmark = Benchmark::builder().model(predictions()).data(data).metric_named("mse").per_sample();
        NamedResults::new(name, benchmark.build().unwrap().run().unwrap().results())
    };
    let mut runs = [run("old", [1.0, 1.0, 1.0, 1.0]), run("new", [2.0, 3.0, 4.0, 1.0])];
    // Results over different data are refused; here the predictions are the data.
    let data = runs[0].results.data.clone();
    runs[1].results.data = data;
    let found = compare_runs(&runs, &ComparisonSettings::default()).unwrap();
    let names: Vec<&str> = found.samples[0].tests.iter().map(|test| test.name).collect();
    assert_eq!(names, ["paired_t", "wilcoxon_signed_rank", "paired_permutation", "elsewhere_sign"]);
    // Three of three signs agree: 2 · 0.5³.
    let p_value = found.samples[0].tests[3].p_value.clone().unwrap();
    assert!((p_value - 0.25).abs() < 1e-12, "{p_value}");
}
