//! Settings of components: typed in Rust, flat and named everywhere else.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::component::{About, Param};
use crate::names::did_you_mean;
use crate::value::Value;

/// Settings by name: the one flat form in files, on the command line, in snapshots and in results.
pub type Params = BTreeMap<String, Value>;

/// Why settings are not accepted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A name that is not a setting of the component.
    #[error("no setting `{param}`; it has {known}{hint}")]
    Unknown {
        /// Name as given.
        param: String,
        /// Names of the settings, or "none".
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A setting without a default that is not given.
    #[error("setting `{param}` is missing; it has no default")]
    Missing {
        /// Name of the setting.
        param: &'static str,
    },
    /// A value that the type of the setting does not accept.
    #[error("setting `{param}`: {problem}")]
    Invalid {
        /// Name of the setting.
        param: String,
        /// Reason for which the value is refused.
        problem: String,
    },
    /// A value outside the stated range.
    #[error("setting `{param}` must be in `{range}`, not {value}")]
    OutOfRange {
        /// Name of the setting.
        param: String,
        /// Range, as the definition states it.
        range: String,
        /// Value as given.
        value: String,
    },
    /// Text that is not of the form `name(key=value, ..)`.
    #[error("`{text}` is not of the form `name(key=value, ..)`: {problem}")]
    Syntax {
        /// Text as given.
        text: String,
        /// Part that is wrong or missing.
        problem: String,
    },
}

impl SettingsError {
    /// The name of the setting that is missing or not accepted. `None` for text of another form.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        match self {
            Self::Unknown { param, .. } | Self::Invalid { param, .. } | Self::OutOfRange { param, .. } => Some(param),
            Self::Missing { param } => Some(param),
            Self::Syntax { .. } => None,
        }
    }
}

/// The settings of a component: public fields with docs, defaults and ranges.
///
/// The attributes on functions and [`derive@Settings`](crate::Settings) implement it; it is not written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no settings",
    label = "not a component",
    note = "for a struct of your own: `#[derive(Clone, Debug, Settings)]`"
)]
pub trait Settings: Clone + fmt::Debug + Send + Sync + 'static {
    /// Description of the component.
    const ABOUT: &'static About;

    /// Returns its own settings, then those of the cores that a metric reads.
    #[must_use]
    fn all_params() -> Vec<&'static Param> {
        Self::ABOUT.params.iter().collect()
    }

    /// Returns the flat form of the settings that have a default, at that default.
    ///
    /// # Errors
    ///
    /// A default that cannot be written as a value, such as a NaN.
    fn defaults() -> Result<Params, SettingsError>;

    /// Checks that every setting is within its range.
    ///
    /// # Errors
    ///
    /// The first setting that is not.
    fn check(&self) -> Result<(), SettingsError>;

    /// Returns the flat form.
    ///
    /// # Errors
    ///
    /// A setting that cannot be written as a value, such as a NaN.
    fn to_params(&self) -> Result<Params, SettingsError>;

    /// Reads the flat form. Settings that are not given have their defaults; unknown names are ignored (see [`from_known`]).
    ///
    /// # Errors
    ///
    /// A setting that is missing and has no default, or a value that the type of the setting does not accept.
    fn from_params(params: &Params) -> Result<Self, SettingsError>;
}

/// Reads settings and refuses unknown names.
///
/// # Errors
///
/// An unknown name, a missing setting, a value of the wrong type, a value out of range.
pub fn from_known<S: Settings>(params: &Params) -> Result<S, SettingsError> {
    let known: Vec<&str> = S::all_params().iter().map(|param| param.name).collect();
    for name in params.keys() {
        if !known.contains(&name.as_str()) {
            return Err(SettingsError::Unknown {
                param: name.clone(),
                known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
                hint: did_you_mean(name, known.iter().copied()),
            });
        }
    }
    let settings = S::from_params(params)?;
    settings.check()?;
    Ok(settings)
}

/// Flat form of one setting.
pub(crate) fn to_param<T: Serialize>(name: &str, setting: &T) -> Result<Value, SettingsError> {
    Value::from_serialize(setting)
        .map_err(|error| SettingsError::Invalid { param: name.to_owned(), problem: error.to_string() })
}

/// Typed form of one setting.
pub(crate) fn from_param<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, SettingsError> {
    value.to_typed().map_err(|problem| SettingsError::Invalid { param: name.to_owned(), problem: problem.to_string() })
}

/// Name of a metric in results: `top_k` if all settings have their defaults, else `top_k(k=3)`.
pub(crate) fn instance_name(name: &str, order: &[&'static Param], params: &Params, defaults: &Params) -> String {
    let set: Vec<String> = order
        .iter()
        .filter_map(|param| {
            let value = params.get(param.name)?;
            (defaults.get(param.name) != Some(value)).then(|| format!("{}={}", param.name, short(value).to_json()))
        })
        .collect();
    if set.is_empty() { name.to_owned() } else { format!("{name}({})", set.join(", ")) }
}

/// Shortens a record with a `name` field to that name. Results hold the whole record among the settings.
fn short(value: &Value) -> &Value {
    value.get("name").filter(|name| matches!(name, Value::Text(_))).unwrap_or(value)
}
