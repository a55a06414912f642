//! Components: named constructors with documented settings.
//!
//! Whatever a benchmark file or the command line can name is a component of some [`Kind`]: a metric, a preprocessor, a
//! postprocessor, a data set, a file format, a layer, an exporter of results, a statistical test. A component has a name,
//! aliases, documentation, citations and [`Settings`]: typed in Rust, flat and named everywhere else ([`Params`]). It is
//! registered at compile time, from any crate that is linked into the program.
//!
//! Lists, documentation pages, "did you mean" and the schema of files are all read from the [`Registry`] of a kind, so
//! adding a component touches the file that defines it and nothing else (Invariant 9).
//!
//! Three traits build on each other: [`Settings`] (what can be set), [`Component`] (settings that construct an item) and
//! [`Kind`] (the registry to which the item belongs). Attributes such as [`preprocessor`](crate::preprocessor) implement
//! them for a constructor function, [`derive@Settings`](crate::Settings) for a struct.

mod about;
mod catalogue;
mod constructor;
mod definitions;
pub(crate) mod input_path;
mod kind;
mod registry;
mod schema;
mod settings;
mod spec;

pub use about::{About, Bounds, Param};
pub use catalogue::{CatalogueEntry, CatalogueKind, CatalogueSetting, FileKeys, TakesSettings, catalogue};
pub use constructor::{Component, ConstructionError, Constructor, Named};
pub use definitions::Definitions;
pub use input_path::InputPath;
pub use kind::{ItemKind, Kind};
pub use registry::{Duplicate, Registration, Registry, RegistryError};
pub use schema::schema;
pub use settings::{Params, Settings, SettingsError, from_known};
pub use spec::Spec;

pub(crate) use input_path::resolve;
pub(crate) use kind::kind;
pub(crate) use settings::{from_param, instance_name, to_param};
