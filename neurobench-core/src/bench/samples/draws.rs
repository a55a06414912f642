//! The values of a metric on resamples, and the intervals that they give.

use crate::bench::request::Asked;
use crate::metric::{MetricError, Shape};
use crate::report::intervals::{BootstrapInterval, Intervals};
use crate::report::{IntervalKind, ReplicateValues, ValueInterval};
use crate::stats::intervals::{bca, percentile};
use crate::value::Value;

/// The values of one metric on resamples.
pub(super) struct Draws<'a> {
    pub(super) asked: &'a Asked,
    intervals: Intervals,
    /// How many samples or sequences there are to draw from.
    units: u64,
    numbers: Vec<NumberDraws>,
    /// Whether some number of the value is the smallest or the largest of others.
    has_extremes: bool,
    /// Why there is no use in drawing any further.
    hopeless: Option<String>,
}

/// One number of a value, on resamples.
struct NumberDraws {
    path: Vec<Step>,
    value: f64,
    replicates: Vec<f64>,
    /// Those that are not among them, counted from 0.
    replicates_without: Vec<usize>,
    left_out: Vec<f64>,
    lacking_replicates: Lacking,
    lacking_left_out: Lacking,
}

/// One step from a value into it.
#[derive(Clone)]
enum Step {
    /// To the entry of a map or a record.
    Entry(String),
    /// To an item of a list of so many.
    Item { at: usize, of: usize },
}

impl Step {
    fn name(&self) -> String {
        match self {
            Self::Entry(name) => name.clone(),
            Self::Item { at, .. } => at.to_string(),
        }
    }
}

/// Resamples on which a number is not there.
#[derive(Default)]
struct Lacking {
    count: usize,
    /// Why, on the first of them.
    first: Option<String>,
}

/// Of so many resamples, one may be without a value: the ends of an interval of level 0.95 leave out one in forty.
const ONE_LACKING_OF: usize = 100;

/// No resample goes beyond the samples, and where it stays tells nothing of how far others would go.
pub(super) const EXTREME: &str = "the smallest or largest of several numbers has no interval: the bootstrap is inconsistent for it (Bickel and Freedman \
     1981, doi 10.1214/aos/1176345637)";

impl<'a> Draws<'a> {
    /// Of so many samples or sequences; `lists` says whether the items of its lists are on all resamples.
    pub(super) fn of(asked: &'a Asked, value: &Value, intervals: &Intervals, units: u64, lists: bool) -> Self {
        let mut floats = Floats { found: Vec::new(), has_extremes: false };
        floats.collect(value, &asked.requested.shape, &mut Vec::new(), lists);
        let of = |(path, value): (Vec<Step>, f64)| NumberDraws {
            path,
            value,
            replicates: Vec::new(),
            replicates_without: Vec::new(),
            left_out: Vec::new(),
            lacking_replicates: Lacking::default(),
            lacking_left_out: Lacking::default(),
        };
        let Floats { found, has_extremes } = floats;
        let numbers = found.into_iter().map(of).collect();
        Self { asked, intervals: *intervals, units, numbers, has_extremes, hopeless: None }
    }

    /// Whether nothing is gained by drawing any further.
    pub(super) fn is_done(&self) -> bool {
        self.hopeless.is_some() || self.numbers.is_empty()
    }

    pub(super) fn replicate(&mut self, value: &Result<Value, MetricError>) {
        self.take(value, |number, found| match found {
            Ok(found) => number.replicates.push(found),
            Err(why) => {
                number.replicates_without.push(number.replicates.len() + number.replicates_without.len());
                number.lacking_replicates.add(why);
            }
        });
    }

    pub(super) fn left_out(&mut self, value: &Result<Value, MetricError>) {
        self.take(value, |number, found| match found {
            Ok(found) => number.left_out.push(found),
            Err(why) => number.lacking_left_out.add(why),
        });
    }

    fn take(&mut self, value: &Result<Value, MetricError>, take: impl Fn(&mut NumberDraws, Result<f64, String>)) {
        match value {
            Err(error) if !error.is_undefined() => self.hopeless = Some(because(error)),
            value => self.numbers.iter_mut().for_each(|number| take(number, number.of(value))),
        }
    }

