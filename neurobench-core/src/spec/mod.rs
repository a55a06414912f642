//! Benchmark files: a model, data, processors, metrics and exports, described in TOML.
//!
//! ```
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use neurobench::spec::BenchmarkSpec;
//!
//! let report = BenchmarkSpec::read("benchmark.toml")?.builder()?.workers(4).build()?.run()?;
//! println!("{:?}", report.value("footprint")?);
//! # Ok(())
//! # }
//! ```
//!
//! The page `docs/benchmark-files.md` describes the keys.

mod data;
mod error;
mod model;
mod places;
mod task;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use data::DataSpec;
pub use error::SpecError;
pub use model::ModelSpec;
pub use task::{Column, Published, TaskData, TaskSpec};

use crate::Value;
use crate::bench::{Benchmark, BenchmarkBuilder, Intervals};
use crate::component::{Definitions, ItemKind, Kind, Named, Param, Params, Registry, Spec, TakesSettings, input_path};
use crate::data::{Cached, DataError, Dataset};
use crate::files::{self, FileKind};
use crate::metric::Metrics;
use crate::model::{Autonomous, Model};
use crate::names::did_you_mean;
use crate::process::{
    Postprocessor, Postprocessors, Preprocessor, Preprocessors, preprocessors as preprocessors_registry,
};
use crate::report::export::Export;
use crate::value::{Document, Excerpt, PathStep, TypeError, TypeProblem};
use model::ModelProblem;
use places::SettingPlaces;

/// A benchmark, as a file describes it. Fields may be changed before [`builder`](Self::builder) is called.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BenchmarkSpec {
    /// Name of the benchmark, fit for the name of a file.
    pub name: String,
    /// Model file.
    pub model: ModelSpec,
    /// Data set; metrics of the model alone need none.
    pub data: Option<DataSpec>,
    /// Preprocessors in order.
    pub preprocessors: Vec<Spec>,
    /// Postprocessors in order.
    pub postprocessors: Vec<Spec>,
    /// Metrics.
    pub metrics: Vec<Spec>,
    /// Confidence intervals of the values, if wanted.
    pub intervals: Option<Intervals>,
    /// True if per-sample values are kept.
    pub per_sample: bool,
    /// Further files with results.
    pub exports: Vec<Export>,
    /// Task of the benchmark, if others have published results for it.
    pub task: Option<TaskSpec>,
    /// Defined values by table and name: `definitions["devices"]["my_chip"]`.
    pub definitions: BTreeMap<String, BTreeMap<String, Value>>,
    /// The benchmark file.
    pub file: PathBuf,
    /// Places of the settings in `[data]`, which are checked when the data is opened.
    data_places: SettingPlaces,
}

/// The processors of a benchmark file, constructed, with their identities.
pub struct Processors {
    /// Preprocessors in order.
    pub preprocessors: Vec<Named<dyn Preprocessor>>,
    /// Postprocessors in order.
    pub postprocessors: Vec<Named<dyn Postprocessor>>,
}

/// The keys of a file, except for tables of definitions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    name: String,
    model: Params,
    data: Option<Params>,
    #[serde(default)]
    preprocessors: Vec<Spec>,
    #[serde(default)]
    postprocessors: Vec<Spec>,
    #[serde(default)]
    metrics: Vec<Spec>,
    intervals: Option<Intervals>,
    #[serde(default)]
    per_sample: bool,
    #[serde(default)]
    exports: Vec<Spec>,
    task: Option<TaskSpec>,
}

