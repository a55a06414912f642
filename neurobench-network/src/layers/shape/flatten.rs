//! Changes of shape in memory order, with the last index running fastest: `flatten`, `reshape`.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layer;
use crate::layers::axis::{Axis, axes};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Merges the axes from `start_axis` to `end_axis`, inclusive, of one sample at one step.
#[derive(Clone, Debug, Settings)]
struct FlattenConfig {
    /// First axis; negative numbers count from the last axis, which is -1.
    #[param(default = FIRST)]
    start_axis: Axis,
    /// Last axis.
    #[param(default = LAST)]
    end_axis: Axis,
}

/// Changes the shape of one sample at one step, in memory order.
#[derive(Clone, Debug, Settings)]
struct ReshapeConfig {
    /// Shape of the outputs, with as many elements as the inputs have.
    shape: Vec<usize>,
}

layer!("flatten", FlattenConfig, |config, parts| flatten(&config, &parts));
layer!("reshape", ReshapeConfig, |config, parts| reshape(config, &parts));

const FIRST: Axis = Axis(0);
const LAST: Axis = Axis(-1);

fn flatten<R: Real>(config: &FlattenConfig, parts: &Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let FlattenConfig { start_axis, end_axis } = *config;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    if (start_axis, end_axis) == (FIRST, LAST) {
        return Ok(BuiltLayer { any_shape: true, ..BuiltLayer::unchanged(layer, vec![parts.elements()]) });
    }
    let (start, end) = (start_axis.resolve("start_axis", parts)?, end_axis.resolve("end_axis", parts)?);
    if start > end {
        return Err(parts.problem("`start_axis` comes after `end_axis`"));
    }
    let mut shape = parts.shape[..start].to_vec();
    shape.push(parts.shape[start..=end].iter().product());
    shape.extend(&parts.shape[end + 1..]);
    Ok(BuiltLayer::unchanged(layer, shape))
}

fn reshape<R: Real>(config: ReshapeConfig, parts: &Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let ReshapeConfig { shape } = config;
    let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
    if elements != Some(parts.elements()) {
        return Err(parts.problem(format!("cannot reshape inputs of shape {:?} to {shape:?}", parts.shape)));
    }
    Ok(BuiltLayer::unchanged(Layer::new(parts.path, LayerKind::Other, parts.kind), shape))
}

impl NetworkBuilder {
    /// Adds a layer that flattens all axes of one sample at one step to one, with the last index running fastest.
    #[must_use]
    pub fn flatten(self, path: &str) -> Self {
        self.layer(path, "flatten", toml::Table::new())
    }

    /// Adds a layer that merges the axes from `start` to `end`, inclusive, of one sample at one step. Negative numbers count from
    /// the last axis, which is -1.
    #[must_use]
    pub fn flatten_axes(self, path: &str, start: i64, end: i64) -> Self {
        self.layer(path, "flatten", axes([("start_axis", start), ("end_axis", end)]))
    }

    /// Adds a layer that changes the shape of one sample at one step, with the last index running fastest.
    #[must_use]
    pub fn reshape(self, path: &str, shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into().into_iter().map(integer).collect();
        self.layer(path, "reshape", toml::Table::from_iter([("shape".to_owned(), toml::Value::Array(shape))]))
    }
}
