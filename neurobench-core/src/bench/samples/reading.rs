//! From what is kept of samples to intervals and values of single samples.

use std::collections::BTreeMap;

use super::draws::{Draws, because};
use super::kept::{CoreSamples, Kept, PartKey, Samples, group};
use super::{GROUPS, SamplePlan, has_floats, is_scalar};
use crate::accumulate::Ratio;
use crate::bench::guard::guarded_metric;
use crate::bench::intervals::{BootstrapInterval, Intervals, ProportionInterval};
use crate::bench::request::Asked;
use crate::bench::runner::read_metric;
use crate::metric::plan::{AnyState, Core, CoreState};
use crate::metric::{Context, MetricError, Value};
use crate::report::{IntervalKind, SampleValues, Uncertainty, ValueInterval};
use crate::stats::Interval;
use crate::stats::intervals::{clopper_pearson, of_moments, wilson};
use crate::stats::random::poisson_weight;

/// What is kept, and what reads it.
pub(crate) struct Reader<'a> {
    pub(crate) plan: &'a SamplePlan,
    pub(crate) cores: &'a [Core],
    pub(crate) samples: &'a Samples,
    pub(crate) context: &'a Context<'a>,
}

/// Of every metric with its value, how certain it is.
pub(crate) fn read(of: &Reader<'_>, asked: &[(&Asked, Option<&Value>)], states: &[CoreState]) -> Vec<Uncertainty> {
    let mut found: Vec<Uncertainty> = asked.iter().map(|_| Uncertainty::default()).collect();
    let mut drawn = Vec::new();
    for (at, (asked, value)) in asked.iter().enumerate() {
        // What looks at the model alone has no samples; what has no value has said why.
        let Some(value) = value.filter(|_| !asked.cores.is_empty()) else { continue };
        let sound = of.check(asked, value);
        if let Some(intervals) = of.plan.wanted.intervals {
            match sound.clone().and_then(|()| of.closed_form(asked, states, &intervals)) {
                Ok(Some(interval)) => found[at].intervals.push(interval),
                Ok(None) => drawn.push((at, Draws::of(asked, value, &intervals))),
                Err(error) => found[at].no_interval = Some(because(&error)),
            }
        }
        if of.plan.wanted.per_sample {
            match sound.and_then(|()| of.values_of_samples(asked)) {
                Ok(values) => found[at].samples = Some(values),
                Err(error) => found[at].no_samples = Some(because(&error)),
            }
        }
    }
    of.draw(&mut drawn);
    for (at, draws) in drawn {
        if of.plan.wanted.per_sample {
            found[at].replicates = draws.replicates();
        }
        (found[at].intervals, found[at].no_interval) = draws.intervals();
    }
    found
}

/// Nothing of the kind was kept, as in a snapshot of a run that did not ask for it.
fn not_kept() -> MetricError {
    MetricError::from("the run kept nothing of its samples that tells it")
}

