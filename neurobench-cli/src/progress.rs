//! Progress of a run on the terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::print::note;
use neurobench_core::bench::{BatchEvent, BatchRanges, Observer, RunStart};

/// Progress bar, on terminals only. With `verbose`, also a line for every batch, in the order of the batches.
pub(crate) struct Progress {
    bar: ProgressBar,
    verbose: bool,
    lines: Mutex<Lines>,
}

/// Lines of batches, which finish in any order.
struct Lines {
    /// Lowest batch that has no line yet.
    next: u64,
    /// Batches of the snapshot from which the run was resumed, which do not run again.
    skipped: BatchRanges,
    waiting: BTreeMap<u64, String>,
}

impl Lines {
    /// Adds the line of a batch, and returns the lines that no lower batch holds back.
    fn add(&mut self, batch: u64, line: String) -> Vec<String> {
        self.waiting.insert(batch, line);
        let mut ready = Vec::new();
        loop {
            match self.waiting.remove(&self.next) {
                Some(line) => ready.push(line),
                None if self.skipped.contains(self.next) => {}
                None => return ready,
            }
            self.next += 1;
        }
    }
}

impl Progress {
    pub(crate) fn new(verbose: bool, completed: BatchRanges) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} samples, {per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        let lines = Lines { next: 0, skipped: completed, waiting: BTreeMap::new() };
        Self { bar, verbose, lines: Mutex::new(lines) }
    }

    fn print(&self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.bar.suspend(|| note(&line));
        }
    }
}

impl Observer for Progress {
    fn started(&self, run: &RunStart) {
        if let Some(samples) = run.samples {
            self.bar.set_length(samples);
        }
        if std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    fn wants_values(&self) -> bool {
        self.verbose
    }

    fn batch(&self, event: &BatchEvent<'_>) {
        self.bar.inc(event.samples as u64);
        if self.verbose {
            let text = |(name, value): &(String, Result<_, _>)| match value {
                Ok(value) => format!("{name} = {value}"),
                Err(error) => format!("{name}: {error}"),
            };
            let values: Vec<String> = event.values.iter().map(text).collect();
            let line = format!("batch {} ({} samples): {}", event.index, event.samples, values.join(", "));
            // A panic leaves every line valid.
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            // Printed under the lock, so that no worker overtakes another.
            self.print(lines.add(event.index, line));
        }
    }

    fn ended(&self, _: bool) {
        // The lines above a batch that failed or was not reached.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        self.print(std::mem::take(&mut lines.waiting).into_values());
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, BatchRanges, Lines};

    #[test]
    fn lines_wait_for_lower_batches_except_those_of_an_earlier_run() {
        let mut lines = Lines { next: 0, skipped: BatchRanges::new(2..4), waiting: BTreeMap::new() };
        let mut add = |batch: u64| lines.add(batch, batch.to_string());
        assert!(add(1).is_empty());
        assert!(add(4).is_empty());
        assert_eq!(add(0), ["0", "1", "4"]);
        assert_eq!(add(5), ["5"]);
    }
}
