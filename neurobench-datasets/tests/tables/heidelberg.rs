use ndarray::Array1;
use neurobench::data::events::{self, Event};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::{damaged, open, problem, recorded, truth};

#[derive(Deserialize)]
struct Truth {
    /// Time, x, y and polarity of the events of each sample.
    events: Vec<Vec<(i64, u16, u16, u8)>>,
    labels: Vec<i64>,
}

#[test]
fn spikes_and_classes_are_those_that_tonic_reads() {
    for (name, split) in [("shd", "test"), ("ssc", "validation")] {
        let Truth { events, labels } = truth(&format!("{name}/truth.json"));
        let data = open(&recorded(), &json!({"dataset": name, "folder": name, "split": split})).unwrap();
        assert_eq!(data.samples(), 12);
        let (inputs, targets) = data.batch(0..12).unwrap();
        assert_eq!(targets, Array1::from(labels).into());
        let found: Vec<Vec<Event>> = events::recordings(&inputs).unwrap().map(Result::unwrap).collect();
        let event = |(time, x, y, polarity)| Event { time, x, y, polarity };
        let expected: Vec<Vec<Event>> =
            events.into_iter().map(|events| events.into_iter().map(event).collect()).collect();
        assert_eq!(found, expected);
        assert_eq!(data.batch(3..4).unwrap().0, events::tensor(&expected[3..4]));
    }
}

#[test]
fn a_missing_file_is_named_with_its_source_and_license() {
    let message = problem(&recorded(), &json!({"dataset": "shd", "folder": "shd", "split": "train"}));
    assert!(
        message.contains("shd/shd_train.h5: not found; it is a part of Spiking Heidelberg Digits, which"),
        "{message}"
    );
    assert!(message.contains("https://zenkelab.org/datasets/") && message.contains("CC BY 4.0"), "{message}");
}

#[test]
fn a_damaged_sample_fails_or_is_left_out() {
    // The smallest time is not a number if its sign bit is set; it is found by the truth of sample 1.
    let Truth { events, .. } = truth("shd/truth.json");
    let unit = events[1][0].1.to_le_bytes();
    let units: Vec<u8> = events[1].iter().flat_map(|event| event.1.to_le_bytes()).collect();
    let folder = damaged("shd/shd_test.h5", |bytes| {
        let place = bytes.windows(units.len()).position(|window| window == units).unwrap();
        assert_eq!(bytes[place..place + 2], unit);
        bytes[place..place + 2].copy_from_slice(&700_u16.to_le_bytes());
    });
    let message = problem(folder.path(), &json!({"dataset": "shd", "folder": "."}));
    assert_eq!(message, "FOLDER/./shd_test.h5: sample 1: spike 0: unit 700 is not one of the 700 units");
    let data = open(folder.path(), &json!({"dataset": "shd", "folder": ".", "on_error": "skip"})).unwrap();
    assert_eq!(data.samples(), 11);
    assert!(data.notes()[0].starts_with("1 of 12 recordings could not be decoded and were left out: "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn changed_and_shortened_files_do_not_panic(place in 0_usize..9440, byte in any::<u8>(), length in 0_usize..=9440) {
        let change = |bytes: &mut Vec<u8>| {
            bytes[place] = byte;
            if byte % 4 == 0 {
                bytes.truncate(length);
            }
        };
        let folder = damaged("shd/shd_test.h5", change);
        if let Ok(data) = open(folder.path(), &json!({"dataset": "shd", "folder": "."})) {
            let _ = data.batch(0..data.samples());
        }
    }
}
