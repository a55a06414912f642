//! The values of a metric on resamples, and the intervals that they give.

use crate::bench::intervals::{BootstrapInterval, Intervals};
use crate::bench::request::Asked;
use crate::metric::{MetricError, Value};
use crate::report::{IntervalKind, ReplicateValues, ValueInterval};
use crate::stats::intervals::{bca, percentile};

/// The values of one metric on resamples.
pub(super) struct Draws<'a> {
    pub(super) asked: &'a Asked,
    pub(super) intervals: Intervals,
    numbers: Vec<NumberDraws>,
    /// Why there is no use in drawing any further.
    pub(super) hopeless: Option<String>,
}

/// One number of a value, on resamples.
struct NumberDraws {
    path: Vec<String>,
    value: f64,
    replicates: Vec<f64>,
    /// Those that are not among them, counted from 0.
    replicates_without: Vec<usize>,
    left_out: Vec<f64>,
    /// Resamples on which it has no value.
    undefined: usize,
    /// Why it has none, on the first of them.
    first: Option<String>,
}

/// Of so many replicates, one may be without a value: the ends of an interval of level 0.95 leave out one in forty.
const ONE_UNDEFINED_OF: usize = 100;

impl<'a> Draws<'a> {
    pub(super) fn of(asked: &'a Asked, value: &Value, intervals: &Intervals) -> Self {
        let mut floats = Vec::new();
        collect_floats(value, &mut Vec::new(), &mut floats);
        let of = |(path, value): (Vec<String>, f64)| NumberDraws {
            path,
            value,
            replicates: Vec::new(),
            replicates_without: Vec::new(),
            left_out: Vec::new(),
            undefined: 0,
            first: None,
        };
        Self { asked, intervals: *intervals, numbers: floats.into_iter().map(of).collect(), hopeless: None }
    }

    pub(super) fn replicate(&mut self, value: &Result<Value, MetricError>) {
        match value {
            Err(error) if !error.is_undefined() => self.hopeless = Some(because(error)),
            value => self.numbers.iter_mut().for_each(|number| match number.of(value) {
                Ok(found) => number.replicates.push(found),
                Err(why) => {
                    number.replicates_without.push(number.replicates.len() + number.replicates_without.len());
                    number.lacks(why);
                }
            }),
        }
    }

    pub(super) fn left_out(&mut self, value: &Result<Value, MetricError>) {
        for number in &mut self.numbers {
            match number.of(value) {
                Ok(found) => number.left_out.push(found),
                // As many as a replicate may lack, a jackknife may.
                Err(why) => number.lacks(why),
            }
        }
    }

    /// The values on replicates, of numbers that have some.
    pub(super) fn replicates(&self) -> Vec<ReplicateValues> {
        let drawn = self.numbers.iter().filter(|number| self.hopeless.is_none() && !number.replicates.is_empty());
        let values = |number: &NumberDraws| ReplicateValues {
            path: number.path.clone(),
            undefined: number.replicates_without.clone(),
            values: number.replicates.clone(),
        };
        drawn.map(values).collect()
    }

    /// The intervals there are, and the first reason why one is not.
    pub(super) fn intervals(self) -> (Vec<ValueInterval>, Option<String>) {
        if self.hopeless.is_some() {
            return (Vec::new(), self.hopeless);
        }
        let (mut intervals, mut no_interval) = (Vec::new(), None);
        for number in self.numbers {
            let place = if number.path.is_empty() { String::new() } else { format!("`{}`: ", number.path.join(".")) };
            match number.interval(&self.intervals) {
                Ok(interval) => intervals.push(interval),
                Err(why) => no_interval = no_interval.or(Some(format!("{place}{why}"))),
            }
        }
        (intervals, no_interval)
    }
}

impl NumberDraws {
    /// This number of a value of the same metric.
    fn of(&self, value: &Result<Value, MetricError>) -> Result<f64, String> {
        let mut found = value.as_ref().map_err(because)?;
        for key in &self.path {
            found = found.get(key).ok_or("it is not there on all resamples")?;
        }
        found.as_f64().ok_or_else(|| "it is not there on all resamples".to_owned())
    }

    fn lacks(&mut self, why: String) {
        self.undefined += 1;
        self.first.get_or_insert(why);
    }

    fn interval(self, intervals: &Intervals) -> Result<ValueInterval, String> {
        if self.undefined * ONE_UNDEFINED_OF > self.replicates.len() {
            let (why, of) = (self.first.unwrap_or_default(), self.replicates.len() + self.undefined);
            return Err(format!("{} of {of} resamples have no value: {why}", self.undefined));
        }
        // An interval without width would claim what no sample can tell.
        if self.replicates.windows(2).all(|pair| pair[0] == pair[1]) {
            return Err("all resamples have the same value, which tells nothing of other samples".to_owned());
        }
        let (interval, kind) = match intervals.bootstrap {
            BootstrapInterval::Percentile => (percentile(&self.replicates, intervals.level), IntervalKind::Percentile),
            BootstrapInterval::Bca if self.left_out.len() < 2 => {
                return Err("fewer than two samples that could be left out".to_owned());
            }
            BootstrapInterval::Bca => {
                (bca(self.value, &self.replicates, &self.left_out, intervals.level), IntervalKind::Bca)
            }
        };
        let interval = interval.map_err(|error| because(&error))?;
        Ok(ValueInterval { path: self.path, low: interval.low, high: interval.high, kind })
    }
}

/// Every float of a value that is not in a list, with the keys that lead to it.
fn collect_floats(value: &Value, path: &mut Vec<String>, floats: &mut Vec<(Vec<String>, f64)>) {
    match value {
        Value::Float(number) => floats.push((path.clone(), *number)),
        Value::Map(entries) => {
            for (key, entry) in entries {
                path.push(key.clone());
                collect_floats(entry, path, floats);
                path.pop();
            }
        }
        _ => {}
    }
}

/// A reason in its own words.
pub(super) fn because(error: &MetricError) -> String {
    match error {
        MetricError::Undefined(why) => why.clone(),
        other => other.to_string(),
    }
}
