//! Groups of runs, such as those of different seeds, by their means.

use serde::Serialize;

use crate::accumulate::Mean;
use crate::compare::inputs::refuse_repeated_names;
use crate::compare::numbers::{NumberPath, metric_named, metrics, number_name, number_paths, numbers};
use crate::compare::reason::{Grouped, interval_if_any, interval_or_reason};
use crate::compare::{CompareError, ComparisonSettings, NamedResults, NoValue, Note, RunGroup, checks};
use crate::report::MetricResult;
use crate::stats::Interval;
use crate::stats::intervals::{difference_of_means, mean};

/// Comparison of groups of runs, by the means of their values, with the first group.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupComparison {
    /// Confidence level of the intervals.
    pub level: f64,
    /// The groups, the baseline first.
    pub groups: Vec<ComparedGroup>,
    /// Every number of every metric, in each group that has it.
    pub values: Vec<GroupNumber>,
    /// Notes, such as the reasons why means have no interval.
    pub notes: Vec<Note>,
}

/// A group that is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComparedGroup {
    /// Name of the group.
    pub name: String,
    /// Names of its runs; the key is `files` in JSON.
    #[serde(rename = "files")]
    pub runs: Vec<String>,
}

/// One number of a metric in the runs of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupNumber {
    /// Name of the number.
    pub name: String,
    /// Unit of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Direction of the metric: `true` if more is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub higher_is_better: Option<bool>,
    /// Name of the group.
    pub group: String,
    /// Number of runs of the group that have the number.
    pub runs: usize,
    /// Mean over these runs.
    pub mean: f64,
    /// Student's confidence interval of the mean, or why there is none; the key is `interval` or `no_interval` in JSON.
    #[serde(flatten, serialize_with = "interval_or_reason")]
    pub interval: Result<Interval, NoValue>,
    /// Difference from the mean of the first group, in later groups.
    #[serde(flatten)]
    pub difference: Option<GroupDifference>,
}

/// Difference of the means of two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupDifference {
    /// The difference; the key is `difference` in JSON.
    #[serde(rename = "difference")]
    pub value: f64,
    /// Welch's confidence interval of the difference, or why there is none. The key is `difference_interval` in JSON,
    /// which leaves the reason out.
    #[serde(
        rename = "difference_interval",
        skip_serializing_if = "Result::is_err",
        serialize_with = "interval_if_any"
    )]
    pub interval: Result<Interval, NoValue>,
}

/// Compares groups of runs by the means of their values. A single group is summarized.
///
/// # Errors
///
/// The confidence level is invalid; there are no groups, one has no runs, or two have one name; the runs differ in what
/// must be equal, or one is a copy of another.
pub fn compare_groups(groups: &[RunGroup], settings: &ComparisonSettings) -> Result<GroupComparison, CompareError> {
    settings.check_level()?;
    let Some(first) = groups.first() else { return Err(CompareError::NoRuns) };
    if let Some(empty) = groups.iter().find(|group| group.runs.is_empty()) {
        return Err(CompareError::EmptyGroup { group: empty.name.clone() });
    }
    refuse_repeated_names(groups.iter().map(|group| group.name.as_str()))?;
    let all: Vec<&NamedResults> = groups.iter().flat_map(|group| &group.runs).collect();
    checks::check(&all)?;
    checks::refuse_copies(&all)?;
    let mut values = Vec::new();
    for metric in metrics(&all) {
        for path in number_paths(&all, &metric.name) {
            let of_first = group_values(first, &metric.name, &path);
            for (at, group) in groups.iter().enumerate() {
                let of_group = group_values(group, &metric.name, &path);
                let baseline = (at > 0).then_some(of_first.as_slice());
                values.extend(summary((metric, &path), group, &of_group, baseline, settings.level));
            }
        }
    }
    let mut without = Grouped::new();
    for number in &values {
        if let Err(reason) = &number.interval {
            without.add((number.group.clone(), reason.clone()), &number.name);
        }
    }
    let mut notes = checks::notes(&all);
    let note = |((group, reason), numbers)| Note::NoGroupInterval { numbers, group, reason };
    notes.extend(without.into_iter().map(note));
    let compared = |group: &RunGroup| ComparedGroup {
        name: group.name.clone(),
        runs: group.runs.iter().map(|run| run.name.clone()).collect(),
    };
    Ok(GroupComparison { level: settings.level, groups: groups.iter().map(compared).collect(), values, notes })
}

/// Mean, interval and difference of a number in a group; none if no run of the group has the number.
fn summary(
    (metric, path): (&MetricResult, &NumberPath),
    group: &RunGroup,
    values: &[f64],
    baseline: Option<&[f64]>,
    level: f64,
) -> Option<GroupNumber> {
    let center = Mean::from_values(values.iter().copied()).value()?;
    let difference = baseline.and_then(|baseline| {
        let baseline_mean = Mean::from_values(baseline.iter().copied()).value()?;
        let interval = difference_of_means(values, baseline, level).map_err(NoValue::from);
        Some(GroupDifference { value: center - baseline_mean, interval })
    });
    Some(GroupNumber {
        name: number_name(metric, path),
        unit: metric.unit_at(path).map(str::to_owned),
        higher_is_better: metric.higher_is_better_at(path),
        group: group.name.clone(),
        runs: values.len(),
        mean: center,
        interval: mean(values, level).map_err(NoValue::from),
        difference,
    })
}

/// Values of a number in the runs of a group that have it.
fn group_values(group: &RunGroup, metric: &str, path: &[String]) -> Vec<f64> {
    let having = group.runs.iter().filter_map(|run| metric_named(&run.results, metric));
    having
        .filter_map(|metric| numbers(metric).into_iter().find(|(own, _)| own == path))
        .map(|(_, number)| number)
        .collect()
}
