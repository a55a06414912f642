//! Sequences of samples in a data set.

use std::ops::Range;
use std::path::PathBuf;

use crate::data::fingerprint::Fingerprint;
use crate::data::{DataError, Dataset};
use crate::model::Tensor;

/// Data set with the lengths of its sequences; returned by [`Dataset::in_sequences`].
#[derive(Clone, Debug, PartialEq)]
pub struct InSequences<D> {
    data: D,
    lengths: Vec<usize>,
}

impl<D: Dataset> InSequences<D> {
    pub(super) fn new(data: D, lengths: Vec<usize>) -> Result<Self, DataError> {
        check(&lengths, data.samples())?;
        Ok(Self { data, lengths })
    }
}

impl<D: Dataset> Dataset for InSequences<D> {
    fn samples(&self) -> usize {
        self.data.samples()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        self.data.batch(range)
    }

    fn sequences(&self) -> Vec<usize> {
        self.lengths.clone()
    }

    fn names(&self) -> (String, String) {
        self.data.names()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.data.files()
    }

    fn notes(&self) -> Vec<String> {
        self.data.notes()
    }

    /// Digest of the data; with more than one sequence, it includes their lengths.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        let data = self.data.fingerprint()?;
        Ok(match self.lengths.as_slice() {
            [] | [_] => data,
            lengths => data.map(|data| {
                let mut all = Fingerprint::default();
                all.text(&format!("{data} in sequences of {lengths:?}\n"));
                all.finish()
            }),
        })
    }
}

/// Sequences of a data set whose results are of interest on their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceGroup {
    /// Name, such as that of a recording.
    pub name: String,
    /// Zero-based indices of the sequences.
    pub sequences: Range<u64>,
}

/// Checks that every sequence has samples, and that they cover all samples.
pub(crate) fn check(lengths: &[usize], samples: usize) -> Result<(), DataError> {
    if let Some(index) = lengths.iter().position(|length| *length == 0) {
        return Err(DataError::EmptySequence { index });
    }
    let covered = lengths.iter().fold(0_usize, |sum, length| sum.saturating_add(*length));
    if covered != samples {
        return Err(DataError::Sequences { covered, samples });
    }
    Ok(())
}
