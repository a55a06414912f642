//! Results as JSON.

use serde::Serialize;

use crate::exporter;
use crate::report::Results;
use crate::report::export::jsonl::objects;
use crate::report::export::{ExportError, Exporter, NamedRun, Table, to_json};

/// Writes results as JSON, as in `NAME.results.json`, with lists of numbers on one line each. `neurobench compare`
/// reads such files.
#[exporter]
pub fn json() -> impl Exporter {
    JsonExporter
}

struct JsonExporter;

/// One of several runs.
#[derive(Serialize)]
struct Run<'r> {
    run: &'r str,
    results: &'r Results,
}

impl Exporter for JsonExporter {
    fn extension(&self) -> &'static str {
        "json"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        Ok(to_json(results)?)
    }

    /// Several runs are a list of objects with the keys `run` and `results`.
    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        match runs {
            [only] => self.export(only.results),
            runs => {
                Ok(to_json(&runs.iter().map(|run| Run { run: run.name, results: run.results }).collect::<Vec<_>>())?)
            }
        }
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        Ok(to_json(&objects(table)?)?)
    }
}
