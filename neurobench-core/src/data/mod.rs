//! Data sets: samples with their targets, in memory or from files.

mod error;
mod in_memory;
mod npy;
mod npz;

use std::ops::Range;

pub use error::{DataError, NpyError};
pub use in_memory::InMemory;

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

    /// A digest of all that decides what it holds; none if it has no such thing.
    ///
    /// # Errors
    ///
    /// Samples that cannot be read.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        Ok(None)
    }
}

macro_rules! dataset_behind {
    ($($pointer:ty),*) => { $(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            fn samples(&self) -> usize { (**self).samples() }
            fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> { (**self).batch(range) }
            fn fingerprint(&self) -> Result<Option<String>, DataError> { (**self).fingerprint() }
        }
    )* };
}
dataset_behind!(&D, Box<D>, std::sync::Arc<D>);
