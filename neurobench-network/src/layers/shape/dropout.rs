//! Dropout, which returns its inputs at inference: `dropout`.
//!
//! Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", Journal of Machine Learning
//! Research 15 (2014). It follows PyTorch's [`Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html),
//! which scales its outputs in training, so that inference needs no scaling.

use crate::NetworkBuilder;
use crate::layer;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Dropout, which returns its inputs at inference.
#[derive(Clone, Debug, Settings)]
struct DropoutConfig {
    /// Probability of a zero in training; it has no effect at inference.
    #[param(default = 0.0, range = 0.0..=1.0)]
    p: f64,
}

layer!("dropout", DropoutConfig, |_, parts| Ok(build(&parts)));

fn build<R: Real>(parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    BuiltLayer::unchanged(layer, parts.shape.to_vec())
}

impl NetworkBuilder {
    /// Adds a layer that returns its inputs, so that the paths are those of the trained network.
    #[must_use]
    pub fn dropout(self, path: &str) -> Self {
        self.layer(path, "dropout", toml::Table::new())
    }
}
