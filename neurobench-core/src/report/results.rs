//! A report as it is written to a file and read back.

use serde::{Deserialize, Serialize};

use crate::component::Params;
use crate::metric::{Field, MetricError, MetricKind, Shape};
use crate::report::intervals::{Intervals, SampleUnit};
use crate::report::{
    Entry, GroupResult, Leaderboard, MeasuredRun, Measurements, Provenance, ReplicateValues, Report, ReportError,
    SampleValues, ValueInterval,
};
use crate::value::Value;

/// The form in which results are written; raised when it changes. Version 3 added `leaderboard`, `measurements` and
/// `provenance`.
pub(crate) const SCHEMA: u32 = 3;

/// The oldest form that is still read.
pub(crate) const OLDEST_SCHEMA: u32 = 2;

/// A report as it is written to a file and read back.
///
/// Everything except [`timing`](Self::timing), [`measurements`](Self::measurements) and [`provenance`](Self::provenance) is a
/// function of model, data, settings and library: the same bytes on any number of workers and any machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    /// The version of this form.
    pub schema: u32,
    /// The name of the benchmark, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub benchmark: Option<String>,
    /// Name and version of the library that wrote it, such as `neurobench 0.1.0`.
    pub library: String,
    /// The digest of the model.
    pub model: Option<String>,
    /// The digest of the data set.
    pub data: Option<String>,
    /// Number of samples.
    pub samples: u64,
    /// Number of batches.
    pub batches: u64,
    /// Maximum number of samples per batch, if the engine cut the data into batches.
    pub batch_size: Option<usize>,
    /// The preprocessors, in order.
    pub preprocessors: Vec<String>,
    /// The postprocessors, in order.
    pub postprocessors: Vec<String>,
    /// Settings of the confidence intervals, if requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intervals: Option<Intervals>,
    /// Unit of resampling and of per-sample values, if either was requested: samples or sequences.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sample_unit: Option<SampleUnit>,
    /// Number of these units.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sample_units: Option<u64>,
    /// All metrics, in the order in which they were requested.
    pub metrics: Vec<MetricResult>,
    /// Results of groups of sequences; see [`Report::groups`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub groups: Vec<GroupResult>,
    /// Row of the run in the leaderboard of its task, beside published rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leaderboard: Option<Leaderboard>,
    /// Facts that a reader of the results should know; see [`Report::notes`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// Durations, and the number of workers.
    pub timing: Timing,
    /// Measurements of times and energy, which depend on the machine; never metrics.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measurements: Option<Measurements>,
    /// Command, input files, seeds and host, if a command wrote the results.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provenance: Option<Provenance>,
}

/// Durations of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Timing {
    /// Number of workers.
    pub workers: usize,
    /// Seconds from the first batch to the last, on the clock; for a resumed run, those of the last part.
    pub total_seconds: f64,
    /// Seconds inside the model's forward passes, summed over workers.
    pub forward_seconds: f64,
}

/// Outcome of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has a value.
    Ok,
    /// Its value has several numbers, some of which are undefined; the value contains the reasons.
    Partial,
    /// It has no value for this data.
    Undefined,
    /// It failed.
    Failed,
}

/// The result of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetricResult {
    /// Name under which it was requested.
    pub name: String,
    /// Further names under which it was requested.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<String>,
    /// Package and registered name of the definition.
    pub metric: String,
    /// The version of the definition.
    pub version: u32,
    /// Static, workload or accumulated.
    pub kind: MetricKind,
    /// All settings, defaults included.
    pub settings: Params,
    /// The unit of the value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// True if higher values are better, false if lower values are; `None` if the metric does not state it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub higher_is_better: Option<bool>,
    /// Units and directions of the value's fields, where it is a record.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<FieldResult>,
    /// Outcome.
    pub status: Status,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Value>,
    /// The reason why there is no value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// Confidence intervals of the floats in the value, if requested.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub intervals: Vec<ValueInterval>,
    /// The reason why there is no interval, or none for one of the floats.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_interval: Option<String>,
    /// Values on single samples, if requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub samples: Option<SampleValues>,
    /// The reason why there are no values of single samples.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_samples: Option<String>,
    /// Values of its numbers on the replicates of a bootstrap, if both per-sample values and intervals were requested.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub replicates: Vec<ReplicateValues>,
}

