//! Models, the description of their layers, and the records of a pass.

mod autonomous;
mod format;
mod function;
mod hook_point;
mod layer;
mod needs;
mod probe;
mod record;
mod sequence;
mod structure;
mod tally;
mod tensor;

pub use autonomous::Autonomous;
pub use format::{ModelFileError, ModelFormat, ModelFormats, model_formats};
pub use function::FnModel;
pub use hook_point::HookPoint;
pub use layer::{FanOut, Layer, LayerKind, StoredTensor, TensorRole};
pub(crate) use needs::LayerGroup;
pub use needs::Needs;
pub use probe::{Element, Probe};
pub use record::{
    ActivationCount, Call, CallOperations, ConnectionCount, LayerTotal, MembraneCount, NeuronCount, Record, Trace,
    ValueCount,
};
pub use sequence::{SequenceData, SequenceStart};
pub use structure::ModelStructure;
pub use tensor::{Dtype, Tensor};

use std::path::PathBuf;

/// Model: shared by all workers, never changed by a run.
///
/// Implemented by [`FnModel`] for functions and by `neurobench::network::Network` for networks from a file; a
/// reference, a box or an `Arc` of a model is a model.
pub trait Model: Send + Sync {
    /// Returns the layers. The index of a layer identifies it for the probe.
    fn layers(&self) -> &[Layer];

    /// Creates the state of one worker: membranes, buffers.
    fn session(&self) -> Box<dyn Session + '_>;

    /// Returns true if the state carries over from one sample to the next: a sample is then one time step of a
    /// sequence.
    ///
    /// The engine passes whole [sequences](crate::data::Dataset::sequences) to such a model, one session for each,
    /// batch after batch in order; see [`Session::restart`]. The answer must not change during a run.
    fn carries_state(&self) -> bool {
        false
    }

    /// Returns true if sessions are fitted on the [training samples](crate::data::Dataset::training) of a sequence at its
    /// [beginning](Session::start_sequence), and then continue from these samples.
    fn is_fitted(&self) -> bool {
        false
    }

    /// Returns a digest of everything that determines the computation, such as the SHA-256 of its files; `None` if
    /// there is no digest.
    fn fingerprint(&self) -> Option<String> {
        None
    }

    /// Files from which it was read. A run refuses to overwrite them.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Returns shapes and types, for descriptions of the model; by default none of them is known.
    fn structure(&self) -> ModelStructure {
        ModelStructure::default()
    }

    /// Facts that a reader of its results should know, such as parameters that were rounded, one sentence each. They are
    /// [notes](crate::report::Report::notes) of every report.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Forward passes of one worker. A call reuses the allocations of earlier calls.
pub trait Session: Send {
    /// Runs one batch from inputs `[batch, ..]` to outputs `[batch, ..]`, and calls the probe at every hook point.
    ///
    /// The session of a model that [carries state](Model::carries_state) continues from the end of the previous batch,
    /// or from rest if there was none since [`restart`](Self::restart); batches are consecutive parts of one sequence,
    /// and their first axis is time. The session of any other model starts every sample of every call from rest. After
    /// an error or a panic the session is not used again.
    ///
    /// # Errors
    ///
    /// Inputs that the model does not accept.
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError>;

    /// Resets the session to rest, as if it were new.
    ///
    /// It matters only to models that [carry state](Model::carries_state): the engine calls
    /// [`start_sequence`](Self::start_sequence), which calls it by default, before the first batch of every sequence, including
    /// the first sequence of a new session. Code that calls `forward` without the engine must do the same.
    fn restart(&mut self) {}

    /// Prepares the session for the first batch of a sequence; by default it is [restarted](Self::restart). A model that is
    /// fitted or warmed up for each sequence does so here.
    ///
    /// The engine calls it, instead of `restart`, only for models that [carry state](Model::carries_state). What happens here
    /// is not measured.
    ///
    /// # Errors
    ///
    /// Samples that cannot be read, or on which the model cannot be fitted.
    fn start_sequence(&mut self, start: &SequenceStart<'_>) -> Result<(), ModelError> {
        let _ = start;
        self.restart();
        Ok(())
    }

    /// Paths of the layers whose neurons have not spiked in any forward pass of this session; `None` if the model does not
    /// record it. The engine calls it after the last batch, and notes the layers that are silent in all sessions of a run.
    fn silent_layers(&self) -> Option<Vec<String>> {
        None
    }
}

/// Error of a forward pass.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The inputs have a shape that the model does not accept.
    #[error("the inputs have shape {found:?}, but the model takes {expected}")]
    InputShape {
        /// Shape of the batch.
        found: Vec<usize>,
        /// Expected shape, such as `[batch, step, 64]`.
        expected: String,
    },
    /// An input is NaN or infinite.
    #[error("the inputs contain {value} at {index:?}; every number must be finite")]
    NotFinite {
        /// Input, as text.
        value: String,
        /// Place in the batch.
        index: Vec<usize>,
    },
    /// A number within the model became NaN or infinite, although all inputs are finite.
    #[error(
        "layer `{layer}`: {part} {index} is {value}{}; every number must be finite: the network is unstable, or its inputs or \
         weights are too large",
        place(*.sample, *.step)
    )]
    LayerNotFinite {
        /// Path of the layer.
        layer: String,
        /// Part of the layer: `input`, `output` or `state value`.
        part: &'static str,
        /// Index of the number within one row of the part, in memory order.
        index: usize,
        /// Number, as text.
        value: String,
        /// Index of the sample in the batch; `None` if the error is reported with the sample of the data set.
        sample: Option<usize>,
        /// Zero-based time step, if the model has time steps.
        step: Option<usize>,
    },
    /// Message of the model.
    #[error("{0}")]
    Other(String),
}

/// Describes the place of a number in a batch.
fn place(sample: Option<usize>, step: Option<usize>) -> String {
    let step = step.map(|step| format!(" at step {step}")).unwrap_or_default();
    let sample = sample.map(|sample| format!(" for sample {sample} of the batch")).unwrap_or_default();
    step + &sample
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
            fn is_fitted(&self) -> bool { (**self).is_fitted() }
            fn fingerprint(&self) -> Option<String> { (**self).fingerprint() }
            fn files(&self) -> Vec<PathBuf> { (**self).files() }
            fn structure(&self) -> ModelStructure { (**self).structure() }
            fn notes(&self) -> Vec<String> { (**self).notes() }
        }
    )* };
}
model_behind!(&M, Box<M>, std::sync::Arc<M>);
