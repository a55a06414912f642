//! Tables of a benchmark file that define values for settings of one type.

use std::any::type_name;

use serde::de::DeserializeOwned;

use crate::component::Param;
use crate::value::{TypeError, Value};

/// A table of a benchmark file in which users define values of one type under names of their choice, such as `[devices.NAME]`.
///
/// A setting of that type may then be such a name instead of the value. Settings of other types are not affected,
/// regardless of their name. A definition is a table; it is read as the type with the key `name` added.
/// [`definitions!`](crate::definitions) registers it.
pub struct Definitions {
    /// Key of the table: `devices`.
    pub table: &'static str,
    /// Name of one of them, for messages: `device`.
    pub singular: &'static str,
    /// Returns true for settings of the type, or of an `Option` or a `Vec` of it.
    pub is_type_of: fn(&Param) -> bool,
    /// Checks one definition.
    pub check: fn(&Value) -> Result<(), TypeError>,
    /// Names that settings accept without a definition.
    pub published: fn() -> Vec<&'static str>,
    type_name: fn() -> &'static str,
}

impl Definitions {
    /// The table of a type.
    #[must_use]
    pub const fn new<T: DeserializeOwned + 'static>(
        table: &'static str,
        singular: &'static str,
        published: fn() -> Vec<&'static str>,
    ) -> Self {
        Self {
            table,
            singular,
            is_type_of: |param| param.is::<T>(),
            check: |value| value.to_typed::<T>().map(|_| ()),
            published,
            type_name: type_name::<T>,
        }
    }

    /// Returns every table that is linked into the program, sorted by key.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<&'static Self> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|definitions| (definitions.table, (definitions.type_name)()));
        all
    }
}

inventory::collect!(Definitions);

/// Registers a table of definitions in benchmark files: `definitions!(Definitions::new::<Device>("devices", "device", names));`.
#[macro_export]
macro_rules! definitions {
    ($definitions:expr) => {
        $crate::__private::inventory::submit! { $definitions }
    };
}
