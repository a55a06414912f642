//! Files and folders of a data set, in an order that does not depend on the machine.

use std::path::{Path, PathBuf};

use neurobench_core::data::DataError;
use neurobench_core::data::events::{self, Event};
use neurobench_core::model::Tensor;

use super::formats::{EventFormat, NpyEvents};
use crate::recordings::{Decode, Recording};

/// Returns the contents of a folder whose names do not begin with a dot, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let unreadable = |problem| DataError::Read { file: folder.to_owned(), problem };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Returns the extension of a file in lower case.
pub(super) fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// Decoder of files that are one sample each.
pub(super) struct WholeFiles {
    /// Format of all files; `None` if each is of the format that it is detected to be.
    pub(super) format: Option<EventFormat>,
    pub(super) npy: NpyEvents,
}

impl Decode for WholeFiles {
    type Part = ();
    type Sample = Vec<Event>;

    fn decode(&self, recording: &Recording) -> Result<Vec<Event>, DataError> {
        let format = self.format.map_or_else(|| EventFormat::detect(&recording.file), Ok)?;
        format.read(&recording.file, &self.npy, None)
    }

    fn stack(&self, samples: Vec<Vec<Event>>) -> Result<Tensor, DataError> {
        Ok(events::tensor(&samples))
    }
}
