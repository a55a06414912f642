//! NIR's threshold, element by element: 1 if `x > threshold`, otherwise 0.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::neuron::{Constant, Constants, constant};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::Layer;

/// 1 if the input is above the threshold, otherwise 0.
#[derive(Clone, Debug, Settings)]
struct ThresholdConfig {
    /// Threshold: one number, or one for each input. Required unless it is a tensor.
    #[param(default = None)]
    threshold: Option<Constant>,
}

layer!("threshold", ThresholdConfig, build);

fn build<R: Real>(config: ThresholdConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let mut buffers = Vec::new();
    let threshold = constant::<R>(&mut parts, "threshold", config.threshold, &mut buffers)?;
    let neurons = parts.elements();
    let thresholds = Constants::new(neurons, &[threshold], |[threshold]: [R; 1]| threshold);
    let layer = buffers.into_iter().fold(Layer::activation(parts.path, parts.kind, neurons), Layer::with_buffer);
    Ok(BuiltLayer::new(layer, Threshold { neurons, thresholds }, parts.shape.to_vec()))
}

struct Threshold<R> {
    neurons: usize,
    thresholds: Constants<R>,
}

impl<R: Real> Kernel<R> for Threshold<R> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        Some(1.0)
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let mut nonzero = 0;
        for (inputs, outputs) in inputs.chunks_exact(self.neurons).zip(outputs.chunks_exact_mut(self.neurons)) {
            for (index, (input, output)) in inputs.iter().zip(outputs).enumerate() {
                let above = *input > *self.thresholds.get(index);
                *output = if above { R::one() } else { R::zero() };
                nonzero += u64::from(above);
            }
        }
        hook.activations(nonzero, outputs, self.neurons);
    }
}

impl NetworkBuilder {
    /// Adds a threshold: outputs are 1 if inputs are above it, otherwise 0.
    #[must_use]
    pub fn threshold(self, path: &str, threshold: impl Into<Constant>) -> Self {
        self.layer(path, "threshold", toml::Table::new()).constant(path, "threshold", threshold.into())
    }
}
