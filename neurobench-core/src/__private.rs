//! Items that expansions of the macros name.

pub use core::clone::Clone;
pub use core::default::Default;
pub use core::fmt::{Debug, Formatter, Result as FmtResult};
pub use core::marker::PhantomData;
pub use core::option::Option;
pub use core::primitive::{bool, str};
pub use core::result::Result;
pub use std::boxed::Box;
pub use std::string::String;
pub use std::vec::Vec;

pub use inventory;
pub use serde;

pub use crate::accumulate::{Accumulator, Finish, MergeMax, MergeMin, MergeSum};
pub use crate::compare::tests::StatisticalTests;
pub use crate::component::{
    About, Bounds, Component, ConstructionError, Constructor, ItemKind, Param, Params, Registration, Settings,
    SettingsError,
};
pub use crate::data::{DataFormats, Datasets};
pub use crate::metric::{
    About as AboutMetric, BatchValue, Context, Counter, Factory, Field, Fold, Input, Metric, MetricError, MetricKind,
    MetricSettings, MetricValue, Metrics, Needs, PartOf, Plan, Reading, Resampling, ResamplingForm, Shape, ThingCounts,
    Workload,
};
pub use crate::model::ModelFormats;
pub use crate::process::{Postprocessors, Preprocessors};
pub use crate::report::export::Exporters;
pub use crate::value::Value;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::compare::tests::StatisticalTest;
use crate::component::{from_param, to_param};
use crate::data::{DataFormat, Dataset};
use crate::model::ModelFormat;
use crate::process::{Postprocessor, Preprocessor};
use crate::report::export::Exporter;

/// Stops the compilation with a message unless a condition holds.
#[track_caller]
pub const fn require(holds: bool, message: &'static str) {
    if !holds {
        panic!("{}", message);
    }
}

/// Stops the compilation if a literal is outside the range of a setting. The sign is separate, as literals have none.
#[track_caller]
pub const fn require_in_range(params: &[Param], setting: &str, size: f64, negative: bool) {
    let value = if negative { -size } else { size };
    let mut i = 0;
    while i < params.len() {
        if equal(params[i].name.as_bytes(), setting.as_bytes())
            && let Some(bounds) = params[i].bounds
            && !bounds.contains(value)
        {
            let range = match params[i].range {
                Some(range) => range,
                None => "",
            };
            let mut text = [0_u8; 256];
            let mut length = append(&mut text, 0, "this value of setting `");
            length = append(&mut text, length, setting);
            length = append(&mut text, length, "` is not in its range `");
            length = append(&mut text, length, range);
            length = append(&mut text, length, "`: change it");
            let (message, _) = text.split_at(length);
            match std::str::from_utf8(message) {
                Ok(message) => panic!("{}", message),
                Err(_) => panic!("this value is not in the range of its setting: change it"),
            }
        }
        i += 1;
    }
}

/// Writes `piece` behind the first `length` bytes of a text, as far as there is room, and returns the new length.
const fn append(text: &mut [u8], mut length: usize, piece: &str) -> usize {
    let piece = piece.as_bytes();
    let mut i = 0;
    while i < piece.len() && length < text.len() {
        text[length] = piece[i];
        length += 1;
        i += 1;
    }
    length
}

