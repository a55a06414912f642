//! Dropout, which at inference gives its inputs: `dropout`.
//!
//! Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", Journal of Machine Learning
//! Research 15 (2014); as PyTorch's [`Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html), whose
//! outputs are scaled in training so that nothing is left to do afterwards.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

pub(super) const KIND: Kind = Kind::new("dropout", build, build);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    p: f64,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let Config { p } = parts.settings()?;
    if !(0.0..=1.0).contains(&p) {
        return Err(parts.problem("`p` must be between 0 and 1"));
    }
    let layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    Ok(Built::unchanged(layer, parts.shape.to_vec()))
}

impl NetworkBuilder {
    /// Adds a layer that gives its inputs, so that paths are those of the network as it was trained.
    #[must_use]
    pub fn dropout(self, path: &str) -> Self {
        self.layer(path, KIND.name, toml::Table::new())
    }
}