/// A field of a value that is a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldResult {
    /// The field.
    pub name: String,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// True if higher values are better, false if lower values are; `None` if the metric does not state it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub higher_is_better: Option<bool>,
}

impl Results {
    pub(crate) fn from_report(report: &Report) -> Self {
        let facts = &report.facts;
        Self {
            schema: SCHEMA,
            benchmark: None,
            library: concat!("neurobench ", env!("CARGO_PKG_VERSION")).to_owned(),
            model: facts.model.clone(),
            data: facts.data.clone(),
            samples: facts.samples,
            batches: facts.batches,
            batch_size: facts.batch_size,
            preprocessors: facts.preprocessors.clone(),
            postprocessors: facts.postprocessors.clone(),
            intervals: facts.intervals,
            sample_unit: facts.resampled.map(|(unit, _)| unit),
            sample_units: facts.resampled.map(|(_, count)| count),
            metrics: report.entries.iter().map(MetricResult::from_entry).collect(),
            groups: report.groups(),
            leaderboard: None,
            notes: facts.notes.clone(),
            timing: Timing {
                workers: facts.workers,
                total_seconds: facts.total.as_secs_f64(),
                forward_seconds: facts.forward.as_secs_f64(),
            },
            provenance: None,
            measurements: None,
        }
    }

    /// Results of measurements alone, without metrics.
    ///
    /// `data` is the digest of the data set and `samples` its number of samples, so that measurements over different data are not
    /// compared.
    #[must_use]
    pub fn from_measurements(measurements: Measurements, data: Option<String>, samples: u64) -> Self {
        let runs = &measurements.runs;
        let values =
            |run: &MeasuredRun, name: &str| run.quantity(name).map(|found| found.values.clone()).unwrap_or_default();
        let total_seconds = runs.iter().flat_map(|run| values(run, "duration")).sum();
        let forward = |run: &MeasuredRun| -> f64 {
            let (each, samples) = (values(run, "forward_time"), values(run, "samples"));
            each.iter().zip(samples).map(|(seconds, samples)| seconds * samples).sum()
        };
        let first = runs.first();
        let timing = Timing {
            workers: first.map_or(0, |run| run.workers.saturating_mul(run.copies)),
            total_seconds,
            forward_seconds: runs.iter().map(forward).sum(),
        };
        // One digest cannot stand for several models.
        let same = runs.iter().all(|run| Some(&run.digest) == first.map(|first| &first.digest));
        Self {
            schema: SCHEMA,
            benchmark: None,
            library: concat!("neurobench ", env!("CARGO_PKG_VERSION")).to_owned(),
            model: first.filter(|_| same).and_then(|run| run.digest.clone()),
            data,
            samples,
            batches: 0,
            batch_size: first.map(|run| run.batch_size),
            preprocessors: Vec::new(),
            postprocessors: Vec::new(),
            intervals: None,
            sample_unit: None,
            sample_units: None,
            metrics: Vec::new(),
            groups: Vec::new(),
            notes: Vec::new(),
            timing,
            measurements: Some(measurements),
            provenance: None,
            leaderboard: None,
        }
    }
}

/// Results in a form that this program does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("schema {found} of results is not supported: this program reads schemas {OLDEST_SCHEMA} to {SCHEMA}{}", advice(*found))]
#[non_exhaustive]
pub struct SchemaError {
    /// Schema of the results.
    pub found: u32,
}

fn advice(found: u32) -> &'static str {
    if found > SCHEMA { "; a later version of it wrote the results" } else { "; run the benchmark again" }
}

impl Results {
    /// Checks that this program reads the form of the results.
    ///
    /// # Errors
    ///
    /// A form of an earlier or later version that is not read.
    pub fn check_schema(&self) -> Result<(), SchemaError> {
        if (OLDEST_SCHEMA..=SCHEMA).contains(&self.schema) { Ok(()) } else { Err(SchemaError { found: self.schema }) }
    }

