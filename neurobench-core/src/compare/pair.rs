//! A metric of two runs.

use crate::compare::NamedResults;
use crate::report::MetricResult;

/// A metric of two runs: the baseline, and the candidate that is compared with it. Differences are candidate −
/// baseline.
#[derive(Clone, Copy)]
pub(super) struct MetricPair<'r> {
    pub(super) baseline: RunMetric<'r>,
    pub(super) candidate: RunMetric<'r>,
}

/// A metric of one run.
#[derive(Clone, Copy)]
pub(super) struct RunMetric<'r> {
    pub(super) run: &'r NamedResults,
    pub(super) metric: &'r MetricResult,
}

impl<'r> MetricPair<'r> {
    pub(super) fn both(&self) -> [RunMetric<'r>; 2] {
        [self.baseline, self.candidate]
    }

    /// Name of the run that is better by a difference.
    pub(super) fn better(&self, difference: f64, higher_is_better: Option<bool>) -> Option<String> {
        let higher_is_better = higher_is_better.filter(|_| difference != 0.0)?;
        let better = if (difference > 0.0) == higher_is_better { self.candidate } else { self.baseline };
        Some(better.run.name.clone())
    }

    /// The run that was not asked to keep per-sample values.
    pub(super) fn run_without_samples(&self) -> Option<&'r NamedResults> {
        let kept = |metric: &MetricResult| metric.samples.is_some() || metric.no_samples.is_some();
        self.both().into_iter().find(|own| !kept(own.metric)).map(|own| own.run)
    }
}
