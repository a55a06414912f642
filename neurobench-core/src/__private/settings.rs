//! Settings of metrics and components: their types, defaults and serialized form.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::component::{Params, Settings, SettingsError, from_param, to_param};

/// A setting that has a value when nothing is set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no default",
    label = "a setting without a default",
    note = "write `#[param(default = ..)]`, or add `#[derive(Default)]` to the type"
)]
pub trait DefaultSetting: Sized {
    /// The default value.
    fn default_setting() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultSetting for T {
    fn default_setting() -> Self {
        T::default()
    }
}

/// Finds the default of a setting that is a `T`.
///
/// A type that cannot be a setting is reported at its place; it is not reported a second time if it has no default either. This is
/// because a method of the type itself goes before one of a trait wherever its conditions hold.
pub struct SettingDefault<T>(pub PhantomData<T>);

/// The default of a type that a setting can have.
pub struct KnownDefault;

impl KnownDefault {
    /// The default value.
    #[must_use]
    pub fn value<T: DefaultSetting>(&self) -> T {
        T::default_setting()
    }
}

impl<T: SettingType> SettingDefault<T> {
    /// Gives access to the default.
    #[must_use]
    pub fn find(&self) -> KnownDefault {
        KnownDefault
    }
}

/// The default of a type that a setting cannot have: code with one does not compile.
pub struct NoDefault;

impl NoDefault {
    /// In place of `KnownDefault::value`.
    #[must_use]
    pub fn value<T>(&self) -> T {
        unreachable!("a type that cannot be a setting is an error of the compiler")
    }
}

/// Gives access to the default of a type that a setting cannot have.
pub trait NotASetting {
    /// In place of `SettingDefault::find`.
    fn find(&self) -> NoDefault {
        NoDefault
    }
}

impl<T> NotASetting for SettingDefault<T> {}

/// A type that a setting can have.
///
/// Generated code goes through this one trait wherever it deals with a setting, and names it with the spans of the type, so that a
/// type that cannot be a setting is reported once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a setting",
    label = "not the type of a setting",
    note = "a setting is copied, shown, and read from and written to files: add `#[derive(Clone, Debug, Default, Serialize, Deserialize)]` \
            to the type (without `Default` if the setting has `#[param(default = ..)]`)",
    note = "a setting is shared by threads and outlives the function: its type is `Send`, `Sync` and `'static`"
)]
pub trait SettingType: Sized + 'static {
    /// The operations on a setting.
    const OPERATIONS: SettingOperations<Self>;
}

/// The operations on a setting, as functions: a call of a method would be reported at its arguments.
pub struct SettingOperations<T: 'static> {
    /// Clones it.
    pub clone: fn(&T) -> T,
    /// Shows it, for `Debug`.
    pub debug: fn(&T) -> &dyn Debug,
    /// Writes it into the flat form.
    pub put: fn(&T, &mut Params, &'static str) -> Result<(), SettingsError>,
    /// Reads it from the flat form; `None` if it is not there.
    pub find: fn(&Params, &'static str) -> Result<Option<T>, SettingsError>,
    /// Reads it from the flat form, where it must be.
    pub require: fn(&Params, &'static str) -> Result<T, SettingsError>,
    /// The error for a value that is not within its range.
    pub out_of_range: fn(&T, &'static str, &'static str) -> SettingsError,
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static> SettingType for T {
    const OPERATIONS: SettingOperations<Self> = SettingOperations {
        clone: T::clone,
        debug: |setting| setting,
        put: |setting, params, name| {
            params.insert(name.to_owned(), to_param(name, setting)?);
            Ok(())
        },
        find: |params, name| params.get(name).map(|value| from_param(name, value)).transpose(),
        require: |params, name| {
            params.get(name).map_or(Err(SettingsError::Missing { param: name }), |value| from_param(name, value))
        },
        out_of_range: |setting, name, range| {
            // A value that cannot be written as one, such as a NaN, has a text all the same.
            let value = to_param(name, setting).map_or_else(|_| "NaN or infinite".to_owned(), |value| value.to_json());
            SettingsError::OutOfRange { param: name.to_owned(), range: range.to_owned(), value }
        },
    };
}

/// `Serialize` of a metric's type: its flat settings.
pub fn serialize_settings<M: Settings, S: Serializer>(settings: &M, serializer: S) -> Result<S::Ok, S::Error> {
    settings.to_params().map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// `Deserialize` of a metric's type: unknown keys are refused.
pub fn deserialize_settings<'de, M: Settings, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    crate::component::from_known(&Params::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// Value of a metric's name where its settings are missing, as in `.metric(TopK)`. It is not a metric: the message about it says so.
pub struct MissingSettings<M>(PhantomData<fn() -> M>);

impl<M> MissingSettings<M> {
    /// The value.
    pub const NEW: Self = Self(PhantomData);
}

/// A range of the values that a setting may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of `{T}`",
    label = "not a range of the setting's type",
    note = "the ends of a range have the type of its setting: write both as `{T}`; only a type with an order (`PartialOrd`) has ranges"
)]
pub trait RangeOf<T>: Sized {
    /// Returns true if a value lies in the range.
    fn holds(self, value: &T) -> bool;
}

macro_rules! ranges {
    ($($range:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: PartialOrd> RangeOf<T> for $range<T> {
            fn holds(self, value: &T) -> bool {
                self.contains(value)
            }
        }
    )*};
}
ranges!(Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive);

/// Returns true if a setting lies in its range. The setting comes first: its type is right, and the range is reported if they differ.
pub fn is_within<T, R: RangeOf<T>>(setting: &T, range: R) -> bool {
    range.holds(setting)
}
