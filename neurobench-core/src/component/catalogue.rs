//! The kinds of components that are linked into the program, without their types.

use serde::Serialize;

use crate::component::{Duplicate, Kind, Param, Params, Registration, RegistryError, Settings, SettingsError};
use crate::names::loose;
use crate::value::Value;

/// Settings of a constructor, for lists and documentation.
pub trait TakesSettings {
    /// The settings that it takes.
    fn params(&self) -> Vec<&'static Param>;

    /// The settings that have a default, with that default.
    ///
    /// # Errors
    ///
    /// A default that cannot be written as a value, such as a NaN.
    fn defaults(&self) -> Result<Params, SettingsError>;
}

/// The keys of a file that holds settings by name, for lists and documentation.
#[derive(Clone, Copy, Debug)]
pub struct FileKeys {
    params: fn() -> Vec<&'static Param>,
    defaults: fn() -> Result<Params, SettingsError>,
}

impl FileKeys {
    /// The settings of a type as keys.
    #[must_use]
    pub const fn new<S: Settings>() -> Self {
        Self { params: S::all_params, defaults: S::defaults }
    }

    /// Description of each key.
    fn entries(self) -> Result<Vec<CatalogueSetting>, SettingsError> {
        let defaults = (self.defaults)()?;
        Ok((self.params)().into_iter().map(|param| CatalogueSetting::new(param, &defaults)).collect())
    }
}

/// A [`Kind`] without its type: one page of the [`catalogue`].
///
/// A crate that defines a kind submits it with `inventory::submit! { CatalogueKind::new::<Layers>() }`.
#[derive(Debug)]
pub struct CatalogueKind {
    /// Name of one component of this kind, for messages: `preprocessor`.
    pub singular: &'static str,
    /// Name of several, as `neurobench list` takes it: `preprocessors`.
    pub plural: &'static str,
    entries: fn() -> Result<Vec<CatalogueEntry>, RegistryError>,
    find: fn(&str) -> Result<CatalogueEntry, RegistryError>,
    duplicates: fn() -> Vec<Duplicate>,
}

inventory::collect!(CatalogueKind);

impl CatalogueKind {
    /// The entry of a kind.
    #[must_use]
    pub const fn new<K: Kind>() -> Self {
        Self {
            singular: K::SINGULAR,
            plural: K::PLURAL,
            entries: || K::registry().iter().map(CatalogueEntry::new::<K>).collect(),
            find: |name| CatalogueEntry::new::<K>(K::registry().find(name)?),
            duplicates: || K::registry().duplicates().collect(),
        }
    }

    /// Returns true if a name is the singular or the plural of this kind. Only letters and digits count, and not their case.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        [self.singular, self.plural].iter().any(|known| loose(known) == loose(name))
    }

    /// Every registered name of this kind, in alphabetical order.
    ///
    /// # Errors
    ///
    /// A default or a preset of a variant that is out of its range or cannot be written as a value.
    pub fn entries(&self) -> Result<Vec<CatalogueEntry>, RegistryError> {
        (self.entries)()
    }

    /// Finds a component, as [`Registry::find`](crate::component::Registry::find) does.
    ///
    /// # Errors
    ///
    /// An unknown or ambiguous name, and the errors of [`entries`](Self::entries).
    pub fn find(&self, name: &str) -> Result<CatalogueEntry, RegistryError> {
        (self.find)(name)
    }

    /// Every name that several components of this kind have.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Duplicate> {
        (self.duplicates)()
    }
}

/// Description of one component, or of a variant.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CatalogueEntry {
    /// Registered name.
    pub name: &'static str,
    /// Name of the component of which this is a variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<&'static str>,
    /// Package and name, which identify the component.
    pub id: String,
    /// Version of the definition.
    pub version: u32,
    /// Kind of the component: `preprocessor`.
    pub kind: &'static str,
    /// Further names. A variant has none.
    pub aliases: &'static [&'static str],
    /// Doc comment.
    pub docs: &'static str,
    /// First paragraph of the doc comment, on one line.
    #[serde(skip)]
    pub summary: String,
    /// Package of the definition.
    #[serde(skip)]
    pub package: &'static str,
    /// Sources of the definition.
    pub citations: &'static [&'static str],
    /// Settings, with their defaults or the presets of a variant.
    pub settings: Vec<CatalogueSetting>,
    /// Keys of the files that the component reads, if these are settings by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_keys: Vec<CatalogueSetting>,
    /// Source file of the registration.
    pub file: &'static str,
    /// Line of the registration.
    pub line: u32,
}

/// Description of one setting.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CatalogueSetting {
    /// Name of the setting.
    pub name: &'static str,
    /// Type, as written in the source.
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// Accepted range, as written in the source.
    pub range: Option<&'static str>,
    /// Value if the setting is not given; `None` if it is required.
    pub value: Option<Value>,
    /// Doc comment.
    pub docs: &'static str,
    /// Declaration of the setting.
    #[serde(skip)]
    pub param: &'static Param,
}

impl CatalogueSetting {
    fn new(param: &'static Param, values: &Params) -> Self {
        Self {
            name: param.name,
            type_name: param.type_name,
            range: param.range,
            value: values.get(param.name).cloned(),
            docs: param.docs,
            param,
        }
    }
}

impl CatalogueEntry {
    fn new<K: Kind>(entry: &'static Registration<K>) -> Result<Self, RegistryError> {
        let refused = |error| RegistryError::settings::<K>(entry.name, error);
        let mut values = entry.constructor.defaults().map_err(refused)?;
        values.extend(entry.preset_params().map_err(refused)?);
        let file_keys = K::file_keys(&entry.constructor).map(FileKeys::entries).transpose().map_err(refused)?;
        let about = entry.about;
        Ok(Self {
            name: entry.name,
            variant_of: entry.variant_of(),
            id: about.id(),
            version: about.version,
            kind: K::SINGULAR,
            aliases: if entry.is_variant() { &[] } else { about.aliases },
            docs: about.docs,
            summary: about.summary(),
            package: about.package,
            citations: about.citations,
            settings: entry
                .constructor
                .params()
                .into_iter()
                .map(|param| CatalogueSetting::new(param, &values))
                .collect(),
            file_keys: file_keys.unwrap_or_default(),
            file: entry.file,
            line: entry.line,
        })
    }

    /// JSON Schema of an object with the settings.
    #[must_use]
    pub fn schema(&self) -> serde_json::Value {
        let params: Vec<&'static Param> = self.settings.iter().map(|setting| setting.param).collect();
        let values = self.settings.iter().filter_map(|setting| Some((setting.name.to_owned(), setting.value.clone()?)));
        crate::component::schema(&params, &values.collect())
    }
}

/// Every kind of component that is linked into the program, sorted by its plural.
///
/// ```
/// use neurobench::component::catalogue;
/// let kinds = catalogue();
/// let preprocessors = kinds.iter().find(|kind| kind.plural == "preprocessors").unwrap();
/// let scale = preprocessors.find("scale")?;
/// assert_eq!((scale.settings[0].name, scale.settings[0].type_name), ("factor", "f64"));
/// # Ok::<(), neurobench::component::RegistryError>(())
/// ```
#[must_use]
pub fn catalogue() -> Vec<&'static CatalogueKind> {
    let mut kinds: Vec<_> = inventory::iter::<CatalogueKind>.into_iter().collect();
    kinds.sort_by_key(|kind| kind.plural);
    kinds
}
