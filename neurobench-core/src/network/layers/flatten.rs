//! All axes of a sample as one.

use serde::Deserialize;

use crate::model::{Layer, LayerKind};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::layers::{Built, Kind, Parts};

pub(super) const KIND: Kind = Kind { name: "flatten", build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

fn build(mut parts: Parts<'_, '_>) -> Result<Built, NetworkError> {
    let Config {} = parts.settings()?;
    let layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    Ok(Built { layer, kernel: None, shape: vec![parts.elements()], any_shape: true })
}

impl NetworkBuilder {
    /// Adds a change of shape: `[..]`, of one sample at one step, to one axis, the last index running fastest.
    #[must_use]
    pub fn flatten(self, path: &str) -> Self {
        self.layer(path, KIND.name, toml::Table::new())
    }
}
