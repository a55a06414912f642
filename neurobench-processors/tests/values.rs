//! Processors of numbers against snnTorch, scikit-learn and SciPy (`tests/data/values/record_values.py`).
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::path::{Path, PathBuf};

use ndarray_npy::ReadNpyExt as _;
use neurobench::component::Spec;
use neurobench::model::Tensor;
use neurobench::process::{postprocessors, preprocessors};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Truth {
    latency: Vec<Latency>,
    values: Values,
}

#[derive(Deserialize)]
struct Latency {
    settings: Map<String, Value>,
    spikes: String,
}

#[derive(Deserialize)]
struct Values {
    mean: Vec<f64>,
    std: Vec<f64>,
    threshold: f64,
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/values").join(name)
}

fn truth() -> Truth {
    serde_json::from_slice(&std::fs::read(recorded("truth.json")).unwrap()).unwrap()
}

fn array<T: ndarray_npy::ReadableElement>(name: &str) -> ndarray::ArrayD<T> {
    let file = std::fs::File::open(recorded(&format!("{name}.npy"))).unwrap();
    ndarray::ArrayD::read_npy(file).unwrap()
}

/// Constructs a preprocessor by its name in files and processes inputs.
fn preprocessed(name: &str, settings: Value, inputs: impl Into<Tensor>) -> Tensor {
    let spec = Spec::new(name.to_owned(), serde_json::from_value(settings).unwrap());
    let preprocessor = preprocessors().construct(&spec).unwrap().item;
    preprocessor.process(inputs.into(), Tensor::default()).unwrap().0
}

fn postprocessed(name: &str, settings: Value, outputs: impl Into<Tensor>) -> Tensor {
    let spec = Spec::new(name.to_owned(), serde_json::from_value(settings).unwrap());
    postprocessors().construct(&spec).unwrap().item.process(&outputs.into()).unwrap()
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, tolerance: f64) {
    assert_eq!((found.dtype(), found.shape()), (expected.dtype(), expected.shape()));
    for (found, expected) in found.to_f64().iter().zip(&expected.to_f64()) {
        assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} {expected}");
    }
}

#[test]
fn spike_times_are_those_of_snntorch() {
    let inputs = array::<f32>("latency_inputs");
    for case in truth().latency {
        let spikes = preprocessed("latency", case.settings.clone().into(), inputs.clone());
        assert_eq!(spikes, array::<u8>(&case.spikes).into(), "{:?}", case.settings);
    }
}

#[test]
fn numbers_are_those_of_other_libraries() {
    let Values { mean, std, threshold } = truth().values;
    let numbers = array::<f32>("numbers");
    let channels = serde_json::json!({"mean": mean, "std": std, "axis": 1});
    assert_eq!(preprocessed("normalize", channels.clone(), numbers.clone()), array::<f32>("normalize").into());
    assert_eq!(postprocessed("inverse_scale", channels, numbers.clone()), array::<f32>("inverse_scale").into());
    let range = serde_json::json!({"low": -1.0, "high": 2.0});
    // scikit-learn multiplies before it subtracts: some roundings of single precision.
    assert_near(&preprocessed("min_max", range, numbers.clone()), &array::<f32>("min_max").into(), 1e-6);
    let double = numbers.mapv(f64::from);
    let none = || serde_json::json!({});
    assert_near(&postprocessed("softmax", none(), double), &array::<f64>("softmax").into(), 1e-15);
    let single = array::<f64>("softmax").mapv(|probability| probability as f32);
    assert_near(&postprocessed("softmax", none(), numbers.clone()), &single.into(), f64::from(f32::EPSILON));
    let above = serde_json::json!({"threshold": threshold});
    assert_eq!(postprocessed("threshold", above, numbers.clone()), array::<i64>("threshold").into());
    assert_eq!(postprocessed("argmax", none(), numbers), array::<i64>("argmax").into());
    let classes = serde_json::json!({"classes": 5, "part": "inputs"});
    assert_eq!(preprocessed("one_hot", classes, array::<i64>("argmax")), array::<f32>("one_hot").into());
}
