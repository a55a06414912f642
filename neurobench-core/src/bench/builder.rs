//! Putting a benchmark together.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use crate::bench::error::{BuildError, BuildErrors};
use crate::bench::observer::Observer;
use crate::bench::request::Gathered;
use crate::bench::samples::Wanted;
use crate::bench::{Benchmark, DataSource, Intervals};
use crate::component::{Component, Named, RegistryError, Spec};
use crate::data::Dataset;
use crate::metric::Registry;
use crate::metric::factory::Requested;
use crate::metric::{Metric, MetricValue, Metrics};
use crate::model::{Layer, Model};
use crate::process::{Postprocessor, Preprocessor, postprocessors, preprocessors};

/// Samples in a batch, unless said otherwise.
const DEFAULT_BATCH_SIZE: usize = 64;

/// Puts a benchmark together. Mistakes are gathered and told all at once by [`build`](Self::build).
#[must_use = "call `.build()` to make the benchmark"]
pub struct BenchmarkBuilder<'m> {
    model: Option<Box<dyn Model + 'm>>,
    data: Option<Box<dyn Dataset + 'm>>,
    batch_size: usize,
    workers: usize,
    preprocessors: Vec<(String, Box<dyn Preprocessor + 'm>)>,
    postprocessors: Vec<(String, Box<dyn Postprocessor + 'm>)>,
    observers: Vec<Box<dyn Observer + 'm>>,
    gathered: Gathered,
    wanted: Wanted,
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
            gathered: Gathered::default(),
            wanted: Wanted::default(),
        }
    }

    /// The model: owned, or a reference to one.
    pub fn model(mut self, model: impl Model + 'm) -> Self {
        self.model = Some(Box::new(model));
        self
    }

    /// The data set: owned, or a reference to one.
    pub fn data(mut self, data: impl Dataset + 'm) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// How many samples a batch has; 64 unless said otherwise. The last batch may have fewer: of
    /// the data set or, if the model carries state, of each sequence.
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.batch_size = samples;
        self
    }

    /// How many workers pull batches; 1 unless said otherwise. Results are the same bits for any number.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Adds a preprocessor after those before it: `.preprocess(Scale { factor: 0.5 })`. It may change the targets; metrics see
    /// them as it left them.
    pub fn preprocess(mut self, processor: impl Component<Item = dyn Preprocessor>) -> Self {
        match processor.named() {
            Ok(Named { identity, item }) => self.preprocessors.push((identity, item)),
            Err(error) => self.gathered.errors.push(BuildError::Component(error)),
        }
        self
    }

    /// Adds a preprocessor under an identity of your choice: a closure, or a type that is not a component.
    ///
    /// Results name the identity, and snapshots of runs with different ones do not merge, so that two processors that differ
    /// must not have the same.
    pub fn preprocess_as(mut self, identity: &str, processor: impl Preprocessor + 'm) -> Self {
        self.preprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Adds a preprocessor by its registered name and settings: `scale(factor=0.5)`.
    pub fn preprocess_spec(mut self, spec: &Spec) -> Self {
        match preprocessors().construct(spec) {
            Ok(Named { identity, item }) => self.preprocessors.push((identity, item)),
            Err(error) => self.gathered.errors.push(BuildError::Component(error)),
        }
        self
    }

    /// Adds a postprocessor after those before it: `.postprocess(ChooseMaxCount)`.
    pub fn postprocess(mut self, processor: impl Component<Item = dyn Postprocessor>) -> Self {
        match processor.named() {
            Ok(Named { identity, item }) => self.postprocessors.push((identity, item)),
            Err(error) => self.gathered.errors.push(BuildError::Component(error)),
        }
        self
    }

    /// Adds a postprocessor under an identity of your choice; see [`preprocess_as`](Self::preprocess_as).
    pub fn postprocess_as(mut self, identity: &str, processor: impl Postprocessor + 'm) -> Self {
        self.postprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Adds a postprocessor by its registered name and settings: `choose_max_count`.
    pub fn postprocess_spec(mut self, spec: &Spec) -> Self {
        match postprocessors().construct(spec) {
            Ok(Named { identity, item }) => self.postprocessors.push((identity, item)),
            Err(error) => self.gathered.errors.push(BuildError::Component(error)),
        }
        self
    }

    /// Follows the runs.
    pub fn observe(mut self, observer: impl Observer + 'm) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Asks for an interval of every float that a metric finds, but for lists of neurons. Each sample is folded once more, alone;
    /// metrics with hooks need batches of one sample for that, unless the model carries state.
    pub fn intervals(mut self, intervals: Intervals) -> Self {
        self.wanted.intervals = Some(intervals);
        self
    }

    /// Asks for every metric's value on each sample alone, where it is one number. Memory grows with the samples. Of a model that
    /// carries state, the value on each sequence. Where [`intervals`](Self::intervals) come from a bootstrap, the values on its
    /// replicates are in the report, too: with both, two runs over the same data can be compared by any metric.
    pub fn per_sample(mut self) -> Self {
        self.wanted.per_sample = true;
        self
    }

    /// One metric more, by value: `.metric(TopK { k: 3 })`, `.metric(Mse::default())`.
    pub fn metric<M: Metric>(mut self, metric: M) -> Self
    where
        M::Output: MetricValue,
    {
        let requested = typed(metric);
        let name = requested.as_ref().map_or_else(|_| String::new(), |requested| requested.name.clone());
        self.gathered.ask(name, requested);
        self
    }

    /// One metric more, under a name of your own.
    pub fn metric_as<M: Metric>(mut self, name: &str, metric: M) -> Self
    where
        M::Output: MetricValue,
    {
        self.gathered.ask(name.to_owned(), typed(metric));
        self
    }

    /// One metric more, by its registered name, alias or variant, with settings or without: `top_3`, `top_k(k=7)`.
    pub fn metric_named(mut self, text: &str) -> Self {
        match Spec::parse(text) {
            Ok(spec) => return self.metric_spec(&spec),
            Err(error) => self.gathered.errors.push(error.into()),
        }
        self
    }

    /// One metric more, by its name and settings as a file gives them, and perhaps under a name of one's own.
    pub fn metric_spec(mut self, spec: &Spec) -> Self {
        let requested = Registry::global().request(spec);
        let own = || requested.as_ref().map_or_else(|_| String::new(), |requested| requested.name.clone());
        let name = spec.label.clone().unwrap_or_else(own);
        self.gathered.ask(name, requested);
        self
    }

    /// The benchmark.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once: no model, no metric, unknown metrics, settings out of range, two metrics of one
    /// name, no workers.
    pub fn build(self) -> Result<Benchmark<'m>, BuildErrors> {
        let mut errors = self.gathered.errors;
        if self.gathered.asked.is_empty() && errors.is_empty() {
            errors.push(BuildError::NoMetric);
        }
        for (number, what) in [(self.workers, "the number of workers"), (self.batch_size, "the batch size")] {
            if number == 0 {
                errors.push(BuildError::Zero(what));
            }
        }
        errors.extend(self.wanted.intervals.and_then(|intervals| intervals.problem()).map(BuildError::Intervals));
        if let Some(model) = &self.model {
            errors.extend(same_paths(model.layers()));
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
            observers: self.observers,
            asked: self.gathered.asked,
            plan: self.gathered.plan,
            wanted: self.wanted,
            identity: OnceLock::new(),
        })
    }
}

/// Paths that several layers have: results by layer could not tell them apart.
fn same_paths(layers: &[Layer]) -> impl Iterator<Item = BuildError> {
    let mut seen = HashSet::new();
    let twice: BTreeSet<&str> = layers.iter().map(Layer::path).filter(|path| !seen.insert(*path)).collect();
    twice.into_iter().map(|path| BuildError::SamePath(path.to_owned())).collect::<Vec<_>>().into_iter()
}

fn typed<M: Metric>(metric: M) -> Result<Requested, RegistryError>
where
    M::Output: MetricValue,
{
    Requested::new(metric).map_err(|error| RegistryError::settings::<Metrics>(M::ABOUT.name, error))
}
