//! The report of a run: values of metrics, with their uncertainty.

pub mod export;
mod figure;
mod groups;
pub(crate) mod intervals;
mod leaderboard;
mod measurements;
mod provenance;
mod results;
mod rows;
mod uncertainty;

use std::any::TypeId;
use std::fmt;
use std::ops::Index;
#[cfg(feature = "write")]
use std::path::Path;
use std::time::Duration;

pub use groups::{GroupMean, GroupResult};
use intervals::{Intervals, SampleUnit};
pub use leaderboard::{Leaderboard, LeaderboardColumn, LeaderboardRow};
pub use measurements::{Conditions, DomainEnergy, Host, MeasuredEnergy, MeasuredRun, Measurements, Quantity, Scenario};
pub use provenance::{InputFile, Provenance};
pub use results::{FieldResult, MetricResult, Results, SchemaError, Status, Timing};
pub(crate) use results::{OLDEST_SCHEMA, SCHEMA};
pub use rows::{Row, direction, interval_head, interval_text};
pub(crate) use uncertainty::Uncertainty;
pub use uncertainty::{IntervalKind, ReplicateValues, SampleValues, ValueInterval};

use crate::component::{Params, Settings, Spec};
use crate::data::SequenceGroup;
use crate::inputs::identifying;
use crate::metric::factory::{AnyOutput, Requested};
use crate::metric::plan::canonical;
use crate::metric::{About, Metric, MetricError, Shape};
use crate::names::loose;
use crate::value::Value;
#[cfg(feature = "write")]
use export::{Csv, ExportError, Json, Markdown};

/// The results of a run: an entry for each metric, in the order in which they were requested.
pub struct Report {
    entries: Vec<Entry>,
    facts: RunFacts,
}

/// Facts about a run besides the metrics.
pub(crate) struct RunFacts {
    pub(crate) model: Option<String>,
    pub(crate) data: Option<String>,
    pub(crate) batch_size: Option<usize>,
    pub(crate) preprocessors: Vec<String>,
    pub(crate) postprocessors: Vec<String>,
    /// Unit of resampling and of per-sample values, if either was requested, and the number of these units.
    pub(crate) resampled: Option<(SampleUnit, u64)>,
    pub(crate) intervals: Option<Intervals>,
    pub(crate) samples: u64,
    pub(crate) batches: u64,
    pub(crate) workers: usize,
    pub(crate) total: Duration,
    pub(crate) forward: Duration,
    pub(crate) notes: Vec<String>,
    pub(crate) groups: Vec<SequenceGroup>,
}

/// A metric of a report.
pub struct Entry {
    names: Vec<String>,
    about: &'static About,
    settings: Params,
    shape: Shape,
    type_id: TypeId,
    output: Result<(AnyOutput, Value), MetricError>,
    pub(crate) uncertainty: Uncertainty,
}

impl Entry {
    pub(crate) fn new(
        names: Vec<String>,
        requested: &Requested,
        output: Result<(AnyOutput, Value), MetricError>,
    ) -> Self {
        Self {
            names,
            about: requested.about,
            settings: requested.params.clone(),
            shape: requested.shape.clone(),
            type_id: requested.type_id,
            output,
            uncertainty: Uncertainty::default(),
        }
    }

