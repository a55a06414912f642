//! Files that are written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

/// A file that will be written. Until then there is only a temporary one beside it, so that a full disk or a killed
/// process leaves no half of it, and an earlier one stands until it is replaced.
pub(super) struct Output {
    path: PathBuf,
    temporary: NamedTempFile,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {error}", path.display())]
pub(super) struct OutputError {
    path: PathBuf,
    error: std::io::Error,
}

impl Output {
    /// Makes sure that a file can be written there.
    pub(super) fn reserve(path: &Path) -> Result<Self, OutputError> {
        let fail = |error| OutputError { path: path.to_owned(), error };
        if path.is_dir() {
            return Err(fail(std::io::Error::other("it is a folder")));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = temporary(folder).map_err(fail)?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Writes it as JSON and puts it in its place.
    pub(super) fn write(mut self, content: &impl Serialize) -> Result<(), OutputError> {
        let path = self.path.clone();
        let fail = |error| OutputError { path: path.clone(), error };
        let mut text = serde_json::to_string_pretty(content).map_err(|error| fail(error.into()))?;
        text.push('\n');
        self.temporary.write_all(text.as_bytes()).map_err(fail)?;
        self.temporary.as_file().sync_all().map_err(fail)?;
        self.temporary.persist(&self.path).map_err(|error| fail(error.error))?;
        Ok(())
    }
}

/// A temporary file with the permissions of any new file: by itself it would be its owner's alone, and so the results.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    // The umask takes from these what it takes from those of every file.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
