//! Layers as a kind of component: the registry, and the macro that registers a layer.

use std::sync::OnceLock;

use neurobench_core::component::{
    CatalogueKind, Kind, Param, Params, Registration, Registry, RegistryError, Settings, SettingsError, TakesSettings,
    from_known,
};
use neurobench_core::value::Value;

use crate::error::NetworkError;
use crate::layers::{BuiltLayer, Joins, Parts};
use crate::real::Real;

/// Layers as a kind of component.
#[derive(Debug)]
pub enum Layers {}

/// A registered layer, as [`layer!`](crate::layer!) submits it.
pub struct LayerRegistration(pub Registration<Layers>);

neurobench_core::__private::inventory::collect!(LayerRegistration);

neurobench_core::__private::inventory::submit! {
    CatalogueKind::new::<Layers>()
}

impl Kind for Layers {
    const SINGULAR: &'static str = "layer";
    const PLURAL: &'static str = "layers";
    type Constructor = LayerConstructor;

    fn registry() -> &'static Registry<Self> {
        static REGISTRY: OnceLock<Registry<Layers>> = OnceLock::new();
        REGISTRY.get_or_init(|| {
            let registrations = neurobench_core::__private::inventory::iter::<LayerRegistration>;
            Registry::new(registrations.into_iter().map(|registration| &registration.0))
        })
    }
}

/// The layers that are linked into the program.
#[must_use]
pub fn layers() -> &'static Registry<Layers> {
    Registry::global()
}

/// Builds layers of one kind from the keys of a network file.
#[derive(Clone, Copy)]
pub struct LayerConstructor {
    /// Settings of the layer.
    pub params: fn() -> Vec<&'static Param>,
    /// Settings that have a default, with that default.
    pub defaults: fn() -> Result<Params, SettingsError>,
    /// Builds the layer in single precision.
    pub single: fn(&Params, Parts<'_, '_>) -> Result<BuiltLayer<f32>, NetworkError>,
    /// Builds the layer in double precision.
    pub double: fn(&Params, Parts<'_, '_>) -> Result<BuiltLayer<f64>, NetworkError>,
    /// Combination of several inputs, which may depend on the settings.
    pub joins: fn(&Params) -> Result<Joins, SettingsError>,
}

impl TakesSettings for LayerConstructor {
    fn params(&self) -> Vec<&'static Param> {
        (self.params)()
    }

    fn defaults(&self) -> Result<Params, SettingsError> {
        (self.defaults)()
    }
}

/// The floating-point types that layers can be built for.
pub(crate) trait Buildable: Real {
    /// Builds a layer for this type.
    fn build(
        constructor: &LayerConstructor,
        params: &Params,
        parts: Parts<'_, '_>,
    ) -> Result<BuiltLayer<Self>, NetworkError>;
}

impl Buildable for f32 {
    fn build(
        constructor: &LayerConstructor,
        params: &Params,
        parts: Parts<'_, '_>,
    ) -> Result<BuiltLayer<Self>, NetworkError> {
        (constructor.single)(params, parts)
    }
}

impl Buildable for f64 {
    fn build(
        constructor: &LayerConstructor,
        params: &Params,
        parts: Parts<'_, '_>,
    ) -> Result<BuiltLayer<Self>, NetworkError> {
        (constructor.double)(params, parts)
    }
}

/// Reads the settings of a layer and builds it.
///
/// # Errors
///
/// A setting that is unknown, missing, of the wrong type or out of range, and the errors of `build`.
pub fn build_from<R, S: Settings>(
    params: &Params,
    parts: Parts<'_, '_>,
    build: fn(S, Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError>,
) -> Result<BuiltLayer<R>, NetworkError> {
    let settings = from_known(params).map_err(|error| parts.setting_problem(&error))?;
    build(settings, parts)
}

/// Reads the settings of a layer and selects how its inputs are combined.
///
/// # Errors
///
/// A setting that is unknown, missing, of the wrong type or out of range.
pub fn joins_from<S: Settings>(params: &Params, joins: fn(&S) -> Joins) -> Result<Joins, SettingsError> {
    from_known(params).map(|settings| joins(&settings))
}

/// Finds the layer with this name.
pub(crate) fn find(path: &str, name: &str) -> Result<&'static Registration<Layers>, NetworkError> {
    // Kinds are keys of files, so that another spelling of one is a mistake.
    let exact = |found: &&'static Registration<Layers>| found.name == name || found.about.aliases.contains(&name);
    let found = layers().find(name);
    found.as_ref().ok().copied().filter(exact).ok_or_else(|| NetworkError::UnknownKind {
        layer: path.to_owned(),
        kind: name.to_owned(),
        hint: match found {
            Ok(found) => format!("; did you mean `{}`?", found.name),
            Err(RegistryError::Unknown { near, .. }) => match near.first() {
                Some(near) => format!("; did you mean `{near}`?"),
                None => "; `neurobench list layers` shows all".to_owned(),
            },
            Err(error) => format!("; {error}"),
        },
    })
}

