//! A data set in memory.

use std::ops::Range;
#[cfg(feature = "npy")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

use ndarray::{ArrayD, Axis};

use crate::data::fingerprint::Fingerprint;
#[cfg(feature = "npy")]
use crate::data::formats::{npy, npz};
use crate::data::{DataError, Dataset, check_range, check_together};
use crate::model::Tensor;

/// Inputs and targets in memory: tensors whose first axis is the sample.
#[derive(Clone, Debug)]
pub struct InMemory {
    inputs: Tensor,
    targets: Tensor,
    files: Vec<PathBuf>,
    /// Cached, because hashing a large set takes as long as a pass of a small network over it, and the same set is run
    /// many times.
    fingerprint: OnceLock<String>,
}

impl PartialEq for InMemory {
    fn eq(&self, other: &Self) -> bool {
        (&self.inputs, &self.targets) == (&other.inputs, &other.targets)
    }
}

impl InMemory {
    /// Creates a data set from inputs `[sample, ..]` and targets `[sample, ..]`.
    ///
    /// # Errors
    ///
    /// [`DataError::Lengths`] if the first axes differ, [`DataError::NoSampleAxis`] if there is no first axis.
    ///
    /// ```
    /// use ndarray::{Array1, Array2};
    /// use neurobench::data::InMemory;
    /// let error = InMemory::new(Array2::<f32>::zeros((12, 3)), Array1::<i64>::zeros(13)).unwrap_err();
    /// assert_eq!(error.to_string(), "12 inputs, but 13 targets");
    /// ```
    pub fn new(inputs: impl Into<Tensor>, targets: impl Into<Tensor>) -> Result<Self, DataError> {
        let (inputs, targets) = (inputs.into(), targets.into());
        check_together(inputs.shape(), targets.shape())?;
        Ok(Self { inputs, targets, files: Vec::new(), fingerprint: OnceLock::new() })
    }

    /// Creates a data set from records of an input `[..]` and its class. All inputs must have one shape.
    ///
    /// # Errors
    ///
    /// No records, or a record whose shape differs from that of the first.
    pub fn from_records(records: impl IntoIterator<Item = (ArrayD<f32>, i64)>) -> Result<Self, DataError> {
        let (mut shape, mut inputs, mut targets): (Option<Vec<usize>>, _, _) = (None, Vec::new(), Vec::new());
        for (index, (input, target)) in records.into_iter().enumerate() {
            let expected = shape.get_or_insert_with(|| input.shape().to_vec());
            if input.shape() != expected.as_slice() {
                let (found, expected) = (input.shape().to_vec(), expected.clone());
                return Err(DataError::RecordShape { index, found, expected });
            }
            inputs.push(input);
            targets.push(target);
        }
        let views: Vec<_> = inputs.iter().map(|input| input.view()).collect();
        let inputs = ndarray::stack(Axis(0), &views).map_err(|_| DataError::NoRecords)?;
        Self::new(inputs, ndarray::Array1::from(targets))
    }

    /// Reads two files in the [npy format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
    ///
    /// Number formats that tensors do not have become the nearest one: half precision becomes `f32`, booleans `u8`,
    /// other integers `i64`. Either byte order and either memory order is read.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or decoded, or that do not belong together.
    #[cfg(feature = "npy")]
    pub fn from_npy(inputs: impl AsRef<Path>, targets: impl AsRef<Path>) -> Result<Self, DataError> {
        let (inputs, targets) = (inputs.as_ref(), targets.as_ref());
        let data = Self::new(npy::read(inputs)?, npy::read(targets)?)?;
        Ok(Self { files: vec![inputs.to_owned(), targets.to_owned()], ..data })
    }

