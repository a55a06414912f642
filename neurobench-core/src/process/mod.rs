//! placeholder
use crate::model::Tensor;
/// e
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ProcessError(pub String);
/// p
pub trait Preprocessor: Send + Sync {
    /// n
    fn name(&self) -> String;
    /// p
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError>;
}
/// p
pub trait Postprocessor: Send + Sync {
    /// n
    fn name(&self) -> String;
    /// p
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError>;
}
