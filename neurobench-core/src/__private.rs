//! What the macros' expansions name.

pub use core::default::Default;
pub use core::option::Option;
pub use core::primitive::{bool, str};
pub use core::result::Result;
pub use std::string::String;
pub use std::vec::Vec;

pub use inventory;
pub use serde;

pub use crate::accumulate::{Accumulator, Finish, MergeMax, MergeMin, MergeSum};
pub use crate::metric::{
    About, BatchValue, Bounds, Context, Factory, Field, Fold, Input, Metric, MetricError, MetricKind, MetricValue,
    Needs, Param, Params, PartOf, Plan, Reading, Registration, Settings, SettingsError, Shape, Value, Workload,
};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::metric::settings::{from_param, to_param};

/// Stops the compilation with a message unless a condition holds.
#[track_caller]
pub const fn require(holds: bool, message: &'static str) {
    if !holds {
        panic!("{}", message);
    }
}

/// One check for both depths of hooks: the message follows what is missing.
#[track_caller]
pub const fn require_hooks(needs: Needs, granted: Needs, counts: &'static str, traces: &'static str) {
    if needs.intersects(Needs::TRACES) && !granted.intersects(Needs::TRACES) {
        panic!("{}", traces);
    }
    if needs.intersects(Needs::HOOKS) && !granted.intersects(Needs::HOOKS) {
        panic!("{}", counts);
    }
}

/// Holds for the state of a core, and for no other type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the state of `{M}`",
    label = "not the state of the core",
    note = "take what the core's function returns, by reference"
)]
pub trait StateOf<M> {}

#[diagnostic::do_not_recommend]
impl<M: Fold> StateOf<M> for M::State {}

/// Compiles where `S` is the state of the core `M`.
pub const fn state_of<M, S: StateOf<M>>() {}

/// Whether two lists of params have no name in common.
#[must_use]
pub const fn disjoint(left: &[Param], right: &[Param]) -> bool {
    let mut i = 0;
    while i < left.len() {
        let mut j = 0;
        while j < right.len() {
            if equal(left[i].name.as_bytes(), right[j].name.as_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut i = 0;
    while i < left.len() {
        if left[i] != right[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Writes one setting into its flat form.
pub fn put<T: Serialize>(params: &mut Params, name: &'static str, setting: &T) -> Result<(), SettingsError> {
    params.insert(name.to_owned(), to_param(name, setting)?);
    Ok(())
}

/// Reads one setting, if it is there.
pub fn take<T: DeserializeOwned>(params: &Params, name: &'static str, setting: &mut T) -> Result<(), SettingsError> {
    if let Some(value) = params.get(name) {
        *setting = from_param(name, value)?;
    }
    Ok(())
}

/// A setting that is not within its range.
#[must_use]
pub fn out_of_range(name: &'static str, range: &'static str) -> SettingsError {
    SettingsError::OutOfRange { param: name.to_owned(), range: range.to_owned() }
}

/// `Serialize` of a metric's type: its flat settings.
pub fn serialize_settings<M: Settings, S: Serializer>(settings: &M, serializer: S) -> Result<S::Ok, S::Error> {
    settings.to_params().map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// `Deserialize` of a metric's type: unknown keys are refused.
pub fn deserialize_settings<'de, M: Settings, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    crate::metric::from_known(&Params::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}
