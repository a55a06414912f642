use std::collections::BTreeMap;

use neurobench::data::{Dataset as _, InMemory};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{damaged, open, problem, recorded, truth};

const FILE: &str = "reaching/indy_synthetic.mat";

#[derive(Deserialize)]
struct Case {
    /// Arguments of the reference.
    settings: Map<String, Value>,
    /// Beginning of the file names of each split.
    splits: BTreeMap<String, String>,
}

/// Settings of the data set for arguments of the reference.
fn settings(arguments: &Map<String, Value>) -> Map<String, Value> {
    let mut settings: Map<String, Value> = Map::new();
    for (argument, value) in arguments {
        let setting = match argument.as_str() {
            "num_steps" => "steps",
            "biological_delay" => "delay",
            "split_num" => "sections",
            "max_segment_length" => "max_reach_steps",
            "remove_segments_inactive" => continue,
            same => same,
        };
        settings.insert(setting.to_owned(), value.clone());
    }
    settings.insert("dataset".to_owned(), json!("primate_reaching"));
    settings.insert("file".to_owned(), json!(FILE));
    settings
}

#[test]
fn counts_velocities_and_splits_are_those_of_the_reference() {
    for case in truth::<Vec<Case>>("reaching/truth.json") {
        for (split, name) in &case.splits {
            let mut table = settings(&case.settings);
            table.insert("split".to_owned(), json!(split));
            let data = open(&recorded(), &table.into()).unwrap();
            let file = |part: &str| recorded().join(format!("reaching/{name}_{part}.npy"));
            let expected = InMemory::from_npy(file("inputs"), file("targets")).unwrap();
            let (inputs, targets) = data.batch(0..data.samples()).unwrap();
            assert_eq!(targets, *expected.targets(), "{name}");
            assert_eq!(inputs, expected.inputs().to_f32().into(), "{name}");
            assert_eq!(data.batch(2..4).unwrap(), (inputs.rows(2, 4), targets.rows(2, 4)));
        }
    }
}

#[test]
fn time_steps_without_a_velocity_are_left_out_and_noted() {
    let table = json!({"dataset": "primate_reaching", "file": FILE, "delay": 3});
    let notes = open(&recorded(), &table).unwrap().notes();
    assert_eq!(notes, ["3 time steps at the end of the recording have no velocity after the delay and were left out"]);
}

#[test]
fn missing_and_other_files_are_errors() {
    let missing = problem(&recorded(), &json!({"dataset": "primate_reaching", "file": "loco_20170301_05.mat"}));
    assert!(missing.contains("https://zenodo.org/record/583331") && missing.contains("CC BY 4.0"), "{missing}");
    let other = problem(&recorded(), &json!({"dataset": "primate_reaching", "file": "shd/shd_test.h5"}));
    assert!(other.contains("FOLDER/shd/shd_test.h5: data set `t`: "), "{other}");
}

#[test]
fn a_file_with_the_name_of_a_published_recording_must_be_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(recorded().join(FILE), folder.path().join("indy_20160622_01.mat")).unwrap();
    let mut table = json!({"dataset": "primate_reaching", "file": "indy_20160622_01.mat"});
    let message = problem(folder.path(), &table);
    assert!(message.contains("but that of the published recording is c33d5fff31320d709d23fe445561fb6e"), "{message}");
    table["verify"] = json!(false);
    assert!(open(folder.path(), &table).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_and_shortened_files_do_not_panic(place in 0_usize..36_000, byte in any::<u8>(), length in 0_usize..36_000) {
        let change = |bytes: &mut Vec<u8>| {
            bytes[place] = byte;
            if byte % 4 == 0 {
                bytes.truncate(length);
            }
        };
        let folder = damaged(FILE, change);
        if let Ok(data) = open(folder.path(), &json!({"dataset": "primate_reaching", "file": "indy_synthetic.mat"})) {
            let _ = data.batch(0..data.samples());
        }
    }
}
