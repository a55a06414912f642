//! The kind of components that are metrics, and their registry.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use crate::component::{
    self, CatalogueKind, Kind, Param, Params, Registration, RegistryError, SettingsError, Spec, TakesSettings,
};
use crate::metric::factory::{CoreDescriptor, Factory, Requested};
use crate::metric::{About, Shape};
use crate::names::loose;

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

/// A name that was registered at run time, and the metric that it stands for.
#[derive(Clone)]
struct AddedName {
    name: String,
    metric: Spec,
}

/// Names that were registered at run time, in loose form. They belong to the program, as linked metrics do.
static ADDED: RwLock<BTreeMap<String, AddedName>> = RwLock::new(BTreeMap::new());

impl Registry {
    /// Registers a name for a metric with other settings at run time, from settings that are not known before, such as those of a
    /// file. From then on, `metric_named` and benchmark files of this program know it. For names that are known at compile time
    /// there is [`variant!`](crate::variant).
    ///
    /// ```
    /// use neurobench::bench::evaluate;
    /// use neurobench::data::Records;
    /// use neurobench::metric::Registry;
    ///
    /// Registry::register("mean_recall", "recall(average=macro)")?;
    /// // Class 0 is found always, class 1 in one of two cases.
    /// let report = evaluate(Records::new([(0_i64, 0_i64), (1, 1), (0, 1)]), ["mean_recall"])?;
    /// assert_eq!(report["mean_recall"].as_f64(), Some(0.75));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A name that is taken; an unknown metric; settings that it does not accept.
    pub fn register(name: &str, metric: &str) -> Result<(), RegistryError> {
        let registry = Self::global();
        let spec = Spec::parse(metric).map_err(|error| RegistryError::settings::<Metrics>(name, error))?;
        registry.request(&spec)?;
        let taken = || RegistryError::Taken { kind: Metrics::SINGULAR, name: name.to_owned() };
        if !matches!(registry.find(name), Err(RegistryError::Unknown { .. })) {
            return Err(taken());
        }
        let mut added = ADDED.write().unwrap_or_else(PoisonError::into_inner);
        if added.contains_key(&loose(name)) {
            return Err(taken());
        }
        added.insert(loose(name), AddedName { name: name.to_owned(), metric: spec });
        Ok(())
    }

    /// The metric that a name and settings ask for.
    pub(crate) fn request(&self, spec: &Spec) -> Result<Requested, RegistryError> {
        let added = ADDED.read().unwrap_or_else(PoisonError::into_inner).get(&loose(&spec.name)).cloned();
        let Some(AddedName { name, metric }) = added else { return self.request_linked(spec) };
        let mut params = metric.params;
        params.extend(spec.params.clone());
        let mut requested = self.request_linked(&Spec::new(metric.name, params))?;
        if spec.params.is_empty() {
            requested.name = name;
        }
        Ok(requested)
    }

    fn request_linked(&self, spec: &Spec) -> Result<Requested, RegistryError> {
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
