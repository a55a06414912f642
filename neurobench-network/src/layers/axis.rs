//! Numbers of axes in the keys of layers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::NetworkError;
use crate::layers::Parts;

/// An axis of one sample at one step; negative numbers count from the last axis, which is -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Axis(pub(super) i64);

impl Axis {
    /// Zero-based position among this number of axes; `None` if there is no such axis.
    pub(crate) fn place(self, axes: usize) -> Option<usize> {
        let place = if self.0 < 0 { self.0.checked_add_unsigned(axes as u64) } else { Some(self.0) };
        place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < axes)
    }

    /// Zero-based position among the axes of the inputs.
    pub(super) fn resolve(self, key: &str, parts: &Parts<'_, '_>) -> Result<usize, NetworkError> {
        self.place(parts.shape.len()).ok_or_else(|| match parts.shape.len() {
            0 => parts.problem("expected inputs with at least one axis"),
            _ => parts.problem(format!("`{key}` = {} is not an axis of inputs of shape {:?}", self.0, parts.shape)),
        })
    }
}

/// Creates settings from keys and axes.
pub(super) fn axes<const KEYS: usize>(keys: [(&str, i64); KEYS]) -> toml::Table {
    keys.into_iter().map(|(key, axis)| (key.to_owned(), toml::Value::Integer(axis))).collect()
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
