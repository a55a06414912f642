//! All axes of a sample as one.

use serde::Deserialize;

use crate::model::{Layer, LayerKind};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::layers::{Built, Kind, Parts};
use crate::network::real::Real;

pub(super) const KIND: Kind = Kind::new("flatten", build, build);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let Config {} = parts.settings()?;
    let layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    Ok(Built { any_shape: true, ..Built::unchanged(layer, vec![parts.elements()]) })
}

impl NetworkBuilder {
    /// Adds a change of shape: `[..]`, of one sample at one step, to one axis, the last index running fastest.
    #[must_use]
    pub fn flatten(self, path: &str) -> Self {
        self.layer(path, KIND.name, toml::Table::new())
    }
}
