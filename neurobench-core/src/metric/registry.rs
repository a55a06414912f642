//! All metrics that are linked into the program, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use crate::metric::factory::{CoreDescriptor, Factory, Requested};
use crate::metric::{About, MetricSpec, Param, Params, SettingsError, Shape};
use crate::names::{loose, nearest};

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
    /// Several metrics have the name that was asked for.
    #[error("{0}: ask for `package::name`, or give one of them another with `name = \"..\"`")]
    Ambiguous(Duplicate),
    /// No metric of this name is linked.
    #[error("no metric `{name}` among the {linked} that are linked, which `neurobench list` shows{}", Nearest(near))]
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
    /// Every place that registers it: package, file and line, as `my-metrics (src/lib.rs:12)`.
    pub places: Vec<String>,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name `{}` is registered by {}", self.name, self.places.join(" and by "))
    }
}

struct Nearest<'a>(&'a [String]);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("; a crate of metrics that no code names is not linked: write `use that_crate as _;`");
        }
        write!(f, "; did you mean {}?", self.0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
    }
}

/// All metrics that are linked into the program.
pub struct Registry {
    entries: Vec<&'static Registration>,
    /// More than one of a name is a duplicate.
    by_loose_name: BTreeMap<String, Vec<&'static Registration>>,
}

impl Registry {
    /// The metrics of this program: the built-in ones and those of every linked crate.
    pub fn global() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| Self::new(inventory::iter::<Registration>.into_iter()))
    }

    fn new(registrations: impl Iterator<Item = &'static Registration>) -> Self {
        let mut entries: Vec<_> = registrations.collect();
        // Link order is an accident; names are not.
        entries.sort_by_key(|entry| (entry.name, entry.about.package, entry.file, entry.line));
        let mut by_loose_name: BTreeMap<String, Vec<&'static Registration>> = BTreeMap::new();
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

    /// Every name that several metrics have, with all places. A metric is still found by `package::name`, and by its type.
    pub fn duplicates(&self) -> impl Iterator<Item = Duplicate> {
        self.by_loose_name.values().filter(|same| same.len() > 1).map(|same| duplicate(same[0].name, same))
    }

    /// Every name that is registered, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = Descriptor> {
        self.entries.iter().map(|entry| Descriptor { registration: entry, factory: (entry.factory)() })
    }

    /// The metric of this name, alias or variant; only letters and digits count, and not their case: `Hit Rate` is `hit_rate`. `package::name` is that of one package.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Unknown`] with the nearest names; [`RegistryError::Ambiguous`] with all places of the name.
    pub fn find(&self, name: &str) -> Result<Descriptor, RegistryError> {
        let (package, plain) = name.rsplit_once("::").map_or((None, name), |(package, plain)| (Some(package), plain));
        let of_package =
            |entry: &&Registration| package.is_none_or(|package| loose(package) == loose(entry.about.package));
        let same = self.by_loose_name.get(&loose(plain)).map_or(&[][..], Vec::as_slice);
        let found: Vec<&'static Registration> = same.iter().copied().filter(of_package).collect();
        match found.as_slice() {
            [entry] => Ok(Descriptor { registration: entry, factory: (entry.factory)() }),
            [] => Err(RegistryError::Unknown {
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

fn duplicate(name: &str, same: &[&'static Registration]) -> Duplicate {
    let place = |entry: &&Registration| format!("{} ({}:{})", entry.about.package, entry.file, entry.line);
    Duplicate { name: name.to_owned(), places: same.iter().map(place).collect() }
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

    /// Its settings and those of its cores.
    #[must_use]
    pub fn params(&self) -> &[&'static Param] {
        &self.factory.params
    }

    /// The cores that it reads: itself, if it folds batches; none, if it looks at the model alone.
    ///
    /// # Errors
    ///
    /// A default that is out of its own range or cannot be written.
    pub fn cores(&self) -> Result<Vec<CoreDescriptor>, RegistryError> {
        (self.factory.cores)().map_err(|error| RegistryError::Settings { metric: self.name().to_owned(), error })
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
        write!(f, "Descriptor({} = {})", self.name(), self.about().id())
    }
}
