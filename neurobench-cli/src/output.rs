//! Atomic writing of files: complete, or not at all.
//!
//! A file of results that was requested by name is replaced only by `--force`. The default file, named after the
//! benchmark, always holds the results of the latest run.

use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file to be written. The content goes to a temporary file in the same folder, so that a full disk or a killed process leaves no
/// partial file, and an earlier file stays until it is replaced. The temporary file exists only during the write, so that a process
/// that is killed earlier leaves nothing behind.
pub(crate) struct Output {
    path: PathBuf,
    sink: Sink,
    replaces: bool,
}

enum Sink {
    /// A temporary file in this folder, which is renamed to the file when it is complete. An existing file is replaced only if
    /// `replace` is true.
    Temporary { folder: PathBuf, replace: bool },
    /// A device or a pipe, which is written to and never replaced.
    Special(File),
}

/// A failure to write a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {error}", path.display())]
pub(crate) struct OutputError {
    path: PathBuf,
    error: Error,
}

impl OutputError {
    pub(crate) fn new(path: &Path, error: Error) -> Self {
        Self { path: path.to_owned(), error }
    }
}

impl Output {
    /// Checks that a file can be written and that the run does not read it. Unless `replace` is true, the file must not exist, or be
    /// empty, like a file that `mktemp` creates.
    pub(crate) fn reserve(path: &Path, reads: &[PathBuf], replace: bool) -> Result<Self, OutputError> {
        let fail = |error| OutputError { path: path.to_owned(), error };
        // The target of a link, if it exists.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| in_its_folder(path));
        if reads.iter().any(|read| std::fs::canonicalize(read).is_ok_and(|read| read == path)) {
            return Err(fail(Error::other("the benchmark reads it")));
        }
        let existing = std::fs::metadata(&path);
        let replaces = existing.as_ref().is_ok_and(|existing| existing.is_file() && existing.len() > 0);
        if replaces && !replace {
            return Err(fail(Error::other("it already exists; use `--force` to overwrite it")));
        }
        // An empty file may be replaced: nothing is lost.
        let replace = replace || existing.is_ok();
        let sink = match existing {
            Ok(existing) if existing.is_dir() => return Err(fail(Error::other("it is a folder"))),
            Ok(existing) if !existing.is_file() => {
                Sink::Special(OpenOptions::new().write(true).open(&path).map_err(fail)?)
            }
            Ok(existing) if existing.permissions().readonly() => return Err(fail(Error::other("it is read-only"))),
            _ => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                if !folder.is_dir() {
                    return Err(fail(Error::other(format!("there is no folder `{}`", folder.display()))));
                }
                // Creating a file is the only reliable check that one can be created.
                temporary(folder).and_then(NamedTempFile::close).map_err(fail)?;
                Sink::Temporary { folder: folder.to_owned(), replace }
            }
        };
        Ok(Self { path, sink, replaces })
    }

    /// Returns true if an existing file will be replaced.
    pub(crate) fn replaces(&self) -> bool {
        self.replaces
    }

    /// Returns true if this is neither a device nor a pipe.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.sink, Sink::Temporary { .. })
    }

    /// Returns the path of the file, with links resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the content, and replaces the file with it.
    pub(crate) fn write(self, content: &[u8]) -> Result<(), OutputError> {
        let Self { path, sink, .. } = self;
        let fail = |error| OutputError { path: path.clone(), error };
        match sink {
            Sink::Special(mut file) => file.write_all(content).map_err(fail),
            Sink::Temporary { folder, replace } => {
                let mut file = temporary(&folder).map_err(fail)?;
                file.write_all(content).map_err(fail)?;
                file.as_file().sync_all().map_err(fail)?;
                if replace {
                    return file.persist(&path).map_err(|error| fail(error.error)).map(|_| ());
                }
                file.persist_noclobber(&path).map_err(|lost| fail(kept_elsewhere(lost))).map(|_| ())
            }
        }
    }
}

/// Returns the path of a new file with the canonical path of its folder.
fn in_its_folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Keeps the temporary file if another process created the file in the meantime, so that neither is lost.
fn kept_elsewhere(lost: tempfile::PersistError) -> Error {
    match lost.file.keep() {
        Ok((_, path)) => Error::other(format!("{}; the content was saved in `{}`", lost.error, path.display())),
        Err(_) => lost.error,
    }
}

/// Creates a temporary file with the permissions of any new file. By default only its owner could read it, and so the results.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    // The umask removes permissions, as for every new file.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Only the kind of the error: its text contains the name of the temporary file, which the user did not choose.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn a_file_created_in_the_meantime_stays_and_the_content_is_saved_elsewhere()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.json");
        let output = Output::reserve(&path, &[], false)?;
        std::fs::write(&path, "by another process")?;
        let error = output.write(b"[1, 2]\n").err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(std::fs::read_to_string(&path)?, "by another process");
        let kept = error.rsplit('`').nth(1).ok_or("the error names no file")?;
        assert!(error.contains("the content was saved in"), "{error}");
        assert_eq!(std::fs::read_to_string(kept)?, "[1, 2]\n");
        Ok(())
    }
}
