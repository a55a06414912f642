//! Data sets: samples with their targets, in memory, read from files as they are asked for, or from any iterator of records.

pub(crate) mod batch;
mod error;
mod fingerprint;
mod in_memory;
mod npy;
mod npz;
mod on_disk;
mod records;
mod rows;
mod sequences;

use std::ops::Range;
use std::path::PathBuf;

pub use error::{DataError, NpyError};
pub use in_memory::InMemory;
pub use on_disk::OnDisk;
pub use records::{Record, Records};
pub use sequences::InSequences;
pub(crate) use sequences::check as check_sequences;

use crate::component::{Registry, kind};
use crate::model::Tensor;

/// Samples with their targets, to be had in any order.
///
/// A reference, a box or an `Arc` of a data set is a data set.
pub trait Dataset: Send + Sync {
    /// How many samples it has.
    fn samples(&self) -> usize;

    /// The inputs and targets of these samples: tensors whose first axis is the sample.
    ///
    /// # Errors
    ///
    /// A range that reaches beyond the last sample; samples that cannot be read.
    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError>;

    /// How many samples each of its sequences has, in order; all samples are one sequence unless it says otherwise.
    ///
    /// They matter to models whose [state flows on](crate::model::Model::carries_state) from sample to sample: these start from
    /// rest where a sequence begins, and batches never reach from one sequence into the next. A run of such a model fails if
    /// a sequence is empty, or if together they are not all samples.
    fn sequences(&self) -> Vec<usize> {
        vec![self.samples()]
    }

    /// What inputs and targets are called in messages about one of their samples, such as the files that they are in.
    fn names(&self) -> (String, String) {
        let whole = || "the data set".to_owned();
        (whole(), whole())
    }

    /// The same data in sequences of these lengths.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptySequence`]; [`DataError::Sequences`] if together they have not as many samples as there are.
    ///
    /// ```
    /// use ndarray::{Array1, Array2};
    /// use neurobench::data::{Dataset, InMemory};
    /// let recordings = InMemory::new(Array2::<f32>::zeros((300, 96)), Array1::<f32>::zeros(300))?;
    /// let recordings = recordings.in_sequences([100, 200])?;
    /// assert_eq!(recordings.sequences(), [100, 200]);
    /// let error = recordings.in_sequences([100, 100]).unwrap_err();
    /// assert_eq!(error.to_string(), "the sequences have 200 samples together, the data set has 300");
    /// # Ok::<(), neurobench::data::DataError>(())
    /// ```
    fn in_sequences(self, lengths: impl Into<Vec<usize>>) -> Result<InSequences<Self>, DataError>
    where
        Self: Sized,
    {
        InSequences::new(self, lengths.into())
    }

    /// A digest of all that decides what it holds and where its sequences begin; none if it has no such thing.
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

macro_rules! dataset_behind {
    ($($pointer:ty),*) => { $(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            fn samples(&self) -> usize { (**self).samples() }
            fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> { (**self).batch(range) }
            fn sequences(&self) -> Vec<usize> { (**self).sequences() }
            fn names(&self) -> (String, String) { (**self).names() }
            fn fingerprint(&self) -> Result<Option<String>, DataError> { (**self).fingerprint() }
            fn files(&self) -> Vec<PathBuf> { (**self).files() }
        }
    )* };
}
dataset_behind!(&D, Box<D>, std::sync::Arc<D>);

/// Inputs and targets must have a sample axis, and as many samples.
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

/// Samples must be asked for of those that there are.
fn check_range(range: &Range<usize>, samples: usize) -> Result<(), DataError> {
    if range.start > range.end || range.end > samples {
        return Err(DataError::Range { range: range.clone(), samples });
    }
    Ok(())
}
