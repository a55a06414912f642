//! The data of a benchmark file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::component::Params;
use crate::data::{DataError, Dataset, Prefetch, construct_data, data_keys};
use crate::value::{PathStep, TypeError, TypeProblem, Value};

/// The table `[data]`: a data set with its settings, the size of batches, and adapters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DataSpec {
    /// Number of samples in a batch.
    pub batch_size: Option<usize>,
    /// Number of batches to read ahead.
    pub prefetch: usize,
    /// Folder in which preprocessed batches are kept, relative to the folder of the benchmark file.
    pub cache: Option<PathBuf>,
    /// Name of the data set, under the key `dataset`, and its settings.
    pub settings: Params,
}

/// The keys that every data set has, and those of its own.
#[derive(Deserialize)]
struct Keys {
    batch_size: Option<usize>,
    #[serde(default)]
    prefetch: usize,
    cache: Option<PathBuf>,
}

/// Names of the keys that every data set has.
const COMMON: [&str; 3] = ["batch_size", "prefetch", "cache"];

impl DataSpec {
    /// Reads the table and checks its keys. An unknown data set is left to [`open`](Self::open).
    pub(super) fn from_table(mut settings: Params) -> Result<Self, TypeError> {
        let common = COMMON.iter().filter_map(|key| settings.remove_entry(*key)).collect();
        let keys = Value::Map(common).to_typed().and_then(|Keys { batch_size, prefetch, cache }| {
            check_keys(&settings)?;
            Ok(Self { batch_size, prefetch, cache, settings })
        });
        keys.map_err(|mut error| {
            error.path.insert(0, PathStep::Key("data".to_owned()));
            error
        })
    }

    /// Opens the data set.
    pub(super) fn open(&self, folder: &Path) -> Result<Box<dyn Dataset>, DataError> {
        let data = construct_data(self.settings.clone(), folder)?.item;
        Ok(if self.prefetch > 0 { Box::new(Prefetch::new(data, self.prefetch)) } else { data })
    }

    /// Returns true if the table divides the samples into sequences.
    pub(super) fn has_sequences(&self) -> bool {
        self.settings.contains_key("sequences")
    }
}

fn check_keys(settings: &Params) -> Result<(), TypeError> {
    let Some((mut known, missing)) = data_keys(settings) else { return Ok(()) };
    known.extend(COMMON);
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
