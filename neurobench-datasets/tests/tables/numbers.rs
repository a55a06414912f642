//! WISDM and EEG motor imagery, which are stored as arrays of NumPy.

use std::collections::BTreeMap;

use ndarray::{Array1, Array3};
use serde::Deserialize;
use serde_json::json;

use crate::{open, problem, recorded, truth};

#[derive(Deserialize)]
struct Split {
    inputs: Vec<Vec<Vec<f64>>>,
    targets: Vec<i64>,
}

#[test]
fn inputs_and_classes_are_those_of_the_reference() {
    for (dataset, folder) in [("wisdm", "wisdm"), ("eeg_motor_imagery", "eeg")] {
        let splits: BTreeMap<String, Split> = truth(&format!("{folder}/truth.json"));
        for (split, Split { inputs, targets }) in splits {
            let table = json!({"dataset": dataset, "folder": folder, "split": split});
            let data = open(&recorded(), &table).unwrap();
            let shape = (inputs.len(), inputs[0].len(), inputs[0][0].len());
            let inputs = Array3::from_shape_fn(shape, |(sample, step, channel)| inputs[sample][step][channel] as f32);
            let samples = data.samples();
            assert_eq!(data.batch(0..samples).unwrap(), (inputs.into(), Array1::from(targets).into()), "{table}");
        }
    }
}

#[test]
fn missing_files_are_named_with_their_source() {
    let wisdm = problem(&recorded(), &json!({"dataset": "wisdm", "folder": "eeg"}));
    assert!(wisdm.contains("eeg/watch_subset2_40.npz: not found") && wisdm.contains("drive.google.com"), "{wisdm}");
    let eeg = problem(&recorded(), &json!({"dataset": "eeg_motor_imagery", "folder": "wisdm"}));
    assert!(eeg.contains("wisdm/val_X.npy: not found") && eeg.contains("huggingface.co"), "{eeg}");
}

#[test]
fn arrays_of_other_shapes_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| std::fs::copy(recorded().join(from), folder.path().join(to)).unwrap();
    copy("eeg/val_y.npy", "val_X.npy");
    copy("eeg/val_y.npy", "val_y.npy");
    let table = json!({"dataset": "eeg_motor_imagery", "folder": "."});
    let inputs =
        "data set `eeg_motor_imagery`: `FOLDER/./val_X.npy`: expected inputs [sample, step, channel], found shape [1]";
    assert_eq!(problem(folder.path(), &table), inputs);
    copy("eeg/val_X.npy", "val_X.npy");
    copy("eeg/val_X.npy", "val_y.npy");
    let targets = "data set `eeg_motor_imagery`: `FOLDER/./val_y.npy`: found targets of shape [1, 5, 2], expected indices of classes [sample]";
    assert_eq!(problem(folder.path(), &table), targets);
}
