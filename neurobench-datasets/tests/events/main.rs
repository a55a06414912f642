//! Data sets of events, on files in the published layouts that `python/fixtures/events.py` wrote, against what tonic reads.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array3, Axis, concatenate, s};
use neurobench::component::InputPath;
use neurobench::data::{DataError, Dataset};
use neurobench::datasets::OnError;
use neurobench::datasets::events::formats::{TimeUnit, read_events};
use neurobench::datasets::events::{EventSplit, dvs_gesture, event_folders, nmnist, prophesee};
use neurobench::model::Tensor;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events").join(name)
}

/// Events that tonic has decoded, as an event tensor.
fn expected(name: &str) -> Tensor {
    let events: Array3<i32> = ndarray_npy::read_npy(folder(name).join("events.npy")).unwrap();
    events.mapv(i64::from).into()
}

fn all(data: &impl Dataset) -> (Tensor, Tensor) {
    data.batch(0..data.samples()).unwrap()
}

fn classes(name: &str) -> Tensor {
    ndarray_npy::read_npy::<_, Array1<i64>>(folder(name).join("classes.npy")).unwrap().into()
}

/// Copies a folder, so that files in it can be damaged.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => fs::write(to.join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}

fn copy_of(name: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    copy(&folder(name), &path);
    (place, path)
}

/// Message of an error, without the path of the folder.
fn message<T>(result: Result<T, DataError>, folder: &Path) -> String {
    result.err().unwrap().to_string().replace(folder.to_str().unwrap(), "FOLDER")
}

#[test]
fn nmnist_has_the_events_of_tonic_in_the_order_of_digits() {
    let data = nmnist(folder("nmnist").into(), EventSplit::Test, OnError::Fail).unwrap();
    assert_eq!(data.samples(), 10);
    assert_eq!(all(&data), (expected("nmnist"), (0..10).collect::<Array1<i64>>().into()));
}

#[test]
fn dvs_gesture_cuts_recordings_at_their_labels() {
    let data = dvs_gesture(folder("dvs_gesture").into(), EventSplit::Test, OnError::Fail).unwrap();
    assert_eq!(all(&data), (expected("dvs_gesture"), classes("dvs_gesture")));
    assert_eq!(data.files().len(), 2 + 3, "recordings, labels and the list");
}

#[test]
fn dvs_gesture_reads_the_arrays_of_tonic() {
    let data = dvs_gesture(folder("dvs_gesture_npy").into(), EventSplit::Test, OnError::Fail).unwrap();
    assert_eq!(all(&data), (expected("dvs_gesture_npy"), classes("dvs_gesture_npy")));
}

#[test]
fn event_folders_reads_every_format() {
    let data = |folder: InputPath, on_error| event_folders(folder, "txyp".to_owned(), TimeUnit::Us, on_error).unwrap();
    let data = data(folder("event_folders").into(), OnError::Skip);
    let Tensor::I64(expected) = expected("event_folders") else { unreachable!() };
    let formats: Vec<i64> = if cfg!(feature = "aedat4") {
        assert_eq!(data.notes(), [""; 0]);
        (0..11).collect()
    } else {
        let note = &data.notes()[0];
        assert!(note.starts_with("3 of 11 recordings could not be decoded and were left out: "), "{note}");
        assert!(note.contains("it was built without the feature `aedat4`"), "{note}");
        [0, 1, 2, 6, 7, 8, 9, 10].into()
    };
    let rows: Vec<usize> = formats.iter().map(|format| *format as usize).collect();
    assert_eq!(all(&data), (expected.select(Axis(0), &rows).into(), Array1::from(formats).into()));
}

