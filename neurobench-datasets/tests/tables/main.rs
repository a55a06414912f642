//! Data sets in files that independent programs wrote (`tests/data/tables/record_tables.py`) and read.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod csv;
mod fetch;
mod heidelberg;
mod idx;
mod numbers;
mod packages;
#[cfg(feature = "parquet")]
mod parquet;
mod primate_reaching;

use std::path::{Path, PathBuf};

use neurobench::Value;
use neurobench::component::Params;
use neurobench::data::{DataError, Dataset, construct_data};
use serde::de::DeserializeOwned;

/// Folder of the recorded files.
fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables")
}

/// Reads a JSON file of the folder.
fn truth<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(recorded().join(name)).unwrap()).unwrap()
}

/// Constructs a data set from the `[data]` table of a benchmark file in a folder; the table is given as JSON.
fn open(folder: &Path, table: &serde_json::Value) -> Result<Box<dyn Dataset>, DataError> {
    let table: Params = serde_json::from_value::<std::collections::BTreeMap<String, Value>>(table.clone()).unwrap();
    construct_data(table, folder).map(|named| named.item)
}

/// Constructs a data set that has a problem and returns the problem, with `FOLDER` for the folder.
fn problem(folder: &Path, table: &serde_json::Value) -> String {
    let error = open(folder, table).and_then(|data| data.batch(0..data.samples())).unwrap_err();
    error.to_string().replace(folder.to_str().unwrap(), "FOLDER")
}

/// Copies a recorded file into a new folder after a change of its bytes.
fn damaged(file: &str, change: impl FnOnce(&mut Vec<u8>)) -> tempfile::TempDir {
    let path = recorded().join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    change(&mut bytes);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(path.file_name().unwrap()), bytes).unwrap();
    folder
}