impl BenchmarkSpec {
    /// Reads a benchmark file. Nothing that it names is opened yet.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not TOML; a key that is unknown or missing; a value of the wrong type.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, SpecError> {
        let file = file.as_ref();
        let bytes = files::read(file).map_err(|error| SpecError::Read { file: file.to_owned(), error })?;
        let spec = match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(text, file),
            Err(error) => {
                Err(SpecError::Syntax { file: file.to_owned(), place: None, problem: format!("not UTF-8: {error}") })
            }
        };
        spec.map_err(|error| match (error, FileKind::detect(file)) {
            (SpecError::Syntax { .. } | SpecError::Content { .. }, Some(found))
                if !matches!(found, FileKind::Benchmark | FileKind::Text) =>
            {
                SpecError::Kind { file: file.to_owned(), found }
            }
            (error, _) => error,
        })
    }

    /// Parses the text of a benchmark file. Paths in it are relative to the folder of `file`, which messages name.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(text: &str, file: &Path) -> Result<Self, SpecError> {
        let document = Document::parse(text).map_err(|error| SpecError::Syntax {
            file: file.to_owned(),
            place: error.span().map(|span| Excerpt::new(text, span).into()),
            problem: error.message().to_owned(),
        })?;
        let content = |error: TypeError| SpecError::Content {
            file: file.to_owned(),
            place: document.place(&error).map(Box::new),
            error: error.into(),
        };
        let value_of = |key: &str| document.place_of_value(&[PathStep::Key(key.to_owned())]).map(Box::new);
        let mut root = document.value().map_err(content)?;
        let definitions = take_definitions(&mut root, file, &document)?;
        let keys: Keys = root.to_typed().map_err(|mut error| {
            if let ([], TypeProblem::UnknownKey { known, .. }) = (error.path.as_slice(), &mut error.problem) {
                known.extend(Definitions::all().iter().map(|definitions| definitions.table.to_owned()));
            }
            content(error)
        })?;
        let Keys { name, model, data, preprocessors, postprocessors, metrics, intervals, per_sample, exports, task } =
            keys;
        let data_places = data.as_ref().map(|data| SettingPlaces::new(&document, "data", data)).unwrap_or_default();
        let data = data.map(DataSpec::from_table).transpose().map_err(content)?;
        // Results are written to a file of this name.
        let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ' | '.');
        if !name.starts_with(char::is_alphanumeric) || !name.chars().all(fits) {
            return Err(SpecError::Name { file: file.to_owned(), place: value_of("name"), name });
        }
        let model = ModelSpec::from_table(model).map_err(|problem| SpecError::Model {
            file: file.to_owned(),
            place: value_of("model"),
            problem,
        })?;
        check_labels::<Preprocessors>(&preprocessors, file)?;
        check_labels::<Postprocessors>(&postprocessors, file)?;
        let export = |spec| {
            Export::from_spec(spec).map_err(|error| SpecError::Component {
                file: file.to_owned(),
                table: "exports",
                place: None,
                error: error.into(),
            })
        };
        Ok(Self {
            name,
            model,
            data,
            preprocessors,
            postprocessors,
            metrics,
            intervals,
            per_sample,
            exports: exports.into_iter().map(export).collect::<Result<_, _>>()?,
            task,
            definitions,
            data_places,
            file: file.to_owned(),
        })
    }

    /// Reads the model, opens the data and returns a builder with all that the file describes.
    ///
    /// # Errors
    ///
    /// A model or data that cannot be read. Mistakes in processors and metrics are left to
    /// [`build`](BenchmarkBuilder::build), which reports them together.
    pub fn builder(&self) -> Result<BenchmarkBuilder<'static>, SpecError> {
        self.builder_for(self.read_model()?, self.open_data()?)
    }

    /// Returns a builder with all that the file describes, for another model and other data than those of the file.
    ///
    /// # Errors
    ///
    /// Data that do not fit the model or the metrics. Mistakes in processors and metrics are left to
    /// [`build`](BenchmarkBuilder::build), which reports them together.
    pub fn builder_for(
        &self,
        model: Box<dyn Model>,
        data: Option<Box<dyn Dataset>>,
    ) -> Result<BenchmarkBuilder<'static>, SpecError> {
        let carries_state = model.carries_state();
        let mut builder = Benchmark::builder().model(model);
        let cache = self.data.as_ref().and_then(|data| data.cache.as_ref());
        match (data, cache) {
            (Some(data), Some(cache)) => builder = self.cached(builder, data, cache)?,
            (data, _) => {
                if let Some(data) = data {
                    builder = builder.data(data);
                }
                for spec in &self.preprocessors {
                    builder = builder.preprocess_spec(&self.resolved::<Preprocessors>(spec)?);
                }
            }
        }
        if let Some(samples) = self.data.as_ref().and_then(|data| data.batch_size) {
            builder = builder.batch_size(samples);
        }
        if let Some(intervals) = self.intervals {
            builder = builder.intervals(intervals);
        }
        if self.per_sample {
            builder = builder.per_sample();
        }
        if self.data.as_ref().is_some_and(DataSpec::has_sequences) && !carries_state && !builder.needs_history() {
            return Err(SpecError::Sequences);
        }
        for spec in &self.postprocessors {
            builder = builder.postprocess_spec(&self.resolved::<Postprocessors>(spec)?);
        }
        for spec in &self.metrics {
            builder = builder.metric_spec(&self.resolved_metric(spec)?);
        }
        if cache.is_some() && builder.reads_data_inputs() {
            return Err(SpecError::CachedInputs);
        }
        Ok(builder)
    }

    /// Adds a data set whose batches are kept in a folder after the preprocessors, which have run when the builder gets them.
    fn cached(
        &self,
        mut builder: BenchmarkBuilder<'static>,
        data: Box<dyn Dataset>,
        cache: &Path,
    ) -> Result<BenchmarkBuilder<'static>, SpecError> {
        let mut preprocessors = Vec::new();
        for spec in &self.preprocessors {
            let constructed = preprocessors_registry().construct(&self.resolved::<Preprocessors>(spec)?);
            let Named { item, identity, .. } = constructed.map_err(|error| SpecError::Component {
                file: self.file.clone(),
                table: "preprocessors",
                place: None,
                error: error.into(),
            })?;
            builder = builder.preprocess_as(&identity, |inputs, targets| Ok((inputs, targets)));
            preprocessors.push((identity, item));
        }
        Ok(builder.data(Cached::new(data, preprocessors, &self.folder().join(cache))?))
    }

    /// Reads the model.
    ///
    /// # Errors
    ///
    /// A format that is unknown or does not accept its settings; a file that cannot be read.
    pub fn read_model(&self) -> Result<Box<dyn Model>, SpecError> {
        let file = || self.file.clone();
        let format = self.model.format(|settings, known| input_path::resolve(settings, known, self.folder()));
        let format = format.map_err(|problem| match problem {
            ModelProblem::Registry(error) => {
                SpecError::Component { file: file(), place: None, table: "model", error: error.into() }
            }
            ModelProblem::Extension(problem) => SpecError::Model { file: file(), place: None, problem },
        })?;
        let model = format.item.read(&self.folder().join(&self.model.file)).map_err(SpecError::ModelFile)?;
        if self.model.autonomous && !model.carries_state() {
            let problem = "`autonomous` needs a model that carries its state from sample to sample, and this one starts every \
                           sample at rest";
            return Err(SpecError::Model { file: file(), place: None, problem: problem.to_owned() });
        }
        Ok(if self.model.autonomous { Box::new(Autonomous::new(model)) } else { model })
    }

    /// Opens the data set, if there is one.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or do not belong together.
    pub fn open_data(&self) -> Result<Option<Box<dyn Dataset>>, SpecError> {
        let Some(data) = &self.data else { return Ok(None) };
        data.open(self.folder()).map(Some).map_err(|error| match error {
            DataError::Component(error) => {
                let place = error.setting().and_then(|key| self.data_places.get(key, data.settings.get(key)));
                let place = place.cloned().map(Box::new);
                SpecError::Component { file: self.file.clone(), place, table: "data", error: error.into() }
            }
            error => error.into(),
        })
    }

    /// Constructs the preprocessors and postprocessors, in order, without a [cache](DataSpec::cache).
    ///
    /// # Errors
    ///
    /// A processor that is unknown or does not accept its settings.
    pub fn processors(&self) -> Result<Processors, SpecError> {
        Ok(Processors {
            preprocessors: self.construct_all::<Preprocessors>(&self.preprocessors, "preprocessors")?,
            postprocessors: self.construct_all::<Postprocessors>(&self.postprocessors, "postprocessors")?,
        })
    }

    fn construct_all<K: ItemKind>(
        &self,
        specs: &[Spec],
        table: &'static str,
    ) -> Result<Vec<Named<K::Item>>, SpecError> {
        let construct = |spec: &Spec| {
            let constructed = Registry::<K>::global().construct(&self.resolved::<K>(spec)?);
            let file = self.file.clone();
            constructed.map_err(|error| SpecError::Component { file, table, place: None, error: error.into() })
        };
        specs.iter().map(construct).collect()
    }

    /// The folder to which paths in the file are relative.
    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    fn resolved<K: ItemKind>(&self, spec: &Spec) -> Result<Spec, SpecError> {
        match Registry::<K>::global().find(&spec.name) {
            Ok(found) => self.with_settings::<K>(spec, &found.constructor.params()),
            // The builder reports it together with other mistakes.
            Err(_) => Ok(spec.clone()),
        }
    }

    fn resolved_metric(&self, spec: &Spec) -> Result<Spec, SpecError> {
        match Registry::<Metrics>::global().find(&spec.name) {
            Ok(found) => self.with_settings::<Metrics>(spec, &found.params()),
            Err(_) => Ok(spec.clone()),
        }
    }

    /// The same component with paths relative to the folder of the file, and with definitions in place of their names.
    fn with_settings<K: Kind>(&self, spec: &Spec, known: &[&'static Param]) -> Result<Spec, SpecError> {
        let mut spec = spec.clone();
        input_path::resolve(&mut spec.params, known, self.folder());
        for definitions in Definitions::all() {
            for param in known.iter().filter(|param| (definitions.is_type_of)(param)) {
                let Some(setting) = spec.params.get_mut(param.name) else { continue };
                let names = match setting {
                    Value::List(items) => items.iter_mut().collect(),
                    single => vec![single],
                };
                for name in names {
                    self.define(name, definitions).map_err(|(name, hint)| SpecError::Undefined {
                        kind: K::SINGULAR,
                        component: spec.name.clone(),
                        definition: definitions.singular,
                        name,
                        hint,
                    })?;
                }
            }
        }
        Ok(spec)
    }

    /// Puts a definition in place of its name. A name that is close to that of a definition is an error, with a hint; the type
    /// itself refuses other names, with those that it knows.
    fn define(&self, setting: &mut Value, definitions: &Definitions) -> Result<(), (String, String)> {
        let Value::Text(name) = &*setting else { return Ok(()) };
        let defined = self.definitions.get(definitions.table);
        if let Some(value) = defined.and_then(|defined| defined.get(name)) {
            *setting = value.clone();
        } else if !(definitions.published)().contains(&name.as_str()) {
            let names = defined.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            let hint = did_you_mean(name, names);
            if !hint.is_empty() {
                return Err((name.clone(), hint));
            }
        }
        Ok(())
    }
}

