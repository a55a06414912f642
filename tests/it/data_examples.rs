//! The examples of data sets for files of your own, on `docs/components.md`, read files in the layouts that they describe.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ndarray::array;
use neurobench::component::Params;
use neurobench::data::{Dataset, construct_data};

const PAGE: &str = include_str!("../../docs/components.md");

/// Data set of the example below the heading with this name.
fn example(name: &str, folder: &Path) -> Box<dyn Dataset> {
    let (_, section) = PAGE.split_once(&format!("\n### `{name}`\n\n")).unwrap();
    // The exporter `csv` has the same name as the data set, and no example.
    let section = section.split("\n### ").next().unwrap();
    let (_, example) = section.split_once("```toml\n").unwrap();
    let example = example.split("```").next().unwrap();
    let mut file: BTreeMap<String, Params> = toml::from_str(example).unwrap();
    assert_eq!(file.keys().collect::<Vec<_>>(), ["data"], "{example}");
    construct_data(file.remove("data").unwrap(), folder).unwrap().item
}

/// A WAV file of one channel of 16 bits, byte by byte.
fn wav(sample_rate: u32, samples: &[i16]) -> Vec<u8> {
    let audio: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let word = |number: u32| number.to_le_bytes();
    let length = audio.len() as u32;
    [
        b"RIFF",
        &word(36 + length)[..],
        b"WAVEfmt ",
        &word(16),
        &[1, 0, 1, 0],
        &word(sample_rate),
        &word(2 * sample_rate),
        &[2, 0, 16, 0],
        b"data",
        &word(length),
        &audio,
    ]
    .concat()
}

/// An array of NumPy of integers of 64 bits, `[row, 4]`, byte by byte.
fn npy(rows: &[[i64; 4]]) -> Vec<u8> {
    let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({}, 4), }}\n", rows.len());
    let numbers = rows.as_flattened().iter().flat_map(|number| number.to_le_bytes());
    let start = [&b"\x93NUMPY\x01\0"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
    start.into_iter().chain(numbers).collect()
}

#[test]
fn csv() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flowers.csv"), "length,kind,width\n1.5,rose,2\n0.5,aster,1\n").unwrap();
    let data = example("csv", folder.path());
    let expected = (array![[1.5_f32, 2.0], [0.5, 1.0]].into(), array![1_i64, 0].into());
    assert_eq!(data.batch(0..2).unwrap(), expected);
}

#[test]
fn wav_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (class, sample) in [("cat", 8192), ("dog", -16_384)] {
        let path = folder.path().join("sounds").join(class);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("1.wav"), wav(8000, &[sample])).unwrap();
    }
    let data = example("wav_folders", folder.path());
    let (inputs, classes) = data.batch(0..2).unwrap();
    assert_eq!(inputs.shape(), [2, 1, 4000]);
    assert_eq!(inputs.to_f64().index_axis(ndarray::Axis(2), 0), array![[0.25], [-0.5]].into_dyn());
    assert_eq!(classes, array![0_i64, 1].into());
}

#[test]
fn event_folders() {
    let folder = tempfile::tempdir().unwrap();
    for class in ["nod", "wave"] {
        let path = folder.path().join("gestures").join(class);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("1.npy"), npy(&[[3, 4, 5, 1], [6, 7, 8, 0]])).unwrap();
    }
    let data = example("event_folders", folder.path());
    // Time in µs, x, y and polarity.
    let events = array![[5000_i64, 3, 4, 1], [8000, 6, 7, 0]];
    let (inputs, classes) = data.batch(1..2).unwrap();
    assert_eq!((inputs, classes), (events.insert_axis(ndarray::Axis(0)).into(), array![1_i64].into()));
}
