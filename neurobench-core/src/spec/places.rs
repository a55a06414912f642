//! Places of settings that are checked after the file has been read.

use std::collections::BTreeMap;

use crate::component::Params;
use crate::value::{Document, Excerpt, PathStep, Value};

/// Places of the values of a table, with the values that they had.
#[derive(Clone, Debug, Default)]
pub(super) struct SettingPlaces(BTreeMap<String, (Value, Excerpt)>);

impl SettingPlaces {
    /// The places of these settings of a table of the document.
    pub(super) fn new(document: &Document<'_>, table: &str, settings: &Params) -> Self {
        let place = |key: &str| document.place_of_value(&[table, key].map(|step| PathStep::Key(step.to_owned())));
        Self(settings.iter().filter_map(|(key, value)| Some((key.clone(), (value.clone(), place(key)?)))).collect())
    }

    /// The place of a setting, unless its value has been changed since the file was read.
    pub(super) fn get(&self, key: &str, value: Option<&Value>) -> Option<&Excerpt> {
        self.0.get(key).filter(|(written, _)| Some(written) == value).map(|(_, place)| place)
    }
}
