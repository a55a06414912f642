//! Models, what they say of their layers, and how they tell of a pass.

mod format;
mod function;
mod layer;
mod needs;
mod probe;
mod record;
mod tally;
mod tensor;

pub use format::{ModelFileError, ModelFormat, ModelFormats, model_formats};
pub use function::FnModel;
pub use layer::{FanOut, Layer, LayerKind, StoredTensor, TensorRole};
pub use needs::Needs;
pub use probe::{Element, Probe};
pub use record::{ActivationCount, Call, CallOperations, ConnectionCount, MembraneCount, NeuronCount, Record, Trace};
pub use tensor::{Dtype, Tensor};

use std::path::PathBuf;

/// A model: shared by all workers, never changed by a run.
///
/// Implemented by [`FnModel`] for functions and by `neurobench::network::Network` for networks from a file; a
/// reference, a box or an `Arc` of a model is a model.
pub trait Model: Send + Sync {
    /// Its layers. The place of a layer here is its number for the probe.
    fn layers(&self) -> &[Layer];

    /// The state of one worker: membranes, buffers.
    fn session(&self) -> Box<dyn Session + '_>;

    /// Whether its state flows on from one sample to the next: a sample is then one time step of a sequence.
    ///
    /// Such a model is given whole [sequences](crate::data::Dataset::sequences), one session for each, batch after batch in
    /// order; see [`Session::restart`]. The answer must not change during a run.
    fn carries_state(&self) -> bool {
        false
    }

    /// A digest of all that decides what it computes, such as the SHA-256 of its files; none if it has no such thing.
    fn fingerprint(&self) -> Option<String> {
        None
    }

    /// Files from which it was read. A run refuses to overwrite them.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// One worker's forward passes. A call reuses what earlier calls allocated.
pub trait Session: Send {
    /// Runs one batch: inputs `[batch, ..]` to outputs `[batch, ..]`, telling the probe at every hook point.
    ///
    /// The session of a model that [carries state](Model::carries_state) goes on from where the batch before ended, or from
    /// rest if there was none since [`restart`](Self::restart); batches are consecutive stretches of one sequence, and their
    /// first axis is time. The session of any other model starts every sample of every call from rest. After an error or a
    /// panic the session is not used again.
    ///
    /// # Errors
    ///
    /// Inputs that the model does not take.
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError>;

    /// Puts the session to rest, as if it were new.
    ///
    /// Called by the engine, for models that [carry state](Model::carries_state) alone, before the first batch of every
    /// sequence, also before a new session's first. Whoever calls `forward` without the engine calls it likewise.
    fn restart(&mut self) {}
}

/// Why a forward pass failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The inputs have a shape that the model does not take.
    #[error("the inputs have shape {found:?}, the model takes {expected}")]
    InputShape {
        /// The shape of the batch.
        found: Vec<usize>,
        /// What would be right, as `[batch, step, 64]`.
        expected: String,
    },
    /// An input is NaN or infinite, as the model takes it.
    #[error("the inputs hold {value} at {index:?}; every number must be finite")]
    NotFinite {
        /// The input, as text.
        value: String,
        /// Its place in the batch.
        index: Vec<usize>,
    },
    /// The model's own words.
    #[error("{0}")]
    Other(String),
}

impl From<String> for ModelError {
    fn from(message: String) -> Self {
        Self::Other(message)
    }
}

impl From<&str> for ModelError {
    fn from(message: &str) -> Self {
        Self::Other(message.to_owned())
    }
}

macro_rules! model_behind {
    ($($pointer:ty),*) => { $(
        impl<M: Model + ?Sized> Model for $pointer {
            fn layers(&self) -> &[Layer] { (**self).layers() }
            fn session(&self) -> Box<dyn Session + '_> { (**self).session() }
            fn carries_state(&self) -> bool { (**self).carries_state() }
            fn fingerprint(&self) -> Option<String> { (**self).fingerprint() }
            fn files(&self) -> Vec<PathBuf> { (**self).files() }
        }
    )* };
}
model_behind!(&M, Box<M>, std::sync::Arc<M>);
