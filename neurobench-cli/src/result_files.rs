//! The files that a run writes: results as JSON, and exports.

use std::path::{Path, PathBuf};

use crate::CommandError;
use crate::output::{Output, OutputError};
use neurobench_core::report::Results;
use neurobench_core::report::export::{Export, Exporter, to_json};

/// Files that can be written. Nothing is written before [`write`](Self::write).
pub(crate) struct ResultFiles {
    results: (PathBuf, Output),
    exports: Vec<(PathBuf, Box<dyn Exporter>, Output)>,
}

/// Permission to overwrite files that the user names. Files with default names always hold the latest results.
#[derive(Clone, Copy)]
pub(crate) struct Overwrite {
    pub(crate) results: bool,
    pub(crate) exports: bool,
}

impl ResultFiles {
    /// Path of the results of a benchmark of this name if none is given.
    pub(crate) fn default_path(name: &str) -> PathBuf {
        PathBuf::from(format!("{name}.results.json"))
    }

    /// Checks that every file can be written, and that none of them is read by the run or written twice. Returns all errors
    /// together.
    pub(crate) fn reserve(
        path: &Path,
        name: &str,
        exports: &[Export],
        reads: &[PathBuf],
        overwrite: Overwrite,
    ) -> Result<Self, Vec<CommandError>> {
        let mut errors: Vec<CommandError> = Vec::new();
        let results = Output::reserve(path, reads, overwrite.results).map_err(|error| errors.push(error.into())).ok();
        let mut written: Vec<PathBuf> = results.iter().map(|output| output.path().to_owned()).collect();
        let mut reserved = Vec::new();
        for export in exports {
            match reserve_export(export, name, reads, overwrite, &mut written) {
                Ok(export) => reserved.push(export),
                Err(error) => errors.push(error),
            }
        }
        match results {
            Some(results) if errors.is_empty() => Ok(Self { results: (path.to_owned(), results), exports: reserved }),
            _ => Err(errors),
        }
    }

    /// Writes all files and returns the lines that name them.
    pub(crate) fn write(self, results: &Results) -> Result<String, CommandError> {
        let (path, output) = self.results;
        let mut lines = line("results", &path, &output);
        let json = to_json(results).map_err(|error| OutputError::new(&path, error.into()))?;
        output.write(&json)?;
        for (path, exporter, output) in self.exports {
            let content = exporter.export(results);
            let content = content.map_err(|error| format!("cannot export to `{}`: {error}", path.display()))?;
            lines += &line("exported", &path, &output);
            output.write(&content)?;
        }
        Ok(lines)
    }

    /// Paths of all files, the results first.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        let exports = self.exports.iter().map(|(path, ..)| path.as_path());
        std::iter::once(self.results.0.as_path()).chain(exports)
    }
}

fn reserve_export(
    export: &Export,
    name: &str,
    reads: &[PathBuf],
    overwrite: Overwrite,
    written: &mut Vec<PathBuf>,
) -> Result<(PathBuf, Box<dyn Exporter>, Output), CommandError> {
    let exporter = export.construct()?.item;
    let default = || PathBuf::from(format!("{name}.results.{}", exporter.extension()));
    let path = export.file.clone().unwrap_or_else(default);
    let output = Output::reserve(&path, reads, overwrite.exports || export.file.is_none())?;
    if output.is_file() && written.iter().any(|other| other == output.path()) {
        return Err(format!("cannot write `{}` twice: give each export its own file", path.display()).into());
    }
    written.push(output.path().to_owned());
    Ok((path, exporter, output))
}

/// Formats the line that names a written file.
fn line(label: &str, path: &Path, output: &Output) -> String {
    let earlier = if output.replaces() { " (overwritten)" } else { "" };
    format!("{label}: {}{earlier}\n", path.display())
}
