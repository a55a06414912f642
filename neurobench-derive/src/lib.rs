//! The macros of neurobench: a metric, a processor or a data set is one annotated function.
//!
//! Use them through the `neurobench` crate, whose prelude has them. Each attribute leaves its function unchanged,
//! callable and testable, and adds a type that holds the settings, the traits that the engine calls, and an entry in
//! the registry:
//!
//! | attribute | the function receives | and returns |
//! |---|---|---|
//! | [`static_metric`](attr.static_metric.html) | the model | the value |
//! | [`workload_metric`](attr.workload_metric.html) | one batch | the value of the batch |
//! | [`accumulated_metric`](attr.accumulated_metric.html) | one batch | the part of the batch, which is merged with those of the others |
//! | [`preprocessor`](attr.preprocessor.html) | settings | a `Preprocessor` |
//! | [`postprocessor`](attr.postprocessor.html) | settings | a `Postprocessor` |
//! | [`dataset`](attr.dataset.html) | settings | a `Dataset` |
//!
//! The arguments and options of each are on its page.
//!
//! # Mistakes
//!
//! All mistakes of one attribute are shown together, each at its place and with the correction. Rules that depend
//! on types are checked by constants, so that `cargo check` and editors report them.

mod accumulator;
mod check;
mod container;
mod crate_name;
mod docs;
mod errors;
mod expand;
mod function;
mod kind;
mod literal;
mod model;
mod names;
mod options;
mod param;
mod serde_attributes;
mod serde_derives;
mod settings;
mod siblings;
mod source;
mod spans;
mod types;
mod value;
mod variant;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use kind::{Constructor, Kind};

/// A metric of the model alone, computed once.
///
/// Its arguments are inputs that need nothing of a run, such as `&dyn Model` and `Layers<'_>`, and settings. It returns
/// a `MetricValue`, or a `Result` of one.
///
/// ```
/// use neurobench::prelude::*;
///
/// /// Number of parameters of the model.
/// #[static_metric(unit = "parameters")]
/// pub fn parameter_count(layers: Layers<'_>) -> u64 {
///     layers.iter().map(Layer::parameter_count).sum()
/// }
/// ```
///
/// This makes `pub struct ParameterCount`, registered as `parameter_count`.
#[doc = include_str!("../docs/metric_options.md")]
#[proc_macro_attribute]
pub fn static_metric(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Static, options.into(), &item.into()).into()
}

/// A metric with a value for each batch, averaged with the samples of the batches as weights.
///
/// It returns `f64`, `Option<f64>` (`None`: the batch has no value), or a map, array or per-layer record of them, which
/// are averaged entry by entry; or a `Result` of one of these. Its value depends on the batch size by definition: a
/// ratio or a mean over the whole run is an [`accumulated_metric`](attr.accumulated_metric.html).
///
/// ```
/// use neurobench::prelude::*;
///
/// /// Fraction of targets found among the k highest scores.
/// #[workload_metric(variant("top_1", k = 1), variant("top_3", k = 3), higher_is_better = true)]
/// pub fn top_k(
///     scores: Predictions<'_, Ix2>,
///     targets: TargetClasses<'_>,
///     /// Number of highest scores that count.
///     #[param(default = 5, range = 1..=100)]
///     k: usize,
/// ) -> f64 {
///     // ..
/// #   let _ = (scores, targets);
/// #   k as f64
/// }
/// ```
///
/// This makes `pub struct TopK { pub k: usize }`, registered as `top_k`, `top_1` and `top_3`; the function itself can
/// be called as before.
#[doc = include_str!("../docs/metric_options.md")]
#[proc_macro_attribute]
pub fn workload_metric(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Workload, options.into(), &item.into()).into()
}

/// A metric over the whole run: the function maps a batch to its part, and parts merge.
///
/// The part is an `Accumulator`, such as `Ratio`, `Mean` or a struct of your own (see
/// [`Accumulator`](derive.Accumulator.html)). The order and grouping of merges do not matter, so that parallel, sharded
/// and resumed runs agree to the last bit.
///
/// ```
/// use neurobench::prelude::*;
///
/// /// Fraction of samples whose predicted class is the target.
/// #[accumulated_metric(higher_is_better = true, bounds = 0..=1)]
/// pub fn classification_accuracy(predicted: Classes<'_>, targets: TargetClasses<'_>) -> Ratio {
///     Ratio::from_bools(predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target))
/// }
/// ```
///
/// # In place
///
/// A state that is expensive to allocate is taken as the first argument, `&mut S`, and changed; the function then
/// returns nothing, or `Result<(), MetricError>`.
///
/// # Reading the state of another metric
///
/// With `of = Mse` the metric reads the state of another, which is kept once for all metrics that read it. The function
/// takes that state by reference, and its own settings; the metric's type has the core's settings as the field `core`
/// (`core_0`, `core_1` for `of = (A, B)`). Outside of Rust all settings are flat, so no two may have the same name.
///
/// ```
/// use neurobench::prelude::*;
///
/// # #[accumulated_metric]
/// # fn mse(predictions: Predictions<'_>) -> Mean { Mean::from_values(predictions.iter().copied()) }
/// /// The root of the mean squared error.
/// #[accumulated_metric(of = Mse)]
/// pub fn rmse(squared: &Mean) -> Result<f64, MetricError> {
///     Ok(squared.finish()?.sqrt())
/// }
/// ```
#[doc = include_str!("../docs/metric_options.md")]
#[proc_macro_attribute]
pub fn accumulated_metric(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Accumulated, options.into(), &item.into()).into()
}

