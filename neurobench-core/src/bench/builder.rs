//! The builder of benchmarks.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use crate::bench::error::{BuildError, BuildErrors};
use crate::bench::observer::Observer;
use crate::bench::request::{MetricRequests, RequestedMetric};
use crate::bench::resample::ResampleRequest;
use crate::bench::{Benchmark, DataSource, Intervals, Verbose};
use crate::component::{Component, RegistryError, Spec};
use crate::data::Dataset;
use crate::inputs::LayerSelection;
use crate::metric::Registry;
use crate::metric::factory::Requested;
use crate::metric::plan::Core;
use crate::metric::{MetricRequest, Metrics};
use crate::model::{Layer, LayerGroup, Model};
use crate::process::{Postprocessor, Preprocessor, postprocessors, preprocessors};

/// Number of samples in a batch unless [`BenchmarkBuilder::batch_size`] sets another.
pub const DEFAULT_BATCH_SIZE: usize = 64;

/// Builds a benchmark. [`build`](Self::build) reports all errors together.
#[must_use = "call `.build()` to make the benchmark"]
pub struct BenchmarkBuilder<'m> {
    model: Option<Box<dyn Model + 'm>>,
    data: Option<Box<dyn Dataset + 'm>>,
    batch_size: usize,
    workers: usize,
    preprocessors: Vec<(String, Box<dyn Preprocessor + 'm>)>,
    postprocessors: Vec<(String, Box<dyn Postprocessor + 'm>)>,
    observers: Vec<Box<dyn Observer + 'm>>,
    requests: MetricRequests,
    resample: ResampleRequest,
}

impl<'m> BenchmarkBuilder<'m> {
    pub(super) fn new() -> Self {
        Self {
            model: None,
            data: None,
            batch_size: DEFAULT_BATCH_SIZE,
            workers: 1,
            preprocessors: Vec::new(),
            postprocessors: Vec::new(),
            observers: Vec::new(),
            requests: MetricRequests::default(),
            resample: ResampleRequest::default(),
        }
    }

    /// Sets the model, owned or borrowed.
    pub fn model(mut self, model: impl Model + 'm) -> Self {
        self.model = Some(Box::new(model));
        self
    }

    /// Sets the data set, owned or borrowed.
    pub fn data(mut self, data: impl Dataset + 'm) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// Sets the number of samples per batch; 64 by default. The last batch of the data set may have fewer. If the model
    /// carries state, so may the last batch of each sequence.
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.batch_size = samples;
        self
    }

    /// Sets the number of workers; 1 by default. Results are bit-identical for any number.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Adds a preprocessor, to run after those already added: `.preprocess(Scale { factor: 0.5 })`. It may change the
    /// targets; metrics see the changed targets.
    pub fn preprocess(mut self, processor: impl Component<Item = dyn Preprocessor>) -> Self {
        let constructed = processor.named();
        self.preprocessors.extend(self.requests.accepted(constructed));
        self
    }

    /// Adds a preprocessor under an identity of your choice: a closure, or a type that is not a component.
    ///
    /// Results contain the identity, and snapshots of runs with different identities do not merge. Two processors that
    /// differ must therefore have different identities.
    pub fn preprocess_as(mut self, identity: &str, processor: impl Preprocessor + 'm) -> Self {
        self.preprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Adds a preprocessor by its registered name and settings: `scale(factor=0.5)`.
    pub fn preprocess_spec(mut self, spec: &Spec) -> Self {
        self.preprocessors.extend(self.requests.accepted(preprocessors().construct(spec)));
        self
    }

    /// Returns true if a metric reads the inputs as the data set gives them.
    #[cfg(feature = "spec")]
    pub(crate) fn reads_data_inputs(&self) -> bool {
        self.requests.plan.cores().iter().any(|core| core.needs.contains(crate::model::Needs::DATA_INPUTS))
    }

    /// Returns true if a preprocessor depends on earlier samples.
    #[cfg(feature = "spec")]
    pub(crate) fn needs_history(&self) -> bool {
        self.preprocessors.iter().any(|(_, processor)| processor.history() > 0)
    }

    /// Adds a postprocessor, to run after those already added: `.postprocess(ChooseMaxCount)`.
    pub fn postprocess(mut self, processor: impl Component<Item = dyn Postprocessor>) -> Self {
        let constructed = processor.named();
        self.postprocessors.extend(self.requests.accepted(constructed));
        self
    }

    /// Adds a postprocessor under an identity of your choice; see [`preprocess_as`](Self::preprocess_as).
    pub fn postprocess_as(mut self, identity: &str, processor: impl Postprocessor + 'm) -> Self {
        self.postprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Adds a postprocessor by its registered name and settings: `choose_max_count`.
    pub fn postprocess_spec(mut self, spec: &Spec) -> Self {
        self.postprocessors.extend(self.requests.accepted(postprocessors().construct(spec)));
        self
    }

    /// Adds an observer, which is notified of the progress of runs.
    pub fn observe(mut self, observer: impl Observer + 'm) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Writes one line for each batch to the standard error: see [`Verbose`]. Without it, the engine
    /// prints nothing.
    pub fn verbose(self) -> Self {
        self.observe(Verbose::new(std::io::stderr()))
    }

    /// Requests a confidence interval for every float in the value of a metric, except in lists of neurons. Each sample
    /// is folded a second time on its own. Metrics with hooks need batches of one sample for that, unless the model
    /// carries state.
    pub fn intervals(mut self, intervals: Intervals) -> Self {
        self.resample.intervals = Some(intervals);
        self
    }

    /// Requests the value of every metric on each single sample, if it is one number, or on each sequence for a model that carries
    /// state. Memory grows with the samples. If [`intervals`](Self::intervals) are from a bootstrap, the report also contains the
    /// values on its replicates: with both, two runs over the same data can be compared by any metric.
    pub fn per_sample(mut self) -> Self {
        self.resample.per_sample = true;
        self
    }

    /// Adds a metric by value: `.metric(TopK { k: 3 })`, `.metric(Mse::default())`.
    pub fn metric<M: MetricRequest>(mut self, metric: M) -> Self {
        let requested = typed(metric);
        let name = requested.as_ref().map_or_else(|_| String::new(), |requested| requested.name.clone());
        self.requests.add(name, requested);
        self
    }

    /// Adds a metric under your own name.
    pub fn metric_as<M: MetricRequest>(mut self, name: &str, metric: M) -> Self {
        self.requests.add(name.to_owned(), typed(metric));
        self
    }

    /// Adds a metric by its registered name, alias or variant, with settings or without: `top_3`, `top_k(k=7)`. A metric that
    /// is requested under several of its names is one entry of the report with all of them.
    pub fn metric_named(mut self, text: &str) -> Self {
        match Spec::parse(text) {
            Ok(spec) => return self.metric_spec(&spec),
            Err(error) => self.requests.errors.push(error.into()),
        }
        self
    }

    /// Adds a metric by its name and settings as in a file, possibly under your own name.
    pub fn metric_spec(mut self, spec: &Spec) -> Self {
        let requested = Registry::global().request(spec);
        let Ok(found) = &requested else {
            self.requests.add(String::new(), requested);
            return self;
        };
        match &spec.label {
            Some(label) => self.requests.add(label.clone(), requested),
            None => {
                let name = found.name.clone();
                // The same instance with the name that was asked for, which may be an alias.
                let asked = name.replacen(found.about.component.name, &spec.name, 1);
                self.requests.add_asked(name, &asked, requested);
            }
        }
        self
    }

    /// Builds the benchmark.
    ///
    /// # Errors
    ///
    /// Returns all errors together: no model, no metric, unknown metrics, settings out of range, two metrics with the
    /// same name, no workers, a hook that the model does not serve, a selection of layers without any layer.
    pub fn build(self) -> Result<Benchmark<'m>, BuildErrors> {
        let mut errors = self.requests.errors;
        if self.requests.metrics.is_empty() && errors.is_empty() {
            errors.push(BuildError::NoMetric);
        }
        for (number, what) in [(self.workers, "the number of workers"), (self.batch_size, "the batch size")] {
            if number == 0 {
                errors.push(BuildError::Zero(what));
            }
        }
        errors.extend(self.resample.intervals.and_then(|intervals| intervals.problem()).map(BuildError::Intervals));
        if let Some(model) = &self.model {
            let layers = model.layers();
            errors.extend(same_paths(layers));
            let (metrics, cores) = (&self.requests.metrics, self.requests.plan.cores());
            errors.extend(metrics.iter().flat_map(|metric| layer_problems(metric, cores, layers)));
        }
        let model = match self.model {
            Some(model) if errors.is_empty() => model,
            Some(_) => return Err(BuildErrors(errors)),
            None => {
                errors.insert(0, BuildError::NoModel);
                return Err(BuildErrors(errors));
            }
        };
        Ok(Benchmark {
            model,
            data: self.data.map(|data| DataSource { data, batch_size: self.batch_size }),
            workers: self.workers,
            preprocessors: self.preprocessors,
            postprocessors: self.postprocessors,
            processor_files: self.requests.input_files,
            observers: self.observers,
            metrics: self.requests.metrics,
            plan: self.requests.plan,
            resample: self.resample,
            identity: OnceLock::new(),
        })
    }
}

/// Returns an error for each path that several layers share, because results by layer could not distinguish them.
fn same_paths(layers: &[Layer]) -> impl Iterator<Item = BuildError> {
    let mut seen = HashSet::new();
    let twice: BTreeSet<&str> = layers.iter().map(Layer::path).filter(|path| !seen.insert(*path)).collect();
    twice.into_iter().map(|path| BuildError::SamePath(path.to_owned())).collect::<Vec<_>>().into_iter()
}

/// Returns the reasons why a metric cannot run with a model of these layers.
fn layer_problems(metric: &RequestedMetric, cores: &[Core], layers: &[Layer]) -> Vec<BuildError> {
    let name = || metric.names[0].clone();
    let own_cores = || metric.cores.iter().map(|core| &cores[*core]);
    let problems = own_cores().find_map(|core| core.missing_requirement(layers));
    if let Some(problem) = problems {
        return vec![BuildError::Hook { metric: name(), problem }];
    }
    // A metric without hooks, or for which hooks are optional, may read any layer.
    let groups: Vec<LayerGroup> = own_cores().flat_map(|core| core.needs.layer_groups()).collect();
    let is_read = |layer: &Layer| groups.is_empty() || groups.iter().any(|group| group.contains(layer));
    let readable: Vec<usize> = (0..layers.len()).filter(|at| is_read(&layers[*at])).collect();
    let no_layer = |(setting, selection): &(&'static str, LayerSelection)| {
        let selects_any = readable.iter().any(|at| selection.selects(layers, *at));
        (!selects_any).then(|| BuildError::NoLayer {
            metric: name(),
            setting,
            selection: selection.to_string(),
            layers: layer_names(readable.iter().map(|at| &layers[*at])),
        })
    };
    metric.requested.selections.iter().filter_map(no_layer).collect()
}

/// Maximum number of layers in a message.
const MOST_NAMES: usize = 20;

/// Lists the layers to select from.
fn layer_names<'a>(layers: impl ExactSizeIterator<Item = &'a Layer>) -> String {
    let others = layers.len().saturating_sub(MOST_NAMES);
    let mut names: Vec<String> = layers.take(MOST_NAMES).map(|layer| format!("`{}`", layer.path())).collect();
    match (names.is_empty(), others) {
        (true, _) => "no layers".to_owned(),
        (_, 0) => names.join(", "),
        (_, others) => {
            names.push(format!("{others} others"));
            names.join(", ")
        }
    }
}

fn typed<M: MetricRequest>(metric: M) -> Result<Requested, RegistryError> {
    Requested::new(metric).map_err(|error| RegistryError::settings::<Metrics>(M::ABOUT.name, error))
}
