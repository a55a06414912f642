//! The values of a metric on resamples, and the intervals that follow from them.

use crate::bench::request::RequestedMetric;
use crate::metric::{MetricError, Shape};
use crate::report::intervals::{BootstrapInterval, Intervals};
use crate::report::{IntervalKind, ReplicateValues, ValueInterval};
use crate::stats::intervals::{bca, percentile};
use crate::value::Value;

/// The values of one metric on resamples.
pub(super) struct ResampledValues<'a> {
    pub(super) metric: &'a RequestedMetric,
    intervals: Intervals,
    /// Number of samples or sequences to draw from.
    units: u64,
    numbers: Vec<ResampledNumber>,
    /// True if the value contains the smallest or the largest of several numbers.
    has_extremes: bool,
    /// Error of the whole value, after which further resamples would add nothing.
    failure: Option<String>,
}

/// One number in the value of a metric, with its values on resamples.
struct ResampledNumber {
    path: Vec<Step>,
    value: f64,
    replicates: Vec<f64>,
    /// Zero-based indices of the replicates without a value.
    replicates_without: Vec<usize>,
    left_out: Vec<f64>,
    undefined_replicates: UndefinedCount,
    undefined_left_out: UndefinedCount,
}

/// One step of the path from a value to a number in it.
#[derive(Clone)]
enum Step {
    /// To the entry of a map or a record.
    Entry(String),
    /// To an item of a list of this length.
    Item { at: usize, length: usize },
}

impl Step {
    fn name(&self) -> String {
        match self {
            Self::Entry(name) => name.clone(),
            Self::Item { at, .. } => at.to_string(),
        }
    }
}

/// Number of resamples on which a number has no value.
#[derive(Default)]
struct UndefinedCount {
    count: usize,
    /// Reason on the first such resample.
    first: Option<String>,
}

/// Number of resamples with a value that are required for each one without. At confidence level 0.95, each end of an
/// interval leaves out one in forty.
const RESAMPLES_PER_UNDEFINED: usize = 100;

/// Reason why an extreme has no interval: no resample exceeds the samples, so resampling does not show how far other
/// samples would.
pub(super) const EXTREME: &str = "the smallest or largest of several numbers has no interval: the bootstrap is inconsistent for it (Bickel and Freedman \
     1981, doi 10.1214/aos/1176345637)";

impl<'a> ResampledValues<'a> {
    /// Creates empty values for resamples of this number of samples or sequences. With `with_lists`, list items are
    /// included: an item then has the same meaning on all resamples.
    pub(super) fn new(
        metric: &'a RequestedMetric,
        value: &Value,
        intervals: &Intervals,
        units: u64,
        with_lists: bool,
    ) -> Self {
        let mut floats = Floats { found: Vec::new(), has_extremes: false };
        floats.collect(value, &metric.requested.shape, &mut Vec::new(), with_lists);
        let number = |(path, value): (Vec<Step>, f64)| ResampledNumber {
            path,
            value,
            replicates: Vec::new(),
            replicates_without: Vec::new(),
            left_out: Vec::new(),
            undefined_replicates: UndefinedCount::default(),
            undefined_left_out: UndefinedCount::default(),
        };
        let Floats { found, has_extremes } = floats;
        let numbers = found.into_iter().map(number).collect();
        Self { metric, intervals: *intervals, units, numbers, has_extremes, failure: None }
    }

    /// Returns true if further resamples would add nothing.
    pub(super) fn is_done(&self) -> bool {
        self.failure.is_some() || self.numbers.is_empty()
    }

    /// Adds the value on the next replicate.
    pub(super) fn add_replicate(&mut self, value: &Result<Value, MetricError>) {
        self.add(value, |number, found| match found {
            Ok(found) => number.replicates.push(found),
            Err(why) => {
                number.replicates_without.push(number.replicates.len() + number.replicates_without.len());
                number.undefined_replicates.add(why);
            }
        });
    }

    /// Adds the value with the next jackknife group left out.
    pub(super) fn add_left_out(&mut self, value: &Result<Value, MetricError>) {
        self.add(value, |number, found| match found {
            Ok(found) => number.left_out.push(found),
            Err(why) => number.undefined_left_out.add(why),
        });
    }

    fn add(&mut self, value: &Result<Value, MetricError>, add: impl Fn(&mut ResampledNumber, Result<f64, String>)) {
        match value {
            Err(error) if !error.is_undefined() => self.failure = Some(reason(error)),
            value => self.numbers.iter_mut().for_each(|number| add(number, number.find(value))),
        }
    }

    /// Returns the values on replicates, for each number that has any.
    pub(super) fn replicates(&self) -> Vec<ReplicateValues> {
        let drawn = self.numbers.iter().filter(|number| self.failure.is_none() && !number.replicates.is_empty());
        let values = |number: &ResampledNumber| ReplicateValues {
            path: number.path.iter().map(Step::name).collect(),
            undefined: number.replicates_without.clone(),
            values: number.replicates.clone(),
        };
        drawn.map(values).collect()
    }

