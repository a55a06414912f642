//! From what is kept of samples to intervals and values of single samples.

use std::collections::{BTreeMap, BTreeSet};

use super::counted::{Counted, Resample};
use super::draws::{Draws, EXTREME, because};
use super::kept::{CoreSamples, Kept, PartKey, Samples};
use super::{GROUPS, SamplePlan, group, has_floats, is_extreme, is_scalar, lists_samples, may_have_interval, own_core};
use crate::accumulate::Ratio;
use crate::bench::guard::guarded_metric;
use crate::bench::request::Asked;
use crate::bench::runner::read_metric;
use crate::metric::plan::{AnyState, Core, CoreState, Reading};
use crate::metric::{Context, MetricError};
use crate::report::intervals::{BootstrapInterval, Intervals, ProportionInterval};
use crate::report::{IntervalKind, SampleValues, Uncertainty, ValueInterval};
use crate::stats::Interval;
use crate::stats::intervals::{clopper_pearson, of_moments, wilson};
use crate::stats::random::poisson_weight;
use crate::value::Value;

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
            let known_beforehand = match is_extreme(asked, of.cores) {
                true => Some(EXTREME.to_owned()),
                // Of a core that others read, too, there may be none for their sake.
                false if may_have_interval(asked, of.cores) => of.plan.no_room(asked),
                false => None,
            };
            match sound.clone().and_then(|()| of.closed_form(asked, states, &intervals)) {
                _ if known_beforehand.is_some() => found[at].no_interval = known_beforehand,
                Ok(Some(interval)) => found[at].intervals.push(interval),
                Ok(None) => {
                    let lists = !lists_samples(asked, of.cores);
                    drawn.push((at, Draws::of(asked, value, &intervals, of.samples.units(), lists)));
                }
                Err(error) => found[at].no_interval = Some(because(&error)),
            }
        }
        if of.plan.wanted.per_sample {
            match sound.and_then(|()| of.values_of_samples(asked, value)) {
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
        let wanted = &self.plan.wanted;
        let asked_for = (wanted.intervals.is_some() && may_have_interval(asked, self.cores))
            || (wanted.per_sample && is_scalar(&asked.requested.shape));
        // Why there is nothing, who is to read it says.
        if !asked_for {
            return Ok(());
        }
        let states = self.states(asked, |core| {
            let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
            let mut whole = fold.empty();
            match (&kept.counted, &kept.groups, &kept.parts) {
                (Some(counted), ..) => return counted.state(&**fold, Resample::Everything),
                (None, Some(groups), _) => {
                    for at in 0..GROUPS {
                        fold.merge_copy(&mut whole, &fold.one(groups, at)?);
                    }
                }
                (None, None, Some(parts)) => parts.values().for_each(|part| fold.merge_copy(&mut whole, part)),
                (None, None, None) => return Err(not_kept()),
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
        if !has_floats(asked, self.cores) {
            return Err(MetricError::from("its value has no floats outside lists: counts are of these samples alone"));
        }
        let [core] = asked.cores.as_slice() else { return Ok(None) };
        let kept = self.kept(*core)?;
        if !self.plan.has_closed_form(asked, self.cores) {
            let share = kept.counted.as_ref().and_then(|counted| self.share_of_samples(asked, counted, states));
            return share.map(|share| proportion(share, intervals)).transpose();
        }
        let spread = kept.spread.as_ref().ok_or_else(not_kept)?;
        let CoreState::Good(state) = &states[*core] else { return Err(not_kept()) };
        let (interval, kind) = match (spread.common_weight(), state.downcast_ref::<Ratio>()) {
            (Some(1), Some(share)) => return proportion(*share, intervals).map(Some),
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

    /// The value of a metric as so many of so many samples, if it is a share to which each adds one at most: what it is of single
    /// samples must sum up to what it is of all.
    fn share_of_samples(&self, asked: &Asked, counted: &Counted, states: &[CoreState]) -> Option<Ratio> {
        if !self.plan.may_have_closed_form() || !counted.are_single() {
            return None;
        }
        let share = |states: &[CoreState]| self.share(asked, states);
        let whole = share(states)?;
        let (mut part_of_all, mut all) = (0_u64, 0_u64);
        for found in counted.times(Resample::Everything) {
            let (thing, times) = found.ok()?;
            let alone = self.states(asked, |core| {
                let fold = &self.cores[core].fold;
                let mut state = fold.empty();
                fold.count_again(&mut state, thing, 1);
                Ok(state)
            });
            // A sample on which it is undefined takes no part.
            let Ratio { part, whole } = share(&alone.ok()?).unwrap_or_default();
            if whole > 1 {
                return None;
            }
            part_of_all = part_of_all.checked_add(part.checked_mul(times)?)?;
            all = all.checked_add(whole.checked_mul(times)?)?;
        }
        (whole == Ratio::new(part_of_all, all)).then_some(whole)
    }

    /// The value of a metric as a share, if it is one.
    fn share(&self, asked: &Asked, states: &[CoreState]) -> Option<Ratio> {
        let cores = asked.cores.iter().map(|at| (&self.cores[*at], &states[*at])).collect();
        let reading = Reading { context: self.context, cores };
        guarded_metric(|| asked.requested.metric.share(&reading)).ok().flatten()
    }

    fn values_of_samples(&self, asked: &Asked, value: &Value) -> Result<SampleValues, MetricError> {
        if !is_scalar(&asked.requested.shape) {
            return Err(MetricError::from(match has_floats(asked, self.cores) {
                true => {
                    "its value has several numbers; where there are intervals, too, the replicates of each are kept"
                }
                false => "its value is not one number",
            }));
        }
        if matches!(value, Value::Map(_)) {
            return Err(MetricError::from("its value is a number for each class, not one number"));
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

    /// Whether a metric's value is a share, and that of these states one of one.
    fn is_one_decision(&self, asked: &Asked, states: &[CoreState]) -> bool {
        let own = || {
            own_core(asked, self.cores)?;
            let CoreState::Good(state) = &states[*asked.cores.first()?] else { return None };
            state.downcast_ref::<Ratio>().copied()
        };
        own().or_else(|| self.share(asked, states)).is_some_and(|share| share.whole == 1)
    }

    /// Draws the replicates, and leaves out group by group.
    fn draw(&self, drawn: &mut [(usize, Draws<'_>)]) {
        for replicate in 0..self.plan.replicates() {
            self.resample(drawn, |core| self.replicate(core, replicate), Draws::replicate);
        }
        if self.plan.wanted.intervals.is_some_and(|intervals| intervals.bootstrap == BootstrapInterval::Bca) {
            let filled: Vec<usize> = (0..GROUPS).filter(|at| self.samples.groups[*at] > 0).collect();
            // Of states that are nothing but counts none is needed beforehand.
            let wanted =
                cores_of(drawn).into_iter().map(|core| (core, guarded_metric(|| self.all_others(core, &filled))));
            let others: BTreeMap<usize, Result<Option<AnyState>, MetricError>> = wanted.collect();
            for (at, left_out) in filled.iter().enumerate() {
                let without = |core: usize| match (&self.kept(core)?.counted, others.get(&core)) {
                    (Some(counted), _) => counted.state(&*self.cores[core].fold, Resample::Without(*left_out)),
                    (None, Some(Ok(Some(others)))) => self.cores[core].fold.one(others, at),
                    (None, Some(Err(error))) => Err(error.clone()),
                    (None, _) => Err(not_kept()),
                };
                self.resample(drawn, without, Draws::left_out);
            }
        }
    }

    /// One resample of all metrics: the state of a core is made once, however many read it.
    fn resample<'d>(
        &self,
        drawn: &mut [(usize, Draws<'d>)],
        make: impl Fn(usize) -> Result<AnyState, MetricError>,
        tell: impl Fn(&mut Draws<'d>, &Result<Value, MetricError>),
    ) {
        let wanted = cores_of(drawn);
        let made = |core| match wanted.contains(&core) {
            true => guarded_metric(|| make(core)),
            false => Err(not_kept()),
        };
        let (mut states, mut failures) = (Vec::new(), BTreeMap::new());
        for core in 0..self.cores.len() {
            states.push(match made(core) {
                Ok(state) => CoreState::Good(state),
                Err(error) => {
                    failures.insert(core, error.clone());
                    CoreState::Failed { batch: None, error }
                }
            });
        }
        for (_, draws) in drawn.iter_mut().filter(|(_, draws)| !draws.is_done()) {
            let failure = draws.asked.cores.iter().find_map(|core| failures.get(core));
            let value = failure.map_or_else(|| self.value(draws.asked, &states), |error| Err(error.clone()));
            tell(draws, &value);
        }
    }

    fn replicate(&self, core: usize, replicate: usize) -> Result<AnyState, MetricError> {
        let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
        match (&kept.counted, &kept.replicates, &kept.parts) {
            (Some(counted), ..) => counted.state(&**fold, Resample::Replicate(replicate)),
            (None, Some(many), _) => fold.one(many, replicate),
            (None, None, Some(parts)) => {
                let weight = |unit| poisson_weight(self.plan.seed(), unit, replicate);
                Ok(merged(&self.cores[core], parts.iter(), weight))
            }
            (None, None, None) => Err(not_kept()),
        }
    }

    /// For each of these groups the state of all others; none where it is made of counts.
    fn all_others(&self, core: usize, of: &[usize]) -> Result<Option<AnyState>, MetricError> {
        let (fold, kept) = (&self.cores[core].fold, self.kept(core)?);
        match (&kept.counted, &kept.groups, &kept.parts) {
            (Some(_), ..) => Ok(None),
            (None, Some(groups), _) => fold.all_others(groups, of).map(Some),
            (None, None, Some(parts)) => {
                let mut groups = fold.many(GROUPS);
                for ((unit, _), part) in parts {
                    fold.merge_at(&mut groups, group(self.plan.seed(), *unit), part);
                }
                fold.all_others(&groups, of).map(Some)
            }
            (None, None, None) => Err(not_kept()),
        }
    }
}

/// The cores of all metrics for which there is still something to draw.
fn cores_of(drawn: &[(usize, Draws<'_>)]) -> BTreeSet<usize> {
    drawn
        .iter()
        .filter(|(_, draws)| !draws.is_done())
        .flat_map(|(_, draws)| draws.asked.cores.iter().copied())
        .collect()
}

/// The interval of a proportion.
fn proportion(Ratio { part, whole }: Ratio, intervals: &Intervals) -> Result<ValueInterval, MetricError> {
    let (Interval { low, high }, kind) = match intervals.proportion {
        ProportionInterval::Wilson => (wilson(part, whole, intervals.level)?, IntervalKind::Wilson),
        ProportionInterval::ClopperPearson => {
            (clopper_pearson(part, whole, intervals.level)?, IntervalKind::ClopperPearson)
        }
    };
    Ok(ValueInterval { path: Vec::new(), low, high, kind })
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
