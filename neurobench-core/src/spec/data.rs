//! The data of a benchmark file.

use std::path::Path;

use serde::Deserialize;

use crate::component::Params;
use crate::data::{DataError, Dataset, construct_data, data_keys};
use crate::value::{PathStep, TypeError, TypeProblem, Value};

/// The table `[data]`: a data set with its settings, and the size of batches.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DataSpec {
    /// Number of samples in a batch.
    pub batch_size: Option<usize>,
    /// Name of the data set, under the key `dataset`, and its settings.
    pub settings: Params,
}

/// The keys that every data set has, and those of its own.
#[derive(Deserialize)]
struct Keys {
    batch_size: Option<usize>,
}

impl DataSpec {
    /// Reads the table and checks its keys. An unknown data set is left to [`open`](Self::open).
    pub(super) fn from_table(mut settings: Params) -> Result<Self, TypeError> {
        let common = settings.remove_entry("batch_size").into_iter().collect();
        let keys = Value::Map(common).to_typed().and_then(|Keys { batch_size }| {
            check_keys(&settings)?;
            Ok(Self { batch_size, settings })
        });
        keys.map_err(|mut error| {
            error.path.insert(0, PathStep::Key("data".to_owned()));
            error
        })
    }

    /// Opens the data set.
    pub(super) fn open(&self, folder: &Path) -> Result<Box<dyn Dataset>, DataError> {
        Ok(construct_data(self.settings.clone(), folder)?.item)
    }

    /// Returns true if the table divides the samples into sequences.
    pub(super) fn has_sequences(&self) -> bool {
        self.settings.contains_key("sequences")
    }
}

fn check_keys(settings: &Params) -> Result<(), TypeError> {
    let Some((mut known, missing)) = data_keys(settings) else { return Ok(()) };
    known.push("batch_size");
    let problem = match settings.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            let known = known.into_iter().map(str::to_owned).collect();
            TypeProblem::UnknownKey { key: key.clone(), known }
        }
        None => match missing.first() {
            Some(key) => TypeProblem::MissingKey((*key).to_owned()),
            None => return Ok(()),
        },
    };
    Err(TypeError { path: Vec::new(), problem })
}
