//! The kind of components that are metrics, and their registry.

use std::sync::OnceLock;

use crate::component::{
    self, CatalogueKind, Kind, Param, Params, Registration, RegistryError, SettingsError, Spec, TakesSettings,
};
use crate::metric::factory::{CoreDescriptor, Factory, Requested};
use crate::metric::{About, Shape};

/// The metrics that are linked into the program.
pub type Registry = component::Registry<Metrics>;

/// Metrics as a kind of component.
#[derive(Debug)]
pub enum Metrics {}

inventory::collect!(Registration<Metrics>);

inventory::submit! {
    CatalogueKind::new::<Metrics>()
}

impl Kind for Metrics {
    const SINGULAR: &'static str = "metric";
    const PLURAL: &'static str = "metrics";
    type Constructor = fn() -> Factory;

    fn registry() -> &'static Registry {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| Registry::new(inventory::iter::<Registration<Metrics>>))
    }
}

impl TakesSettings for fn() -> Factory {
    fn params(&self) -> Vec<&'static Param> {
        self().params
    }

    fn defaults(&self) -> Result<Params, SettingsError> {
        self().defaults()
    }
}

impl Registration<Metrics> {
    /// Description of the metric.
    #[must_use]
    pub fn metric(&self) -> &'static About {
        self.factory().about
    }

    /// The factory of the metric, without the presets of a variant.
    #[must_use]
    pub fn factory(&self) -> Factory {
        (self.constructor)()
    }

    /// Its settings and those of its cores.
    #[must_use]
    pub fn params(&self) -> Vec<&'static Param> {
        self.factory().params
    }

    /// Structure of its values.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.factory().shape
    }

    /// The cores that the metric reads: itself if it folds batches, none if it reads the model alone.
    ///
    /// # Errors
    ///
    /// A default that is out of its own range or cannot be written as a value.
    pub fn cores(&self) -> Result<Vec<CoreDescriptor>, RegistryError> {
        self.factory().cores().map_err(|error| RegistryError::settings::<Metrics>(self.name, error))
    }

    /// The settings with which it runs when nothing is set: the defaults, or the presets of a variant.
    ///
    /// # Errors
    ///
    /// A default or preset that is out of its own range or cannot be written as a value.
    pub fn settings(&self) -> Result<Params, RegistryError> {
        let settings = || -> Result<Params, SettingsError> {
            let mut all = self.factory().defaults()?;
            all.extend(self.preset_params()?);
            Ok(all)
        };
        settings().map_err(|error| RegistryError::settings::<Metrics>(self.name, error))
    }
}

impl Registry {
    /// The metric that a name and settings ask for.
    pub(crate) fn request(&self, spec: &Spec) -> Result<Requested, RegistryError> {
        let found = self.find(&spec.name)?;
        let refused = |error| RegistryError::settings::<Metrics>(found.name, error);
        let mut params = found.preset_params().map_err(refused)?;
        params.extend(spec.params.iter().map(|(key, value)| (key.clone(), value.clone())));
        let mut requested = found.factory().request(&params).map_err(refused)?;
        // A variant without further settings keeps its own name.
        if found.is_variant() && spec.params.is_empty() {
            requested.name = found.name.to_owned();
        }
        Ok(requested)
    }
}
