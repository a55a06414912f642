//! The components of one kind that are linked into the program, by name.
//!
//! A name that two components have is an error when it is requested, not when the program starts: no program stops
//! because two crates that it links chose the same word. Every duplicate is reported with all its places, and
//! `package::name` and the type still find each component.

use std::collections::BTreeMap;
use std::fmt;

use crate::component::{About, Kind, Params, SettingsError};
use crate::names::{loose, nearest};

/// One registered name, as an attribute submits it at link time: that of a component, or of a variant with preset settings.
pub struct Registration<K: Kind> {
    /// Description of the component.
    pub about: &'static About,
    /// Name of the component or of the variant.
    pub name: &'static str,
    /// Source file of the registration.
    pub file: &'static str,
    /// Line of the registration.
    pub line: u32,
    /// Settings that a variant presets.
    pub preset: Option<fn() -> Result<Params, SettingsError>>,
    /// Constructor of the kind.
    pub constructor: K::Constructor,
}

impl<K: Kind> fmt::Debug for Registration<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registration({} = {})", self.name, self.about.id())
    }
}

impl<K: Kind> Registration<K> {
    /// Returns true if this is a variant: the name of preset settings.
    #[must_use]
    pub fn is_variant(&self) -> bool {
        self.name != self.about.name
    }

    /// The component of which this is a variant.
    #[must_use]
    pub fn variant_of(&self) -> Option<&'static str> {
        self.is_variant().then_some(self.about.name)
    }

    /// Flat form of the preset settings; empty unless this is a variant.
    ///
    /// # Errors
    ///
    /// A preset that is out of its range or cannot be written as a value.
    pub fn preset_params(&self) -> Result<Params, SettingsError> {
        self.preset.map_or_else(|| Ok(Params::new()), |preset| preset())
    }

    /// Every name under which it is found. A variant has no aliases.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let aliases = if self.is_variant() { &[][..] } else { self.about.aliases };
        std::iter::once(self.name).chain(aliases.iter().copied())
    }
}

/// Why a component is not found or not constructed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A name that several components have.
    #[error("{0}: use `package::name`, or rename one of them with `name = \"..\"`")]
    Ambiguous(Duplicate),
    /// A name that cannot be registered a second time.
    #[error("the name `{name}` of a {kind} is taken; choose another one")]
    Taken {
        /// Kind of the component.
        kind: &'static str,
        /// Name as given.
        name: String,
    },
    /// A name that no linked component has.
    #[error("no {kind} `{name}`{}", Nearest { near, plural, linked: *linked })]
    Unknown {
        /// Kind of the component.
        kind: &'static str,
        /// Its name in `neurobench list`.
        plural: &'static str,
        /// Name as given.
        name: String,
        /// Number of names that are linked.
        linked: usize,
        /// Nearest names.
        near: Vec<String>,
    },
    /// Settings that the component does not accept.
    #[error("{kind} `{component}`: {error}")]
    Settings {
        /// Kind of the component.
        kind: &'static str,
        /// Name of the component.
        component: String,
        /// Reason.
        error: SettingsError,
    },
    /// A constructor function that failed.
    #[error("{kind} `{component}`: {problem}")]
    Construction {
        /// Kind of the component.
        kind: &'static str,
        /// Name of the component.
        component: String,
        /// Error of the function.
        problem: String,
    },
}

impl RegistryError {
    /// Settings that a component does not accept.
    #[must_use]
    pub fn settings<K: Kind>(component: &str, error: SettingsError) -> Self {
        Self::Settings { kind: K::SINGULAR, component: component.to_owned(), error }
    }

    /// The name of the setting that is not accepted, if the error is about one.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        match self {
            Self::Settings { error, .. } => error.setting(),
            _ => None,
        }
    }
}

/// One name that several components of a kind have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The name.
    pub name: String,
    /// Every place that registers it: package, file and line, as `my-metrics (src/lib.rs:12)`.
    pub places: Vec<String>,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name `{}` is registered by {}", self.name, self.places.join(" and by "))
    }
}

struct Nearest<'a> {
    near: &'a [String],
    plural: &'a str,
    linked: usize,
}

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { near, plural, linked } = self;
        if near.is_empty() {
            return write!(
                f,
                " among the {linked} that are linked (shown by `neurobench list {plural}`); \
                 a crate that the code never uses is not linked: add `use that_crate as _;`"
            );
        }
        write!(f, "; did you mean {}?", near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
    }
}

/// All components of one kind that are linked into the program.
pub struct Registry<K: Kind> {
    entries: Vec<&'static Registration<K>>,
    /// More than one registration of a name is a duplicate.
    by_loose_name: BTreeMap<String, Vec<&'static Registration<K>>>,
}

impl<K: Kind> Registry<K> {
    /// The components of this program: the built-in ones and those of every linked crate.
    #[must_use]
    pub fn global() -> &'static Self {
        K::registry()
    }

    /// A registry of these components, for the implementation of a [`Kind`].
    #[must_use]
    pub fn new(registrations: impl IntoIterator<Item = &'static Registration<K>>) -> Self {
        let mut entries: Vec<_> = registrations.into_iter().collect();
        // Link order is an accident; names are not.
        entries.sort_by_key(|entry| (entry.name, entry.about.package, entry.file, entry.line));
        let mut by_loose_name: BTreeMap<String, Vec<&'static Registration<K>>> = BTreeMap::new();
        for entry in &entries {
            for name in entry.names() {
                let same = by_loose_name.entry(loose(name)).or_default();
                // An alias may differ from the name in spelling alone.
                if !same.iter().any(|other| std::ptr::eq(*other, *entry)) {
                    same.push(entry);
                }
            }
        }
        Self { entries, by_loose_name }
    }

    /// Every name that several components have, with all places. Each is still found by `package::name`, and by its type.
    pub fn duplicates(&self) -> impl Iterator<Item = Duplicate> {
        self.by_loose_name.values().filter(|same| same.len() > 1).map(|same| duplicate(same[0].name, same))
    }

    /// Every registered name, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Registration<K>> {
        self.entries.iter().copied()
    }

    /// Finds a component by name, alias or variant. Only letters and digits count, and not their case: `Hit Rate` finds
    /// `hit_rate`. `package::name` finds the component of one package.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Unknown`] with the nearest names; [`RegistryError::Ambiguous`] with all places of the name.
    pub fn find(&self, name: &str) -> Result<&'static Registration<K>, RegistryError> {
        let (package, plain) = name.rsplit_once("::").map_or((None, name), |(package, plain)| (Some(package), plain));
        let in_package =
            |entry: &&Registration<K>| package.is_none_or(|package| loose(package) == loose(entry.about.package));
        let same = self.by_loose_name.get(&loose(plain)).map_or(&[][..], Vec::as_slice);
        let found: Vec<&'static Registration<K>> = same.iter().copied().filter(in_package).collect();
        match found.as_slice() {
            [entry] => Ok(entry),
            [] => Err(RegistryError::Unknown {
                kind: K::SINGULAR,
                plural: K::PLURAL,
                name: name.to_owned(),
                linked: self.entries.len(),
                near: nearest(plain, self.entries.iter().flat_map(|entry| entry.names()))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            }),
            several => Err(RegistryError::Ambiguous(duplicate(name, several))),
        }
    }
}

fn duplicate<K: Kind>(name: &str, same: &[&'static Registration<K>]) -> Duplicate {
    let place = |entry: &&Registration<K>| format!("{} ({}:{})", entry.about.package, entry.file, entry.line);
    Duplicate { name: name.to_owned(), places: same.iter().map(place).collect() }
}
