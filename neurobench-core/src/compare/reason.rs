//! Reasons for missing results.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::stats::{Interval, StatsError};

/// Reason why a statistic has no value for the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoValue(String);

impl NoValue {
    /// A reason in words, as `all differences are zero`.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<StatsError> for NoValue {
    fn from(error: StatsError) -> Self {
        match error {
            // The place of the message says already that there is no value.
            StatsError::Undefined(reason) => Self(reason),
            error => Self(error.to_string()),
        }
    }
}

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes an interval as `interval`, or the reason for its absence as `no_interval`.
pub(super) fn interval_or_reason<S: Serializer>(
    interval: &Result<Interval, NoValue>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    entry(interval, ["interval", "no_interval"], serializer)
}

/// Writes an interval that is there, in a field that is skipped for a reason.
pub(super) fn interval_if_any<S: Serializer>(
    interval: &Result<Interval, NoValue>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    interval.as_ref().ok().serialize(serializer)
}

/// Writes a p-value as `p_value`, or the reason for its absence as `error`.
pub(super) fn p_value_or_reason<S: Serializer>(
    p_value: &Result<f64, NoValue>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    entry(p_value, ["p_value", "error"], serializer)
}

/// Writes the size of an effect as `value`, or the reason for its absence as `error`.
pub(super) fn value_or_reason<S: Serializer>(value: &Result<f64, NoValue>, serializer: S) -> Result<S::Ok, S::Error> {
    entry(value, ["value", "error"], serializer)
}

/// Writes one entry, under the first key for a result and under the second for a reason.
fn entry<T: Serialize, S: Serializer>(
    result: &Result<T, NoValue>,
    keys: [&'static str; 2],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    match result {
        Ok(value) => map.serialize_entry(keys[0], value)?,
        Err(reason) => map.serialize_entry(keys[1], &reason.0)?,
    }
    map.end()
}

/// Names by what they have in common, such as all metrics that are not tested for one reason. Keys keep the order in
/// which they are first added.
pub(super) struct Grouped<K>(Vec<(K, Vec<String>)>);

impl<K: PartialEq> Grouped<K> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, key: K, name: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, names)) if names.iter().any(|known| known == name) => {}
            Some((_, names)) => names.push(name.to_owned()),
            None => self.0.push((key, vec![name.to_owned()])),
        }
    }
}

impl<K> IntoIterator for Grouped<K> {
    type Item = (K, Vec<String>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
