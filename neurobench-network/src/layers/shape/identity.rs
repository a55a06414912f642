//! Layers that return their inputs: `identity`, and `concatenate` for several inputs.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::axis::{Axis, axes};
use crate::layers::{BuiltLayer, Joins, Kind, Parts, settings};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

static IDENTITY: Kind = Kind::new("identity", identity, identity);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&IDENTITY));
static CONCATENATE: Kind = Kind { joins: side_by_side, ..Kind::new("concatenate", concatenate, concatenate) };
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&CONCATENATE));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityConfig {}

fn identity<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let IdentityConfig {} = parts.settings()?;
    Ok(unchanged(&parts))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConcatenateConfig {
    #[serde(default = "first")]
    axis: Axis,
}

fn first() -> Axis {
    Axis(0)
}

fn side_by_side(path: &str, keys: &toml::Table) -> Result<Joins, NetworkError> {
    let ConcatenateConfig { axis } = settings(path, CONCATENATE.name, keys.clone())?;
    Ok(Joins::Concatenate(axis))
}

/// Builds the layer; the graph concatenates its inputs.
fn concatenate<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let ConcatenateConfig { axis: _ } = parts.settings()?;
    Ok(unchanged(&parts))
}

/// Builds a layer that returns its inputs.
fn unchanged<R: Real>(parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    BuiltLayer::unchanged(Layer::new(parts.path, LayerKind::Other, parts.kind), parts.shape.to_vec())
}

impl NetworkBuilder {
    /// Adds a layer that returns its inputs, for example to add several or to give them a path.
    #[must_use]
    pub fn identity(self, path: &str) -> Self {
        self.layer(path, IDENTITY.name, toml::Table::new())
    }

    /// Adds a concatenation of the outputs of these layers along the first axis of one sample at one step.
    #[must_use]
    pub fn concatenate(self, path: &str, inputs: &[&str]) -> Self {
        self.layer(path, CONCATENATE.name, toml::Table::new()).with_inputs(inputs)
    }

    /// Adds a concatenation of the outputs of these layers along an axis of one sample at one step. Negative numbers count from
    /// the last axis, which is -1. All other axes must have the same lengths.
    #[must_use]
    pub fn concatenate_along(self, path: &str, inputs: &[&str], axis: i64) -> Self {
        self.layer(path, CONCATENATE.name, axes([("axis", axis)])).with_inputs(inputs)
    }
}
