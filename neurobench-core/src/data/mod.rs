//! Data sets: samples with their targets, in memory, read from files on demand, or from any iterator of records.

mod archive;
pub use archive::*;
mod arrays;
pub use arrays::*;
mod cache;
pub use cache::Cached;
mod columns;
pub use columns::*;
pub(crate) mod batch;
mod error;
pub mod events;
mod fingerprint;
pub(crate) mod formats;
pub use formats::*;
mod in_memory;
mod on_disk;
mod prefetch;
mod records;
mod sequences;
mod table;

use std::ops::Range;
use std::path::PathBuf;

pub use error::DataError;
pub use fingerprint::Fingerprint;
pub use in_memory::InMemory;
pub use on_disk::OnDisk;
pub use prefetch::Prefetch;
pub use records::{Record, Records};
pub(crate) use sequences::check as check_sequences;
pub use sequences::{InSequences, SequenceGroup};
pub use table::construct_data;
#[cfg(feature = "spec")]
pub(crate) use table::data_keys;

use crate::component::{Registry, kind};
use crate::model::{SequenceData, Tensor};

/// Samples with their targets, accessible in any order.
///
/// A reference, a box or an `Arc` of a data set is a data set.
pub trait Dataset: Send + Sync {
    /// Returns the number of samples.
    fn samples(&self) -> usize;

    /// Returns the inputs and targets of these samples: tensors whose first axis is the sample.
    ///
    /// # Errors
    ///
    /// A range beyond the last sample; samples that cannot be read.
    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError>;

    /// Returns the number of samples of each sequence, in order; by default all samples are one sequence.
    ///
    /// Sequences matter to models whose [state carries over](crate::model::Model::carries_state) from sample to sample:
    /// these start from rest where a sequence begins, and batches never extend from one sequence into the next. A run
    /// of such a model fails if a sequence is empty, or if the sequences do not cover all samples exactly.
    fn sequences(&self) -> Vec<usize> {
        vec![self.samples()]
    }

    /// Returns the groups of sequences whose results are of interest on their own, such as those of one recording; by default
    /// there are none.
    fn groups(&self) -> Vec<SequenceGroup> {
        Vec::new()
    }

    /// Returns inputs and targets of the samples that precede a sequence and are not a part of the benchmark, on which a model
    /// may be fitted or warmed up before it; by default there are none.
    ///
    /// # Errors
    ///
    /// Samples that cannot be read.
    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> {
        let _ = sequence;
        Ok(None)
    }

    /// Returns the names of inputs and targets for messages about one of their samples, such as the names of their
    /// files.
    fn names(&self) -> (String, String) {
        let whole = || "the data set".to_owned();
        (whole(), whole())
    }

    /// Returns the same data in sequences of these lengths.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptySequence`]; [`DataError::Sequences`] if the total length differs from the number of samples.
    ///
    /// ```
    /// use ndarray::{Array1, Array2};
    /// use neurobench::data::{Dataset, InMemory};
    /// let recordings = InMemory::new(Array2::<f32>::zeros((300, 96)), Array1::<f32>::zeros(300))?;
    /// let recordings = recordings.in_sequences([100, 200])?;
    /// assert_eq!(recordings.sequences(), [100, 200]);
    /// let error = recordings.in_sequences([100, 100]).unwrap_err();
    /// assert_eq!(error.to_string(), "the sequences have 200 samples in total, but the data set has 300");
    /// # Ok::<(), neurobench::data::DataError>(())
    /// ```
    fn in_sequences(self, lengths: impl Into<Vec<usize>>) -> Result<InSequences<Self>, DataError>
    where
        Self: Sized,
    {
        InSequences::new(self, lengths.into())
    }

    /// Returns a digest of the contents and of the beginnings of the sequences; `None` if there is no digest.
    ///
    /// # Errors
    ///
    /// Samples that cannot be read.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        Ok(None)
    }

    /// Files from which it is or was read. A run refuses to overwrite them.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Facts that a reader of results should know, such as damaged recordings that were skipped, one sentence each. They
    /// are [notes](crate::report::Report::notes) of every report.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

kind! {
    /// Data sets as a kind of component.
    pub Datasets: dyn Dataset, "data set", "datasets"
}

/// The data sets that are linked into the program.
#[must_use]
pub fn datasets() -> &'static Registry<Datasets> {
    Registry::global()
}

/// Methods of a data set that forwards all of them, except `batch`, to the field of this name.
macro_rules! everything_but_batches {
    ($field:ident) => {
        fn samples(&self) -> usize {
            self.$field.samples()
        }
        fn sequences(&self) -> Vec<usize> {
            self.$field.sequences()
        }
        fn groups(&self) -> Vec<$crate::data::SequenceGroup> {
            self.$field.groups()
        }
        fn training(&self, sequence: u64) -> Result<Option<$crate::model::SequenceData>, DataError> {
            self.$field.training(sequence)
        }
        fn names(&self) -> (String, String) {
            self.$field.names()
        }
        fn fingerprint(&self) -> Result<Option<String>, DataError> {
            self.$field.fingerprint()
        }
        fn files(&self) -> Vec<std::path::PathBuf> {
            self.$field.files()
        }
        fn notes(&self) -> Vec<String> {
            self.$field.notes()
        }
    };
}
use everything_but_batches;

macro_rules! dataset_behind {
    ($($pointer:ty),*) => { $(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            fn samples(&self) -> usize { (**self).samples() }
            fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> { (**self).batch(range) }
            fn sequences(&self) -> Vec<usize> { (**self).sequences() }
            fn groups(&self) -> Vec<SequenceGroup> { (**self).groups() }
            fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> { (**self).training(sequence) }
            fn names(&self) -> (String, String) { (**self).names() }
            fn fingerprint(&self) -> Result<Option<String>, DataError> { (**self).fingerprint() }
            fn files(&self) -> Vec<PathBuf> { (**self).files() }
            fn notes(&self) -> Vec<String> { (**self).notes() }
        }
    )* };
}
dataset_behind!(&D, Box<D>, std::sync::Arc<D>);

/// Checks that inputs and targets have a sample axis, and the same number of samples.
fn check_together(inputs: &[usize], targets: &[usize]) -> Result<(), DataError> {
    match (inputs, targets) {
        ([], _) => Err(DataError::NoSampleAxis { what: "inputs" }),
        (_, []) => Err(DataError::NoSampleAxis { what: "targets" }),
        ([inputs, rest @ ..], [targets, ..]) if inputs != targets => {
            Err(DataError::Lengths { inputs: *inputs, targets: *targets, swapped: rest.first() == Some(targets) })
        }
        _ => Ok(()),
    }
}

/// Checks that the requested samples exist.
fn check_range(range: &Range<usize>, samples: usize) -> Result<(), DataError> {
    if range.start > range.end || range.end > samples {
        return Err(DataError::Range { range: range.clone(), samples });
    }
    Ok(())
}
