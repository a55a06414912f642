//! Running values: the values of metrics over the batches so far, in the order of the batches.
//!
//! Batches finish in any order. The part of a batch waits here until all lower batches have finished, so that running
//! values are the same for any number of workers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::bench::source::Source;
use crate::bench::totals::Totals;
use crate::metric::MetricError;
use crate::value::Value;

/// Values of metrics, by name.
pub(crate) type NamedValues = Vec<(String, Result<Value, MetricError>)>;

/// A batch that has finished.
pub(crate) struct FinishedBatch {
    pub(crate) index: u64,
    pub(crate) samples: usize,
    pub(crate) worker: usize,
    /// Values of the batch alone, if an observer wants them.
    pub(crate) values: NamedValues,
}

/// The batches of a run, in order.
pub(crate) struct Running(Mutex<State>);

struct State {
    /// States over the batches that were passed on; `None` only while two are merged.
    totals: Option<Totals>,
    /// Number of batches that were passed on.
    passed_on: u64,
    /// Batches that wait for lower ones, with their states.
    waiting: BTreeMap<u64, (FinishedBatch, Totals)>,
}

impl Running {
    /// Running values that start from the states of earlier batches.
    pub(crate) fn new(totals: Totals) -> Self {
        Self(Mutex::new(State { totals: Some(totals), passed_on: 0, waiting: BTreeMap::new() }))
    }

    /// Adds a batch with its states, and passes on all batches whose turn it is, with the states so far.
    pub(crate) fn add(
        &self,
        batch: FinishedBatch,
        part: Totals,
        source: &dyn Source,
        pass_on: impl Fn(&FinishedBatch, &Totals) -> Result<(), String>,
    ) -> Result<(), String> {
        // The state is consistent whenever the lock is free: panics of observers and metrics are caught inside.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.insert(batch.index, (batch, part));
        while let Some(next) = source.counted(state.passed_on).and_then(|index| state.waiting.remove(&index)) {
            state.pass_on(next, &pass_on)?;
        }
        Ok(())
    }

    /// Passes on the batches that still wait, because a lower one failed or was not run.
    pub(crate) fn finish(&self, pass_on: impl Fn(&FinishedBatch, &Totals) -> Result<(), String>) -> Result<(), String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut state.waiting);
        waiting.into_values().try_for_each(|next| state.pass_on(next, &pass_on))
    }
}

impl State {
    fn pass_on(
        &mut self,
        (batch, part): (FinishedBatch, Totals),
        pass_on: &impl Fn(&FinishedBatch, &Totals) -> Result<(), String>,
    ) -> Result<(), String> {
        self.passed_on += 1;
        let Some(totals) = self.totals.take() else { return Ok(()) };
        let totals = totals.merge(part).map_err(|error| error.to_string())?;
        let passed_on = pass_on(&batch, &totals);
        self.totals = Some(totals);
        passed_on
    }
}
