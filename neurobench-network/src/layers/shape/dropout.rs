//! Dropout, which returns its inputs at inference: `dropout`.
//!
//! Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", Journal of Machine Learning
//! Research 15 (2014). It follows PyTorch's [`Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html),
//! which scales its outputs in training, so that inference needs no scaling.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

static KIND: Kind = Kind::new("dropout", build, build);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&KIND));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    p: f64,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let Config { p } = parts.settings()?;
    if !(0.0..=1.0).contains(&p) {
        return Err(parts.problem("`p` must be between 0 and 1"));
    }
    let layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    Ok(BuiltLayer::unchanged(layer, parts.shape.to_vec()))
}

impl NetworkBuilder {
    /// Adds a layer that returns its inputs, so that the paths are those of the trained network.
    #[must_use]
    pub fn dropout(self, path: &str) -> Self {
        self.layer(path, KIND.name, toml::Table::new())
    }
}