    /// Returns a value by the name of a metric, or a part of a value by the name and the keys on the way to it, joined
    /// by dots: `accuracy`, `synaptic_operations.effective_acs`, `activation_sparsity_by_layer.encoder.lif1`. Items of
    /// lists have their zero-based index as key.
    ///
    /// # Errors
    ///
    /// No metric or part of this name, with the names that there are; a metric or part without a value, with the
    /// reason.
    pub fn get(&self, path: &str) -> Result<&Value, ReportError> {
        let unknown = |name: &str, known: Vec<String>| ReportError::NotRequested { name: name.to_owned(), known };
        let names = |metric: &MetricResult| metric.names().cloned().collect::<Vec<_>>();
        // Names of metrics and keys may contain dots themselves: the longest match counts.
        let rests = self.metrics.iter().flat_map(|metric| {
            names(metric).into_iter().filter_map(move |name| after(path, &name)).map(move |rest| (metric, rest))
        });
        let found = rests.min_by_key(|(_, rest)| rest.len());
        let Some((metric, rest)) = found else {
            return Err(unknown(path, self.metrics.iter().flat_map(names).collect()));
        };
        let failed = |error: MetricError| ReportError::Failed { name: path.to_owned(), error };
        let Some(value) = &metric.value else {
            return Err(failed(MetricError::Other(metric.error.clone().unwrap_or_default())));
        };
        let (mut value, mut rest) = (value, rest);
        while !rest.is_empty() {
            let keys = keys(value);
            let next = keys.iter().filter_map(|(key, inner)| Some((after(rest, key)?, *inner)));
            let Some((after, inner)) = next.min_by_key(|(rest, _)| rest.len()) else {
                let before = path[..path.len() - rest.len()].trim_end_matches('.');
                return Err(unknown(path, keys.into_iter().map(|(key, _)| format!("{before}.{key}")).collect()));
            };
            (rest, value) = (after, inner);
        }
        match value {
            Value::Undefined(reason) => Err(failed(MetricError::Undefined(reason.clone()))),
            value => Ok(value),
        }
    }
}

/// Returns the rest of a path after its first key, without the dot between them; `None` if it begins with another key.
fn after<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(key)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// Keys of a map or a record, or indices of a list, with their values.
fn keys(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::List(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    }
}

impl MetricResult {
    /// Every name under which it was requested.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.also)
    }

    /// The unit of the part of the value at this path.
    #[must_use]
    pub fn unit_at<S: AsRef<str>>(&self, path: &[S]) -> Option<&str> {
        self.field_at(path).and_then(|field| field.unit.as_deref()).or(self.unit.as_deref())
    }

    /// Returns true if higher values of the part at this path are better, false if lower ones are.
    #[must_use]
    pub fn higher_is_better_at<S: AsRef<str>>(&self, path: &[S]) -> Option<bool> {
        self.field_at(path).and_then(|field| field.higher_is_better).or(self.higher_is_better)
    }

    /// The innermost field on the path to a part; parts of a field have its description.
    fn field_at<S: AsRef<str>>(&self, path: &[S]) -> Option<&FieldResult> {
        path.iter().rev().find_map(|key| self.fields.iter().find(|field| field.name == key.as_ref()))
    }

    fn from_entry(entry: &Entry) -> Self {
        let (about, uncertainty) = (entry.about(), &entry.uncertainty);
        let (status, value, error) = match entry.value() {
            Ok(value) if value.undefined().is_empty() => (Status::Ok, Some(value.clone()), None),
            Ok(value) => (Status::Partial, Some(value.clone()), None),
            Err(error) if error.is_undefined() => (Status::Undefined, None, Some(error.to_string())),
            Err(error) => (Status::Failed, None, Some(error.to_string())),
        };
        Self {
            name: entry.name().to_owned(),
            also: entry.names()[1..].to_vec(),
            metric: about.component.id(),
            version: about.component.version,
            kind: about.kind,
            settings: entry.settings().clone(),
            unit: about.unit.map(str::to_owned),
            higher_is_better: about.higher_is_better,
            fields: fields(entry.shape()),
            status,
            value,
            error,
            intervals: uncertainty.intervals.clone(),
            no_interval: uncertainty.no_interval.clone(),
            samples: uncertainty.samples.clone(),
            no_samples: uncertainty.no_samples.clone(),
            replicates: uncertainty.replicates.clone(),
        }
    }
}

/// The fields of a record, or of the records in a list or a map.
fn fields(shape: &Shape) -> Vec<FieldResult> {
    match shape {
        Shape::Record(fields) => fields.iter().map(FieldResult::from_field).collect(),
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => fields(inner),
        _ => Vec::new(),
    }
}

impl FieldResult {
    fn from_field(field: &Field) -> Self {
        Self {
            name: field.name.to_owned(),
            unit: field.unit.map(str::to_owned),
            higher_is_better: field.higher_is_better,
        }
    }
}
