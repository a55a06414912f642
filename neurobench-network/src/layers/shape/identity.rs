//! Layers that return their inputs: `identity`, and `concatenate` for several inputs.

use crate::NetworkBuilder;
use crate::layer;
use crate::layers::axis::{Axis, axes};
use crate::layers::{BuiltLayer, Joins, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Returns its inputs, for example to add several or to give them a path.
#[derive(Clone, Debug, Settings)]
struct IdentityConfig {}

/// Concatenates its inputs instead of adding them.
#[derive(Clone, Debug, Settings)]
struct ConcatenateConfig {
    /// Axis of one sample at one step; negative numbers count from the last axis, which is -1.
    #[param(default = Axis(0))]
    axis: Axis,
}

layer!("identity", IdentityConfig, |_, parts| Ok(unchanged(&parts)));
// The graph concatenates the inputs.
layer!(
    "concatenate",
    ConcatenateConfig,
    |_, parts| Ok(unchanged(&parts)),
    joins = |config| Joins::Concatenate(config.axis)
);

/// Builds a layer that returns its inputs.
fn unchanged<R: Real>(parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    BuiltLayer::unchanged(layer, parts.shape.to_vec())
}

impl NetworkBuilder {
    /// Adds a layer that returns its inputs, for example to add several or to give them a path.
    #[must_use]
    pub fn identity(self, path: &str) -> Self {
        self.layer(path, "identity", toml::Table::new())
    }

    /// Adds a concatenation of the outputs of these layers along the first axis of one sample at one step.
    #[must_use]
    pub fn concatenate(self, path: &str, inputs: &[&str]) -> Self {
        self.layer(path, "concatenate", toml::Table::new()).with_inputs(inputs)
    }

    /// Adds a concatenation of the outputs of these layers along an axis of one sample at one step. Negative numbers count from
    /// the last axis, which is -1. All other axes must have the same lengths.
    #[must_use]
    pub fn concatenate_along(self, path: &str, inputs: &[&str], axis: i64) -> Self {
        self.layer(path, "concatenate", axes([("axis", axis)])).with_inputs(inputs)
    }
}
