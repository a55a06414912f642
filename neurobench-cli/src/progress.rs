//! Progress of a run on the terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::print::note;
use neurobench_core::bench::{BatchEvent, Observer, RunStart};

/// Progress bar, on terminals only. With `verbose`, also a line for every batch.
pub(crate) struct Progress {
    bar: ProgressBar,
    verbose: bool,
}

impl Progress {
    pub(crate) fn new(verbose: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} samples, {per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        Self { bar, verbose }
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
            self.bar.suspend(|| note(&line));
        }
    }

    fn ended(&self, _: bool) {
        self.bar.finish_and_clear();
    }
}