/// The package that identifies a component: built-in ones belong to `neurobench`, on which users depend.
#[must_use]
pub const fn package(name: &'static str) -> &'static str {
    const OWN: [&str; 5] =
        ["neurobench-core", "neurobench-metrics", "neurobench-network", "neurobench-import", "neurobench-data"];
    let mut i = 0;
    while i < OWN.len() {
        if equal(name.as_bytes(), OWN[i].as_bytes()) {
            return "neurobench";
        }
        i += 1;
    }
    name
}

/// Checks preset settings and returns their flat form.
pub fn preset<S: Settings>(settings: &S) -> Result<Params, SettingsError> {
    settings.check()?;
    settings.to_params()
}

/// The types that the functions of one kind of component may return, each with the function that boxes a returned `impl Trait`.
///
/// A type that is written goes through the trait, with the spans of the type: one that does not fit is reported there.
macro_rules! items {
    ($(
        $(#[$attribute:meta])*
        $name:ident, $item:ident, $boxed:ident;
    )*) => {$(
        $(#[$attribute])*
        pub trait $name: Sized {
            /// Boxes the returned item.
            const BOXED: fn(Self) -> Box<dyn $item>;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $item + 'static> $name for T {
            const BOXED: fn(Self) -> Box<dyn $item> = $boxed;
        }

        /// Boxes a returned item whose type has no name.
        pub fn $boxed<T: $item + 'static>(item: T) -> Box<dyn $item> {
            Box::new(item)
        }
    )*};
}

items! {
    /// A type that the function of a preprocessor may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a preprocessor",
        label = "not a preprocessor",
        note = "return `impl Preprocessor`: a closure `Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError>`, or a type that \
                implements the trait"
    )]
    PreprocessorType, Preprocessor, box_preprocessor;
    /// A type that the function of a postprocessor may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a postprocessor",
        label = "not a postprocessor",
        note = "return `impl Postprocessor`: a closure `Fn(&Tensor) -> Result<Tensor, ProcessError>`, or a type that implements the trait"
    )]
    PostprocessorType, Postprocessor, box_postprocessor;
    /// A type that the function of a data set may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a data set",
        label = "not a data set",
        note = "return a type that implements `Dataset`, such as `InMemory`"
    )]
    DatasetType, Dataset, box_dataset;
    /// A type that the function of a model format may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a model format",
        label = "not a model format",
        note = "return `impl ModelFormat`: a type that implements the trait"
    )]
    ModelFormatType, ModelFormat, box_model_format;
    /// A type that the function of an exporter may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not an exporter",
        label = "not an exporter",
        note = "return `impl Exporter`: a type that implements the trait"
    )]
    ExporterType, Exporter, box_exporter;
    /// A type that the function of a statistical test may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a statistical test",
        label = "not a statistical test",
        note = "return `impl StatisticalTest`: a type that implements the trait"
    )]
    StatisticalTestType, StatisticalTest, box_statistical_test;
    /// A type that the function of a data format may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a data format",
        label = "not a data format",
        note = "return `impl DataFormat`: a type that implements the trait"
    )]
    DataFormatType, DataFormat, box_data_format;
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

/// A metric whose state others may read.
///
/// Generated code goes through this one trait wherever it deals with a core, so that a type that is not a core is reported once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric that others can be `of`",
    label = "not a metric that folds batches",
    note = "`of` names the type that `#[accumulated_metric]` made of a function that takes batches: `of = Confusion` for `fn confusion`",
    note = "for a metric that is itself `of` another, name that other one"
)]
pub trait Core: Sized {
    /// The state.
    type Folded;
    /// Its params.
    const PARAMS: &'static [Param];
    /// Its settings when nothing is set.
    fn with_defaults() -> Self;
    /// Its params, as a list.
    fn all_core_params() -> Vec<&'static Param>;
    /// Checks that every setting is within its range.
    fn check_core(&self) -> Result<(), SettingsError>;
    /// Writes its settings beside those of the metric.
    fn put_core(&self, params: &mut Params) -> Result<(), SettingsError>;
    /// Reads its settings from those of the metric.
    fn take_core(&mut self, params: &Params) -> Result<(), SettingsError>;
    /// Clones it.
    fn clone_core(&self) -> Self;
    /// Shows it, for `Debug`.
    fn debug_core(&self) -> &dyn Debug;
    /// Enters it into a plan.
    fn enter(&self, plan: &mut Plan) -> Result<usize, SettingsError>;
}

