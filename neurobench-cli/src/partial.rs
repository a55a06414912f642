//! Snapshots of the completed batches of a run, in a file beside its results.
//!
//! The file of a failed run is replaced only by a run that was resumed from it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::output::{Output, OutputError};
use crate::print::note;
use neurobench_core::bench::{Observer, Snapshot};
use neurobench_core::report::export::to_json;

/// Snapshot file that is written when a run ends early, and at intervals before that, in case the process is killed.
#[derive(Clone)]
pub(crate) struct Partial {
    results: PathBuf,
    /// Snapshot from which the run was resumed.
    resumed: Option<PathBuf>,
    every: Duration,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Path of the file, once it was written.
    path: Option<PathBuf>,
    /// Time of the next write; `None` if it is beyond the range of `Instant`.
    next: Option<Instant>,
    /// Time at which the workers were asked to pause for the write.
    pause_requested: Option<Instant>,
}

impl Partial {
    /// Creates a snapshot file beside the results, to be written at this interval.
    pub(crate) fn new(results: &Path, resumed: Option<&Path>, every: Duration) -> Self {
        let state = State { path: None, next: Instant::now().checked_add(every), pause_requested: None };
        let (results, resumed) = (results.to_owned(), resumed.map(Path::to_owned));
        Self { results, resumed, every, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves every field valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a snapshot, which replaces the earlier one of this run, and returns its path.
    pub(crate) fn keep(&self, completed: &Snapshot) -> Result<PathBuf, OutputError> {
        let mut state = self.state();
        let path = state.path.clone().unwrap_or_else(|| self.place());
        let output = Output::reserve(&path, &[], true)?;
        let text = to_json(completed).map_err(|error| OutputError::new(&path, error.into()))?;
        output.write(&text)?;
        state.path = Some(path.clone());
        Ok(path)
    }

    /// Removes the file at the end of a complete run, whose results contain everything.
    pub(crate) fn remove(&self) {
        if let Some(path) = self.state().path.take()
            && let Err(error) = std::fs::remove_file(&path)
        {
            note(&format!("warning: cannot remove `{}`: {error}", path.display()));
        }
    }

    /// Returns the first free name. The file of an earlier run stays, unless this run was resumed from it and contains it.
    fn place(&self) -> PathBuf {
        let resumed = self.resumed.as_ref().and_then(|path| std::fs::canonicalize(path).ok());
        let is_resumed = |path: &Path| resumed.is_some() && std::fs::canonicalize(path).ok() == resumed;
        // Only `.json` is an extension: the `.1` of `lr0.1` is not.
        let stem = match self.results.extension() {
            Some(extension) if extension == "json" => self.results.with_extension(""),
            _ => self.results.clone(),
        };
        let name = |number: u32| {
            let mut name = stem.clone().into_os_string();
            name.push(match number {
                1 => ".partial.json".to_owned(),
                number => format!(".partial.{number}.json"),
            });
            PathBuf::from(name)
        };
        (1..).map(name).find(|path| !path.is_file() || is_resumed(path)).unwrap_or_else(|| name(1))
    }
}

impl Observer for Partial {
    fn wants_completed(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        let due = state.next.is_some_and(|next| next <= now);
        if due {
            state.pause_requested.get_or_insert(now);
        }
        due
    }

    fn completed(&self, snapshot: &Snapshot) {
        // Snapshots with many replicates are large: writing them takes at most a twentieth of the time of the run.
        const SHARE: u32 = 20;
        if !snapshot.batches().is_empty()
            && let Err(error) = self.keep(snapshot)
        {
            note(&format!("warning: {error}"));
        }
        let now = Instant::now();
        let mut state = self.state();
        let took = state.pause_requested.take().map_or(Duration::ZERO, |asked| now.saturating_duration_since(asked));
        state.next = now.checked_add(self.every.max(took.saturating_mul(SHARE)));
    }
}
