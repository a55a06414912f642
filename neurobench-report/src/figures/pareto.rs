//! Quality against cost of several runs, with the Pareto front.

use neurobench_core::figure::{Axis, Figure, Line, LineStyle, Points};
use neurobench_core::names::listed;
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;

use super::FigureError;

/// Draws a number of several runs against another one, such as accuracy against operations, with confidence intervals as bars.
///
/// `x` and `y` name numbers: a metric by its name in the results, such as `classification_accuracy`, or a part of its value behind a
/// dot, such as `synaptic_operations.effective_acs`. The line is the Pareto front: its runs are not worse in both numbers than any other
/// run. Metrics state whether more or less is better; where one does not, less is better of `x`, and more of `y`. The horizontal axis is
/// logarithmic if the largest number is more than 20 times the smallest. A note names the runs that lack a number.
///
/// # Errors
///
/// A name that is not that of a number in any run, or no run that has both numbers.
pub fn pareto(runs: &[NamedRun<'_>], x: &str, y: &str) -> Result<Figure, FigureError> {
    let (x, y) = (Number::new(runs, x)?, Number::new(runs, y)?);
    let mut names = Vec::new();
    let mut places = Vec::new();
    let mut missing = Vec::new();
    for run in runs {
        match (x.place(run), y.place(run)) {
            (Some(x), Some(y)) => {
                names.push(run.name);
                places.push((x, y));
            }
            _ => missing.push(run.name),
        }
    }
    if places.is_empty() {
        return Err(FigureError::Empty(format!("no run has both `{}` and `{}`", x.name(), y.name())));
    }
    let points: Vec<(f64, f64)> = places.iter().map(|(x, y)| (x.value, y.value)).collect();
    let mut horizontal = x.axis();
    let (low, high) = points.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    if low > 0.0 && high > LOG_FROM * low && places.iter().all(|(x, _)| x.interval.is_none_or(|(low, _)| low > 0.0)) {
        horizontal = horizontal.log();
    }
    let front = front(&points, x.more_is_better(false), y.more_is_better(true));
    let mut figure = Figure::new(horizontal, y.axis()).title(format!("{} against {}", sentence(&y.label()), x.label()));
    if points.len() > 1 {
        figure = figure.mark(Line::new(front).style(LineStyle::Steps).label("Pareto front"));
    }
    let marks = Points::new(points)
        .names(names)
        .x_intervals(places.iter().map(|(x, _)| x.interval))
        .y_intervals(places.iter().map(|(_, y)| y.interval));
    figure = figure.mark(marks);
    if places.iter().any(|(x, y)| x.interval.is_some() || y.interval.is_some())
        && let Some(level) = runs.iter().find_map(|run| Some(run.results.intervals.as_ref()?.level))
    {
        figure = figure.note(format!("Bars: {} % confidence intervals.", 100.0 * level));
    }
    if !missing.is_empty() {
        figure = figure.note(format!("Without a point, because a number is missing: {}.", listed(missing)));
    }
    Ok(figure)
}

/// Quotient of the largest and the smallest number from which an axis is logarithmic.
const LOG_FROM: f64 = 20.0;

/// Draws the first number of the runs of which more is better against each of their costs: operations, energies and sizes, of which less
/// is better. Costs that are the same in all runs have no figure.
#[must_use]
pub fn tradeoffs(runs: &[NamedRun<'_>]) -> Vec<Figure> {
    if runs.len() < 2 {
        return Vec::new();
    }
    let numbers = numbers(runs);
    let has_all = |number: &&Number<'_>| runs.iter().all(|run| number.place(run).is_some());
    let Some(quality) = numbers.iter().filter(has_all).find(|number| number.is_better() == Some(true)) else {
        return Vec::new();
    };
    let is_cost = |number: &&Number<'_>| {
        let unit = number.unit().unwrap_or_default();
        let quantity = unit.split('/').next().unwrap_or_default();
        let first = number.place(&runs[0]).map(|place| place.value);
        number.is_better() == Some(false)
            && COSTS.contains(&quantity)
            && runs.iter().any(|run| number.place(run).map(|place| place.value) != first)
    };
    let costs = numbers.iter().filter(has_all).filter(is_cost);
    costs.filter_map(|cost| pareto(runs, &cost.name(), &quality.name()).ok()).collect()
}

/// Units of costs, before what they are normalized by.
const COSTS: [&str; 5] = ["MACs", "ACs", "operations", "J", "bytes"];

/// Number of a metric.
struct Number<'r> {
    metric: &'r MetricResult,
    path: Vec<String>,
}

/// Number of a run with its confidence interval.
struct Place {
    value: f64,
    interval: Option<(f64, f64)>,
}

