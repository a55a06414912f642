//! Snapshots of a run, which can be written, read and merged.
//!
//! States are JSON, whose floats are finite; states that can be infinite, such as [`Min`](crate::accumulate::Min) and
//! [`Max`](crate::accumulate::Max), write bits. A state that cannot be written becomes a failed core, and all other
//! states are kept. The kept samples of each core stand beside its state, under the name `single`, and merge in the
//! same way.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bench::error::SnapshotError;
use crate::bench::ranges::BatchRanges;
use crate::bench::request::RequestedMetric;
use crate::bench::resample::{ResamplePlan, Samples, SavedCoreSamples, SavedSamples};
use crate::bench::runner::read_metric;
use crate::bench::totals::Totals;
use crate::component::{Params, Spec};
use crate::metric::factory::Requested;
use crate::metric::plan::{Core, CoreState};
use crate::metric::{Context, Metric, MetricError, MetricValue, Plan};
use crate::model::{FnModel, Probe, Tensor};
use crate::names::listed;
use crate::value::Value;

/// Version of the form in which snapshots are written.
const SCHEMA: u32 = 2;

/// Snapshot of a run: the state of every core, and the batches that were folded into it.
///
/// Shards of a data set are snapshots that merge; resuming is running the batches that a snapshot lacks. It holds cores,
/// not metrics, so that a metric of a core can be read from it after the run.
///
/// Its `Debug` form is a summary without the states.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    schema: u32,
    identity: Identity,
    /// The batches in it.
    batches: BatchRanges,
    /// Their samples.
    samples: u64,
    /// Request for intervals and per-sample values, with the sizes of the groups, if samples were kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    single: Option<SavedSamples>,
    /// Layers that did not spike in any of the batches; none if that is unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    silent_layers: Option<Vec<String>>,
    cores: Vec<SavedCore>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores: Vec<&str> = self.cores.iter().map(|core| core.metric.as_str()).collect();
        let summary = &mut f.debug_struct("Snapshot");
        summary
            .field("batches", &self.batches)
            .field("samples", &self.samples)
            .field("cores", &cores)
            .finish_non_exhaustive()
    }
}

/// Identity of a run: it must agree for two snapshots to be parts of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) model: Option<String>,
    pub(crate) data: Option<String>,
    pub(crate) batch_size: Option<usize>,
    pub(crate) preprocessors: Vec<String>,
    pub(crate) postprocessors: Vec<String>,
}