impl Reader<'_> {
    fn kept(&self, core: usize) -> Result<&Kept, MetricError> {
        match &self.samples.cores[core] {
            CoreSamples::Kept(kept) => Ok(kept),
            // Every batch lacks it, not this one alone.
            CoreSamples::Failed { error: error @ MetricError::Missing(_), .. }
            | CoreSamples::Failed { batch: None, error } => Err(error.clone()),
            CoreSamples::Failed { batch: Some(batch), error } => {
                Err(MetricError::Other(format!("single samples of batch {batch}: {error}")))
            }
        }
    }

    /// Whether the samples together give the metric's value: one that depends on how samples are cut into batches says nothing
    /// of other samples.
    fn check(&self, asked: &Asked, value: &Value) -> Result<(), MetricError> {
        let (wanted, shape) = (&self.plan.wanted, &asked.requested.shape);
        let asked_for = (wanted.intervals.is_some() && has_floats(shape)) || (wanted.per_sample && is_scalar(shape));
        // Why there is nothing, who is to read it says.
        if !asked_for {
            return Ok(());
        }
        let states = self.states(asked, |core| {
            let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
            let mut whole = fold.empty();
            match (&kept.groups, &kept.parts) {
                (Some(groups), _) => {
                    for at in 0..GROUPS {
                        fold.merge_copy(&mut whole, &fold.one(groups, at)?);
                    }
                }
                (None, Some(parts)) => parts.values().for_each(|part| fold.merge_copy(&mut whole, part)),
                (None, None) => return Err(not_kept()),
            }
            Ok(whole)
        })?;
        match self.value(asked, &states)? {
            same if same == *value => Ok(()),
            other => Err(MetricError::Other(format!(
                "its value depends on how samples are cut into batches: {other} of single samples"
            ))),
        }
    }

    /// The states of a metric's cores, made by core; those of others are not there.
    fn states(
        &self,
        asked: &Asked,
        make: impl Fn(usize) -> Result<AnyState, MetricError>,
    ) -> Result<Vec<CoreState>, MetricError> {
        let state = |core| match asked.cores.contains(&core) {
            true => Ok(CoreState::Good(guarded_metric(|| make(core))?)),
            false => Ok(CoreState::Failed { batch: None, error: not_kept() }),
        };
        (0..self.cores.len()).map(state).collect()
    }

    fn value(&self, asked: &Asked, states: &[CoreState]) -> Result<Value, MetricError> {
        read_metric(asked, self.cores, states, self.context).map(|(_, value)| value)
    }

    /// The interval of a proportion or of a mean of samples; none of what needs a bootstrap.
    fn closed_form(
        &self,
        asked: &Asked,
        states: &[CoreState],
        intervals: &Intervals,
    ) -> Result<Option<ValueInterval>, MetricError> {
        if !has_floats(&asked.requested.shape) {
            return Err(MetricError::from("its value has no floats outside lists: counts are of these samples alone"));
        }
        let ([core], true) = (asked.cores.as_slice(), self.plan.has_closed_form(asked, self.cores)) else {
            return Ok(None);
        };
        let kept = self.kept(*core)?;
        let spread = kept.spread.as_ref().ok_or_else(not_kept)?;
        let CoreState::Good(state) = &states[*core] else { return Err(not_kept()) };
        let (interval, kind) = match (spread.common_weight(), state.downcast_ref::<Ratio>()) {
            (Some(1), Some(Ratio { part, whole })) => match intervals.proportion {
                ProportionInterval::Wilson => (wilson(*part, *whole, intervals.level)?, IntervalKind::Wilson),
                ProportionInterval::ClopperPearson => {
                    (clopper_pearson(*part, *whole, intervals.level)?, IntervalKind::ClopperPearson)
                }
            },
            (Some(_), _) => (of_moments(&spread.values, intervals.level)?, IntervalKind::StudentT),
            (None, _) if kept.replicates.is_some() => return Ok(None),
            (None, _) => {
                let why = "its samples do not weigh the same; a bootstrap has an interval (`method = \"bootstrap\"`)";
                return Err(MetricError::from(why));
            }
        };
        let Interval { mut low, mut high } = interval;
        // Student's knows nothing of where values can lie.
        if let Some(bounds) = &asked.requested.about.bounds {
            low = bounds.low.map_or(low, |bound| low.max(bound));
            high = bounds.high.map_or(high, |bound| high.min(bound));
        }
        Ok(Some(ValueInterval { path: Vec::new(), low, high, kind }))
    }

    fn values_of_samples(&self, asked: &Asked) -> Result<SampleValues, MetricError> {
        if !is_scalar(&asked.requested.shape) {
            return Err(MetricError::from(match has_floats(&asked.requested.shape) {
                true => {
                    "its value has several numbers; where there are intervals, too, the replicates of each are kept"
                }
                false => "its value is not one number",
            }));
        }
        let first = asked.cores.first().ok_or_else(not_kept)?;
        let parts = self.kept(*first)?.parts.as_ref().ok_or_else(not_kept)?;
        let mut units: Vec<u64> = parts.keys().map(|(unit, _)| *unit).collect();
        units.dedup();
        let mut found = SampleValues { proportion: true, ..SampleValues::default() };
        for unit in units {
            let states = self.states(asked, |core| {
                let parts = self.kept(core)?.parts.as_ref().ok_or_else(not_kept)?;
                Ok(merged(&self.cores[core], parts.range((unit, 0)..=(unit, u64::MAX)), |_| 1))
            })?;
            let value = match self.value(asked, &states) {
                Err(error) if error.is_undefined() => continue,
                value => value?,
            };
            let number = match value {
                Value::Bool(holds) => Some(f64::from(u8::from(holds))),
                other => other.as_f64(),
            };
            if let Some(number) = number {
                found.samples.push(unit);
                found.values.push(number);
                found.proportion &= self.is_one_decision(asked, &states);
            }
        }
        if found.samples.is_empty() {
            return Err(MetricError::from("it is undefined on every sample alone"));
        }
        Ok(found)
    }

    /// Whether a metric is a quotient of counts itself, and these states are of one count.
    fn is_one_decision(&self, asked: &Asked, states: &[CoreState]) -> bool {
        let [core] = asked.cores.as_slice() else { return false };
        let CoreState::Good(state) = &states[*core] else { return false };
        self.cores[*core].about.id() == asked.requested.about.id()
            && state.downcast_ref::<Ratio>().is_some_and(|ratio| ratio.whole == 1)
    }

    /// Draws the replicates, and leaves out group by group.
    fn draw(&self, drawn: &mut [(usize, Draws<'_>)]) {
        let (seed, replicates) = (self.plan.seed(), self.plan.replicates());
        for (_, draws) in drawn.iter_mut() {
            for replicate in 0..replicates {
                let states = self.states(draws.asked, |core| {
                    let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
                    match (&kept.replicates, &kept.parts) {
                        (Some(many), _) => fold.one(many, replicate),
                        (None, Some(parts)) => {
                            let weight = |unit| poisson_weight(seed, unit, replicate);
                            Ok(merged(&self.cores[core], parts.iter(), weight))
                        }
                        (None, None) => Err(not_kept()),
                    }
                });
                draws.replicate(&states.and_then(|states| self.value(draws.asked, &states)));
                if draws.hopeless.is_some() {
                    break;
                }
            }
            if draws.intervals.bootstrap == BootstrapInterval::Bca && draws.hopeless.is_none() {
                self.leave_out(draws);
            }
        }
    }

    fn leave_out(&self, draws: &mut Draws<'_>) {
        let seed = self.plan.seed();
        let filled: Vec<usize> = (0..GROUPS).filter(|at| self.samples.groups[*at] > 0).collect();
        let others = |core: usize| {
            let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
            match (&kept.groups, &kept.parts) {
                (Some(groups), _) => fold.all_others(groups, &filled),
                (None, Some(parts)) => {
                    let mut groups = fold.many(GROUPS);
                    for ((unit, _), part) in parts {
                        fold.merge_at(&mut groups, group(seed, *unit), part);
                    }
                    fold.all_others(&groups, &filled)
                }
                (None, None) => Err(not_kept()),
            }
        };
        let others: Result<BTreeMap<usize, AnyState>, MetricError> =
            draws.asked.cores.iter().map(|core| Ok((*core, guarded_metric(|| others(*core))?))).collect();
        let others = match others {
            Ok(others) => others,
            Err(error) => return draws.hopeless = Some(because(&error)),
        };
        for at in 0..filled.len() {
            let states =
                self.states(draws.asked, |core| self.cores[core].fold.one(others.get(&core).ok_or_else(not_kept)?, at));
            draws.left_out(&states.and_then(|states| self.value(draws.asked, &states)));
        }
    }
}

/// Parts together, each as often as it weighs, in their order.
fn merged<'p>(
    core: &Core,
    parts: impl Iterator<Item = (&'p PartKey, &'p AnyState)>,
    weight: impl Fn(u64) -> u8,
) -> AnyState {
    let mut state = core.fold.empty();
    for ((unit, _), part) in parts {
        for _ in 0..weight(*unit) {
            core.fold.merge_copy(&mut state, part);
        }
    }
    state
}