    /// Returns the intervals and the first reason why a number has none. Extremes come last, because their reason is
    /// always the same.
    pub(super) fn intervals(self) -> (Vec<ValueInterval>, Option<String>) {
        if self.failure.is_some() {
            return (Vec::new(), self.failure);
        }
        let (mut intervals, mut no_interval) = (Vec::new(), None);
        for number in self.numbers {
            let path: Vec<String> = number.path.iter().map(Step::name).collect();
            let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
            match number.interval(&self.intervals, self.units, path) {
                Ok(interval) => intervals.push(interval),
                Err(why) => no_interval = no_interval.or(Some(format!("{place}{why}"))),
            }
        }
        (intervals, no_interval.or_else(|| self.has_extremes.then(|| EXTREME.to_owned())))
    }
}

impl ResampledNumber {
    /// Finds this number in a value of the same metric.
    fn find(&self, value: &Result<Value, MetricError>) -> Result<f64, String> {
        let mut found = value.as_ref().map_err(reason)?;
        for step in &self.path {
            found = match (step, found) {
                (Step::Entry(name), found) => found.get(name),
                // Items cannot be matched in a list of a different length.
                (Step::Item { at, length }, Value::List(items)) if items.len() == *length => items.get(*at),
                (Step::Item { length, .. }, _) => return Err(format!("the list does not have {length} items")),
            }
            .ok_or("the number is missing")?;
        }
        if let Value::Undefined(why) = found {
            return Err(why.clone());
        }
        found.as_f64().ok_or_else(|| "the number is missing".to_owned())
    }

    fn interval(self, intervals: &Intervals, units: u64, path: Vec<String>) -> Result<ValueInterval, String> {
        self.undefined_replicates.check(self.replicates.len(), "resamples have no value")?;
        self.undefined_left_out.check(self.left_out.len(), "resamples without one group of samples have no value")?;
        let level = intervals.level;
        let (interval, kind) = match intervals.bootstrap {
            BootstrapInterval::Percentile => (percentile(&self.replicates, units, level), IntervalKind::Percentile),
            BootstrapInterval::Bca if self.left_out.len() < 2 => {
                return Err("a BCa interval needs at least two groups of samples to leave out".to_owned());
            }
            BootstrapInterval::Bca => {
                (bca(self.value, &self.replicates, &self.left_out, units, level), IntervalKind::Bca)
            }
        };
        let interval = interval.map_err(|error| reason(&error.into()))?;
        Ok(ValueInterval { path, low: interval.low, high: interval.high, kind })
    }
}

impl UndefinedCount {
    fn add(&mut self, why: String) {
        self.count += 1;
        self.first.get_or_insert(why);
    }

    /// Checks that few resamples lack a value, compared with the `others` that have one.
    fn check(self, others: usize, what: &str) -> Result<(), String> {
        if self.count * RESAMPLES_PER_UNDEFINED <= others {
            return Ok(());
        }
        let (why, all) = (self.first.unwrap_or_default(), others + self.count);
        Err(format!("{} of {all} {what}: {why}", self.count))
    }
}

/// Floats in a value that resamples also have, with their paths.
struct Floats {
    found: Vec<(Vec<Step>, f64)>,
    has_extremes: bool,
}

impl Floats {
    /// Collects the floats of a value. Lists are included only if the path to them consists of fields of records.
    fn collect(&mut self, value: &Value, shape: &Shape, path: &mut Vec<Step>, with_lists: bool) {
        match (value, shape) {
            (Value::Float(number), _) => self.found.push((path.clone(), *number)),
            (value, Shape::Optional(inner)) => self.collect(value, inner, path, with_lists),
            (Value::Map(entries), shape) => {
                for (name, entry) in entries {
                    let inner = match shape {
                        Shape::Record(fields) => match fields.iter().find(|field| field.name == name) {
                            Some(field) if field.extreme => {
                                self.has_extremes = true;
                                continue;
                            }
                            Some(field) => &field.shape,
                            None => shape,
                        },
                        Shape::Map(inner) | Shape::PerLayer(inner) => inner,
                        // The entries of a value by class are numbers, which have no shape of their own.
                        other => other,
                    };
                    path.push(Step::Entry(name.clone()));
                    self.collect(entry, inner, path, with_lists && matches!(shape, Shape::Record(_)));
                    path.pop();
                }
            }
            (Value::List(items), _) if with_lists => {
                for (at, item) in items.iter().enumerate() {
                    if let Value::Float(number) = item {
                        path.push(Step::Item { at, length: items.len() });
                        self.found.push((path.clone(), *number));
                        path.pop();
                    }
                }
            }
            _ => {}
        }
    }
}

/// Returns the text of an error, without the prefix for undefined values.
pub(super) fn reason(error: &MetricError) -> String {
    match error {
        MetricError::Undefined(why) => why.clone(),
        other => other.to_string(),
    }
}
