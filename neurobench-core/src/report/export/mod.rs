//! Exporters: write the results of a run in some format.
//!
//! A new built-in is one file here.

mod csv;
pub use csv::*;
mod json;
pub use json::*;
mod jsonl;
pub use jsonl::*;
mod latex;
pub use latex::*;
mod lines;
mod markdown;
mod measured;
pub use markdown::*;
mod numbers;
mod table;

use std::error::Error;
#[cfg(feature = "write")]
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

pub use lines::text as to_json;
pub use numbers::runs_table;
pub use table::{Head, Table, cell_text};

#[cfg(feature = "write")]
use crate::component::Component;
use crate::component::{ItemKind, Named, Registry, RegistryError, SettingsError, Spec, kind};
#[cfg(feature = "write")]
use crate::files::put;
use crate::report::Results;
use crate::value::Value;

/// Why results cannot be exported.
pub type ExportError = Box<dyn Error + Send + Sync>;

/// Writes results in some format.
///
/// The attribute [`exporter`](crate::exporter) on a function that constructs one makes it a component, which benchmark
/// files and `neurobench run --export` name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an exporter",
    label = "not an exporter",
    note = "an exporter implements `Exporter`: a file extension, and a function from `&Results` to bytes"
)]
pub trait Exporter: Send + Sync {
    /// File extension of the format, without the dot.
    fn extension(&self) -> &'static str;

    /// Returns the content of the file.
    ///
    /// # Errors
    ///
    /// Results that the format cannot hold.
    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError>;

    /// Returns the content of a file with several runs.
    ///
    /// # Errors
    ///
    /// Results that the format cannot hold; by default, more than one run.
    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        match runs {
            [only] => self.export(only.results),
            _ => Err("this exporter writes one run: name a single file of results".into()),
        }
    }

    /// Returns the content of a file with a table, such as a comparison or a leaderboard.
    ///
    /// # Errors
    ///
    /// A table that the format cannot hold; by default, any.
    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let _ = table;
        Err("this exporter writes results, and no other tables".into())
    }
}

/// Results of a run with the name under which exporters show it.
#[derive(Clone, Copy, Debug)]
pub struct NamedRun<'r> {
    /// Name of the run, such as its file.
    pub name: &'r str,
    /// Results of the run.
    pub results: &'r Results,
}

kind! {
    /// Exporters as a kind of component.
    pub Exporters: dyn Exporter, "exporter", "exporters"
}

/// The exporters that are linked into the program.
#[must_use]
pub fn exporters() -> &'static Registry<Exporters> {
    Registry::global()
}

/// An exporter with its settings, and the file that it writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Exporter by name and settings.
    pub exporter: Spec,
    /// File to write, relative to the current folder. By default it is called as the benchmark.
    pub file: Option<PathBuf>,
}

impl Export {
    /// Takes the file out of the settings: `markdown(file=results.md)`.
    ///
    /// # Errors
    ///
    /// A `file` that is not text; the setting `as`, which is for metrics.
    pub fn from_spec(mut exporter: Spec) -> Result<Self, RegistryError> {
        let refused = |param: &str, problem: &str| {
            let error = SettingsError::Invalid { param: param.to_owned(), problem: problem.to_owned() };
            RegistryError::settings::<Exporters>(&exporter.name, error)
        };
        if exporter.label.is_some() {
            return Err(refused("as", "it is only for metrics"));
        }
        let file = match exporter.params.get("file") {
            None => None,
            Some(Value::Text(file)) if !file.is_empty() => Some(PathBuf::from(file)),
            Some(_) => return Err(refused("file", "it must be a string that is not empty")),
        };
        exporter.params.remove("file");
        Ok(Self { exporter, file })
    }

    /// Constructs the exporter.
    ///
    /// # Errors
    ///
    /// An unknown exporter, and settings that it does not accept.
    pub fn construct(&self) -> Result<Named<<Exporters as ItemKind>::Item>, RegistryError> {
        exporters().construct(&self.exporter)
    }
}

#[cfg(feature = "write")]
impl Results {
    /// Writes the results to a file with an exporter, such as `Json {}`. An existing file is replaced as a whole.
    ///
    /// # Errors
    ///
    /// The exporter cannot be constructed or cannot represent the results, or the file cannot be written.
    pub fn write(&self, exporter: &impl Component<Item = dyn Exporter>, file: &Path) -> Result<(), ExportError> {
        let problem = |error: ExportError| format!("cannot write {}: {error}", file.display());
        let content = exporter.construct()?.export(self).map_err(problem)?;
        put(file, &content).map_err(|error| problem(error.into()))?;
        Ok(())
    }
}

impl FromStr for Export {
    type Err = Box<dyn Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from_spec(Spec::parse(text)?)?)
    }
}

/// A result in the form of a file, for the tests of exporters: without a value unless `more` has one.
#[cfg(test)]
fn metric(name: &str, more: serde_json::Value) -> serde_json::Value {
    let mut metric = serde_json::json!({
        "name": name, "metric": "m::a", "version": 1, "kind": "accumulated", "settings": {}, "status": "ok",
    });
    if let serde_json::Value::Object(more) = more {
        for (key, value) in more {
            metric[key] = value;
        }
    }
    metric
}

/// Results of these metrics, for the tests of exporters.
#[cfg(test)]
fn results(metrics: &[serde_json::Value]) -> Results {
    serde_json::from_value(serde_json::json!({
        "schema": 3, "library": "neurobench", "model": null, "data": null, "samples": 3, "batches": 1,
        "batch_size": null, "preprocessors": [], "postprocessors": [],
        "timing": { "workers": 1, "total_seconds": 0.0, "forward_seconds": 0.0 }, "metrics": metrics,
    }))
    .unwrap()
}