/// Takes the tables of definitions out of a file, and checks them.
fn take_definitions(
    root: &mut Value,
    file: &Path,
    document: &Document<'_>,
) -> Result<BTreeMap<String, BTreeMap<String, Value>>, SpecError> {
    let mut taken = BTreeMap::new();
    let Value::Map(keys) = root else { return Ok(taken) };
    for definitions in Definitions::all() {
        let table = definitions.table;
        let Some(at) = keys.iter().position(|(key, _)| key == table) else { continue };
        let refused = |name: &str, error: TypeError| {
            let within = [table, name].map(|key| PathStep::Key(key.to_owned()));
            let path = within.into_iter().chain(error.path.iter().cloned()).collect();
            let in_document = TypeError { path, problem: error.problem.clone() };
            SpecError::Definition {
                file: file.to_owned(),
                place: document.place(&in_document).map(Box::new),
                table,
                name: name.to_owned(),
                error: error.into(),
            }
        };
        let not_a_table = |found: &Value| TypeError {
            path: Vec::new(),
            problem: TypeProblem::Mismatch { expected: "a table for each name".to_owned(), found: found.to_string() },
        };
        let entries = match keys.remove(at).1 {
            Value::Map(entries) => entries,
            other => return Err(refused("NAME", not_a_table(&other))),
        };
        let mut defined = BTreeMap::new();
        for (name, mut value) in entries {
            let Value::Map(fields) = &mut value else { return Err(refused(&name, not_a_table(&value))) };
            fields.insert(0, ("name".to_owned(), Value::Text(name.clone())));
            (definitions.check)(&value).map_err(|error| refused(&name, error))?;
            defined.insert(name, value);
        }
        taken.insert(table.to_owned(), defined);
    }
    Ok(taken)
}

/// Refuses `as` on components that are not metrics.
fn check_labels<K: Kind>(specs: &[Spec], file: &Path) -> Result<(), SpecError> {
    match specs.iter().find(|spec| spec.label.is_some()) {
        None => Ok(()),
        Some(spec) => Err(SpecError::Label { file: file.to_owned(), kind: K::SINGULAR, component: spec.name.clone() }),
    }
}
