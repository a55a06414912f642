//! Formats of files that hold models.

use std::error::Error;
use std::path::Path;

use crate::component::{FileKeys, Params, Registry, kind};
use crate::model::Model;

/// Why a model file cannot be read. The message names the file.
pub type ModelFileError = Box<dyn Error + Send + Sync>;

/// A format of files that hold models.
///
/// The attribute [`model_format`](crate::model_format) on a function that constructs one makes it a component: its name is a key of
/// `[model]` in benchmark files, and its settings are further keys there.
///
/// ```
/// use std::path::Path;
/// use neurobench::model::{FnModel, ModelFileError, ModelFormat};
/// use neurobench::prelude::*;
///
/// /// Files with one number, by which inputs are multiplied.
/// struct Factor;
///
/// impl ModelFormat for Factor {
///     fn extensions(&self) -> &'static [&'static str] {
///         &["factor"]
///     }
///
///     fn description(&self) -> &'static str {
///         "a factor (.factor)"
///     }
///
///     fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError> {
///         let factor: f32 = std::fs::read_to_string(file)?.trim().parse()?;
///         let model = FnModel::new(Vec::new(), move |inputs, _| Ok(Tensor::from(inputs.to_f32().into_owned() * factor)));
///         Ok(Box::new(model))
///     }
/// }
///
/// /// Files with one number, by which inputs are multiplied.
/// #[model_format(type = FactorFormat)]
/// pub fn factor() -> impl ModelFormat {
///     Factor
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model format",
    label = "not a model format",
    note = "a model format implements `ModelFormat`: file extensions, a description, and a function that reads a file"
)]
pub trait ModelFormat: Send + Sync {
    /// File extensions of the format, in lower case and without the dot. A benchmark file need not name the format of such files.
    fn extensions(&self) -> &'static [&'static str];

    /// Description of such a file for messages: `a network file (.toml)`.
    fn description(&self) -> &'static str;

    /// Reads a model from a file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or does not hold such a model.
    fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError>;

    /// Keys of the file, for a format of files that hold settings by name: `FileKeys::new::<Config>()` for a `Config` with
    /// `#[derive(Settings)]`. Lists and documentation have them.
    fn keys(&self) -> Option<FileKeys> {
        None
    }

    /// Conversions between files of this format and of others: pairs of the extensions of the file that is read and of the file
    /// that is written, in lower case and without the dot. Either format may list a pair.
    fn conversions(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Converts the file `from` to the new file `to`. Their extensions are one of the [`conversions`](Self::conversions).
    ///
    /// `allowed_losses` names the kinds of information that the conversion may lose.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or written; an existing file, other than `to`, that would be overwritten; a conversion that would
    /// lose something else, or is not supported.
    fn convert(&self, from: &Path, to: &Path, allowed_losses: &[String]) -> Result<(), ModelFileError> {
        let _ = allowed_losses;
        Err(format!("`{}` cannot be converted to `{}`", from.display(), to.display()).into())
    }
}

kind! {
    /// Model formats as a kind of component.
    pub ModelFormats: dyn ModelFormat, "model format", "model_formats",
    // The keys of a format with required settings cannot be listed.
    file_keys = |constructor| constructor.construct(&Params::new()).ok()?.item.keys()
}

/// The model formats that are linked into the program.
#[must_use]
pub fn model_formats() -> &'static Registry<ModelFormats> {
    Registry::global()
}