#[diagnostic::do_not_recommend]
impl<F: Fold> Core for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    type Folded = F::State;
    const PARAMS: &'static [Param] = F::ABOUT.params;

    fn with_defaults() -> Self {
        F::default()
    }

    fn all_core_params() -> Vec<&'static Param> {
        F::all_params()
    }

    fn check_core(&self) -> Result<(), SettingsError> {
        self.check()
    }

    fn put_core(&self, params: &mut Params) -> Result<(), SettingsError> {
        for (name, value) in self.to_params()? {
            match params.get(&name) {
                Some(other) if *other != value => {
                    let problem = format!("the cores share it, but have {} and {}", other.to_json(), value.to_json());
                    return Err(SettingsError::Invalid { param: name, problem });
                }
                _ => params.insert(name, value),
            };
        }
        Ok(())
    }

    fn take_core(&mut self, params: &Params) -> Result<(), SettingsError> {
        *self = F::from_params(params)?;
        Ok(())
    }

    fn clone_core(&self) -> Self {
        self.clone()
    }

    fn debug_core(&self) -> &dyn Debug {
        self
    }

    fn enter(&self, plan: &mut Plan) -> Result<usize, SettingsError> {
        plan.core(self)
    }
}

/// A metric's own params, then those of its cores. One that several cores share is listed once.
#[must_use]
pub fn with_cores(own: &'static [Param], cores: &[fn() -> Vec<&'static Param>]) -> Vec<&'static Param> {
    let mut all: Vec<&'static Param> = own.iter().collect();
    for param in cores.iter().flat_map(|core| core()) {
        if !all.iter().any(|other| other.name == param.name) {
            all.push(param);
        }
    }
    all
}

/// Holds for the state of a core, and for no other type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the state of the core, which is `{S}`",
    label = "not the state of the core",
    note = "take the state by reference: `&{S}`"
)]
pub trait StateOf<S> {}

#[diagnostic::do_not_recommend]
impl<S> StateOf<S> for S {}

/// Finds the state of the core `C`, which a function takes for a `T`.
///
/// A type that is not a core has been reported already, at its place; here it counts as one with the state `T`. This is
/// because a method of the type itself goes before one of a trait wherever its conditions hold.
pub struct CoreState<C, T>(pub PhantomData<(C, T)>);

/// The state of a core.
pub struct Found<S>(PhantomData<S>);

impl<S> Found<S> {
    /// Compiles where `T` is the state.
    pub fn is<T: StateOf<S>>(&self) {}
}

impl<C: Core, T> CoreState<C, T> {
    /// The state of the core.
    #[must_use]
    pub fn find(&self) -> Found<C::Folded> {
        Found(PhantomData)
    }
}

/// The state of a type that is no core.
pub trait TakenForState {
    /// Type that the function takes.
    type Taken;

    /// In place of `CoreState::find`.
    fn find(&self) -> Found<Self::Taken> {
        Found(PhantomData)
    }
}

impl<C, T> TakenForState for CoreState<C, T> {
    type Taken = T;
}