/// Converts the keys of a layer to settings.
pub(crate) fn params(path: &str, kind: &'static str, table: toml::Table) -> Result<Params, NetworkError> {
    let convert = |(key, value): (String, toml::Value)| match value.try_into::<Value>() {
        Ok(value) => Ok((key, value)),
        Err(error) => {
            let problem = format!("`{key}`: {}", error.message());
            Err(NetworkError::Setting { layer: path.to_owned(), kind, key: Some(key), problem })
        }
    };
    table.into_iter().map(convert).collect()
}

/// Registers a layer: its name in network files, the type of its settings, and the generic function that builds it.
///
/// ```
/// use ndarray::array;
/// use neurobench::metric::Needs;
/// use neurobench::model::{LayerKind, Model, Probe, Tensor};
/// use neurobench::network::layer::{BuiltLayer, Hook, Kernel, NetworkError, Parts, Real, Workspace};
/// use neurobench::network::{Network, layer};
/// use neurobench::prelude::*;
///
/// /// Product of each input and `factor`.
/// #[derive(Clone, Debug, Settings)]
/// struct GainConfig {
///     /// Factor of all inputs.
///     #[param(default = 2.0)]
///     factor: f64,
/// }
///
/// layer!("gain", GainConfig, gain);
///
/// fn gain<R: Real>(config: GainConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
///     let layer = Layer::new(parts.path(), LayerKind::Other, parts.kind());
///     let kernel = Gain { factor: R::nearest(config.factor), outputs: parts.elements() };
///     Ok(BuiltLayer::new(layer, kernel, parts.shape().to_vec()))
/// }
///
/// struct Gain<R> {
///     factor: R,
///     outputs: usize,
/// }
///
/// impl<R: Real> Kernel<R> for Gain<R> {
///     fn outputs(&self) -> usize {
///         self.outputs
///     }
///
///     fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
///         for (input, output) in inputs.iter().zip(outputs) {
///             *output = self.factor * *input;
///         }
///     }
/// }
///
/// // As `kind = "gain"` in a network file.
/// let network = Network::builder([2]).layer("0", "gain", toml::Table::new()).build()?;
/// let mut outputs = Tensor::default();
/// let mut probe = Probe::new(Needs::NONE, network.layers());
/// network.session().forward(&array![[1.0_f32, -0.5]].into(), &mut probe, &mut outputs)?;
/// assert_eq!(outputs, array![[2.0_f32, -1.0]].into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The function is called once for each precision, so it may be a generic function or a closure that calls one:
/// `|config, parts| build(&config, parts, 2)`.
///
/// Several inputs of a layer are added up; `joins = |config| ..` as a fourth argument selects another combination.
#[macro_export]
macro_rules! layer {
    ($name:literal, $settings:ty, $build:expr $(,)?) => {
        $crate::layer!(@register $name, $settings, $build, |_| ::core::result::Result::Ok($crate::layer::Joins::Sum));
    };
    ($name:literal, $settings:ty, $build:expr, joins = $joins:expr $(,)?) => {
        $crate::layer!(@register $name, $settings, $build, |params| {
            $crate::__private::joins_from::<$settings>(params, $joins)
        });
    };
    (@register $name:literal, $settings:ty, $build:expr, $joins:expr) => {
        const _: () = {
            use $crate::__private as private;
            static ABOUT: private::About = private::About {
                name: $name,
                file: file!(),
                line: line!(),
                ..*<$settings as private::Settings>::ABOUT
            };
            private::inventory::submit! {
                private::LayerRegistration(private::Registration {
                    about: &ABOUT,
                    name: $name,
                    file: file!(),
                    line: line!(),
                    preset: None,
                    constructor: private::LayerConstructor {
                        params: <$settings as private::Settings>::all_params,
                        defaults: <$settings as private::Settings>::defaults,
                        single: |params, parts| private::build_from::<f32, $settings>(params, parts, $build),
                        double: |params, parts| private::build_from::<f64, $settings>(params, parts, $build),
                        joins: $joins,
                    },
                })
            }
        };
    };
}