impl Identity {
    fn check(&self, expected: &Self) -> Result<(), SnapshotError> {
        let differ = |what, found: String, expected: String| {
            if found == expected { Ok(()) } else { Err(SnapshotError::Mismatch { what, found, expected }) }
        };
        let text = |digest: &Option<String>| digest.clone().unwrap_or_else(|| "without a fingerprint".to_owned());
        let size = |size: Option<usize>| size.map_or_else(|| "of the stream".to_owned(), |size| size.to_string());
        let list = |names: &[String]| format!("[{}]", names.join(", "));
        differ("the model", text(&self.model), text(&expected.model))?;
        differ("the data", text(&self.data), text(&expected.data))?;
        differ("the batch size", size(self.batch_size), size(expected.batch_size))?;
        differ("the preprocessors", list(&self.preprocessors), list(&expected.preprocessors))?;
        differ("the postprocessors", list(&self.postprocessors), list(&expected.postprocessors))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCore {
    metric: String,
    version: u32,
    settings: Params,
    /// States and counts of single samples.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    single: Option<SavedCoreSamples>,
    #[serde(flatten)]
    outcome: Saved,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Saved {
    State(Value),
    Failed { batch: Option<u64>, error: MetricError },
}

impl SavedCore {
    /// The definition with its settings, as text.
    fn label(&self) -> String {
        Spec::new(self.metric.clone(), self.settings.clone()).to_string()
    }
}

fn unwritable(error: &MetricError) -> MetricError {
    MetricError::Other(format!("its state cannot be written: {error}"))
}

impl Snapshot {
    /// The batches in it.
    #[must_use]
    pub fn batches(&self) -> &BatchRanges {
        &self.batches
    }

    /// Number of samples in it.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The value of a metric, if the cores that it reads are in the snapshot. It needs neither the model nor the data.
    ///
    /// ```
    /// use neurobench::Benchmark;
    /// use neurobench::data::InMemory;
    /// use neurobench::metrics::{Mse, Rmse};
    /// let data = InMemory::new(ndarray::array![1.0, 2.0], ndarray::array![1.0, 6.0]).unwrap();
    /// let run = Benchmark::builder().model(neurobench::testing::predictions()).data(data).metric(Mse).build().unwrap();
    /// let snapshot = run.run_batches(&(0..run.batches().unwrap()).into()).unwrap();
    /// assert_eq!(snapshot.value(&Rmse::default()).unwrap(), 8_f64.sqrt());
    /// ```
    ///
    /// # Errors
    ///
    /// A core that is not in it, by type, settings and version; a metric that looks at the model alone, or has no value.
    pub fn value<M: Metric>(&self, metric: &M) -> Result<M::Output, SnapshotError>
    where
        M::Output: MetricValue,
    {
        self.check_schema()?;
        let mut plan = Plan::default();
        let requested = Requested::new(metric.clone())?;
        let cores = requested.metric.cores(&mut plan)?;
        let request = RequestedMetric { names: Vec::new(), asked: Vec::new(), cores, requested };
        let name = || request.requested.name.clone();
        if request.cores.is_empty() {
            return Err(SnapshotError::NoCore(name()));
        }
        let states = plan.cores().iter().map(|core| self.restore_core(core)).collect::<Result<Vec<_>, _>>()?;
        // What reads cores does not look at the model.
        let model = FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| Ok(inputs.clone()));
        let read = read_metric(&request, plan.cores(), &states, &Context::for_model(&model));
        let typed = read.and_then(|(output, _)| output.downcast().map_err(|_| "a value of another type".into()));
        typed.map(|output| *output).map_err(|error| SnapshotError::Metric { metric: name(), error })
    }

    fn check_schema(&self) -> Result<(), SnapshotError> {
        match self.schema {
            SCHEMA => Ok(()),
            found => Err(SnapshotError::Schema { found, expected: SCHEMA }),
        }
    }

    /// Writes the totals. A state that cannot be written becomes a failed core.
    pub(crate) fn save(totals: &Totals, cores: &[Core], identity: Identity, plan: Option<&ResamplePlan>) -> Self {
        let kept = plan.zip(totals.single.as_ref());
        let mut singles = kept.map(|(_, single)| single.save_cores()).unwrap_or_default().into_iter();
        let mut save = |(core, state): (&Core, &CoreState)| {
            let outcome = match state {
                CoreState::Good(state) => match state.save() {
                    Ok(state) => Saved::State(state),
                    Err(error) => Saved::Failed { batch: None, error: unwritable(&error) },
                },
                CoreState::Failed { batch, error } => Saved::Failed { batch: *batch, error: error.clone() },
            };
            let (metric, version, settings) =
                (core.about.component.id(), core.about.component.version, core.params.clone());
            SavedCore { metric, version, settings, single: singles.next(), outcome }
        };
        let saved = cores.iter().zip(&totals.states).map(&mut save).collect();
        let (batches, samples) = (totals.batches.clone(), totals.samples);
        let single = kept.map(|(plan, single)| SavedSamples::save(plan, single));
        let silent_layers = totals.silent.clone();
        Self { schema: SCHEMA, identity, batches, samples, single, silent_layers, cores: saved }
    }

    pub(crate) fn restore(
        &self,
        cores: &[Core],
        identity: &Identity,
        plan: Option<&ResamplePlan>,
    ) -> Result<Totals, SnapshotError> {
        self.check_schema()?;
        self.identity.check(identity)?;
        let states = cores.iter().map(|core| self.restore_core(core)).collect::<Result<_, _>>()?;
        let single = plan.map(|plan| self.restore_single(cores, plan)).transpose()?;
        let (batches, samples, silent) = (self.batches.clone(), self.samples, self.silent_layers.clone());
        Ok(Totals { states, batches, samples, single, forward: std::time::Duration::ZERO, silent })
    }

    fn restore_single(&self, cores: &[Core], plan: &ResamplePlan) -> Result<Samples, SnapshotError> {
        SavedSamples::check(self.single.as_ref(), plan)?;
        let sizes = self.single.as_ref().ok_or(SnapshotError::Nothing)?.sizes()?;
        let saved: Vec<_> =
            cores.iter().map(|core| (core, self.saved_core(core).and_then(|saved| saved.single.as_ref()))).collect();
        Samples::restore(plan, sizes, &saved)
    }

    fn saved_core(&self, core: &Core) -> Option<&SavedCore> {
        let id = core.about.component.id();
        self.cores.iter().find(|saved| saved.metric == id && saved.settings == core.params)
    }

    fn restore_core(&self, core: &Core) -> Result<CoreState, SnapshotError> {
        let Some(saved) = self.saved_core(core) else {
            let held = listed(self.cores.iter().map(SavedCore::label));
            return Err(SnapshotError::MissingCore { core: core.label.clone(), held });
        };
        if saved.version != core.about.component.version {
            let (found, expected) = (saved.version, core.about.component.version);
            return Err(SnapshotError::Version { core: core.label.clone(), found, expected });
        }
        match &saved.outcome {
            Saved::State(state) => match core.fold.restore(state) {
                Ok(state) => Ok(CoreState::Good(state)),
                Err(error) => Err(SnapshotError::State { core: core.label.clone(), error }),
            },
            Saved::Failed { batch, error } => Ok(CoreState::Failed { batch: *batch, error: error.clone() }),
        }
    }
}
