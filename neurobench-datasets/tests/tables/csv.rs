use ndarray::{Array1, Array2};
use serde::Deserialize;
use serde_json::json;

use crate::{open, recorded, truth};

#[derive(Deserialize)]
struct Truth {
    inputs: Vec<Vec<f64>>,
    classes: Vec<i64>,
}

#[test]
fn numbers_and_classes_are_those_that_scikit_learn_has() {
    let Truth { inputs, classes } = truth("csv/truth.json");
    let inputs = Array2::from_shape_fn((150, 4), |(row, column)| inputs[row][column] as f32);
    let table = json!({"dataset": "csv", "file": "csv/iris.csv", "target": "kind", "ignore": [5]});
    let data = open(&recorded(), &table).unwrap();
    assert_eq!(data.batch(0..150).unwrap(), (inputs.into(), Array1::from(classes).into()));
}
