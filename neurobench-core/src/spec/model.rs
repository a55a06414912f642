//! The model of a benchmark file.

use std::path::{Path, PathBuf};

use crate::component::{ItemKind, Named, Param, Params, RegistryError, Spec, TakesSettings};
use crate::model::{ModelFormat, ModelFormats, model_formats};
use crate::names::{did_you_mean, listed};
use crate::value::Value;

/// A model file, its format and the settings of the format.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelSpec {
    /// File, relative to the folder of the benchmark file.
    pub file: PathBuf,
    /// Name of the format; by default the extension of the file decides.
    pub format: Option<String>,
    /// True for [forecasts](crate::model::Autonomous) from the model's own predictions.
    pub autonomous: bool,
    /// Settings of the format.
    pub settings: Params,
}

/// Key of the file.
const FILE: &str = "file";
/// Key of the format.
const FORMAT: &str = "format";
/// Key of forecasts from the model's own predictions.
const AUTONOMOUS: &str = "autonomous";

impl ModelSpec {
    /// A model file whose extension decides on the format.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), format: None, autonomous: false, settings: Params::new() }
    }

    /// Reads the table: `file` and `format`, or the name of a format as the key of the file. Other keys are settings.
    pub(super) fn from_table(mut table: Params) -> Result<Self, String> {
        let format = match table.remove(FORMAT) {
            None => None,
            Some(Value::Text(format)) => Some(format),
            Some(_) => return Err(format!("`{FORMAT}` must be text, the name of a model format")),
        };
        let autonomous = match table.remove(AUTONOMOUS) {
            None => false,
            Some(Value::Bool(autonomous)) => autonomous,
            Some(_) => return Err(format!("`{AUTONOMOUS}` must be true or false")),
        };
        let mut files: Vec<(String, Value)> = Vec::new();
        let names: Vec<String> = table.keys().filter(|key| *key == FILE || is_format(key)).cloned().collect();
        for name in names {
            files.extend(table.remove_entry(&name));
        }
        let keys: Vec<String> = files.iter().map(|(key, _)| format!("`{key}`")).collect();
        let (key, file) = match files.as_slice() {
            [(key, Value::Text(file))] => (key, PathBuf::from(file)),
            [(key, _)] => return Err(format!("`{key}` must be text, the name of a file")),
            [] => return Err(no_file(&table)),
            _ => return Err(format!("{} exclude each other: name one file", keys.join(" and "))),
        };
        let format = match (key.as_str(), format) {
            (FILE, format) => format,
            (key, None) => Some(key.to_owned()),
            (key, Some(_)) => return Err(format!("`{key}` and `{FORMAT}` exclude each other: `{key}` is the format")),
        };
        Ok(Self { file, format, autonomous, settings: table })
    }

    /// The format with its settings.
    pub(super) fn format(
        &self,
        resolve: impl Fn(&mut Params, &[&'static Param]),
    ) -> Result<Named<Format>, ModelProblem> {
        let registry = model_formats();
        let name = match &self.format {
            Some(name) => name.clone(),
            None => by_extension(&self.file)?.to_owned(),
        };
        let found = registry.find(&name)?;
        let mut settings = self.settings.clone();
        resolve(&mut settings, &found.constructor.params());
        Ok(registry.construct(&Spec::new(name, settings))?)
    }
}

type Format = <ModelFormats as ItemKind>::Item;

/// Why no format reads the file.
pub(super) enum ModelProblem {
    Registry(RegistryError),
    Extension(String),
}

impl From<RegistryError> for ModelProblem {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

fn is_format(key: &str) -> bool {
    model_formats().iter().any(|format| format.name == key || format.about.aliases.contains(&key))
}

fn no_file(table: &Params) -> String {
    let names: Vec<&str> = model_formats().iter().map(|format| format.name).collect();
    let accepted = listed(names.iter().copied().chain([FILE]).map(|name| format!("`{name}`")));
    let hint = table.keys().map(|key| did_you_mean(key, names.iter().copied().chain([FILE])));
    let hint = hint.into_iter().find(|hint| !hint.is_empty()).unwrap_or_default();
    format!("missing key: name the model file with one of {accepted}{hint}")
}

/// Name of the format that reads files with this extension.
fn by_extension(file: &Path) -> Result<&'static str, ModelProblem> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let mut descriptions = Vec::new();
    for entry in model_formats().iter().filter(|entry| !entry.is_variant()) {
        // The extension cannot decide for a format with required settings.
        let Ok(Named { item: format, .. }) = entry.constructor.construct(&Params::new()) else { continue };
        let format: &dyn ModelFormat = &*format;
        if format.extensions().contains(&extension.as_str()) {
            return Ok(entry.name);
        }
        descriptions.push(format!("`{}` for {}", entry.name, format.description()));
    }
    Err(ModelProblem::Extension(format!(
        "the extension of `{}` is that of no model format: name the format with `{FORMAT}`, one of {}",
        file.display(),
        listed(descriptions)
    )))
}
