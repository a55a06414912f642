//! All metrics that are linked into the program, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::OnceLock;

use crate::metric::factory::{Factory, Requested};
use crate::metric::{About, MetricSpec, Param, Params, SettingsError, Shape};
use crate::names::{listed, loose, nearest};

/// What an attribute submits at link time: one for a metric's name, one for each of its variants.
pub struct Registration {
    /// What the function says of itself.
    pub about: &'static About,
    /// The name: the metric's own or a variant's.
    pub name: &'static str,
    /// The source file of the registration.
    pub file: &'static str,
    /// Its line.
    pub line: u32,
    /// Makes the metric.
    pub factory: fn() -> Factory,
}

inventory::collect!(Registration);

impl Registration {
    fn is_variant(&self) -> bool {
        self.name != self.about.name
    }

    /// Every name under which it is found: a variant has no aliases.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let aliases = if self.is_variant() { &[][..] } else { self.about.aliases };
        std::iter::once(self.name).chain(aliases.iter().copied())
    }
}

/// Why a metric is not found or not made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Several metrics have one name; all such names at once.
    #[error("{}", DuplicateList(.0))]
    Duplicates(Vec<Duplicate>),
    /// No metric of this name is linked.
    #[error(
        "no metric `{name}` among the {linked} that are linked{}; a crate of metrics that no code names is not linked: \
         write `use that_crate as _;`",
        Nearest(near)
    )]
    Unknown {
        /// The name.
        name: String,
        /// How many names are linked.
        linked: usize,
        /// The nearest names.
        near: Vec<String>,
    },
    /// The metric is there, its settings are not accepted.
    #[error("metric `{metric}`: {error}")]
    Settings {
        /// The metric.
        metric: String,
        /// Why.
        error: SettingsError,
    },
}

/// One name that several metrics have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The name.
    pub name: String,
    /// Every place that registers it, as `file:line`.
    pub places: Vec<String>,
}

struct DuplicateList<'a>(&'a [Duplicate]);

impl fmt::Display for DuplicateList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, duplicate) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(
                f,
                "{separator}the name `{}` is registered at {}",
                duplicate.name,
                duplicate.places.join(" and at ")
            )?;
        }
        f.write_str(": give one of them another with `name = \"..\"`")
    }
}

struct Nearest<'a>(&'a [String]);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, "; did you mean {}?", self.0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
    }
}

/// All metrics that are linked into the program.
pub struct Registry {
    entries: Vec<&'static Registration>,
    by_loose_name: BTreeMap<String, &'static Registration>,
}

impl Registry {
    /// The metrics of this program: the built-in ones and those of every linked crate.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Duplicates`] with every name that is registered more than once and all its places.
    pub fn global() -> Result<&'static Self, RegistryError> {
        static REGISTRY: OnceLock<Result<Registry, RegistryError>> = OnceLock::new();
        REGISTRY.get_or_init(|| Self::new(inventory::iter::<Registration>.into_iter())).as_ref().map_err(Clone::clone)
    }

    fn new(registrations: impl Iterator<Item = &'static Registration>) -> Result<Self, RegistryError> {
        let mut entries: Vec<_> = registrations.collect();
        // Link order is an accident; names are not.
        entries.sort_by_key(|entry| (entry.name, entry.file, entry.line));
        let mut by_loose_name: BTreeMap<String, &'static Registration> = BTreeMap::new();
        let mut duplicates: BTreeMap<String, Duplicate> = BTreeMap::new();
        for entry in &entries {
            for name in entry.names() {
                match by_loose_name.entry(loose(name)) {
                    Entry::Vacant(slot) => {
                        slot.insert(entry);
                    }
                    Entry::Occupied(slot) if std::ptr::eq(*slot.get(), *entry) => {}
                    Entry::Occupied(slot) => {
                        let first = *slot.get();
                        let duplicate = duplicates
                            .entry(loose(name))
                            .or_insert_with(|| Duplicate { name: name.to_owned(), places: vec![place(first)] });
                        duplicate.places.push(place(entry));
                    }
                }
            }
        }
        if duplicates.is_empty() {
            Ok(Self { entries, by_loose_name })
        } else {
            Err(RegistryError::Duplicates(duplicates.into_values().collect()))
        }
    }

    /// Every name that is registered, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = Descriptor> {
        self.entries.iter().map(|entry| Descriptor { registration: entry, factory: (entry.factory)() })
    }

    /// The metric of this name, alias or variant; case, `_` and `-` do not matter.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Unknown`] with the nearest names.
    pub fn find(&self, name: &str) -> Result<Descriptor, RegistryError> {
        match self.by_loose_name.get(&loose(name)) {
            Some(entry) => Ok(Descriptor { registration: entry, factory: (entry.factory)() }),
            None => Err(RegistryError::Unknown {
                name: name.to_owned(),
                linked: self.entries.len(),
                near: nearest(name, self.entries.iter().flat_map(|entry| entry.names()))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            }),
        }
    }

    /// The metric that a name and settings ask for.
    pub(crate) fn request(&self, spec: &MetricSpec) -> Result<Requested, RegistryError> {
        let found = self.find(&spec.name)?;
        let mut requested = found
            .factory
            .request(&spec.params)
            .map_err(|error| RegistryError::Settings { metric: found.name().to_owned(), error })?;
        // A variant asked for as it is goes by its own name.
        if found.registration.is_variant() && spec.params.is_empty() {
            requested.name = found.name().to_owned();
        }
        Ok(requested)
    }
}

fn place(entry: &Registration) -> String {
    format!("{}:{}", entry.file, entry.line)
}

/// A registered metric, as `list` shows it.
pub struct Descriptor {
    registration: &'static Registration,
    factory: Factory,
}

impl Descriptor {
    /// The name under which it is registered.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.registration.name
    }

    /// What the function says of itself.
    #[must_use]
    pub fn about(&self) -> &'static About {
        self.registration.about
    }

    /// The metric of which this is a variant.
    #[must_use]
    pub fn variant_of(&self) -> Option<&'static str> {
        self.registration.is_variant().then_some(self.registration.about.name)
    }

    /// The source file and line of the registration.
    #[must_use]
    pub fn place(&self) -> (&'static str, u32) {
        (self.registration.file, self.registration.line)
    }

    /// What its values look like.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.factory.shape
    }

    /// Its params and those of its cores.
    #[must_use]
    pub fn params(&self) -> &[&'static Param] {
        &self.factory.params
    }

    /// The settings with which it runs when nothing is set: the defaults, or the variant's own.
    ///
    /// # Errors
    ///
    /// A default or preset that is out of its own range or cannot be written.
    pub fn settings(&self) -> Result<Params, RegistryError> {
        let settings = || -> Result<Params, SettingsError> {
            let mut all = self.factory.defaults.clone()?;
            all.extend(self.factory.preset.clone()?);
            Ok(all)
        };
        settings().map_err(|error| RegistryError::Settings { metric: self.name().to_owned(), error })
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Descriptor({} = {})", self.name(), listed([self.about().id()]))
    }
}
