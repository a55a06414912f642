//! Values of metrics on single samples.

use super::eligible::{has_floats, is_scalar, own_core};
use super::read::{Reader, not_kept};
use super::replicates::merge_parts;
use crate::bench::request::RequestedMetric;
use crate::metric::MetricError;
use crate::metric::plan::CoreState;
use crate::report::SampleValues;
use crate::value::Value;

impl Reader<'_> {
    /// The values of a metric on single samples, or on single sequences.
    pub(super) fn per_sample_values(
        &self,
        metric: &RequestedMetric,
        value: &Value,
    ) -> Result<SampleValues, MetricError> {
        if !is_scalar(&metric.requested.shape) {
            return Err(MetricError::from(match has_floats(metric, self.cores) {
                true => "its value has several numbers; with intervals, the replicates of each of them are kept",
                false => "its value is not one number",
            }));
        }
        if matches!(value, Value::Map(_)) {
            return Err(MetricError::from("its value is a number for each class, not one number"));
        }
        let first = metric.cores.first().ok_or_else(not_kept)?;
        let parts = self.kept_samples(*first)?.parts.as_ref().ok_or_else(not_kept)?;
        let mut units: Vec<u64> = parts.keys().map(|(unit, _)| *unit).collect();
        units.dedup();
        let mut found = SampleValues { proportion: true, ..SampleValues::default() };
        for unit in units {
            let states = self.states(metric, |core| {
                let parts = self.kept_samples(core)?.parts.as_ref().ok_or_else(not_kept)?;
                Ok(merge_parts(&self.cores[core], parts.range((unit, 0)..=(unit, u64::MAX)), |_| 1))
            })?;
            let value = match self.value(metric, &states) {
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
                found.proportion &= self.is_one_decision(metric, &states);
            }
        }
        if found.samples.is_empty() {
            return Err(MetricError::from("it is undefined on every single sample"));
        }
        Ok(found)
    }

    /// Returns true if a metric's value is a share, and consists of one decision for these states.
    fn is_one_decision(&self, metric: &RequestedMetric, states: &[CoreState]) -> bool {
        let share_of_own_state = || {
            own_core(metric, self.cores)?;
            let CoreState::Good(state) = &states[*metric.cores.first()?] else { return None };
            state.share()
        };
        share_of_own_state().or_else(|| self.share(metric, states)).is_some_and(|share| share.whole == 1)
    }
}