    /// Reads two arrays of a file that `numpy.savez` or `numpy.savez_compressed` wrote. Number formats are converted as
    /// in [`from_npy`](Self::from_npy).
    ///
    /// # Errors
    ///
    /// A file that cannot be read or decoded or lacks an array; arrays that do not belong together.
    #[cfg(feature = "npy")]
    pub fn from_npz(path: impl AsRef<Path>, inputs: &str, targets: &str) -> Result<Self, DataError> {
        let path = path.as_ref();
        let mut archive = npz::NpzArchive::open(path)?;
        let data = Self::new(archive.array(inputs)?, archive.array(targets)?)?;
        Ok(Self { files: vec![path.to_owned()], ..data })
    }

    /// Returns all inputs.
    #[must_use]
    pub fn inputs(&self) -> &Tensor {
        &self.inputs
    }

    /// Returns all targets.
    #[must_use]
    pub fn targets(&self) -> &Tensor {
        &self.targets
    }
}

impl Dataset for InMemory {
    fn samples(&self) -> usize {
        self.inputs.samples()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        check_range(&range, self.samples())?;
        Ok((self.inputs.rows(range.start, range.end), self.targets.rows(range.start, range.end)))
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// SHA-256 over number format, shape and contents of the inputs, then of the targets: equal for equal numbers,
    /// regardless of the file.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        let hashed = || {
            let mut all = Fingerprint::default();
            for tensor in [&self.inputs, &self.targets] {
                all.array(tensor.dtype(), tensor.shape());
                all.numbers(tensor);
            }
            all.finish()
        };
        Ok(Some(self.fingerprint.get_or_init(hashed).clone()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::IxDyn;

    use super::*;

    fn record(values: &[f32]) -> ArrayD<f32> {
        ArrayD::from_shape_vec(IxDyn(&[values.len()]), values.to_vec()).unwrap()
    }

    #[test]
    fn records_are_stacked() {
        let data = InMemory::from_records([(record(&[1.0, 2.0]), 7), (record(&[3.0, 4.0]), 8)]).unwrap();
        let (inputs, targets) = data.batch(1..2).unwrap();
        assert_eq!(inputs, Tensor::from(ndarray::array![[3.0_f32, 4.0]]));
        assert_eq!(targets, Tensor::from(ndarray::array![8_i64]));
    }

    #[test]
    fn records_of_another_shape_and_no_records_are_errors() {
        let error = InMemory::from_records([(record(&[1.0, 2.0]), 7), (record(&[3.0]), 8)]).unwrap_err();
        assert_eq!(error.to_string(), "record 1 has shape [1], but the first record has [2]");
        assert_eq!(InMemory::from_records([]).unwrap_err().to_string(), "there are no records");
    }

    #[test]
    fn a_range_beyond_the_end_is_an_error() {
        let data = InMemory::from_records([(record(&[1.0]), 0)]).unwrap();
        assert_eq!(data.batch(0..2).unwrap_err().to_string(), "samples 0..2 are out of range: the data set has 1");
        assert_eq!(data.batch(1..1).unwrap().0.samples(), 0);
    }

    #[test]
    fn fingerprints_differ_by_number_format_shape_and_contents() {
        let targets = || ndarray::array![0_i64, 1];
        let fingerprint = |inputs: Tensor| InMemory::new(inputs, targets()).unwrap().fingerprint().unwrap().unwrap();
        let fingerprints = [
            fingerprint(ndarray::array![0.0_f32, 1.0].into()),
            fingerprint(ndarray::array![0.0_f32, 2.0].into()),
            fingerprint(ndarray::array![0.0_f64, 1.0].into()),
            fingerprint(ndarray::array![[0.0_f32], [1.0]].into()),
        ];
        let distinct: std::collections::BTreeSet<_> = fingerprints.iter().collect();
        assert_eq!(distinct.len(), 4);
        // A transposed view has the same numbers in the same index order.
        let column = ndarray::array![[0.0_f32, 1.0]].reversed_axes();
        assert_eq!(fingerprint(column.into()), fingerprints[3]);
    }

    #[test]
    fn a_number_without_axes_has_no_samples() {
        let scalar = ndarray::arr0(1.0_f32);
        let error = InMemory::new(scalar, ndarray::array![0_i64]).unwrap_err();
        assert_eq!(error.to_string(), "the inputs are a single number without a sample axis");
    }
}
