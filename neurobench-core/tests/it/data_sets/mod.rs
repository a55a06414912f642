//! Data sets from files.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod on_disk;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use crate::common::directory;
use ndarray::{Array1, Array2, array};
use ndarray_npy::WriteNpyExt;
use neurobench::data::{DataError, Dataset, InMemory};
use neurobench::model::Tensor;

fn npy(array: &impl WriteNpyExt) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    bytes
}

fn npz(arrays: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn inputs() -> Array2<f32> {
    array![[0.5, 1.0], [2.0, -3.0], [0.0, 4.0]]
}

fn targets() -> Array1<i64> {
    array![1, 0, 2]
}

#[test]
fn the_same_numbers_are_the_same_data_whatever_the_file() {
    let directory = directory("data_forms");
    let expected = InMemory::new(inputs(), targets()).unwrap();
    fs::write(directory.join("x.npy"), npy(&inputs())).unwrap();
    fs::write(directory.join("y.npy"), npy(&targets())).unwrap();
    let from_npy = InMemory::from_npy(directory.join("x.npy"), directory.join("y.npy")).unwrap();
    assert_eq!(from_npy, expected);
    assert_eq!(from_npy.fingerprint().unwrap(), expected.fingerprint().unwrap());

    // In Fortran order, and with 16-bit classes.
    let columns = inputs().reversed_axes().as_standard_layout().into_owned().reversed_axes();
    fs::write(directory.join("x.npy"), npy(&columns)).unwrap();
    fs::write(directory.join("y.npy"), npy(&targets().mapv(|class| class as i16))).unwrap();
    let converted = InMemory::from_npy(directory.join("x.npy"), directory.join("y.npy")).unwrap();
    assert_eq!(converted, expected);
    assert_eq!(converted.fingerprint().unwrap(), expected.fingerprint().unwrap());

    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let archive = npz(&[("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))], method);
        fs::write(directory.join("both.npz"), archive).unwrap();
        let from_npz = InMemory::from_npz(directory.join("both.npz"), "x", "y").unwrap();
        assert_eq!(from_npz, expected);
        assert_eq!(from_npz.fingerprint().unwrap(), expected.fingerprint().unwrap());
    }
}

#[test]
fn batches_are_rows_of_both_and_pointers_are_data_sets() {
    fn second(data: impl Dataset) -> (Tensor, Tensor) {
        assert_eq!(data.samples(), 3);
        assert!(data.fingerprint().unwrap().is_some());
        data.batch(1..2).unwrap()
    }
    let expected: (Tensor, Tensor) = (array![[2.0_f32, -3.0]].into(), array![0_i64].into());
    let data = InMemory::new(inputs(), targets()).unwrap();
    assert_eq!(second(&data), expected);
    assert_eq!(second(Box::new(data.clone()) as Box<dyn Dataset>), expected);
    assert_eq!(second(Arc::new(data)), expected);
}

#[test]
fn more_targets_than_inputs_are_an_error() {
    let directory = directory("data_lengths");
    fs::write(directory.join("x.npy"), npy(&inputs())).unwrap();
    fs::write(directory.join("y.npy"), npy(&array![1_i64, 2, 3, 4])).unwrap();
    let error = InMemory::from_npy(directory.join("x.npy"), directory.join("y.npy")).unwrap_err();
    assert_eq!(error.to_string(), "3 inputs, but 4 targets");
    let steps_first = InMemory::new(Array2::<f32>::zeros((3, 4)), Array1::<i64>::zeros(4)).unwrap_err().to_string();
    assert!(steps_first.contains("save `inputs.swapaxes(0, 1)`"), "{steps_first}");
}

#[test]
fn errors_name_the_file_and_the_array() {
    let directory = directory("data_names");
    let problem = |result: Result<InMemory, DataError>| {
        result.unwrap_err().to_string().replace(&format!("{}/", directory.display()), "")
    };
    let file = |name: &str, bytes: &[u8]| {
        fs::write(directory.join(name), bytes).unwrap();
        directory.join(name)
    };
    let absent = directory.join("absent.npy");
    assert!(problem(InMemory::from_npy(&absent, &absent)).starts_with("cannot read absent.npy: "));
    let empty = file("empty.npy", b"");
    assert!(problem(InMemory::from_npy(&empty, &empty)).starts_with("empty.npy: not in the npy format"));
    let mut longer = npy(&inputs());
    longer.push(7);
    let longer = file("longer.npy", &longer);
    assert_eq!(problem(InMemory::from_npy(&longer, &longer)), "longer.npy: 1 bytes follow the last number");

    let both =
        file("both.npz", &npz(&[("x.npy", npy(&inputs())), ("z.npy", vec![1, 2])], zip::CompressionMethod::Stored));
    assert_eq!(problem(InMemory::from_npz(&both, "x", "y")), "both.npz: no array `y`; it has x, z; did you mean `x`?");
    assert!(problem(InMemory::from_npz(&both, "x", "z")).starts_with("both.npz, array `z`: not in the npy format"));
    assert!(problem(InMemory::from_npz(&longer, "x", "z")).starts_with("longer.npy: "));
}

#[test]
fn an_array_with_a_wrong_checksum_is_an_error() {
    let file = directory("data_checksum").join("both.npz");
    let expected = InMemory::new(inputs(), targets()).unwrap();
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let whole = npz(&[("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))], method);
        let mut refused = 0;
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 1;
            fs::write(&file, &spoilt).unwrap();
            match InMemory::from_npz(&file, "x", "y") {
                // The byte does not affect the arrays; it may belong to a date.
                Ok(data) => assert_eq!(data, expected, "byte {at} of {method}"),
                Err(error) if error.to_string().ends_with("cannot be read: Invalid checksum") => {
                    let error = error.to_string();
                    assert!(error.contains("both.npz, array `x`") || error.contains("both.npz, array `y`"), "{error}");
                    refused += 1;
                }
                Err(_) => {}
            }
        }
        assert!(refused > 0, "{method}");
    }
    // Every bit pattern of the last target is a valid number.
    let mut spoilt = npz(&[("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))], zip::CompressionMethod::Stored);
    let numbers = [1_i64, 0, 2].map(i64::to_le_bytes).concat();
    let at = spoilt.windows(numbers.len()).position(|bytes| bytes == numbers).unwrap();
    spoilt[at + numbers.len() - 1] ^= 0x80;
    fs::write(&file, &spoilt).unwrap();
    let error = InMemory::from_npz(&file, "x", "y").unwrap_err().to_string();
    assert!(error.ends_with("both.npz, array `y`: cannot be read: Invalid checksum"), "{error}");
}

#[test]
fn bytes_after_an_array_of_an_archive_are_an_error() {
    let file = directory("data_trailing").join("both.npz");
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let mut longer = npy(&inputs());
        let length = u32::try_from(longer.len()).unwrap();
        longer.extend([1, 2, 3]);
        let mut archive = npz(&[("x.npy", longer), ("y.npy", npy(&targets()))], method);
        let problem = |archive: &[u8]| {
            fs::write(&file, archive).unwrap();
            InMemory::from_npz(&file, "x", "y").unwrap_err().to_string()
        };
        let error = problem(&archive);
        assert!(error.ends_with("both.npz, array `x`: 3 bytes follow the last number"), "{method}: {error}");
        // The archive claims less than it unpacks to: the size is at byte 24 of the first entry of its directory.
        let entry = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        archive[entry + 24..entry + 28].copy_from_slice(&length.to_le_bytes());
        let error = problem(&archive);
        assert!(error.ends_with("both.npz, array `x`: 3 bytes follow the last number"), "{method}: {error}");
    }
}

fn survives(file: &Path, bytes: &[u8]) -> bool {
    fs::write(file, bytes).unwrap();
    InMemory::from_npz(file, "x", "y").is_ok()
}

#[test]
fn an_archive_that_is_cut_or_spoilt_anywhere_never_panics() {
    let file = directory("data_damage").join("both.npz");
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let whole = npz(&[("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))], method);
        assert!(survives(&file, &whole));
        for length in 0..whole.len() {
            assert!(!survives(&file, &whole[..length]), "{length} bytes were enough");
        }
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 0x5a;
            survives(&file, &spoilt);
        }
    }
}
