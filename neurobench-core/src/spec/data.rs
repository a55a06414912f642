//! The data of a benchmark file.

use std::path::Path;

use serde::{Deserialize, Deserializer};

use crate::component::Params;
use crate::data::{DataError, Dataset, construct_data};
use crate::value::Value;

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

impl<'de> Deserialize<'de> for DataSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut settings = Params::deserialize(deserializer)?;
        let common = settings.remove_entry("batch_size").into_iter().collect();
        let Keys { batch_size } = Value::Map(common).to_typed().map_err(serde::de::Error::custom)?;
        Ok(Self { batch_size, settings })
    }
}

impl DataSpec {
    /// Opens the data set.
    pub(super) fn open(&self, folder: &Path) -> Result<Box<dyn Dataset>, DataError> {
        Ok(construct_data(self.settings.clone(), folder)?.item)
    }

    /// Returns true if the table divides the samples into sequences.
    pub(super) fn has_sequences(&self) -> bool {
        self.settings.contains_key("sequences")
    }
}
