//! Components of other crates are found as soon as the crate is named, whatever name it has for neurobench.
//!
//! It is a test of its own because it checks which components a program has when it links these crates and no others.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use elsewhere as _;
use renamed as _;

use neurobench::Settings as _;
use neurobench::bench::Benchmark;
use neurobench::component::{Params, RegistryError, Spec, from_known};
use neurobench::data::datasets;
use neurobench::metric::Registry;
use neurobench::metric::Shape;
use neurobench::process::{postprocessors, preprocessors};
use neurobench::testing::predictions;
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
    // Without `crate = nb`.
    assert_eq!(setting("renamed_found_variant", "k")?, Value::Integer(3));
    let Shape::Record(fields) = registry.find("renamed_accumulated")?.shape().clone() else {
        panic!("a struct with named fields is a record");
    };
    assert_eq!(fields[0].unit, Some("samples"));
    assert_eq!(fields[1].docs, "The mean size of a batch.");
    Ok(())
}

#[test]
fn a_metric_of_others_has_their_settings() -> Result<(), RegistryError> {
    let found = Registry::global().find("renamed_of")?;
    let names: Vec<&str> = found.params().iter().map(|param| param.name).collect();
    assert_eq!(names, ["offset", "times"]);
    Ok(())
}

fn spec(text: &str) -> Spec {
    text.parse().unwrap()
}

#[test]
fn components_of_every_kind_are_listed() {
    let package = "neurobench-test-elsewhere";
    let own = |names: Vec<(&'static str, &'static str)>| -> Vec<&'static str> {
        names.into_iter().filter(|(_, of)| *of == package).map(|(name, _)| name).collect()
    };
    let names = preprocessors().iter().map(|entry| (entry.name, entry.about.package)).collect();
    assert_eq!(own(names), ["elsewhere_shift", "elsewhere_shift_down"]);
    let names = postprocessors().iter().map(|entry| (entry.name, entry.about.package)).collect();
    assert_eq!(own(names), ["elsewhere_negate"]);
    let names = datasets().iter().map(|entry| (entry.name, entry.about.package)).collect();
    assert_eq!(own(names), ["elsewhere_numbers"]);
    let found = preprocessors().find("elsewhere_shift_down").unwrap();
    assert_eq!(
        (found.variant_of(), found.about.summary().as_str()),
        (Some("elsewhere_shift"), "Adds a number to every input.")
    );
}

#[test]
fn a_run_uses_components_of_another_crate_by_name() {
    let numbers = datasets().construct(&spec("elsewhere_numbers(samples=3)")).unwrap();
    assert_eq!(numbers.identity, "elsewhere_numbers(samples=3)");
    let run = |preprocessor: &str| {
        let builder = Benchmark::builder().data(&*numbers.item).model(predictions());
        let builder = builder.preprocess_spec(&spec(preprocessor)).postprocess_spec(&spec("elsewhere_negate"));
        builder.metric_named("mse").build().unwrap().run().unwrap()["mse"].as_f64().unwrap()
    };
    // Predictions -(0, 1, 2) - 3 for the targets 0, 1, 2: errors of -3, -5 and -7.
    assert_eq!(run("elsewhere_shift(by=3)"), (9.0 + 25.0 + 49.0) / 3.0);
    // Errors of 1, -1 and -3.
    assert_eq!(run("elsewhere_shift_down"), 11.0 / 3.0);
}

#[test]
fn settings_of_another_crate_are_checked() {
    let problem = |text: &str| match datasets().construct(&spec(text)) {
        Ok(constructed) => panic!("{} was constructed", constructed.identity),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        problem("elsewhere_numbers(samples=0)"),
        "data set `elsewhere_numbers`: setting `samples` must be in `1..=100`, not 0"
    );
    assert_eq!(
        problem("elsewhere_numbers(sample=1)"),
        "data set `elsewhere_numbers`: no setting `sample`; it has samples; did you mean `samples`?"
    );
}

#[test]
fn components_of_a_crate_that_knows_neurobench_by_another_name_are_constructed() {
    let identity = |text: &str| preprocessors().construct(&spec(text)).map(|constructed| constructed.identity);
    assert_eq!(identity("renamed_halve").unwrap(), "renamed_scale(scaling={\"factor\":0.5,\"offset\":0.0})");
    let error = identity("renamed_scale(scaling={\"factor\": 0, \"offset\": 1})").unwrap_err();
    assert_eq!(error.to_string(), "preprocessor `renamed_scale`: the factor is 0");
    let offset: Params = [("offset".to_owned(), Value::Float(2.0))].into();
    let scaling: renamed::Scaling = from_known(&offset).unwrap();
    assert_eq!(scaling, renamed::Scaling { factor: 1.0, offset: 2.0 });
    assert_eq!(renamed::Scaling::ABOUT.name, "renamed_scaling");
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
