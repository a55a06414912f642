//! Groups of runs, such as those of different seeds: their means.

use serde::Serialize;

use crate::accumulate::Mean;
use crate::cli::compare::family::{Reasons, either};
use crate::cli::compare::{Named, checks, metric, metrics, number_name, number_paths, numbers};
use crate::stats::Interval;
use crate::stats::intervals::{difference_of_means, mean};

/// Groups of runs by the means of their values.
#[derive(Serialize)]
pub(super) struct GroupComparison {
    /// Of the intervals.
    pub(super) level: f64,
    pub(super) groups: Vec<Group>,
    pub(super) values: Vec<GroupNumber>,
    pub(super) notes: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) files: Vec<String>,
}

/// One number that a metric found, in the runs of one group.
#[derive(Serialize)]
pub(super) struct GroupNumber {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) higher_is_better: Option<bool>,
    pub(super) group: String,
    /// How many runs of the group have it.
    pub(super) runs: usize,
    pub(super) mean: f64,
    /// Student's, for the mean over all runs that might have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<Interval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) no_interval: Option<String>,
    /// Of the mean from that of the first group, in the groups after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<f64>,
    /// Welch's, for the difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference_interval: Option<Interval>,
}

pub(super) fn compare(groups: &[(String, Vec<Named>)], level: f64) -> GroupComparison {
    let all: Vec<&Named> = groups.iter().flat_map(|(_, runs)| runs).collect();
    let mut values = Vec::new();
    for of in metrics(&all) {
        for path in number_paths(&all, of) {
            let of_first = groups.first().map(|(_, runs)| found(runs, &of.name, &path)).unwrap_or_default();
            for (at, (group, runs)) in groups.iter().enumerate() {
                let numbers = found(runs, &of.name, &path);
                let Some(center) = Mean::of(numbers.iter().copied()).value() else { continue };
                let first_mean = Mean::of(of_first.iter().copied()).value().filter(|_| at > 0);
                let (interval, no_interval) = either(mean(&numbers, level));
                values.push(GroupNumber {
                    name: number_name(of, &path),
                    unit: of.unit_at(&path).map(str::to_owned),
                    higher_is_better: of.higher_is_better_at(&path),
                    group: group.clone(),
                    runs: numbers.len(),
                    mean: center,
                    interval,
                    no_interval,
                    difference: first_mean.map(|first| center - first),
                    difference_interval: first_mean.and_then(|_| difference_of_means(&numbers, &of_first, level).ok()),
                });
            }
        }
    }
    let mut without = Reasons::default();
    for number in &values {
        if let Some(why) = &number.no_interval {
            without.add(&number.name, format!(" in group {}: {why}", number.group));
        }
    }
    let mut notes = checks::notes(&all);
    notes.extend(without.notes("no interval of"));
    let group = |(name, runs): &(String, Vec<Named>)| {
        let files = runs.iter().map(|run| run.name.clone()).collect();
        Group { name: name.clone(), files }
    };
    GroupComparison { level, groups: groups.iter().map(group).collect(), values, notes }
}

/// A number of a metric, in the runs that have it.
fn found(runs: &[Named], of: &str, path: &[String]) -> Vec<f64> {
    let of = runs.iter().filter_map(|run| metric(&run.results, of));
    of.filter_map(|metric| numbers(metric).into_iter().find(|(own, _)| own == path)).map(|(_, number)| number).collect()
}
