//! Lines of settings that are checked after the file has been read.

use std::collections::BTreeMap;

use crate::component::Params;
use crate::value::{Document, PathStep, Value};

/// Lines of the keys of a table, with the values that they had.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyLines(BTreeMap<String, (Value, usize)>);

impl KeyLines {
    /// The lines of these keys of a table of the document.
    pub(super) fn new(document: &Document<'_>, table: &str, keys: &Params) -> Self {
        let line = |key: &str| document.line_of_path([table, key].map(|step| PathStep::Key(step.to_owned())).iter());
        Self(keys.iter().filter_map(|(key, value)| Some((key.clone(), (value.clone(), line(key)?)))).collect())
    }

    /// The line of a key, unless its value has been changed since the file was read.
    pub(super) fn line(&self, key: &str, value: Option<&Value>) -> Option<usize> {
        self.0.get(key).filter(|(written, _)| Some(written) == value).map(|(_, line)| *line)
    }
}
