//! Files that are written whole or not at all.
//!
//! A file of results that was requested by name is replaced only by `--force`. The default file, named after the
//! benchmark, always holds the results of the latest run.

use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that will be written: to a temporary one beside it, so that a full disk or a killed process leaves no half of it, and an
/// earlier one stands until it is replaced. The temporary file is there only while it is written to, so that nothing is left of a
/// process that is killed before.
pub(crate) struct Output {
    path: PathBuf,
    sink: Sink,
    replaces: bool,
}

enum Sink {
    /// A temporary file in this folder takes the place of the file when it is whole; of one that is there already only if `replace`
    /// says so.
    Temporary { folder: PathBuf, replace: bool },
    /// A device or a pipe, which is written to and never replaced.
    Special(File),
}

/// Why a file cannot be written.
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
    /// Makes sure that a file can be written there, that it is none of those that the run reads and, unless it is to `replace` it, that
    /// there is none yet, or an empty one, as `mktemp` makes.
    pub(crate) fn reserve(path: &Path, reads: &[PathBuf], replace: bool) -> Result<Self, OutputError> {
        let fail = |error| OutputError { path: path.to_owned(), error };
        // What a link leads to, if there is something.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| in_its_folder(path));
        if reads.iter().any(|read| std::fs::canonicalize(read).is_ok_and(|read| read == path)) {
            return Err(fail(Error::other("the benchmark reads it")));
        }
        let there = std::fs::metadata(&path);
        let replaces = there.as_ref().is_ok_and(|there| there.is_file() && there.len() > 0);
        if replaces && !replace {
            return Err(fail(Error::other("it is there already; `--force` replaces it")));
        }
        // An empty file is in nobody's way.
        let replace = replace || there.is_ok();
        let sink = match there {
            Ok(there) if there.is_dir() => return Err(fail(Error::other("it is a folder"))),
            Ok(there) if !there.is_file() => Sink::Special(OpenOptions::new().write(true).open(&path).map_err(fail)?),
            Ok(there) if there.permissions().readonly() => return Err(fail(Error::other("it is read-only"))),
            _ => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                if !folder.is_dir() {
                    return Err(fail(Error::other(format!("there is no folder `{}`", folder.display()))));
                }
                // Whether one can be made there is found out by making one.
                temporary(folder).and_then(NamedTempFile::close).map_err(fail)?;
                Sink::Temporary { folder: folder.to_owned(), replace }
            }
        };
        Ok(Self { path, sink, replaces })
    }

    /// Whether something is there that will be replaced.
    pub(crate) fn replaces(&self) -> bool {
        self.replaces
    }

    /// True if this is neither a device nor a pipe.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.sink, Sink::Temporary { .. })
    }

    /// The file, behind any links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes this and puts it in its place.
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

/// A new file by the one name that its folder has.
fn in_its_folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Somebody else may have written the file while this was made: neither of the two is lost.
fn kept_elsewhere(lost: tempfile::PersistError) -> Error {
    match lost.file.keep() {
        Ok((_, path)) => Error::other(format!("{}; what was to be written is in `{}`", lost.error, path.display())),
        Err(_) => lost.error,
    }
}

/// A temporary file with the permissions of any new file: by itself it would be its owner's alone, and so the results.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    // The umask takes from these what it takes from those of every file.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The kind of the error alone: its text has the name of the temporary file, for which nobody asked.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn what_another_wrote_meanwhile_stays_and_nothing_is_lost() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.json");
        let output = Output::reserve(&path, &[], false)?;
        std::fs::write(&path, "of another")?;
        let error = output.write(b"[1, 2]\n").err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(std::fs::read_to_string(&path)?, "of another");
        let kept = error.rsplit('`').nth(1).ok_or("the error names no file")?;
        assert!(error.contains("what was to be written is in"), "{error}");
        assert_eq!(std::fs::read_to_string(kept)?, "[1, 2]\n");
        Ok(())
    }
}