#[test]
fn prophesee_has_windows_of_each_recording_as_a_sequence_with_their_boxes() {
    const WINDOW: i64 = 40_000;
    let Tensor::I64(expected) = expected("prophesee") else { unreachable!() };
    let boxes: Array3<f64> = ndarray_npy::read_npy(folder("prophesee").join("boxes.npy")).unwrap();
    let data = prophesee(folder("prophesee").into(), WINDOW, OnError::Fail).unwrap();
    let windows: Vec<usize> = boxes.outer_iter().map(|rows| (rows[[4, 0]] as i64 / WINDOW) as usize + 1).collect();
    assert_eq!(data.sequences(), windows);
    let mut sample = 0;
    for (recording, windows) in windows.into_iter().enumerate() {
        for at in 0..windows as i64 {
            let (Tensor::I64(events), Tensor::F64(targets)) = data.batch(sample..sample + 1).unwrap() else {
                panic!("events are integers, and boxes are doubles")
            };
            let inside = |time: i64| (at * WINDOW..(at + 1) * WINDOW).contains(&time);
            let all = expected.index_axis(Axis(0), recording);
            let rows: Vec<usize> = (0..400).filter(|row| inside(all[[*row, 0]])).collect();
            assert_eq!(events.index_axis(Axis(0), 0), all.select(Axis(0), &rows));
            let all = boxes.slice(s![recording, .., ..]);
            let rows: Vec<usize> = (0..5).filter(|row| inside(all[[*row, 0]] as i64)).collect();
            assert_eq!(targets.index_axis(Axis(0), 0), all.select(Axis(0), &rows).into_dyn());
            sample += 1;
        }
    }
    // In a batch, rows of −1 are behind the boxes of samples that have fewer.
    let (_, Tensor::F64(together)) = data.batch(0..sample).unwrap() else { unreachable!() };
    for sample in 0..sample {
        let (_, Tensor::F64(alone)) = data.batch(sample..sample + 1).unwrap() else { unreachable!() };
        let padding = together.shape()[1] - alone.shape()[1];
        let padding = Array3::from_elem((1, padding, 6), -1.0).into_dyn();
        let padded = concatenate(Axis(1), &[alone.view(), padding.view()]).unwrap();
        assert_eq!(together.select(Axis(0), &[sample]), padded);
    }
}

#[test]
fn missing_parts_are_errors_with_their_source_and_license() {
    let nothing = tempfile::tempdir().unwrap();
    let path: InputPath = nothing.path().into();
    let error = message(nmnist(path.clone(), EventSplit::Train, OnError::Fail), nothing.path());
    let expected = "FOLDER/Train/0: not found; it is a part of N-MNIST, which \
                    https://www.garrickorchard.com/datasets/n-mnist publishes (CC BY-SA 4.0)";
    assert_eq!(error, expected);
    let error = message(dvs_gesture(path, EventSplit::Train, OnError::Fail), nothing.path());
    assert!(
        error.starts_with("FOLDER/trials_to_train.txt: not found; it is a part of DVS128 Gesture, which "),
        "{error}"
    );
    let (_place, copied) = copy_of("dvs_gesture");
    fs::remove_file(copied.join("user25_lab_labels.csv")).unwrap();
    let error = message(dvs_gesture(copied.clone().into(), EventSplit::Test, OnError::Fail), &copied);
    assert!(error.starts_with("FOLDER/user25_lab_labels.csv: not found; "), "{error}");
    let (_place, copied) = copy_of("prophesee");
    fs::remove_file(copied.join("b_bbox.npy")).unwrap();
    let error = message(prophesee(copied.clone().into(), 50_000, OnError::Fail), &copied);
    assert!(error.starts_with("FOLDER/b_bbox.npy: not found; it is a part of the automotive"), "{error}");
}

#[test]
fn damaged_recordings_fail_with_file_and_byte_or_are_left_out() {
    let (_place, copied) = copy_of("nmnist");
    let file = copied.join("Test/4/00004.bin");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 2]).unwrap();
    let data = nmnist(copied.clone().into(), EventSplit::Test, OnError::Fail).unwrap();
    assert!(data.batch(0..4).is_ok());
    let expected =
        format!("FOLDER/Test/4/00004.bin: byte {}: the file ends within an event: 3 of 5 bytes", bytes.len() - 5);
    assert_eq!(message(data.batch(4..5), &copied), expected);
    let data = nmnist(copied.clone().into(), EventSplit::Test, OnError::Skip).unwrap();
    assert_eq!(data.samples(), 9);
    let note = data.notes()[0].replace(copied.to_str().unwrap(), "FOLDER");
    assert_eq!(note, format!("1 of 10 recordings could not be decoded and were left out: {expected}"));
}

