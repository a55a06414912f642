//! Results as JSON.

use crate::exporter;
use crate::report::Results;
use crate::report::export::{ExportError, Exporter, to_json};

/// Writes results as JSON, as in `NAME.results.json`, with lists of numbers on one line each. `neurobench compare`
/// reads such files.
#[exporter]
pub fn json() -> impl Exporter {
    JsonExporter
}

struct JsonExporter;

impl Exporter for JsonExporter {
    fn extension(&self) -> &'static str {
        "json"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        Ok(to_json(results)?)
    }
}
