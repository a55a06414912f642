//! Axes by number, as keys of layers name them.

use serde::Deserialize;

use crate::network::error::NetworkError;
use crate::network::layers::Parts;

/// An axis of one sample at one step; negative ones count from the last, which is -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Axis(pub(super) i64);

impl Axis {
    /// Its place among the axes of the inputs.
    pub(super) fn of(self, key: &str, parts: &Parts<'_, '_>) -> Result<usize, NetworkError> {
        let axes = parts.shape.len();
        let place = if self.0 < 0 { self.0.checked_add_unsigned(axes as u64) } else { Some(self.0) };
        let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < axes);
        place.ok_or_else(|| match axes {
            0 => parts.problem("takes inputs with at least one axis"),
            _ => parts.problem(format!("`{key}` = {} is no axis of inputs of shape {:?}", self.0, parts.shape)),
        })
    }
}
