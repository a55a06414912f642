//! Confidence intervals in closed form: of proportions, and of means of samples.
//!
//! A [`Share`] has the interval of a proportion only if the shares of single samples, of at most one decision each, sum
//! up to it. This is checked here rather than declared by the metric.

use super::counts::{DrawnCounts, Resample};
use super::eligible::has_floats;
use super::read::{Reader, not_kept};
use crate::bench::request::RequestedMetric;
use crate::metric::plan::CoreState;
use crate::metric::{MetricError, Share};
use crate::report::intervals::{Intervals, ProportionInterval};
use crate::report::{IntervalKind, ValueInterval};
use crate::stats::Interval;
use crate::stats::intervals::{clopper_pearson, mean_from_moments, wilson};

impl Reader<'_> {
    /// The interval of a proportion or of a mean of samples; none for a value that needs a bootstrap.
    pub(super) fn closed_form(
        &self,
        metric: &RequestedMetric,
        states: &[CoreState],
        intervals: &Intervals,
    ) -> Result<Option<ValueInterval>, MetricError> {
        if !has_floats(metric, self.cores) {
            return Err(MetricError::from(
                "its value has no floats outside lists, \
                 and counts describe only these samples",
            ));
        }
        let [core] = metric.cores.as_slice() else { return Ok(None) };
        let kept = self.kept_samples(*core)?;
        if !self.plan.has_closed_form(metric, self.cores) {
            let share = kept.counts.as_ref().and_then(|counts| self.share_of_samples(metric, counts, states));
            return share.map(|share| proportion(share, intervals)).transpose();
        }
        let spread = kept.spread.as_ref().ok_or_else(not_kept)?;
        let CoreState::Good(state) = &states[*core] else { return Err(not_kept()) };
        let (interval, kind) = match (spread.common_weight(), state.share()) {
            (Some(1), Some(share)) => return proportion(share, intervals).map(Some),
            (Some(_), _) => {
                let moments = spread.values.to_sample_moments();
                (mean_from_moments(&moments, intervals.level)?, IntervalKind::StudentT)
            }
            (None, _) if kept.replicates.is_some() => return Ok(None),
            (None, _) => {
                let why = "its samples have different weights; a bootstrap supports them (`method = \"bootstrap\"`)";
                return Err(MetricError::from(why));
            }
        };
        let Interval { mut low, mut high } = interval;
        // Student's interval does not know the bounds of the value.
        if let Some(bounds) = &metric.requested.about.bounds {
            low = bounds.low.map_or(low, |bound| low.max(bound));
            high = bounds.high.map_or(high, |bound| high.min(bound));
        }
        Ok(Some(ValueInterval { path: Vec::new(), low, high, kind }))
    }

    /// The value of a metric as a share of its samples, if it is a share to which each sample adds at most one decision: the shares
    /// of single samples must sum up to that of all.
    fn share_of_samples(&self, metric: &RequestedMetric, counts: &DrawnCounts, states: &[CoreState]) -> Option<Share> {
        if !self.plan.may_have_closed_form() || !counts.are_single() {
            return None;
        }
        let share = |states: &[CoreState]| self.share(metric, states);
        let whole = share(states)?;
        let mut sum = Share::default();
        for found in counts.times(Resample::Everything) {
            let (thing, times) = found.ok()?;
            let sample = self.states(metric, |core| {
                let mut state = self.cores[core].fold.empty();
                state.add_count(thing, 1);
                Ok(state)
            });
            // A sample on which the metric is undefined has no part in it.
            let Share { part, whole } = share(&sample.ok()?).unwrap_or_default();
            if whole > 1 {
                return None;
            }
            sum.part = sum.part.checked_add(part.checked_mul(times)?)?;
            sum.whole = sum.whole.checked_add(whole.checked_mul(times)?)?;
        }
        (whole == sum).then_some(whole)
    }
}

/// The interval of a proportion.
fn proportion(Share { part, whole }: Share, intervals: &Intervals) -> Result<ValueInterval, MetricError> {
    let (Interval { low, high }, kind) = match intervals.proportion {
        ProportionInterval::Wilson => (wilson(part, whole, intervals.level)?, IntervalKind::Wilson),
        ProportionInterval::ClopperPearson => {
            (clopper_pearson(part, whole, intervals.level)?, IntervalKind::ClopperPearson)
        }
    };
    Ok(ValueInterval { path: Vec::new(), low, high, kind })
}
