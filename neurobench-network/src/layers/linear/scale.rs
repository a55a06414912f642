//! NIR's scale, element by element: `y = scale·x`.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::neuron::{Constant, Constants, constant};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// A factor for each input, or one for all: `y = scale·x`.
#[derive(Clone, Debug, Settings)]
struct ScaleConfig {
    /// Factor: one number, or one for each input. Required unless it is a tensor.
    #[param(default = None)]
    scale: Option<Constant>,
}

layer!("scale", ScaleConfig, build);

fn build<R: Real>(config: ScaleConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let mut stored = Vec::new();
    let scale = constant::<R>(&mut parts, "scale", config.scale, &mut stored)?;
    let elements = parts.elements();
    let factors = Constants::new(elements, &[scale], |[factor]: [R; 1]| factor);
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let layer = stored.into_iter().fold(layer, Layer::with_parameter);
    Ok(BuiltLayer::new(layer, Scale { elements, factors }, parts.shape.to_vec()))
}

struct Scale<R> {
    elements: usize,
    factors: Constants<R>,
}

impl<R: Real> Kernel<R> for Scale<R> {
    fn outputs(&self) -> usize {
        self.elements
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        for (inputs, outputs) in inputs.chunks_exact(self.elements).zip(outputs.chunks_exact_mut(self.elements)) {
            for (index, (input, output)) in inputs.iter().zip(outputs).enumerate() {
                *output = *self.factors.get(index) * *input;
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds a factor for each element, or one for all: `y = scale·x`.
    #[must_use]
    pub fn scale(self, path: &str, scale: impl Into<Constant>) -> Self {
        self.layer(path, "scale", toml::Table::new()).constant(path, "scale", scale.into())
    }
}
