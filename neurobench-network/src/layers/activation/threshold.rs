//! NIR's threshold, element by element: 1 if `x > threshold`, otherwise 0.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::neuron::{Constant, Constants, constant};
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::Layer;

static KIND: Kind = Kind::new("threshold", build, build);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&KIND));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    threshold: Option<Constant>,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let Config { threshold } = parts.settings()?;
    let mut buffers = Vec::new();
    let threshold = constant::<R>(&mut parts, "threshold", threshold, &mut buffers)?;
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
        self.layer(path, KIND.name, toml::Table::new()).constant(path, "threshold", threshold.into())
    }
}
