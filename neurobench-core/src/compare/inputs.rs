//! Runs that are compared, with the names under which results show them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::compare::CompareError;
use crate::files::{self, FileKind};
use crate::report::Results;

/// Results of a run with the name under which a comparison shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedResults {
    /// Name of the run, such as its file.
    pub name: String,
    /// Results of the run.
    pub results: Results,
}

impl NamedResults {
    /// Results with a name.
    #[must_use]
    pub fn new(name: impl Into<String>, results: Results) -> Self {
        Self { name: name.into(), results }
    }

    /// Reads a file of results, which becomes the name.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold results.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, CompareError> {
        let file = file.as_ref();
        let bytes = files::read(file).map_err(|error| CompareError::Read { file: file.to_owned(), error })?;
        let results = serde_json::from_slice(&bytes).map_err(|problem| {
            let hint = FileKind::hint(file, &[FileKind::Results]);
            CompareError::NotResults { file: file.to_owned(), problem: format!("{problem}{hint}") }
        })?;
        Ok(Self { name: file.display().to_string(), results })
    }

    /// Reads several files of results, each once.
    ///
    /// # Errors
    ///
    /// A file is named twice, cannot be read, or does not hold results.
    pub fn read_all<P: AsRef<Path>>(files: &[P]) -> Result<Vec<Self>, CompareError> {
        refuse_repeated_files(files.iter().map(AsRef::as_ref))?;
        files.iter().map(Self::read).collect()
    }
}

/// Runs that belong together, such as those of one model trained with several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct RunGroup {
    /// Name of the group.
    pub name: String,
    /// Runs of the group.
    pub runs: Vec<NamedResults>,
}

impl RunGroup {
    /// A group of runs.
    #[must_use]
    pub fn new(name: impl Into<String>, runs: Vec<NamedResults>) -> Self {
        Self { name: name.into(), runs }
    }

    /// Reads the files of several groups, each once.
    ///
    /// # Errors
    ///
    /// Two groups have one name; a file is named twice, cannot be read, or does not hold results.
    pub fn read_all(groups: &[GroupFiles]) -> Result<Vec<Self>, CompareError> {
        // Before any file is read, which takes longer.
        refuse_repeated_names(groups.iter().map(|group| group.name.as_str()))?;
        refuse_repeated_files(groups.iter().flat_map(|group| &group.files).map(PathBuf::as_path))?;
        let read = |GroupFiles { name, files }: &GroupFiles| {
            Ok(Self { name: name.clone(), runs: files.iter().map(NamedResults::read).collect::<Result<_, _>>()? })
        };
        groups.iter().map(read).collect()
    }
}

/// Files of the runs of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFiles {
    /// Name of the group.
    pub name: String,
    /// Files of results.
    pub files: Vec<PathBuf>,
}

fn refuse_repeated_files<'p>(files: impl Iterator<Item = &'p Path>) -> Result<(), CompareError> {
    let mut seen = BTreeMap::new();
    for file in files {
        // A file that does not exist is reported when it is read.
        let place = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        if let Some(before) = seen.insert(place, file) {
            return Err(CompareError::SameFile { file: before.to_owned(), again: file.to_owned() });
        }
    }
    Ok(())
}

pub(super) fn refuse_repeated_names<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), CompareError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(CompareError::SameGroup { group: name.to_owned() });
        }
    }
    Ok(())
}