    /// The first name under which it was requested.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.names[0]
    }

    /// All names under which it was requested.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Description of the metric, from its function.
    #[must_use]
    pub fn about(&self) -> &'static About {
        self.about
    }

    /// Its settings, defaults included.
    #[must_use]
    pub fn settings(&self) -> &Params {
        &self.settings
    }

    /// Structure of its value.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns true if this name matches, up to case and separators, or is an alias.
    fn has_name(&self, name: &str) -> bool {
        let is = |own: &str| loose(own) == loose(name);
        let plain = self.names.iter().any(|own| own == self.about.component.name);
        self.names.iter().any(|own| is(own)) || (plain && self.about.component.aliases.iter().any(|alias| is(alias)))
    }

    /// Returns true for a metric of this name or alias that has these settings, and possibly others.
    fn matches(&self, spec: &Spec) -> bool {
        let is = |own: &str| loose(own) == loose(&spec.name);
        let same =
            |own: &Value, other: &Value| own == other || (own.as_f64().is_some() && own.as_f64() == other.as_f64());
        (is(self.about.component.name) || self.about.component.aliases.iter().any(|alias| is(alias)))
            && spec.params.iter().all(|(key, value)| self.settings.get(key).is_some_and(|own| same(own, value)))
    }

    /// Its value.
    ///
    /// # Errors
    ///
    /// The reason why it has none.
    pub fn value(&self) -> Result<&Value, &MetricError> {
        self.output.as_ref().map(|(_, value)| value)
    }

    /// Confidence intervals of the floats in its value, if requested.
    #[must_use]
    pub fn intervals(&self) -> &[ValueInterval] {
        &self.uncertainty.intervals
    }

    /// The reason why there is no interval, or none for one of the floats.
    #[must_use]
    pub fn no_interval(&self) -> Option<&str> {
        self.uncertainty.no_interval.as_deref()
    }

    /// Its values on single samples, if requested.
    ///
    /// # Errors
    ///
    /// The reason why there are none.
    pub fn samples(&self) -> Result<&SampleValues, &str> {
        let none = self.uncertainty.no_samples.as_deref().unwrap_or("values of single samples were not requested");
        self.uncertainty.samples.as_ref().ok_or(none)
    }

    /// Its numbers on the replicates of a bootstrap, if its intervals are from one and per-sample values were
    /// requested.
    #[must_use]
    pub fn replicates(&self) -> &[ReplicateValues] {
        &self.uncertainty.replicates
    }
}

/// Error of a look-up in a report or in results.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The metric was not requested.
    #[error("`{name}` is not in this report; it has {}", known.join(", "))]
    NotRequested {
        /// The name.
        name: String,
        /// Names of the metrics in the report.
        known: Vec<String>,
    },
    /// Several metrics of this type were requested.
    #[error("this report has several of `{metric}`: {}; pick one with `get_with`", names.join(", "))]
    Several {
        /// The metric.
        metric: &'static str,
        /// Their names.
        names: Vec<String>,
    },
    /// The metric has no value.
    #[error("metric `{name}`: {error}")]
    Failed {
        /// The metric.
        name: String,
        /// The reason.
        error: MetricError,
    },
}

impl Report {
    pub(crate) fn new(entries: Vec<Entry>, facts: RunFacts) -> Self {
        Self { entries, facts }
    }

