//! Data sets that stay in their files.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Array3};
use neurobench::bench::Benchmark;
use neurobench::data::{DataError, Dataset, InMemory, OnDisk};
use neurobench::metrics::Mse;
use neurobench::model::Tensor;
use neurobench::testing::predictions;

use super::{npy, npz};
use crate::common::directory;

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    fs::write(folder.join(name), bytes).unwrap();
    folder.join(name)
}

fn inputs() -> Array3<f32> {
    Array3::from_shape_fn((7, 2, 3), |(sample, row, column)| (100 * sample + 10 * row + column) as f32)
}

fn targets() -> Array1<i16> {
    Array1::from_iter((0..7).map(|sample| 3 - sample))
}

/// Checks every range of samples and the fingerprint through both readers.
fn assert_same(on_disk: &OnDisk, in_memory: &InMemory) {
    assert_eq!(on_disk.samples(), in_memory.samples());
    for start in 0..=in_memory.samples() {
        for end in start..=in_memory.samples() {
            assert_eq!(on_disk.batch(start..end).unwrap(), in_memory.batch(start..end).unwrap());
        }
    }
    assert_eq!(on_disk.fingerprint().unwrap(), in_memory.fingerprint().unwrap());
    let error = on_disk.batch(0..in_memory.samples() + 1).unwrap_err().to_string();
    assert_eq!(error, in_memory.batch(0..in_memory.samples() + 1).unwrap_err().to_string());
}

#[test]
fn batches_and_fingerprints_are_those_of_the_same_files_in_memory() {
    let folder = directory("on_disk_same");
    let fortran = inputs().permuted_axes([2, 1, 0]).as_standard_layout().into_owned().permuted_axes([2, 1, 0]);
    let wide = Array2::from_shape_fn((5, 9000), |(sample, column)| (sample * column) as f64);
    let cases = [
        (npy(&inputs()), npy(&targets())),
        // The arrays are in Fortran order, of other widths, without samples, without numbers.
        (npy(&fortran), npy(&targets().mapv(i64::from))),
        (npy(&targets().mapv(|target| target as u8)), npy(&targets().mapv(|target| target == 0))),
        (npy(&Array2::<f64>::zeros((0, 4))), npy(&Array1::<i64>::zeros(0))),
        (npy(&Array2::<f64>::zeros((3, 0))), npy(&Array1::<i32>::zeros(3))),
        // Rows longer than the pieces in which files are read, and more rows than fit into one.
        (npy(&wide), npy(&Array1::from_iter(0..5_u64))),
        (npy(&Array1::from_iter(0..9000_i64).slice_move(ndarray::s![..40])), npy(&Array1::<f32>::ones(40))),
    ];
    for (x, y) in cases {
        let (inputs, targets) = (write(&folder, "x.npy", &x), write(&folder, "y.npy", &y));
        assert_same(&OnDisk::npy(&inputs, &targets).unwrap(), &InMemory::from_npy(&inputs, &targets).unwrap());
        for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
            let both = write(&folder, "both.npz", &npz(&[("x.npy", x.clone()), ("y.npy", y.clone())], method));
            let in_memory = InMemory::from_npz(&both, "x", "y").unwrap();
            assert_same(&OnDisk::npz(&both, "x", "y").unwrap(), &in_memory);
        }
    }
}

#[test]
fn many_rows_have_the_fingerprint_of_those_in_memory() {
    let folder = directory("on_disk_many");
    let x = write(&folder, "x.npy", &npy(&Array2::from_shape_fn((30_000, 3), |(row, column)| (row * column) as f32)));
    let y = write(&folder, "y.npy", &npy(&Array1::from_iter(0..30_000_i64)));
    let (on_disk, in_memory) = (OnDisk::npy(&x, &y).unwrap(), InMemory::from_npy(&x, &y).unwrap());
    assert_eq!(on_disk.fingerprint().unwrap(), in_memory.fingerprint().unwrap());
}

fn message<T: std::fmt::Debug>(result: Result<T, DataError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_wrong_file_is_reported_when_it_is_opened_as_in_memory() {
    let folder = directory("on_disk_wrong");
    let whole = npy(&inputs());
    let y = write(&folder, "y.npy", &npy(&targets()));
    let mut longer = whole.clone();
    longer.extend([1, 2, 3]);
    let mut complex = whole.clone();
    let at = complex.windows(3).position(|bytes| bytes == b"<f4").unwrap();
    complex[at + 1] = b'c';
    let cases = [
        (
            whole[..whole.len() - 4].to_vec(),
            "truncated: shape [7, 2, 3] of <f4 takes 168 bytes, but 164 follow the header",
        ),
        (whole[..40].to_vec(), "truncated: it ends within the header"),
        (longer, "3 bytes follow the last number"),
        (b"PK".to_vec(), "not in the npy format"),
        (complex, "dtype '<c4' is not supported"),
        (npy(&Array1::<f32>::zeros(8)), "8 inputs, but 7 targets"),
        (npy(&ndarray::arr0(1.0_f32)), "the inputs are a single number without a sample axis"),
    ];
    for (bytes, problem) in cases {
        let x = write(&folder, "x.npy", &bytes);
        let error = message(OnDisk::npy(&x, &y));
        assert!(error.contains(problem), "{error}");
        assert_eq!(error, message(InMemory::from_npy(&x, &y)));
        for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
            let arrays = [("x.npy", bytes.clone()), ("y.npy", npy(&targets()))];
            let both = write(&folder, "both.npz", &npz(&arrays, method));
            let error = message(OnDisk::npz(&both, "x", "y"));
            assert!(error.contains(problem), "{error}");
            assert_eq!(error, message(InMemory::from_npz(&both, "x", "y")));
        }
    }
    let absent = folder.join("absent.npy");
    assert_eq!(message(OnDisk::npy(&absent, &y)), message(InMemory::from_npy(&absent, &y)));
    assert_eq!(message(OnDisk::npz(&absent, "x", "y")), message(InMemory::from_npz(&absent, "x", "y")));
}

