//! Settings that construct an item.
//!
//! Invariant 15: the identity of a component is generated from its settings, so that two runs have the same identity
//! only if their components have the same settings.

use std::error::Error;
use std::path::PathBuf;

use crate::component::{
    ItemKind, Kind, Param, Params, Registration, Registry, RegistryError, Settings, SettingsError, Spec, TakesSettings,
    from_known, input_path,
};
use crate::value::Value;

/// Why a component could not be constructed although its settings are within their ranges.
pub type ConstructionError = Box<dyn Error + Send + Sync>;

/// Settings from which an item of one kind is constructed, such as a preprocessor.
///
/// Attributes on constructor functions implement it: `#[preprocessor] fn scale(#[param] factor: f64) -> impl Preprocessor`
/// makes `struct Scale { factor: f64 }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component",
    label = "not a component",
    note = "a component is the type that an attribute such as `#[preprocessor]` makes of a function: `Scale {{ .. }}` for `fn scale`"
)]
pub trait Component: Settings {
    /// Kind of the component.
    type Kind: ItemKind<Item = Self::Item>;
    /// Type of the constructed item, such as `dyn Preprocessor`.
    type Item: ?Sized + 'static;

    /// Constructs the item. Preparation that does not depend on the data, such as a filter bank, happens here, once.
    ///
    /// # Errors
    ///
    /// The error of the constructor function.
    fn construct(&self) -> Result<Box<Self::Item>, ConstructionError>;

    /// Checks the settings and constructs the item with its identity.
    ///
    /// # Errors
    ///
    /// A setting out of its range, and those of [`construct`](Self::construct).
    fn named(self) -> Result<Named<Self::Item>, RegistryError> {
        let name = Self::ABOUT.name;
        let params = self.check().and_then(|()| self.to_params());
        let params = params.map_err(|error| RegistryError::settings::<Self::Kind>(name, error))?;
        let item = self.construct().map_err(|error| RegistryError::Construction {
            kind: Self::Kind::SINGULAR,
            component: name.to_owned(),
            problem: error.to_string(),
        })?;
        let known = Self::all_params();
        Ok(Named { identity: identity(name, &known, &params), files: input_path::files(&params, &known), item })
    }
}

/// A constructed item and its identity, which is generated from its settings.
pub struct Named<I: ?Sized> {
    /// Name with all settings: `scale(factor=0.0625)`. Snapshots of runs with different identities do not merge.
    pub identity: String,
    /// Files to read that the settings name: the value of every [`InputPath`](crate::component::InputPath).
    pub files: Vec<PathBuf>,
    /// The item.
    pub item: Box<I>,
}

/// Name of a component with the values of all its settings.
fn identity(name: &str, known: &[&'static Param], params: &Params) -> String {
    let values = known.iter().filter_map(|param| Some((param.name, params.get(param.name)?)));
    let values: Vec<String> = values.map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if values.is_empty() { name.to_owned() } else { format!("{name}({})", values.join(", ")) }
}

/// A value as text, with `2` for the float 2.
fn plain(value: &Value) -> String {
    match value {
        Value::Float(number) => number.to_string(),
        value => value.to_json(),
    }
}

/// Constructs items of one type from flat settings: the type-erased form of a [`Component`].
pub struct Constructor<I: ?Sized> {
    params: fn() -> Vec<&'static Param>,
    defaults: fn() -> Result<Params, SettingsError>,
    construct: fn(&Params) -> Result<Named<I>, RegistryError>,
}

impl<I: ?Sized> Clone for Constructor<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: ?Sized> Copy for Constructor<I> {}

impl<I: ?Sized + 'static> Constructor<I> {
    /// The constructor of a component.
    #[must_use]
    pub const fn new<C: Component<Item = I>>() -> Self {
        Self {
            params: C::all_params,
            defaults: C::defaults,
            construct: |params| {
                let settings = from_known::<C>(params);
                settings.map_err(|error| RegistryError::settings::<C::Kind>(C::ABOUT.name, error))?.named()
            },
        }
    }

    /// Constructs an item.
    ///
    /// # Errors
    ///
    /// A setting that is unknown, missing, of the wrong type or out of range; the error of the constructor function.
    pub fn construct(&self, params: &Params) -> Result<Named<I>, RegistryError> {
        (self.construct)(params)
    }
}

impl<I: ?Sized + 'static> TakesSettings for Constructor<I> {
    fn params(&self) -> Vec<&'static Param> {
        (self.params)()
    }

    fn defaults(&self) -> Result<Params, SettingsError> {
        (self.defaults)()
    }
}

impl<K: ItemKind> Registry<K> {
    /// Constructs the component that a name and settings ask for.
    ///
    /// # Errors
    ///
    /// An unknown or ambiguous name, and the errors of [`Constructor::construct`].
    pub fn construct(&self, spec: &Spec) -> Result<Named<K::Item>, RegistryError> {
        let found: &Registration<K> = self.find(&spec.name)?;
        let mut params = found.preset_params().map_err(|error| RegistryError::settings::<K>(found.name, error))?;
        params.extend(spec.params.iter().map(|(key, value)| (key.clone(), value.clone())));
        found.constructor.construct(&params)
    }
}
