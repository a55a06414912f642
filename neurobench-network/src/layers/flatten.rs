//! Other shapes of the same numbers, the last index running fastest: `flatten`, `reshape`.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layers::axis::{Axis, axes};
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

pub(super) const FLATTEN: Kind = Kind::new("flatten", flatten, flatten);
pub(super) const RESHAPE: Kind = Kind::new("reshape", reshape, reshape);

/// The axes from one to another, both included, become one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlattenConfig {
    #[serde(default = "first")]
    start_axis: Axis,
    #[serde(default = "last")]
    end_axis: Axis,
}

fn first() -> Axis {
    Axis(0)
}

fn last() -> Axis {
    Axis(-1)
}

fn flatten<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let FlattenConfig { start_axis, end_axis } = parts.settings()?;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    if (start_axis, end_axis) == (first(), last()) {
        return Ok(Built { any_shape: true, ..Built::unchanged(layer, vec![parts.elements()]) });
    }
    let (start, end) = (start_axis.of("start_axis", &parts)?, end_axis.of("end_axis", &parts)?);
    if start > end {
        return Err(parts.problem("`start_axis` comes after `end_axis`"));
    }
    let mut shape = parts.shape[..start].to_vec();
    shape.push(parts.shape[start..=end].iter().product());
    shape.extend(&parts.shape[end + 1..]);
    Ok(Built::unchanged(layer, shape))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReshapeConfig {
    shape: Vec<usize>,
}

fn reshape<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let ReshapeConfig { shape } = parts.settings()?;
    let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
    if elements != Some(parts.elements()) {
        return Err(parts.problem(format!("cannot give inputs of shape {:?} the shape {shape:?}", parts.shape)));
    }
    Ok(Built::unchanged(Layer::new(parts.path, LayerKind::Other, parts.kind), shape))
}

impl NetworkBuilder {
    /// Adds a change of shape: `[..]`, of one sample at one step, to one axis, the last index running fastest.
    #[must_use]
    pub fn flatten(self, path: &str) -> Self {
        self.layer(path, FLATTEN.name, toml::Table::new())
    }

    /// Adds a change of shape: these axes of one sample at one step, the first and the last of them, become one with all between
    /// them; negative ones count from the last, which is -1.
    #[must_use]
    pub fn flatten_axes(self, path: &str, start: i64, end: i64) -> Self {
        self.layer(path, FLATTEN.name, axes([("start_axis", start), ("end_axis", end)]))
    }

    /// Adds a change of shape, of one sample at one step, the last index running fastest.
    #[must_use]
    pub fn reshape(self, path: &str, shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into().into_iter().map(integer).collect();
        self.layer(path, RESHAPE.name, toml::Table::from_iter([("shape".to_owned(), toml::Value::Array(shape))]))
    }
}
