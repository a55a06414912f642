//! Formats of files that hold models.

use std::error::Error;
use std::path::Path;

use crate::component::{Registry, kind};
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
}

kind! {
    /// Model formats as a kind of component.
    pub ModelFormats: dyn ModelFormat, "model format", "model-formats"
}

/// The model formats that are linked into the program.
#[must_use]
pub fn model_formats() -> &'static Registry<ModelFormats> {
    Registry::global()
}