/// A preprocessor: changes inputs and targets before the model sees them.
///
/// The function constructs it from its settings, once for each run, and returns a type that implements `Preprocessor`,
/// or a closure, or a `Result` of one. Every argument is a setting, `#[param]`; one without `default` is required.
///
/// ```
/// use neurobench::prelude::*;
/// use neurobench::process::ProcessError;
///
/// /// Subtracts `mean` from every input.
/// #[preprocessor]
/// pub fn center(
///     /// Value to subtract.
///     #[param]
///     mean: f32,
/// ) -> impl Preprocessor {
///     move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
///         Ok((Tensor::from(inputs.to_f32() - mean), targets))
///     }
/// }
/// ```
///
/// This makes `pub struct Center { pub mean: f32 }`, registered as `center`. Code writes
/// `.preprocess(Center { mean: 0.5 })`, files `preprocessors = ["center(mean=0.5)"]`. Its identity in results and
/// snapshots is generated from its settings.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn preprocessor(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::Preprocessor), options.into(), &item.into()).into()
}

/// A postprocessor: changes the outputs of the model before metrics see them.
///
/// The function constructs it from its settings and returns a type that implements `Postprocessor`, or a `Result` of
/// one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn postprocessor(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::Postprocessor), options.into(), &item.into()).into()
}

/// A data set: samples that a benchmark file can name.
///
/// The function constructs it from its settings and returns a type that implements `Dataset`, or a `Result` of one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn dataset(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::Dataset), options.into(), &item.into()).into()
}

/// A data format: reads arrays from files with certain extensions.
///
/// The function constructs it from its settings and returns a type that implements `DataFormat`, or a `Result` of one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn data_format(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::DataFormat), options.into(), &item.into()).into()
}

/// A model format: reads models from files with certain extensions.
///
/// The function constructs it from its settings and returns a type that implements `ModelFormat`, or a `Result` of one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn model_format(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::ModelFormat), options.into(), &item.into()).into()
}

/// An exporter: writes the results of a run in some format.
///
/// The function constructs it from its settings and returns a type that implements `Exporter`, or a `Result` of one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn exporter(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::Exporter), options.into(), &item.into()).into()
}

/// A statistical test that `compare` applies to pairs of results.
///
/// The function constructs it from its settings and returns a type that implements `StatisticalTest`, or a `Result` of
/// one.
#[doc = include_str!("../docs/component_options.md")]
#[proc_macro_attribute]
pub fn statistical_test(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Constructor(Constructor::StatisticalTest), options.into(), &item.into()).into()
}

/// A variant of a metric: settings under a name, from any crate.
///
/// ```
/// # use neurobench::prelude::*;
/// # #[workload_metric]
/// # fn top_k(samples: SampleCount, #[param] k: u64) -> f64 { (samples.0 + k) as f64 }
/// neurobench::variant!("top_7", TopK { k: 7 });
/// ```
///
/// Settings that are not given have their defaults. Variants beside the function are options of its attribute:
/// `variant("top_3", k = 3)`. `crate = path` may follow the settings: see the
/// [options](attr.static_metric.html#options) of metrics.
#[proc_macro]
pub fn variant(tokens: TokenStream) -> TokenStream {
    variant::variant(tokens.into()).into()
}