impl<'r> Number<'r> {
    fn new(runs: &[NamedRun<'r>], name: &str) -> Result<Self, FigureError> {
        let all = || runs.iter().flat_map(|run| &run.results.metrics);
        let numbers = numbers(runs);
        if let Some(number) = numbers.into_iter().find(|number| number.name() == name) {
            return Ok(number);
        }
        let of_metric = all().find(|metric| {
            name.strip_prefix(metric.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        let quoted = |names: Vec<String>| listed(names.iter().map(|name| format!("`{name}`")));
        match of_metric {
            None => {
                let mut known: Vec<String> = all().map(|metric| metric.name.clone()).collect();
                known.sort_unstable();
                known.dedup();
                Err(FigureError::Metric { name: name.to_owned(), known: quoted(known) })
            }
            Some(metric) => {
                let known: Vec<String> = numbers_of(metric).map(|number| number.name()).take(12).collect();
                let known = if known.is_empty() { "another metric".to_owned() } else { quoted(known) };
                Err(FigureError::Number { name: name.to_owned(), known })
            }
        }
    }

    /// Name of the metric and keys on the way to the number, with dots between them.
    fn name(&self) -> String {
        self.path.iter().fold(self.metric.name.clone(), |name, key| format!("{name}.{key}"))
    }

    fn label(&self) -> String {
        let name = self.metric.name.replace('_', " ");
        match self.path.as_slice() {
            [] => name,
            path => format!("{name}, {}", path.join(" ").replace('_', " ")),
        }
    }

    fn axis(&self) -> Axis {
        let mut axis = Axis::new(self.label());
        axis.unit = self.unit().map(str::to_owned);
        axis
    }

    fn unit(&self) -> Option<&str> {
        self.metric.unit_at(&self.path)
    }

    fn is_better(&self) -> Option<bool> {
        self.metric.higher_is_better_at(&self.path)
    }

    fn more_is_better(&self, default: bool) -> bool {
        self.is_better().unwrap_or(default)
    }

    fn place(&self, run: &NamedRun<'_>) -> Option<Place> {
        let metric = run.results.metrics.iter().find(|metric| metric.name == self.metric.name)?;
        let value = self.path.iter().try_fold(metric.value.as_ref()?, |value, key| value.get(key))?.as_f64()?;
        let interval = metric.intervals.iter().find(|interval| interval.path == self.path);
        Some(Place { value, interval: interval.map(|interval| (interval.low, interval.high)) })
    }
}

/// Numbers of the metrics of all runs, each once.
fn numbers<'r>(runs: &[NamedRun<'r>]) -> Vec<Number<'r>> {
    let mut numbers: Vec<Number<'r>> = Vec::new();
    for number in runs.iter().flat_map(|run| &run.results.metrics).flat_map(numbers_of) {
        if !numbers.iter().any(|known| known.metric.name == number.metric.name && known.path == number.path) {
            numbers.push(number);
        }
    }
    numbers
}

/// Numbers of a metric outside lists.
fn numbers_of(metric: &MetricResult) -> impl Iterator<Item = Number<'_>> {
    let leaves = metric.value.as_ref().map(|value| value.leaves()).unwrap_or_default();
    leaves
        .into_iter()
        .filter(|(_, leaf)| leaf.as_f64().is_some())
        .map(move |(path, _)| Number { metric, path: path.into_iter().map(str::to_owned).collect() })
}

/// Points that no other point dominates, from the best number on the horizontal axis to the worst.
fn front(points: &[(f64, f64)], more_x: bool, more_y: bool) -> Vec<(f64, f64)> {
    // Larger is better for both numbers.
    let rank = |(x, y): (f64, f64)| (if more_x { x } else { -x }, if more_y { y } else { -y });
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| {
        let (a, b) = (rank(*a), rank(*b));
        b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    let mut best = f64::NEG_INFINITY;
    sorted.retain(|point| {
        let (_, y) = rank(*point);
        let is_better = y > best;
        best = best.max(y);
        is_better
    });
    sorted
}

fn sentence(label: &str) -> String {
    let mut characters = label.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_the_points_that_none_dominates() {
        let points = [(1.0, 0.5), (2.0, 0.4), (3.0, 0.9), (3.0, 0.8), (9.0, 0.9), (0.5, 0.1)];
        assert_eq!(front(&points, false, true), [(0.5, 0.1), (1.0, 0.5), (3.0, 0.9)]);
        assert_eq!(front(&points, true, true), [(9.0, 0.9)]);
        assert_eq!(front(&points, false, false), [(0.5, 0.1)]);
        assert_eq!(front(&points, true, false), [(9.0, 0.9), (3.0, 0.8), (2.0, 0.4), (0.5, 0.1)]);
    }
}
