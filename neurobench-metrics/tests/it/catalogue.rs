//! Descriptions of all built-in metrics.

use neurobench::component::Registration;
use neurobench::metric::Registry;
use neurobench::metric::{Metrics, Shape};

type Metric = Registration<Metrics>;

fn built_in() -> Vec<&'static Metric> {
    let metrics: Vec<_> = Registry::global().iter().filter(|metric| metric.about.package == "neurobench").collect();
    assert!(metrics.len() > 20);
    metrics
}

/// Returns true if some field has a unit.
fn has_unit(shape: &Shape) -> bool {
    match shape {
        Shape::Record(fields) => fields.iter().any(|field| field.unit.is_some() || has_unit(&field.shape)),
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => has_unit(inner),
        _ => false,
    }
}

/// Names of the metrics that violate a condition.
fn without(holds: impl Fn(&Metric) -> bool) -> Vec<&'static str> {
    built_in().iter().filter(|metric| !holds(metric)).map(|metric| metric.name).collect()
}

#[test]
fn every_metric_has_a_formula() {
    // A formula is code or a sum.
    let formula = |docs: &str| docs.contains('`') || docs.contains('Σ') || docs.contains(" / ");
    assert_eq!(without(|metric| formula(metric.about.docs)), [""; 0]);
}

#[test]
fn every_metric_has_a_unit_or_a_reason() {
    let has_unit_or_reason = |metric: &Metric| {
        let (about, metric_about) = (metric.about, metric.metric());
        metric_about.unit.is_some() || has_unit(&metric.shape()) || about.docs.contains("unit")
    };
    assert_eq!(without(has_unit_or_reason), [""; 0]);
}

#[test]
fn every_metric_has_a_source() {
    assert_eq!(without(|metric| !metric.about.citations.is_empty()), [""; 0]);
}

#[test]
fn every_setting_and_field_is_explained() {
    fn explained(shape: &Shape) -> bool {
        match shape {
            Shape::Record(fields) => {
                fields.iter().all(|field| !field.docs.trim().is_empty() && explained(&field.shape))
            }
            Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => {
                explained(inner)
            }
            _ => true,
        }
    }
    let all = |metric: &Metric| {
        metric.params().iter().all(|param| !param.docs.trim().is_empty()) && explained(&metric.shape())
    };
    assert_eq!(without(all), [""; 0]);
}

#[test]
fn names_do_not_collide_and_defaults_are_accepted() {
    assert_eq!(Registry::global().duplicates().map(|duplicate| duplicate.name).collect::<Vec<_>>(), [""; 0]);
    for metric in built_in() {
        assert!(metric.settings().is_ok() && metric.cores().is_ok(), "{}", metric.name);
    }
}

#[test]
fn a_metric_knows_its_cores_and_what_they_need() {
    let cores = |name: &str| {
        let cores = Registry::global().find(name).unwrap().cores().unwrap();
        cores.iter().map(|core| (core.about.component.name, core.needs.names().collect())).collect::<Vec<(_, Vec<_>)>>()
    };
    assert_eq!(cores("footprint"), []);
    assert_eq!(cores("mse"), [("mse", vec!["batches"])]);
    let operations = ("operation_counts", vec!["batches", "counts of synaptic operations"]);
    let updates = ("membrane_update_counts", vec!["batches", "counts of membrane updates"]);
    assert_eq!(cores("energy"), [operations, updates]);
    assert_eq!(cores("fano_factor"), [("spike_train_totals", vec!["batches", "traces of activations"])]);
}
