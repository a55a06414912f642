//! Data formats: files of arrays whose rows are read on demand.
//!
//! A format is a component, made by [`data_format`](crate::data_format) on the function that constructs it. Its file is
//! the only place that knows its extensions, its first bytes and its layout. Formats are found by extension, then by the
//! first bytes of a file, and are constructed with their defaults: no key of a benchmark file sets a setting of a format, and
//! a format with a required setting is never found.
//!
//! ```
//! use std::path::Path;
//! use neurobench::data::{Contents, DataError, DataFormat, InMemoryRows, Rows};
//! use neurobench::data_format;
//!
//! struct LinesFormat;
//!
//! impl DataFormat for LinesFormat {
//!     fn extensions(&self) -> &[&'static str] {
//!         &["lines"]
//!     }
//!
//!     fn description(&self) -> &'static str {
//!         "a number in each line (.lines)"
//!     }
//!
//!     fn contents(&self) -> Contents {
//!         Contents::OneArray
//!     }
//!
//!     fn recognizes(&self, _: &[u8]) -> bool {
//!         false
//!     }
//!
//!     fn open(&self, file: &Path, _: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
//!         let read = std::fs::read_to_string(file);
//!         let text = read.map_err(|problem| DataError::Read { file: file.to_owned(), problem })?;
//!         let numbers: Result<Vec<f64>, _> = text.lines().map(str::parse).collect();
//!         let numbers = numbers.map_err(|problem| DataError::Format {
//!             file: file.to_owned(),
//!             array: None,
//!             problem: Box::new(problem),
//!             looks: String::new(),
//!         })?;
//!         Ok(Box::new(InMemoryRows(ndarray::Array1::from(numbers).into())))
//!     }
//! }
//!
//! /// Numbers, one in each line.
//! #[data_format]
//! pub fn lines() -> impl DataFormat {
//!     LinesFormat
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use neurobench::data::{Dataset, OnDisk};
//!
//! # let folder = tempfile::tempdir()?;
//! # let file = |name: &str| folder.path().join(name);
//! std::fs::write(file("inputs.lines"), "1.5\n-2\n")?;
//! std::fs::write(file("targets.lines"), "0\n1\n")?;
//! let data = OnDisk::arrays(file("inputs.lines"), file("targets.lines"))?;
//! assert_eq!(data.samples(), 2);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "npy")]
pub(in crate::data) mod npy;
#[cfg(feature = "npy")]
pub use npy::*;
#[cfg(feature = "npy")]
pub(in crate::data) mod npz;
#[cfg(feature = "npy")]
pub use npz::*;

use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use crate::component::{Params, Registry, kind};
use crate::data::DataError;
use crate::files::{self, FileKind};
use crate::model::Tensor;
use crate::names::listed;

/// Format of files that hold arrays.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a data format", label = "not a data format")]
pub trait DataFormat: Send + Sync {
    /// Extensions of its files, in lower case and without the dot. Files are found by them in any case.
    fn extensions(&self) -> &[&'static str];

    /// Description of a file for messages, with its article: `a NumPy array (.npy)`.
    fn description(&self) -> &'static str;

    /// Number of arrays in a file.
    fn contents(&self) -> Contents;

    /// Returns true if a file that begins with these bytes, at most 64 KiB, is of this format.
    fn recognizes(&self, beginning: &[u8]) -> bool;

    /// Opens an array. `array` is its name if [`contents`](Self::contents) is [`Contents::NamedArrays`], and `None`
    /// otherwise.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or decoded, or lacks the array.
    fn open(&self, file: &Path, array: Option<&str>) -> Result<Box<dyn Rows>, DataError>;
}

/// Number of arrays in the files of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// One array, without a name.
    OneArray,
    /// Several arrays, each with a name.
    NamedArrays,
}

/// An array in a file, with access to its rows in any order.
pub trait Rows: fmt::Debug + Send + Sync {
    /// Shape of the array, whose first axis is the row.
    fn shape(&self) -> &[usize];

