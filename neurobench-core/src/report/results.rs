//! A report as it is written to a file and read back.

use serde::{Deserialize, Serialize};

use crate::component::Params;
use crate::metric::{Field, MetricKind, Shape};
use crate::report::intervals::{Intervals, SampleUnit};
use crate::report::{Entry, ReplicateValues, Report, SampleValues, ValueInterval};
use crate::value::Value;

/// The form in which results are written; raised when it changes.
pub(crate) const SCHEMA: u32 = 2;

/// A report as it is written to a file and read back.
///
/// All but [`timing`](Self::timing) is a function of model, data, settings and library: the same bytes on any number of
/// workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    /// The version of this form.
    pub schema: u32,
    /// The name of the benchmark, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub benchmark: Option<String>,
    /// The library that made it, as `neurobench 0.1.0`.
    pub library: String,
    /// The digest of the model.
    pub model: Option<String>,
    /// The digest of the data set.
    pub data: Option<String>,
    /// How many samples were run.
    pub samples: u64,
    /// In how many batches.
    pub batches: u64,
    /// How many samples a batch had, where the engine cut them.
    pub batch_size: Option<usize>,
    /// The preprocessors, in order.
    pub preprocessors: Vec<String>,
    /// The postprocessors, in order.
    pub postprocessors: Vec<String>,
    /// How the intervals were made, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intervals: Option<Intervals>,
    /// Whether samples or sequences stand for all that might have been drawn, where intervals or their values were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sample_unit: Option<SampleUnit>,
    /// How many of these there are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sample_units: Option<u64>,
    /// Every metric, in the order in which they were asked for.
    pub metrics: Vec<MetricResult>,
    /// How long it took, and on how many workers.
    pub timing: Timing,
}

/// How long a run took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Timing {
    /// How many workers ran batches.
    pub workers: usize,
    /// Seconds from the first batch to the last, on the clock; of a resumed run, of the part that was run last.
    pub total_seconds: f64,
    /// Seconds inside the model's forward passes, summed over workers.
    pub forward_seconds: f64,
}

/// Whether a metric has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has.
    Ok,
    /// It has one of several numbers, some of which are undefined: the value says which, and why.
    Partial,
    /// It has none for this data.
    Undefined,
    /// It failed.
    Failed,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetricResult {
    /// The name under which it was asked for.
    pub name: String,
    /// Further names under which it was asked for.
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
    /// Whether more is better.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub higher_is_better: Option<bool>,
    /// Units and directions of the value's fields, where it is a record.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<FieldResult>,
    /// Whether it has a value.
    pub status: Status,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Value>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// The intervals of the value's floats, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub intervals: Vec<ValueInterval>,
    /// Why there is none, or none of one of the floats.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_interval: Option<String>,
    /// The values on single samples, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub samples: Option<SampleValues>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_samples: Option<String>,
    /// The values of its numbers on the replicates of a bootstrap, where values of samples and intervals were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub replicates: Vec<ReplicateValues>,
}

/// One field of a value that is a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldResult {
    /// The field.
    pub name: String,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// Whether more is better.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub higher_is_better: Option<bool>,
}

impl Results {
    pub(crate) fn of(report: &Report) -> Self {
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
            metrics: report.entries.iter().map(MetricResult::of).collect(),
            timing: Timing {
                workers: facts.workers,
                total_seconds: facts.total.as_secs_f64(),
                forward_seconds: facts.forward.as_secs_f64(),
            },
        }
    }
}

impl MetricResult {
    /// The unit of the part at this place of the value, by the keys on the way to it.
    #[must_use]
    pub fn unit_at<S: AsRef<str>>(&self, path: &[S]) -> Option<&str> {
        self.field_at(path).and_then(|field| field.unit.as_deref()).or(self.unit.as_deref())
    }

    /// Whether more of the part at this place of the value is better.
    #[must_use]
    pub fn higher_is_better_at<S: AsRef<str>>(&self, path: &[S]) -> Option<bool> {
        self.field_at(path).and_then(|field| field.higher_is_better).or(self.higher_is_better)
    }

    /// The innermost field on the way to a part: what is in a field is told of as the field is.
    fn field_at<S: AsRef<str>>(&self, path: &[S]) -> Option<&FieldResult> {
        path.iter().rev().find_map(|key| self.fields.iter().find(|field| field.name == key.as_ref()))
    }

    fn of(entry: &Entry) -> Self {
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
        Shape::Record(fields) => fields.iter().map(FieldResult::of).collect(),
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => fields(inner),
        _ => Vec::new(),
    }
}

impl FieldResult {
    fn of(field: &Field) -> Self {
        Self {
            name: field.name.to_owned(),
            unit: field.unit.map(str::to_owned),
            higher_is_better: field.higher_is_better,
        }
    }
}
