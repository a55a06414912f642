//! Common parts of spiking neurons: constants, outputs and the kinds of resets. The loop over neurons, which counts spikes and applies
//! the resets, is in `step`.

mod alpha;
mod constant;
pub(super) mod feedback;
mod lapicque;
mod leaky;
mod radlif;
mod rleaky;
mod step;
mod synaptic;

use serde::{Deserialize, Serialize};

pub use alpha::AlphaConfig;
pub use constant::Constant;
pub(in crate::layers) use constant::{Constants, constant, optional_constant};
pub use feedback::SpikeFeedback;
pub use lapicque::LapicqueConfig;
pub use leaky::LeakyConfig;
pub use radlif::RadLifConfig;
use step::has_synapses;
pub(in crate::layers) use step::{Membrane, Neurons, ROW_POINTS, Rule, StepCounts, fires, step};
pub use synaptic::SynapticConfig;

use crate::NetworkBuilder;
use crate::error::{NetworkError, TensorError};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::model::{HookPoint, Layer, StoredTensor};

/// Reset of a membrane in the step after its spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// The threshold is subtracted from the membrane.
    #[default]
    Subtract,
    /// The membrane is set to zero.
    Zero,
    /// No reset.
    None,
}

impl Reset {
    /// Name in a network file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtract => "subtract",
            Self::Zero => "zero",
            Self::None => "none",
        }
    }

    /// Selects the value for this reset.
    pub(in crate::layers) fn select<T>(self, subtract: T, zero: T, none: T) -> T {
        match self {
            Self::Subtract => subtract,
            Self::Zero => zero,
            Self::None => none,
        }
    }

    /// Number in `reset_mechanism_val`.
    fn number(self) -> u8 {
        match self {
            Self::Subtract => 0,
            Self::Zero => 1,
            Self::None => 2,
        }
    }
}

/// Outputs of neurons for the next layer. The recorded activations are the spikes in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeuronOutput {
    /// The spikes.
    #[default]
    Spikes,
    /// The membranes after the step, for example for a numeric readout.
    Membrane,
}

/// Defines the methods that every configuration of snnTorch's neurons has: they set the threshold, the reset and the outputs.
macro_rules! firing {
    ($config:ident) => {
        impl $config {
            /// Sets the threshold.
            #[must_use]
            pub fn with_threshold(mut self, threshold: impl Into<Constant>) -> Self {
                self.threshold = Some(threshold.into());
                self
            }
        }

        $crate::layers::settable::settable!($config {
            /// Sets the reset.
            with_reset(reset: Reset);
            /// Sets the outputs.
            with_output(output: NeuronOutput);
        });
    };
}
pub(in crate::layers) use firing;

/// Settings of all neurons of snnTorch.
#[derive(Clone, Debug)]
pub(in crate::layers) struct Common {
    pub(in crate::layers) reset: Reset,
    pub(in crate::layers) output: NeuronOutput,
}

impl Common {
    /// Converts the keys to those of a network file.
    pub(in crate::layers) fn settings(&self) -> toml::Table {
        let mut settings = toml::Table::new();
        settings.insert("reset".to_owned(), toml::Value::String(self.reset.name().to_owned()));
        if self.output == NeuronOutput::Membrane {
            settings.insert("output".to_owned(), toml::Value::String("membrane".to_owned()));
        }
        settings
    }

    /// Claims the tensors that must agree with the keys, and builds the layer.
    pub(in crate::layers) fn build<R: Real>(
        self,
        mut parts: Parts<'_, '_>,
        mut buffers: Vec<StoredTensor>,
        rule: impl Rule<R> + 'static,
    ) -> Result<BuiltLayer<R>, NetworkError> {
        self.claim::<R>(&mut parts, &mut buffers)?;
        let (neurons, output) = (parts.elements(), self.output);
        let layer = buffers.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_buffer);
        let layer = layer.with_hook_point(HookPoint::PreResetMembranes);
        let layer =
            if has_synapses::<R, _>(&rule) { layer.with_hook_point(HookPoint::SynapticCurrents) } else { layer };
        Ok(BuiltLayer::vectorized(layer, Neurons { neurons, output, rule }, parts.shape.to_vec()))
    }

    /// Claims the tensors that must agree with the keys.
    pub(in crate::layers) fn claim<R: Real>(
        &self,
        parts: &mut Parts<'_, '_>,
        buffers: &mut Vec<StoredTensor>,
    ) -> Result<(), NetworkError> {
        let reset = self.reset;
        let factor = |value: f64| (value != 1.0).then(|| "it must be 1".to_owned());
        claim_fixed::<R>(parts, "graded_spikes_factor", factor, buffers)?;
        let agrees = |value: f64| {
            let differs = value != f64::from(reset.number());
            differs.then(|| format!("it must be {1}, because `reset` is \"{0}\"", reset.name(), reset.number()))
        };
        claim_fixed::<R>(parts, "reset_mechanism_val", agrees, buffers)
    }
}

impl NetworkBuilder {
    /// Adds the tensors of all neurons of snnTorch: the threshold, and two numbers that follow from the reset and the spikes.
    pub(in crate::layers) fn common(self, path: &str, threshold: Option<Constant>, reset: Reset) -> Self {
        self.constants(path, [("threshold", threshold)]).tensor(path, "graded_spikes_factor", &[], [1.0]).integer(
            path,
            "reset_mechanism_val",
            i64::from(reset.number()),
        )
    }
}

/// Claims an optional constant with a single supported value.
fn claim_fixed<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    problem: impl Fn(f64) -> Option<String>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<(), NetworkError> {
    let Some(claimed) = parts.weights.constant::<R>(name, parts.shape)? else { return Ok(()) };
    for value in claimed.values {
        let found = value.as_f64();
        if let Some(expected) = problem(found) {
            return Err(parts.weights.error(name, TensorError::Value { found, expected }));
        }
    }
    buffers.push(claimed.stored);
    Ok(())
}
