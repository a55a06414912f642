//! Quality against cost, over several runs.

use neurobench_core::bench::needs_no_model;
use neurobench_core::figure::{Axis, Figure, Line, LineStyle, Points};
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;

use crate::html::definition;

/// A number that every one of several runs may have.
struct Quantity {
    metric: String,
    path: Vec<String>,
    label: String,
    unit: Option<String>,
    higher_is_better: bool,
}

/// A run with its quality and cost.
struct Candidate<'r> {
    run: &'r str,
    cost: f64,
    quality: f64,
    interval: Option<(f64, f64)>,
}

/// Units of the costs that have a figure: operations, energy and memory.
const COSTS: [&[&str]; 3] = [&["MACs", "ACs", "operations"], &["J"], &["bytes"]];

/// Figures of quality against cost with their captions; none unless at least two runs have both and differ in the cost.
pub(super) fn figures(runs: &[NamedRun<'_>]) -> Vec<(String, Figure)> {
    let Some(quality) = quality(runs) else { return Vec::new() };
    let of_cost = |units: &&[&str]| {
        let figure = |cost: Quantity| figure(runs, &quality, &cost);
        costs(runs, units).into_iter().find_map(figure)
    };
    COSTS.iter().filter_map(of_cost).collect()
}

/// Returns true for a metric that reads predictions and targets, and nothing of the model.
fn is_of_predictions(metric: &MetricResult) -> bool {
    definition(metric).is_some_and(|registered| needs_no_model(registered).unwrap_or(false))
}

/// The first metric of predictions that is one number with a direction.
fn quality(runs: &[NamedRun<'_>]) -> Option<Quantity> {
    let metrics = runs.iter().flat_map(|run| &run.results.metrics);
    let mut found = metrics.filter(|metric| {
        let is_number = metric.value.as_ref().is_some_and(|value| value.as_f64().is_some());
        is_of_predictions(metric) && metric.higher_is_better.is_some() && is_number
    });
    let metric = found.next()?;
    Some(Quantity::new(metric, Vec::new(), metric.higher_is_better?))
}

/// Numbers of the model or the workload that are better if they are lower, and have one of these units.
fn costs(runs: &[NamedRun<'_>], units: &[&str]) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    for metric in runs.iter().flat_map(|run| &run.results.metrics) {
        let Some(value) = &metric.value else { continue };
        if is_of_predictions(metric) {
            continue;
        }
        for (path, leaf) in value.leaves() {
            let has_unit = metric.unit_at(&path).is_some_and(|unit| is_one_of(unit, units));
            if leaf.as_f64().is_none() || !has_unit || metric.higher_is_better_at(&path) != Some(false) {
                continue;
            }
            let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
            if !found.iter().any(|known| known.metric == metric.name && known.path == path) {
                found.push(Quantity::new(metric, path, false));
            }
        }
    }
    found
}

/// Returns true if the quantity of a unit such as `MACs/sample` or `mJ/sample` is one of these.
fn is_one_of(unit: &str, units: &[&str]) -> bool {
    let quantity = unit.split('/').next().unwrap_or(unit);
    // Prefixes of SI units.
    let base = quantity.strip_prefix(['p', 'n', 'µ', 'u', 'm']).unwrap_or(quantity);
    units.iter().any(|known| quantity == *known || base == *known)
}

impl Quantity {
    fn new(metric: &MetricResult, path: Vec<String>, higher_is_better: bool) -> Self {
        let label = path.iter().fold(metric.name.clone(), |label, key| label + " · " + key).replace('_', " ");
        let unit = metric.unit_at(&path).map(str::to_owned);
        Self { metric: metric.name.clone(), path, label, unit, higher_is_better }
    }

    /// The number in a run with its confidence interval.
    fn in_run(&self, run: &NamedRun<'_>) -> Option<(f64, Option<(f64, f64)>)> {
        let metric = run.results.metrics.iter().find(|metric| metric.name == self.metric)?;
        let value = self.path.iter().try_fold(metric.value.as_ref()?, |value, key| value.get(key))?.as_f64()?;
        let interval = metric.intervals.iter().find(|interval| interval.path == self.path);
        Some((value, interval.map(|interval| (interval.low, interval.high))))
    }

    fn axis(&self) -> Axis {
        let axis = Axis::new(self.label.clone());
        match &self.unit {
            Some(unit) => axis.unit(unit.clone()),
            None => axis,
        }
    }
}

fn figure(runs: &[NamedRun<'_>], quality: &Quantity, cost: &Quantity) -> Option<(String, Figure)> {
    let mut candidates = Vec::new();
    for run in runs {
        if let (Some((quality, interval)), Some((cost, _))) = (quality.in_run(run), cost.in_run(run)) {
            candidates.push(Candidate { run: run.name, cost, quality, interval });
        }
    }
    let lowest = candidates.iter().map(|candidate| candidate.cost).reduce(f64::min)?;
    let highest = candidates.iter().map(|candidate| candidate.cost).reduce(f64::max)?;
    if lowest >= highest {
        return None;
    }
    // Costs of very different sizes.
    const WIDE: f64 = 20.0;
    let is_log = lowest > 0.0 && highest / lowest > WIDE;
    let x = if is_log { cost.axis().log() } else { cost.axis() };
    let points = Points::new(candidates.iter().map(|candidate| (candidate.cost, candidate.quality)))
        .names(candidates.iter().map(|candidate| candidate.run))
        .y_intervals(candidates.iter().map(|candidate| candidate.interval));
    let front = front(&candidates, quality.higher_is_better);
    let mut figure = Figure::new(x, quality.axis()).title(format!("{} against {}", quality.label, cost.label));
    if front.len() > 1 {
        figure = figure.mark(Line::new(front).style(LineStyle::Steps).label("Pareto front"));
    }
    let better = if quality.higher_is_better { "higher" } else { "lower" };
    let caption = format!(
        "{} against {} of the runs: {better} and further left is better. No run beats one on the Pareto front in both. Bars are \
         confidence intervals.",
        quality.label, cost.label
    );
    Some((caption, figure.mark(points)))
}

/// The runs that no other run beats in one respect without losing in the other, by rising cost.
fn front(candidates: &[Candidate<'_>], higher_is_better: bool) -> Vec<(f64, f64)> {
    let sign = if higher_is_better { 1.0 } else { -1.0 };
    let mut sorted: Vec<&Candidate<'_>> = candidates.iter().collect();
    sorted.sort_by(|one, other| {
        one.cost.total_cmp(&other.cost).then((other.quality * sign).total_cmp(&(one.quality * sign)))
    });
    let mut best = f64::NEG_INFINITY;
    let mut front = Vec::new();
    for candidate in sorted {
        if candidate.quality * sign > best {
            best = candidate.quality * sign;
            front.push((candidate.cost, candidate.quality));
        }
    }
    front
}

#[cfg(test)]
mod tests {
    use super::{Candidate, front};

    #[test]
    fn the_front_has_the_runs_that_no_other_run_beats() {
        let candidate = |&(cost, quality): &(f64, f64)| Candidate { run: "", cost, quality, interval: None };
        let runs = [(4.0, 0.9), (1.0, 0.5), (2.0, 0.4), (2.0, 0.8), (8.0, 0.9), (3.0, 0.8)];
        let candidates: Vec<Candidate<'_>> = runs.iter().map(candidate).collect();
        assert_eq!(front(&candidates, true), [(1.0, 0.5), (2.0, 0.8), (4.0, 0.9)]);
        assert_eq!(front(&candidates, false), [(1.0, 0.5), (2.0, 0.4)]);
    }
}
