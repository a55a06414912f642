//! placeholder
use crate::model::Tensor;
use std::ops::Range;
/// e
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);
/// d
pub trait Dataset: Send + Sync {
    /// s
    fn samples(&self) -> usize;
    /// b
    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError>;
    /// f
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        Ok(None)
    }
}
