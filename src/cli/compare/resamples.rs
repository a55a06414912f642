//! Two runs on the same resamples of the data, by metrics of any kind.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bench::Intervals;
use crate::cli::compare::family::Test;
use crate::cli::compare::pairs::Pair;
use crate::cli::compare::{Named, number_name};
use crate::metric::Value;
use crate::report::{MetricResult, ReplicateValues};
use crate::stats::tests::{PairedBootstrap, paired_bootstrap};
use crate::stats::{Interval, StatsError};

/// One number of a metric of one run against the first, on the same resamples. Differences are run − first.
#[derive(Serialize)]
pub(super) struct ResampleComparison {
    pub(super) name: String,
    pub(super) run: String,
    /// Resamples on which both runs have a value.
    pub(super) resamples: usize,
    pub(super) difference: f64,
    /// The run that the difference speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) better: Option<String>,
    /// Between the percentiles of the differences on resamples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<Interval>,
    pub(super) test: Test,
}

const TEST: &str = "paired_bootstrap";

/// Of so many resamples, one may be without a value, as for the interval of one run.
const ONE_UNDEFINED_OF: usize = 100;

/// Every number of which both runs kept the replicates, or why there is none.
pub(super) fn compare(of: &Pair<'_>, level: f64) -> Result<Vec<ResampleComparison>, String> {
    let Pair { first, run, own, its } = *of;
    let (a, b) = (drawn(first)?, drawn(run)?);
    if a != b {
        return Err(format!("`{}` has {a}, `{}` has {b}", first.name, run.name));
    }
    let samples = units(first)?.min(units(run)?);
    let found: Vec<_> = own.replicates.iter().filter_map(|own| number(of, own, samples, level)).collect();
    match [(first, own), (run, its)].into_iter().find(|(_, metric)| metric.replicates.is_empty()) {
        Some((run, MetricResult { no_interval: Some(why), .. })) => {
            Err(format!("`{}` has no replicates of it: {why}", run.name))
        }
        Some((run, metric)) if !metric.intervals.is_empty() => Err(format!(
            "`{}` has no replicates of it, whose interval is in closed form (`--intervals=method=bootstrap` draws them)",
            run.name
        )),
        Some((run, _)) => Err(format!("`{}` has no replicates of it", run.name)),
        None if found.is_empty() => Err("no number of it has replicates in both".to_owned()),
        None => Ok(found),
    }
}

/// What the resamples of a run depend on, besides the data: of two runs in which it is the same, they are the same.
fn drawn(run: &Named) -> Result<String, String> {
    let Some(Intervals { replicates, seed, .. }) = run.results.intervals else {
        return Err(format!("`{}` has no replicates (`neurobench run --intervals --per-sample` keeps them)", run.name));
    };
    Ok(format!("{replicates} replicates with seed {seed} by {}", run.results.library))
}

/// How many samples or sequences the resamples of a run are drawn from.
fn units(run: &Named) -> Result<u64, String> {
    let unknown = || format!("`{}` does not say of how many samples its replicates are", run.name);
    run.results.sample_units.ok_or_else(unknown)
}

fn number(of: &Pair<'_>, replicates: &ReplicateValues, samples: u64, level: f64) -> Option<ResampleComparison> {
    let Pair { run, own, its, .. } = *of;
    let path = &replicates.path;
    let others: BTreeMap<usize, f64> = its.replicates.iter().find(|its| its.path == *path)?.iter().collect();
    let difference = value(its, path)? - value(own, path)?;
    // Of the run that is compared, then of the first.
    let pairs = replicates.iter().filter_map(|(at, first)| Some((*others.get(&at)?, first)));
    let (values, firsts): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let drawn = replicates.values.len() + replicates.undefined.len();
    let without = drawn.saturating_sub(values.len());
    let found = if without * ONE_UNDEFINED_OF > drawn {
        Err(StatsError::undefined(format!("{without} of {drawn} resamples have no value in one of the runs")))
    } else {
        paired_bootstrap(&values, &firsts, samples, level)
    };
    let (interval, test) = match found {
        Ok(PairedBootstrap { interval, p_value, smallest_p, .. }) => {
            (Some(interval), Test::of(TEST, Ok(p_value)).drawn(smallest_p))
        }
        Err(error) => (None, Test::of(TEST, Err(error))),
    };
    Some(ResampleComparison {
        name: number_name(own, path),
        run: run.name.clone(),
        resamples: values.len(),
        difference,
        better: of.better(difference, own.higher_is_better_at(path)),
        interval,
        test,
    })
}

/// The number at this place of a metric's value.
fn value(metric: &MetricResult, path: &[String]) -> Option<f64> {
    let mut value = metric.value.as_ref()?;
    for key in path {
        value = match value {
            Value::List(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
    }
    value.as_f64()
}