/// A state that merges field by field.
///
/// Every field has an attribute for its merge:
///
/// | attribute | the field |
/// |---|---|
/// | `#[merge]` | is an `Accumulator` itself |
/// | `#[merge(sum)]` | is an unsigned integer; float sums depend on the order of the parts, so for these there are `Sum` and `Mean` |
/// | `#[merge(max)]` | is an `Option` of a number, an unsigned integer or a `bool`: an empty state must be below all values |
/// | `#[merge(min)]` | is an `Option` of a number |
/// | `#[merge(with = path)]` | is merged by `fn path(own: &mut Field, other: Field)` |
///
/// The struct has `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]`, where `Default` is the state of no
/// batch, and implements `Finish`, which computes its value. `Serialize` and `Deserialize` of the prelude need no
/// dependency on `serde`.
///
/// ```
/// use neurobench::prelude::*;
///
/// #[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
/// pub struct Tally {
///     #[merge(sum)]
///     hits: u64,
///     #[merge(max)]
///     peak: Option<f64>,
///     #[merge]
///     error: Mean,
/// }
///
/// impl Finish for Tally {
///     type Output = f64;
///
///     fn finish(&self) -> Result<f64, MetricError> {
///         Ok(self.hits as f64 * self.error.finish()?)
///     }
/// }
/// ```
///
/// A crate that imports neurobench by a path of its own, and not as a dependency, writes `#[neurobench(crate = path)]`.
#[proc_macro_derive(Accumulator, attributes(merge, neurobench))]
pub fn derive_accumulator(input: TokenStream) -> TokenStream {
    accumulator::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// A value with named, documented fields, each with its own unit and direction.
///
/// The struct has `#[derive(Clone, Serialize, MetricValue)]`. Fields are named as `serde` writes them (`rename`,
/// `rename_all` and `skip` are honoured); a struct around one value looks like that value.
///
/// ```
/// use neurobench::prelude::*;
///
/// #[derive(Clone, Serialize, MetricValue)]
/// pub struct SynapticOperations {
///     /// Accumulates that a spike makes.
///     #[value(unit = "ACs/sample", higher_is_better = false)]
///     effective_acs: f64,
///     #[value(unit = "MACs/sample")]
///     effective_macs: f64,
/// }
/// ```
///
/// A field that is the smallest or the largest of several numbers is `#[value(extreme)]`: it gets no interval.
///
/// A crate that imports neurobench by a path of its own, and not as a dependency, writes `#[neurobench(crate = path)]`.
#[proc_macro_derive(MetricValue, attributes(value, neurobench))]
pub fn derive_metric_value(input: TokenStream) -> TokenStream {
    value::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// The settings of a component, as the fields of a struct.
///
/// Every field is a setting. Its doc comment is kept; `#[param(default = .., range = ..)]` gives it a default and a
/// range. A field without a default is required. `#[param(name = "R")]` sets the name of the setting if it is not that
/// of the field.
///
/// ```
/// use neurobench::component::{Params, Settings as _, from_known};
/// use neurobench::prelude::*;
///
/// /// A moving average over the last samples.
/// #[derive(Clone, Debug, Settings)]
/// #[component(name = "smoothing")]
/// pub struct SmoothingConfig {
///     /// Number of samples.
///     #[param(default = 10, range = 1..=1000)]
///     pub length: usize,
/// }
///
/// let config: SmoothingConfig = from_known(&Params::new())?;
/// assert_eq!(config.length, 10);
/// assert_eq!(SmoothingConfig::ABOUT.params[0].range, Some("1..=1000"));
/// # Ok::<(), neurobench::component::SettingsError>(())
/// ```
///
/// Options of `#[component(..)]` are `name` (by default the struct's name in snake case), `alias`, `version`, `cite`
/// and `crate`.
#[proc_macro_derive(Settings, attributes(component, param))]
pub fn derive_settings(input: TokenStream) -> TokenStream {
    settings::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// `serde::Serialize`, derived without `serde` among the dependencies.
///
/// The prelude has it with the trait of the same name. It has the options of serde, `#[serde(..)]`, and derives the
/// same implementation; a crate that depends on `serde` may derive its `serde::Serialize` instead.
///
/// ```
/// use neurobench::prelude::*;
///
/// #[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
/// #[serde(rename_all = "lowercase")]
/// pub enum Average {
///     #[default]
///     Macro,
///     Micro,
/// }
/// ```
///
/// A crate that imports neurobench by a path of its own, and not as a dependency, writes `#[neurobench(crate = path)]`.
#[proc_macro_derive(Serialize, attributes(serde, neurobench))]
pub fn derive_serialize(input: TokenStream) -> TokenStream {
    serde_derives::derive("Serialize", &parse_macro_input!(input as DeriveInput)).into()
}

/// `serde::Deserialize`, derived without `serde` among the dependencies.
///
/// The prelude has it with the trait of the same name. See [`Serialize`](derive.Serialize.html).
#[proc_macro_derive(Deserialize, attributes(serde, neurobench))]
pub fn derive_deserialize(input: TokenStream) -> TokenStream {
    serde_derives::derive("Deserialize", &parse_macro_input!(input as DeriveInput)).into()
}

/// Removes an item for which others have derived a trait.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn remove(_: TokenStream, _: TokenStream) -> TokenStream {
    TokenStream::new()
}
