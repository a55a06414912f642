//! NIR's scale, element by element: `y = scale·x`.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::neuron::{Constant, Constants, constant};
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

static KIND: Kind = Kind::new("scale", build, build);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&KIND));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    scale: Option<Constant>,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let Config { scale } = parts.settings()?;
    let mut stored = Vec::new();
    let scale = constant::<R>(&mut parts, "scale", scale, &mut stored)?;
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
        self.layer(path, KIND.name, toml::Table::new()).constant(path, "scale", scale.into())
    }
}