    /// The values on replicates, of numbers that have some.
    pub(super) fn replicates(&self) -> Vec<ReplicateValues> {
        let drawn = self.numbers.iter().filter(|number| self.hopeless.is_none() && !number.replicates.is_empty());
        let values = |number: &NumberDraws| ReplicateValues {
            path: number.path.iter().map(Step::name).collect(),
            undefined: number.replicates_without.clone(),
            values: number.replicates.clone(),
        };
        drawn.map(values).collect()
    }

    /// The intervals there are, and the first reason why one is not. That an extreme has none comes last: it is known beforehand.
    pub(super) fn intervals(self) -> (Vec<ValueInterval>, Option<String>) {
        if self.hopeless.is_some() {
            return (Vec::new(), self.hopeless);
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

impl NumberDraws {
    /// This number of a value of the same metric.
    fn of(&self, value: &Result<Value, MetricError>) -> Result<f64, String> {
        let mut found = value.as_ref().map_err(because)?;
        for step in &self.path {
            found = match (step, found) {
                (Step::Entry(name), found) => found.get(name),
                // Of a list of another length nobody knows which item is which.
                (Step::Item { at, of }, Value::List(items)) if items.len() == *of => items.get(*at),
                (Step::Item { of, .. }, _) => return Err(format!("not all of them have a list of {of}")),
            }
            .ok_or("it is not there on all resamples")?;
        }
        if let Value::Undefined(why) = found {
            return Err(why.clone());
        }
        found.as_f64().ok_or_else(|| "it is not there on all resamples".to_owned())
    }

    fn interval(self, intervals: &Intervals, units: u64, path: Vec<String>) -> Result<ValueInterval, String> {
        self.lacking_replicates.check(self.replicates.len(), "resamples have no value")?;
        self.lacking_left_out.check(self.left_out.len(), "groups of samples leave no value when they are left out")?;
        let level = intervals.level;
        let (interval, kind) = match intervals.bootstrap {
            BootstrapInterval::Percentile => (percentile(&self.replicates, units, level), IntervalKind::Percentile),
            BootstrapInterval::Bca if self.left_out.len() < 2 => {
                return Err("fewer than two samples that could be left out".to_owned());
            }
            BootstrapInterval::Bca => {
                (bca(self.value, &self.replicates, &self.left_out, units, level), IntervalKind::Bca)
            }
        };
        let interval = interval.map_err(|error| because(&error))?;
        Ok(ValueInterval { path, low: interval.low, high: interval.high, kind })
    }
}

impl Lacking {
    fn add(&mut self, why: String) {
        self.count += 1;
        self.first.get_or_insert(why);
    }

    /// Beside so many that have a value.
    fn check(self, others: usize, what: &str) -> Result<(), String> {
        if self.count * ONE_LACKING_OF <= others {
            return Ok(());
        }
        let (why, of) = (self.first.unwrap_or_default(), others + self.count);
        Err(format!("{} of {of} {what}: {why}", self.count))
    }
}

/// The floats of a value that resamples have, too, with the steps that lead to them.
struct Floats {
    found: Vec<(Vec<Step>, f64)>,
    has_extremes: bool,
}

impl Floats {
    /// Lists are looked into as far as all that leads to them are fields of records.
    fn collect(&mut self, value: &Value, shape: &Shape, path: &mut Vec<Step>, lists: bool) {
        match (value, shape) {
            (Value::Float(number), _) => self.found.push((path.clone(), *number)),
            (value, Shape::Optional(inner)) => self.collect(value, inner, path, lists),
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
                        // A number for each class.
                        other => other,
                    };
                    path.push(Step::Entry(name.clone()));
                    self.collect(entry, inner, path, lists && matches!(shape, Shape::Record(_)));
                    path.pop();
                }
            }
            (Value::List(items), _) if lists => {
                for (at, item) in items.iter().enumerate() {
                    if let Value::Float(number) = item {
                        path.push(Step::Item { at, of: items.len() });
                        self.found.push((path.clone(), *number));
                        path.pop();
                    }
                }
            }
            _ => {}
        }
    }
}

/// A reason in its own words.
pub(super) fn because(error: &MetricError) -> String {
    match error {
        MetricError::Undefined(why) => why.clone(),
        other => other.to_string(),
    }
}