    /// All metrics, in the order in which they were requested.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.facts.samples
    }

    /// Number of batches.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.facts.batches
    }

    /// Facts that a reader of the results should know, one sentence each: notes of the
    /// [model](crate::model::Model::notes), and layers of neurons that never spiked.
    ///
    /// Layers are noted for any set of batches, also after a resumption and for merged snapshots, but not if the model
    /// failed on one of the parts.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.facts.notes
    }

    /// Results of the [groups](crate::data::Dataset::groups) of the data set: means of the metrics over the sequences of each, if
    /// per-sample values were requested for a model that carries state.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupResult> {
        match self.facts.resampled {
            Some((SampleUnit::Sequence, _)) => {
                let group = |group| GroupResult::new(group, &self.entries, self.facts.intervals);
                self.facts.groups.iter().map(group).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns true if every metric has a value, and nothing in it is undefined.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.value().is_ok_and(|value| value.undefined().is_empty()))
    }

    /// The value of a metric, in its own type.
    ///
    /// # Errors
    ///
    /// The metric was not requested, was requested with several settings, or has no value.
    pub fn get<M: Metric>(&self) -> Result<&M::Output, ReportError>
    where
        M::Output: 'static,
    {
        let found: Vec<&Entry> = self.entries_with_type::<M>().collect();
        match found.as_slice() {
            [] => Err(self.not_requested(M::ABOUT.name)),
            [entry] => typed::<M>(entry),
            several => Err(ReportError::Several {
                metric: M::ABOUT.name,
                names: several.iter().map(|entry| entry.name().to_owned()).collect(),
            }),
        }
    }

    /// The value of a metric with these settings, in its own type.
    ///
    /// # Errors
    ///
    /// The metric was not requested with these settings, or has no value.
    pub fn get_with<M: Metric>(&self, metric: &M) -> Result<&M::Output, ReportError>
    where
        M::Output: 'static,
    {
        let wanted = metric.to_params().map(|params| canonical(&identifying(&M::all_params(), params))).ok();
        let found = self.entries_with_type::<M>().find(|entry| Some(canonical(&entry.settings)) == wanted);
        found.map_or_else(|| Err(self.not_requested(&format!("{metric:?}"))), typed::<M>)
    }

    /// The value of the metric of this name or alias; case, `_` and `-` do not matter. If there is none, that of the
    /// only metric of this name with these settings, written as in
    /// [`metric_named`](crate::bench::BenchmarkBuilder::metric_named).
    ///
    /// # Errors
    ///
    /// No metric of this name was requested, or several and none of them has exactly this name, or it has no value.
    pub fn value(&self, name: &str) -> Result<&Value, ReportError> {
        let exact = self.entries.iter().find(|entry| entry.names.iter().any(|own| own == name));
        let entry = exact.or_else(|| self.entries.iter().find(|entry| entry.has_name(name)));
        let entry =
            entry.or_else(|| self.single_match(&Spec::parse(name).ok()?)).ok_or_else(|| self.not_requested(name))?;
        entry.value().map_err(|error| ReportError::Failed { name: name.to_owned(), error: error.clone() })
    }

    /// The entry that matches, if there is exactly one.
    fn single_match(&self, spec: &Spec) -> Option<&Entry> {
        let mut entries = self.entries.iter().filter(|entry| entry.matches(spec));
        entries.next().filter(|_| entries.next().is_none())
    }

    fn entries_with_type<M: Settings>(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.type_id == TypeId::of::<M>())
    }

    fn not_requested(&self, name: &str) -> ReportError {
        let known = self.entries.iter().flat_map(|entry| entry.names.iter().cloned()).collect();
        ReportError::NotRequested { name: name.to_owned(), known }
    }

    /// The report in the form in which it is written and read.
    #[must_use]
    pub fn results(&self) -> Results {
        Results::from_report(self)
    }

    /// Writes the results to a JSON file, which `neurobench compare` reads. An existing file is replaced.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    #[cfg(feature = "write")]
    pub fn write_json(&self, file: impl AsRef<Path>) -> Result<(), ExportError> {
        self.results().write(&Json {}, file.as_ref())
    }

    /// Writes the results to a CSV file with one line for each number. An existing file is replaced.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    #[cfg(feature = "write")]
    pub fn write_csv(&self, file: impl AsRef<Path>) -> Result<(), ExportError> {
        self.results().write(&Csv {}, file.as_ref())
    }

    /// Writes the results to a Markdown file, as a table. An existing file is replaced.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    #[cfg(feature = "write")]
    pub fn write_markdown(&self, file: impl AsRef<Path>) -> Result<(), ExportError> {
        self.results().write(&Markdown {}, file.as_ref())
    }
}

fn typed<M: Metric>(entry: &Entry) -> Result<&M::Output, ReportError>
where
    M::Output: 'static,
{
    let failed = |error: MetricError| ReportError::Failed { name: entry.name().to_owned(), error };
    match &entry.output {
        Ok((output, _)) => output.downcast_ref().ok_or_else(|| failed("the value has another type".into())),
        Err(error) => Err(failed(error.clone())),
    }
}

/// The table that `neurobench run` prints: one row for each number, and below it the reasons why something is missing.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.results())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |entry: &Entry| match entry.value() {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        };
        f.debug_map().entries(self.entries.iter().map(|entry| (entry.name(), value(entry)))).finish()
    }
}

/// The value of a metric by name, as `report["top_3"]`.
///
/// # Panics
///
/// If it is not in the report or has no value, with the reason; [`Report::value`] gives an error instead.
impl Index<&str> for Report {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        match self.value(name) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }
}
