//! Measurements of two runs, tested by their repeats.
//!
//! They are apart from metrics: they have tests and a correction of their own. Estimates of energy are metrics, and are never
//! compared with measured energy.

use serde::Serialize;

use crate::compare::report::correct;
use crate::compare::tests::{Statistic, TestOutcome};
use crate::compare::{ComparisonSettings, NamedResults, Note, TestReport};
use crate::report::{MeasuredRun, Measurements, Quantity};
use crate::stats::tests::welch_t;

/// A measured quantity in the baseline and a candidate, of the same configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeasurementComparison {
    /// Name of the candidate.
    pub candidate: String,
    /// Configuration, such as `offline, batch size 64, 1 worker, 1 copy`.
    pub configuration: String,
    /// Name of the quantity, such as `throughput`.
    pub quantity: String,
    /// Unit of the quantity.
    pub unit: String,
    /// Direction of the quantity: true if higher values are better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub higher_is_better: Option<bool>,
    /// Median of the repeats of the baseline.
    pub baseline_median: f64,
    /// Median of the repeats of the candidate.
    pub candidate_median: f64,
    /// Welch's test of the repeats, for the quantities that are tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestReport>,
}

/// Quantities that are tested. Others depend on these or on the limits of the measurement, and more tests would make a
/// difference harder to find.
const TESTED: [&str; 5] = ["throughput", "latency_p50", "latency_p90", "latency_p99", "measured_energy"];

/// Compares the measurements of runs with those of the first one. Returns notes about hosts that differ, measurements that are not
/// valid and configurations that have no counterpart.
pub(super) fn compare(runs: &[NamedResults], settings: &ComparisonSettings) -> (Vec<MeasurementComparison>, Vec<Note>) {
    let (mut compared, mut notes) = (Vec::new(), Vec::new());
    let measured: Vec<(&String, &Measurements)> =
        runs.iter().filter_map(|run| Some((&run.name, run.results.measurements.as_ref()?))).collect();
    for (name, measurements) in &measured {
        let invalid = measurements.runs.iter().filter(|run| !run.valid);
        notes.extend(invalid.map(|run| Note::NotValid { run: (*name).clone(), configuration: configuration(run) }));
    }
    let Some(((baseline_name, baseline), candidates)) = measured.split_first() else { return (compared, notes) };
    for (name, candidate) in candidates {
        if baseline.host != candidate.host {
            notes.push(Note::Hosts { baseline: (*baseline_name).clone(), candidate: (*name).clone() });
        }
        let by_model = has_models(baseline) || has_models(candidate);
        for run in &candidate.runs {
            let is_same = |other: &&MeasuredRun| {
                configuration(other) == configuration(run) && (!by_model || other.model == run.model)
            };
            match baseline.runs.iter().find(is_same) {
                Some(other) => compared.extend(quantities(name, other, run)),
                None => notes.push(Note::NoMeasurement {
                    run: (*name).clone(),
                    configuration: configuration(run),
                    baseline: (*baseline_name).clone(),
                }),
            }
        }
    }
    correct(compared.iter_mut().filter_map(|found| found.test.as_mut()), settings.correction);
    (compared, notes)
}

/// Returns true if a run measured several models, so that rows belong together only if the model is the same.
fn has_models(measurements: &Measurements) -> bool {
    measurements.runs.windows(2).any(|pair| pair[0].model != pair[1].model)
}

/// Scenario and sizes of a row, without the model.
fn configuration(run: &MeasuredRun) -> String {
    let counted =
        |count: usize, one: &str, several: &str| format!("{count} {}", if count == 1 { one } else { several });
    let (workers, copies) = (counted(run.workers, "worker", "workers"), counted(run.copies, "copy", "copies"));
    format!("{}, batch size {}, {workers}, {copies}", run.scenario, run.batch_size)
}

/// The quantities with a direction that both rows have.
fn quantities(candidate: &str, baseline: &MeasuredRun, run: &MeasuredRun) -> Vec<MeasurementComparison> {
    let same_meter =
        baseline.energy.as_ref().map(|energy| &energy.boundary) == run.energy.as_ref().map(|energy| &energy.boundary);
    let pair = |quantity: &Quantity| {
        let is_energy = quantity.name.starts_with("measured_energy");
        let other = baseline.quantity(&quantity.name).filter(|other| other.unit == quantity.unit)?;
        if quantity.higher_is_better.is_none() || is_energy && !same_meter {
            return None;
        }
        Some(MeasurementComparison {
            candidate: candidate.to_owned(),
            configuration: configuration(run),
            quantity: quantity.name.clone(),
            unit: quantity.unit.clone(),
            higher_is_better: quantity.higher_is_better,
            baseline_median: other.median,
            candidate_median: quantity.median,
            test: TESTED.contains(&quantity.name.as_str()).then(|| test(quantity, other)),
        })
    };
    run.quantities.iter().filter_map(pair).collect()
}

fn test(candidate: &Quantity, baseline: &Quantity) -> TestReport {
    let found = welch_t(&candidate.values, &baseline.values);
    let statistic = found.as_ref().ok();
    let statistic =
        statistic.map(|found| Statistic::new("t", found.t).with_degrees_of_freedom(found.degrees_of_freedom));
    TestReport::new("welch_t", &TestOutcome::new(found.map(|found| found.p_value)).with_statistic(statistic))
}
