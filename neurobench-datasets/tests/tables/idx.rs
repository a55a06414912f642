use ndarray::{Array1, Array3};
use neurobench::data::{Dataset, OnDisk};
use serde::Deserialize;

use crate::{open, recorded, truth};

#[derive(Deserialize)]
struct Truth {
    images: Vec<Vec<Vec<u8>>>,
    labels: Vec<u8>,
}

#[test]
fn images_and_classes_are_those_that_were_written() {
    let Truth { images, labels } = truth("idx/truth.json");
    let images = Array3::from_shape_fn((5, 4, 3), |(image, row, column)| images[image][row][column]);
    let expected = (images.into(), Array1::from(labels).into());
    let data = open(&recorded(), &serde_json::json!({"dataset": "idx", "folder": "idx"})).unwrap();
    assert_eq!(data.batch(0..5).unwrap(), expected);
    // Also without their published names, as a format of arrays.
    let folder = recorded().join("idx");
    let data = OnDisk::arrays(folder.join("t10k-images-idx3-ubyte"), folder.join("t10k-labels-idx1-ubyte.gz")).unwrap();
    assert_eq!(data.batch(0..5).unwrap(), expected);
}
