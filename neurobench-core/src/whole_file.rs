//! Files that are read or written as a whole.

use std::fs::{self, File};
#[cfg(feature = "write")]
use std::io::Write as _;
use std::io::{Error, Result};
use std::path::Path;

/// Reads a regular file as a whole. Other files are rejected: a device such as `/dev/zero` would fill the memory.
///
/// ```
/// use neurobench::files;
/// assert!(files::read("../examples/digits/inputs.npy").unwrap().starts_with(b"\x93NUMPY"));
/// assert_eq!(files::read("..").unwrap_err().to_string(), "not a regular file");
/// ```
///
/// # Errors
///
/// A file that cannot be read, or is not a regular file.
pub fn read(file: impl AsRef<Path>) -> Result<Vec<u8>> {
    regular(file.as_ref())?;
    fs::read(file)
}

/// Opens a regular file.
///
/// # Errors
///
/// A file that cannot be opened, or is not a regular one.
pub fn open(file: &Path) -> Result<File> {
    regular(file)?;
    File::open(file)
}

/// A device such as /dev/zero has no end, and a pipe may never have a beginning.
fn regular(file: &Path) -> Result<()> {
    if fs::metadata(file)?.is_file() { Ok(()) } else { Err(Error::other("not a regular file")) }
}

/// Writes a file as a whole: a temporary file beside it, then a rename. An existing file is unchanged until then.
///
/// # Errors
///
/// A folder that does not exist, or a file that cannot be written.
#[cfg(feature = "write")]
pub fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    // A link stays, and its target is replaced.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Error::other(format!("there is no folder `{}`", folder.display())));
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    // The umask applies to these permissions as to those of every file; the default would be the owner's only.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Only the kind of the error: its text has the name of the temporary file, which the user does not know.
    let mut temporary = builder.tempfile_in(folder).map_err(|error| Error::from(error.kind()))?;
    temporary.as_file_mut().write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map(|_| ()).map_err(|error| error.error)
}