#[test]
fn a_damaged_archive_is_rejected_when_it_is_opened_or_not_at_all() {
    let both = directory("on_disk_checksum").join("both.npz");
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let whole = npz(&[("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))], method);
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 0x11;
            fs::write(&both, &spoilt).unwrap();
            match (OnDisk::npz(&both, "x", "y"), InMemory::from_npz(&both, "x", "y")) {
                (Ok(on_disk), Ok(in_memory)) => assert_same(&on_disk, &in_memory),
                (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string(), "byte {at} of {method}"),
                (one, other) => panic!("byte {at} of {method}: {one:?}, {other:?}"),
            }
        }
    }
}

#[test]
fn a_number_that_does_not_fit_is_reported_with_its_place_in_the_file() {
    let folder = directory("on_disk_large");
    let x = write(&folder, "x.npy", &npy(&ndarray::array![[1_u64, 2], [3, 4], [5, u64::MAX]]));
    let y = write(&folder, "y.npy", &npy(&ndarray::array![0_i64, 1, 2]));
    let data = OnDisk::npy(&x, &y).unwrap();
    assert_eq!(data.batch(0..2).unwrap().0, Tensor::from(ndarray::array![[1_i64, 2], [3, 4]]));
    let problem =
        format!("{}: element 5 is 18446744073709551615, which does not fit a signed 64-bit integer", x.display());
    assert_eq!(message(data.batch(2..3)), problem);
}

#[test]
fn a_file_that_becomes_shorter_during_a_run_is_an_error_of_the_batch_that_misses_its_rows() {
    let folder = directory("on_disk_shorter");
    let x = npy(&Array2::<f32>::zeros((10, 2)));
    let inputs = write(&folder, "x.npy", &x);
    let targets = write(&folder, "y.npy", &npy(&Array2::<f32>::zeros((10, 2))));
    let stored =
        npz(&[("y.npy", npy(&Array2::<f32>::zeros((10, 2)))), ("x.npy", x.clone())], zip::CompressionMethod::Stored);
    let both = write(&folder, "both.npz", &stored);
    let shape = "truncated: shape [10, 2] of <f4 takes 80 bytes";
    let cases = [
        (OnDisk::npy(&inputs, &targets).unwrap(), &inputs, x.len() - 30, format!("x.npy: {shape}, but 50 follow")),
        (OnDisk::npz(&both, "x", "y").unwrap(), &both, 0, format!("both.npz, array `x`: {shape}, but 0 follow")),
    ];
    for (data, file, length, problem) in cases {
        // Among batches of a file with 50 bytes, batch 6 is the first that misses some; in an empty file, it is the
        // first one read afterwards.
        let batch = if length == 0 { 1 } else { 6 };
        let benchmark = Benchmark::builder().model(predictions()).data(data).batch_size(1).metric(Mse);
        // The first batch has been read, and the fingerprint has been taken.
        let cut = |inputs: Tensor, targets: Tensor| {
            fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length as u64).unwrap();
            Ok((inputs, targets))
        };
        let error = benchmark.preprocess_as("cut", cut).build().unwrap().run().unwrap_err().to_string();
        assert!(error.starts_with(&format!("batch {batch}: the data could not be read: ")), "{error}");
        assert!(error.contains(&problem), "{error}");
    }
}

#[test]
fn messages_name_the_files_and_arrays() {
    let folder = directory("on_disk_names");
    let (x, y) = (write(&folder, "x.npy", &npy(&inputs())), write(&folder, "y.npy", &npy(&targets())));
    let arrays = [("x.npy", npy(&inputs())), ("y.npy", npy(&targets()))];
    let both = write(&folder, "both.npz", &npz(&arrays, zip::CompressionMethod::Stored));
    let file = |path: &Path| format!("`{}`", path.display());
    assert_eq!(OnDisk::npy(&x, &y).unwrap().names(), (file(&x), file(&y)));
    let archived = OnDisk::npz(&both, "x", "y").unwrap().in_sequences([3, 4]).unwrap();
    assert_eq!(archived.names(), (format!("`x` in {}", file(&both)), format!("`y` in {}", file(&both))));
    let in_memory = InMemory::new(inputs(), targets().mapv(i64::from)).unwrap();
    assert_eq!(in_memory.names().0, "the data set");
}
