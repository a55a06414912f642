//! A ready observer that writes one line for each batch.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::bench::{BatchEvent, Observer, RunStart};
use crate::metric::MetricError;
use crate::value::Value;

/// Writes one line for each batch, in the order of the batches: its number of samples, and for each metric the value of the
/// batch and the value of all batches so far. The lines are the same for any number of workers.
///
/// ```text
/// batch 1 of 4, 90 samples: mse 0.25 (so far 0.3125), accuracy 0.9 (so far 0.925)
/// ```
///
/// [`verbose`](crate::bench::BenchmarkBuilder::verbose) writes to the standard error, [`new`](Self::new) to any
/// writer. Batches are counted from 0, as in errors and events, so the last of 4 is batch 3. Lines that the writer rejects are
/// lost, and the run continues.
pub struct Verbose<W> {
    writer: Mutex<W>,
    batches: Mutex<Option<u64>>,
}

impl<W: Write + Send> Verbose<W> {
    /// Creates an observer that writes to a writer.
    pub fn new(writer: W) -> Self {
        Self { writer: Mutex::new(writer), batches: Mutex::new(None) }
    }

    /// Returns the writer.
    pub fn into_inner(self) -> W {
        self.writer.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send> Observer for Verbose<W> {
    fn started(&self, run: &RunStart) {
        *self.batches.lock().unwrap_or_else(PoisonError::into_inner) = run.batches;
    }

    fn wants_values(&self) -> bool {
        true
    }

    fn wants_running_values(&self) -> bool {
        true
    }

    fn batch(&self, event: &BatchEvent<'_>) {
        let batches = *self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // The reader of a pipe may have closed it.
        let _ = writeln!(writer, "{}", line(event, batches));
    }
}

fn line(event: &BatchEvent<'_>, batches: Option<u64>) -> String {
    let batches = batches.map_or_else(String::new, |batches| format!(" of {batches}"));
    let samples = if event.samples == 1 { "1 sample".to_owned() } else { format!("{} samples", event.samples) };
    let running = |name: &str| event.running.iter().find(|(other, _)| other == name).map(|(_, value)| short(value));
    let metric = |(name, value): &(String, Result<Value, MetricError>)| match running(name) {
        Some(running) => format!("{name} {} (so far {running})", short(value)),
        None => format!("{name} {}", short(value)),
    };
    let metrics: Vec<String> = event.values.iter().map(metric).collect();
    format!("batch {}{batches}, {samples}: {}", event.index, metrics.join(", "))
}

/// A value as text, or the reason why there is none.
fn short(value: &Result<Value, MetricError>) -> String {
    match value {
        Ok(value) => value.to_short_text(),
        Err(error) => format!("without value ({error})"),
    }
}
