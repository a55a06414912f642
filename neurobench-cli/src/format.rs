//! Formats in which commands print results: a table, or any exporter.

use neurobench_core::component::Spec;
use neurobench_core::names::{did_you_mean, listed};
use neurobench_core::report::Results;
use neurobench_core::report::export::{Export, Exporter, NamedRun, Table, exporters, runs_table};

use crate::exit::Failure;
use crate::print::{note, print, print_bytes};
use crate::{CommandError, leaderboard, measured, table};

/// Name of the format that is no exporter.
const TABLE: &str = "table";

/// The option `--format`, for every command that prints results.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FormatArguments {
    /// Print results as json, csv, latex or others.
    ///
    /// The format is table, which is the default, or an exporter: json, jsonl, csv, markdown, latex, html, or one of your own.
    #[arg(long, value_name = "FORMAT", value_parser = Format::parse)]
    format: Option<Format>,
}

/// A format to print in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Format {
    /// A table for the terminal.
    #[default]
    Table,
    /// An exporter with its settings, which exists.
    Exporter(Spec),
}

impl Format {
    fn parse(text: &str) -> Result<Self, String> {
        if text == TABLE {
            return Ok(Self::Table);
        }
        let spec = Spec::parse(text).map_err(|error| error.to_string())?;
        let known = || exporters().iter().map(|exporter| exporter.about.name);
        if exporters().find(&spec.name).is_err() {
            let hint = did_you_mean(&spec.name, known().chain([TABLE]));
            return Err(format!(
                "no format `{}`{hint}; there are {}",
                spec.name,
                listed([TABLE].into_iter().chain(known()))
            ));
        }
        let export = Export::from_spec(spec).map_err(|error| error.to_string())?;
        if export.file.is_some() {
            return Err("a format has no `file`: it is printed".to_owned());
        }
        export.construct().map_err(|error| error.to_string())?;
        Ok(Self::Exporter(export.exporter))
    }

    /// Constructs the exporter; none for the table.
    fn exporter(&self) -> Result<Option<Box<dyn Exporter>>, CommandError> {
        match self {
            Self::Table => Ok(None),
            Self::Exporter(spec) => Ok(Some(exporters().construct(spec)?.item)),
        }
    }
}

impl FormatArguments {
    /// Returns true if results are printed as a table for the terminal. Other output on the same stream is then allowed.
    pub(crate) fn is_table(&self) -> bool {
        self.format.as_ref().is_none_or(|format| *format == Format::Table)
    }

    /// Returns the name of the exporter, with the case and separators of its registration; none for the table.
    pub(crate) fn exporter_name(&self) -> Option<&'static str> {
        match self.format.as_ref()? {
            Format::Table => None,
            Format::Exporter(spec) => Some(exporters().find(&spec.name).ok()?.about.name),
        }
    }

    /// Prints the results of runs: of one run in full, of several with one row for each.
    pub(crate) fn print_runs(&self, runs: &[NamedRun<'_>]) -> Result<(), CommandError> {
        match (self.format.as_ref().unwrap_or(&Format::Table).exporter()?, runs) {
            (Some(exporter), runs) => {
                let content = exporter.export_runs(runs).map_err(|error| Failure::new(error.to_string()))?;
                print_bytes(&content)?;
            }
            (None, [only]) => print(&run_text(only.results))?,
            (None, runs) => print(&table::runs(&runs_table(runs)))?,
        }
        Ok(())
    }

    /// Prints the lines that name written files: as errors, if standard output is a document.
    pub(crate) fn print_files(&self, lines: &str) -> Result<(), CommandError> {
        if self.is_table() {
            print(lines)?;
        } else {
            note(lines.trim_end());
        }
        Ok(())
    }

    /// Prints a table, such as a comparison or a leaderboard.
    pub(crate) fn print_table(&self, content: &Table) -> Result<(), CommandError> {
        match self.format.as_ref().unwrap_or(&Format::Table).exporter()? {
            Some(exporter) => {
                let content = exporter.export_table(content).map_err(|error| Failure::new(error.to_string()))?;
                print_bytes(&content)?;
            }
            None => print(&table::text(content))?,
        }
        Ok(())
    }
}

/// Formats the results of a run in full. Results of measurements alone have no metrics.
fn run_text(results: &Results) -> String {
    let measured = results.measurements.as_ref().map(measured::measurements).unwrap_or_default();
    if results.metrics.is_empty() && !measured.is_empty() {
        return measured;
    }
    table::results(results) + &leaderboard::text(results) + &measured
}