/// A setting that has a value when nothing is set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no default",
    label = "a setting without a default",
    note = "write `#[param(default = ..)]`, or add `#[derive(Default)]` to the type"
)]
pub trait DefaultSetting: Sized {
    /// The default value.
    fn default_setting() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultSetting for T {
    fn default_setting() -> Self {
        T::default()
    }
}

/// An error that a metric's function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a metric can return",
    label = "not an error of a metric",
    note = "return `Result<_, MetricError>`, or write `impl From<{Self}> for MetricError`"
)]
pub trait Failure {
    /// As the engine reports it.
    fn into_metric_error(self) -> MetricError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<MetricError>> Failure for E {
    fn into_metric_error(self) -> MetricError {
        self.into()
    }
}

/// The user's error as the engine reports it, where its type is not written.
pub fn failure<E: Failure>(error: E) -> MetricError {
    error.into_metric_error()
}

/// An error that the function of a component may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a component can return",
    label = "not an error of a component",
    note = "return an error that implements `std::error::Error + Send + Sync`, or a `String`"
)]
pub trait ConstructionFailure {
    /// As the registry reports it.
    fn into_construction_error(self) -> ConstructionError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<ConstructionError>> ConstructionFailure for E {
    fn into_construction_error(self) -> ConstructionError {
        self.into()
    }
}

/// The user's error as the registry reports it, where its type is not written.
pub fn construction_failure<E: ConstructionFailure>(error: E) -> ConstructionError {
    error.into_construction_error()
}

/// State type that the registration of an accumulated metric requires.
///
/// The registrations do not go through [`Accumulator`] and [`MetricValue`] themselves: a type that derives one of them but
/// lacks their supertraits would be reported a second time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of an accumulated metric",
    label = "not an `Accumulator`",
    note = "return the part of one batch that merges: `Ratio::from_bools(..)` for a fraction, `Mean::from_values(..)` for a mean, `Count(..)` for a count",
    note = "for a number of each batch that is averaged over the batches write `#[workload_metric]`",
    note = "a state of your own is a struct with `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]`"
)]
pub trait StateType: Sized {
    /// The factory of a metric with this state.
    fn factory<M: Fold<State = Self>>() -> Factory
    where
        M::Part: PartOf<Self>;
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> StateType for A {
    fn factory<M: Fold<State = Self>>() -> Factory
    where
        M::Part: PartOf<Self>,
    {
        Factory::new::<M>()
    }
}

/// Value type that the registration of a metric that reads states or the model requires.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric value",
    label = "not a number, a map or list of numbers, or a record",
    note = "for a struct of your own: `#[derive(Clone, Serialize, MetricValue)]`, with `#[value(unit = \"..\")]` on its fields"
)]
pub trait ValueType: Sized {
    /// The factory of a metric with this value.
    fn factory<M: Metric<Output = Self>>() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue> ValueType for V {
    fn factory<M: Metric<Output = Self>>() -> Factory {
        Factory::new::<M>()
    }
}

/// Value type of one batch that the registration of a workload metric requires.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be averaged over batches",
    label = "not a value of a workload metric",
    note = "return `f64`, `Option<f64>` (none: this batch says nothing), or a map or array of them",
    note = "for any other value use `#[accumulated_metric]` and return the part of the batch"
)]
pub trait BatchValueType: Sized {
    /// The factory of a metric with this value.
    fn factory<M: Workload<Value = Self>>() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<V: BatchValue> BatchValueType for V {
    fn factory<M: Workload<Value = Self>>() -> Factory {
        Factory::new::<M>()
    }
}

/// A field of a state that is a state itself: `#[merge]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no merge of its own",
    label = "not an `Accumulator`",
    note = "say how two of it merge: `#[merge(sum)]`, `#[merge(max)]`, `#[merge(min)]` or `#[merge(with = path)]`"
)]
pub trait MergeOwn: Sized {
    /// Merges another state.
    fn merge_own(&mut self, other: Self);
    /// Assigns everything that has no place yet to a batch.
    fn place_own(&mut self, batch: u64);
    /// The way in which states are kept for the replicates of a bootstrap.
    fn resampling_own() -> Resampling<Self>;
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> MergeOwn for A {
    fn merge_own(&mut self, other: Self) {
        self.merge(other);
    }

    fn place_own(&mut self, batch: u64) {
        self.place(batch);
    }

    fn resampling_own() -> Resampling<Self> {
        A::resampling()
    }
}

/// Form in which a sum is kept for a bootstrap.
///
/// This and the next two functions take the counter, and do not look it up by `N: MergeSum`: a field without that trait would be
/// reported a second time.
#[must_use]
pub fn form_of_sum<N>(counter: &Option<Counter<N>>) -> ResamplingForm {
    match counter {
        Some(_) => ResamplingForm::Counts,
        None => ResamplingForm::States { bytes_per_neuron: 0 },
    }
}

/// Names a sum after the place of its field.
pub fn counts_of_sum<N>(counter: &Option<Counter<N>>, sum: &N, field: i64, counts: &mut ThingCounts) {
    if let Some(counter) = counter {
        counts.add(&[field], (counter.count)(sum));
    }
}

/// Adds to a sum.
pub fn add_to_sum<N>(counter: &Option<Counter<N>>, sum: &mut N, times: u64) {
    if let Some(counter) = counter {
        (counter.add)(sum, times);
    }
}

/// A metric of which a crate registers a variant.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "a variant names the type that an attribute made of a function: `TopK {{ k: 7 }}` for `fn top_k`"
)]
pub trait Preset: Sized {
    /// Description of the metric.
    const ABOUT: &'static About;
    /// The settings when nothing is set.
    fn base() -> Self;
    /// Checks preset settings and returns their flat form.
    const PRESET: fn(&Self) -> Result<Params, SettingsError>;
    /// The factory of the metric.
    fn factory() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<M: Metric> Preset for M
where
    M::Output: MetricValue,
{
    const ABOUT: &'static About = <M as Settings>::ABOUT;
    const PRESET: fn(&Self) -> Result<Params, SettingsError> = preset::<M>;

    fn base() -> Self {
        M::default()
    }

    fn factory() -> Factory {
        Factory::new::<M>()
    }
}

/// Returns true if the params of two cores of one metric have no name in common, except for a selection of layers: it
/// applies to both.
#[must_use]
pub const fn disjoint_cores(left: &[Param], right: &[Param]) -> bool {
    let mut i = 0;
    while i < left.len() {
        let mut j = 0;
        while j < right.len() {
            let both_select = is_selection(left[i].type_name) && is_selection(right[j].type_name);
            if !both_select && equal(left[i].name.as_bytes(), right[j].name.as_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// Returns true for the type of a selection of layers, as written in the source with its path or without.
const fn is_selection(type_name: &str) -> bool {
    let (name, ending) = (type_name.as_bytes(), b"LayerSelection");
    match name.split_at_checked(name.len().saturating_sub(ending.len())) {
        Some((_, end)) => equal(end, ending),
        None => false,
    }
}

/// Returns true if two lists of params have no name in common.
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

/// A type that a setting can have.
///
/// Generated code goes through this one trait wherever it deals with a setting, and names it with the spans of the type, so that a
/// type that cannot be a setting is reported once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a setting",
    label = "not the type of a setting",
    note = "a setting is copied, shown, and read from and written to files: add `#[derive(Clone, Debug, Serialize, Deserialize)]` to \
            the type"
)]
pub trait SettingType: Sized + 'static {
    /// The operations on a setting.
    const OPERATIONS: SettingOperations<Self>;
}

/// The operations on a setting, as functions: a call of a method would be reported at its arguments.
pub struct SettingOperations<T: 'static> {
    /// Clones it.
    pub clone: fn(&T) -> T,
    /// Shows it, for `Debug`.
    pub debug: fn(&T) -> &dyn Debug,
    /// Writes it into the flat form.
    pub put: fn(&T, &mut Params, &'static str) -> Result<(), SettingsError>,
    /// Reads it from the flat form; `None` if it is not there.
    pub find: fn(&Params, &'static str) -> Result<Option<T>, SettingsError>,
    /// Reads it from the flat form, where it must be.
    pub require: fn(&Params, &'static str) -> Result<T, SettingsError>,
    /// The error for a value that is not within its range.
    pub out_of_range: fn(&T, &'static str, &'static str) -> SettingsError,
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static> SettingType for T {
    const OPERATIONS: SettingOperations<Self> = SettingOperations {
        clone: T::clone,
        debug: |setting| setting,
        put: |setting, params, name| {
            params.insert(name.to_owned(), to_param(name, setting)?);
            Ok(())
        },
        find: |params, name| params.get(name).map(|value| from_param(name, value)).transpose(),
        require: |params, name| {
            params.get(name).map_or(Err(SettingsError::Missing { param: name }), |value| from_param(name, value))
        },
        out_of_range: |setting, name, range| {
            // A value that cannot be written as one, such as a NaN, has a text all the same.
            let value = to_param(name, setting).map_or_else(|_| "NaN or infinite".to_owned(), |value| value.to_json());
            SettingsError::OutOfRange { param: name.to_owned(), range: range.to_owned(), value }
        },
    };
}

/// `Serialize` of a metric's type: its flat settings.
pub fn serialize_settings<M: Settings, S: Serializer>(settings: &M, serializer: S) -> Result<S::Ok, S::Error> {
    settings.to_params().map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// `Deserialize` of a metric's type: unknown keys are refused.
pub fn deserialize_settings<'de, M: Settings, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    crate::component::from_known(&Params::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}