    /// Reads these rows, which exist. Every read gives numbers of the same type.
    ///
    /// # Errors
    ///
    /// Rows that cannot be read.
    fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError>;
}

/// Rows that were read at once, for formats in which rows are not contiguous.
#[derive(Clone, Debug)]
pub struct InMemoryRows(pub Tensor);

impl Rows for InMemoryRows {
    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError> {
        Ok(self.0.rows(rows.start, rows.end))
    }
}

kind! {
    /// Data formats as a kind of component.
    pub DataFormats: dyn DataFormat, "data format", "data_formats"
}

/// The data formats that are linked into the program.
#[must_use]
pub fn data_formats() -> &'static Registry<DataFormats> {
    Registry::global()
}

/// A data format with its name.
struct NamedFormat {
    name: &'static str,
    format: Box<dyn DataFormat>,
}

/// Every linked format, with its default settings. One with required settings cannot be found by a file.
fn all() -> &'static [NamedFormat] {
    static ALL: OnceLock<Vec<NamedFormat>> = OnceLock::new();
    ALL.get_or_init(|| {
        let components = data_formats().iter().filter(|component| !component.is_variant());
        let constructed = components.filter_map(|component| {
            let format = component.constructor.construct(&Params::new()).ok()?.item;
            Some(NamedFormat { name: component.name, format })
        });
        constructed.collect()
    })
}

/// Name of the format that recognizes the first bytes of a file.
pub(crate) fn recognize(beginning: &[u8]) -> Option<&'static str> {
    all().iter().find(|known| known.format.recognizes(beginning)).map(|known| known.name)
}

/// Description of the files of a format.
pub(crate) fn description(name: &str) -> &'static str {
    all().iter().find(|known| known.name == name).map_or("a file of arrays", |known| known.format.description())
}

/// Opens an array of a file, in the linked format that the file has by its extension, else by its first bytes. `array` is
/// its name in a file of several arrays.
///
/// ```
/// use std::path::Path;
/// let targets = neurobench::data::open_rows(Path::new("../examples/digits/targets.npy"), None)?;
/// assert_eq!(targets.shape(), [360]);
/// # Ok::<(), neurobench::data::DataError>(())
/// ```
///
/// # Errors
///
/// A file that no format reads, that cannot be read or decoded, or that lacks the array.
pub fn open_rows(file: &Path, array: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
    open(file, array)
}

pub(in crate::data) fn open(file: &Path, array: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
    let format = find(file)?;
    let problem = match (format.contents(), array) {
        (Contents::OneArray, Some(_)) => "not an archive of named arrays",
        (Contents::NamedArrays, None) => {
            "it holds several arrays: name the file as `archive`, and its arrays as `inputs` and `targets`"
        }
        _ => return format.open(file, array),
    };
    // An absent file is the first thing to report.
    std::fs::metadata(file).map_err(|problem| DataError::Read { file: file.to_owned(), problem })?;
    let looks = FileKind::hint(file, &[]);
    Err(DataError::Format { file: file.to_owned(), array: None, problem: problem.into(), looks })
}

fn find(file: &Path) -> Result<&'static dyn DataFormat, DataError> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if let Some(known) = all().iter().find(|known| known.format.extensions().contains(&extension.as_str())) {
        return Ok(&*known.format);
    }
    let mut beginning = Vec::new();
    files::open(file)
        .and_then(|open| open.take(files::BEGINNING).read_to_end(&mut beginning))
        .map_err(|problem| DataError::Read { file: file.to_owned(), problem })?;
    match all().iter().find(|known| known.format.recognizes(&beginning)) {
        Some(known) => Ok(&*known.format),
        None => Err(DataError::UnknownFormat {
            file: file.to_owned(),
            looks: FileKind::hint(file, &[]),
            known: format!("known formats are {}", listed(all().iter().map(|known| known.format.description()))),
        }),
    }
}