#[test]
fn lists_and_labels_are_checked() {
    let (_place, copied) = copy_of("dvs_gesture");
    let open = || dvs_gesture(copied.clone().into(), EventSplit::Test, OnError::Fail);
    let labels = copied.join("user24_fluorescent_labels.csv");
    for (text, problem) in [
        (
            "class,a,b\n12,0,1\n",
            "line 2: expected a class from 1 to 11, a start of at least 0 and an end that is not before it, found `12,0,1`",
        ),
        (
            "1,5,4\n",
            "line 1: expected a class from 1 to 11, a start of at least 0 and an end that is not before it, found `1,5,4`",
        ),
        ("1,5\n", "line 1: expected class, start and end in µs, found `1,5`"),
    ] {
        fs::write(&labels, text).unwrap();
        assert_eq!(message(open(), &copied), format!("FOLDER/user24_fluorescent_labels.csv: {problem}"));
    }
    fs::write(copied.join("trials_to_test.txt"), "../user24_fluorescent.aedat\n").unwrap();
    let expected = "FOLDER/trials_to_test.txt: line 1: the path `../user24_fluorescent.aedat` does not stay in the folder of \
                    the data set";
    assert_eq!(message(open(), &copied), expected);
}

#[test]
fn boxes_that_are_cut_or_lack_a_field_are_errors() {
    let (_place, copied) = copy_of("prophesee");
    let file = copied.join("a_bbox.npy");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let error = message(prophesee(copied.clone().into(), 50_000, OnError::Fail), &copied);
    assert!(error.contains("a_bbox.npy: byte ") && error.contains(": 5 boxes of "), "{error}");
    // The time of the first box is the first number behind the header.
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let mut late = bytes;
    late[start..start + 8].copy_from_slice(&9_000_000_000_000_000_i64.to_le_bytes());
    fs::write(&file, late).unwrap();
    let error = message(prophesee(copied.clone().into(), 50_000, OnError::Fail), &copied);
    assert!(error.contains("a_bbox.npy: the last box is in window 180000000001 of 50000 µs"), "{error}");
    ndarray_npy::write_npy(&file, &Array3::<f64>::zeros((1, 1, 1))).unwrap();
    let error = message(prophesee(copied.clone().into(), 50_000, OnError::Fail), &copied);
    assert!(error.contains("expected a structured array [row] or a plain one [row, column]"), "{error}");
}

#[test]
fn the_fingerprint_depends_on_labels() {
    let (_place, copied) = copy_of("dvs_gesture");
    let fingerprint = || {
        let data = dvs_gesture(copied.clone().into(), EventSplit::Test, OnError::Fail).unwrap();
        data.fingerprint().unwrap().unwrap()
    };
    let before = fingerprint();
    assert_eq!(before, fingerprint());
    fs::write(copied.join("user24_fluorescent_labels.csv"), "1,1000,50001\n11,50000,99000\n").unwrap();
    assert_ne!(before, fingerprint());
}

#[test]
fn empty_files_and_wrong_columns_are_errors() {
    let place = tempfile::tempdir().unwrap();
    let class = place.path().join("class");
    fs::create_dir(&class).unwrap();
    let read = |columns: &str| {
        let data = event_folders(place.path().into(), columns.to_owned(), TimeUnit::Us, OnError::Fail);
        message(data.and_then(|data| data.batch(0..1)), place.path())
    };
    for name in ["recording.npy", "recording.bin", "recording.aedat"] {
        fs::write(class.join(name), "").unwrap();
        assert_eq!(read("txyp"), format!("FOLDER/class/{name}: the file is empty; copy it again or remove it"));
        fs::remove_file(class.join(name)).unwrap();
    }
    let expected = "`columns` must have the letters t, x, y and p once each, in the order of the columns, such as `xytp`, not \
                    `xyt`";
    fs::write(class.join("recording.npy"), "").unwrap();
    assert_eq!(read("xyt"), expected);
}

#[test]
fn files_are_read_by_their_first_bytes() {
    let events = read_events(folder("event_folders/g/recording.dat")).unwrap();
    assert_eq!(events, read_events(folder("event_folders/h/recording.raw")).unwrap());
    let error = read_events(folder("dvs_gesture/trials_to_test.txt")).unwrap_err().to_string();
    assert!(error.contains("trials_to_test.txt: no known format of events: expected 40-bit records"), "{error}");
}
