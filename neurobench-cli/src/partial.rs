//! Batches that a run completed before its end, in a file beside its results.
//!
//! The file of a failed run is replaced only by a run that was resumed from it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::output::{Output, OutputError};
use crate::print::note;
use neurobench_core::bench::{Observer, Snapshot};
use neurobench_core::report::export::to_json;

/// The file that is written when a run ends early, and from time to time before, in case that the process is killed.
#[derive(Clone)]
pub(crate) struct Partial {
    results: PathBuf,
    /// What the run goes on from.
    resumed: Option<PathBuf>,
    every: Duration,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Where it is, once it is.
    path: Option<PathBuf>,
    /// When it is to be written again; never if that is beyond all time.
    next: Option<Instant>,
    /// When the workers were asked to pause for it.
    asked: Option<Instant>,
}

impl Partial {
    /// Beside the results, and written after so much time.
    pub(crate) fn new(results: &Path, resumed: Option<&Path>, every: Duration) -> Self {
        let state = State { path: None, next: Instant::now().checked_add(every), asked: None };
        let (results, resumed) = (results.to_owned(), resumed.map(Path::to_owned));
        Self { results, resumed, every, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every field is as good before as after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes it in place of what this run wrote before: where it is.
    pub(crate) fn keep(&self, completed: &Snapshot) -> Result<PathBuf, OutputError> {
        let mut state = self.state();
        let path = state.path.clone().unwrap_or_else(|| self.place());
        let output = Output::reserve(&path, &[], true)?;
        let text = to_json(completed).map_err(|error| OutputError::new(&path, error.into()))?;
        output.write(&text)?;
        state.path = Some(path.clone());
        Ok(path)
    }

    /// The run has come to its end, and its results hold all of it.
    pub(crate) fn remove(&self) {
        if let Some(path) = self.state().path.take()
            && let Err(error) = std::fs::remove_file(&path)
        {
            note(&format!("warning: cannot remove `{}`: {error}", path.display()));
        }
    }

    /// What an earlier run completed stays, under its own name, unless this one went on from it and has it, too.
    fn place(&self) -> PathBuf {
        let resumed = self.resumed.as_ref().and_then(|path| std::fs::canonicalize(path).ok());
        let is_resumed = |path: &Path| resumed.is_some() && std::fs::canonicalize(path).ok() == resumed;
        // Only this extension is one: the end of `lr0.1` is not.
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
            state.asked.get_or_insert(now);
        }
        due
    }

    fn completed(&self, snapshot: &Snapshot) {
        // A run of many replicates has much to write: of its time no more than a twentieth goes into that.
        const SHARE: u32 = 20;
        if !snapshot.batches().is_empty()
            && let Err(error) = self.keep(snapshot)
        {
            note(&format!("warning: {error}"));
        }
        let now = Instant::now();
        let mut state = self.state();
        let took = state.asked.take().map_or(Duration::ZERO, |asked| now.saturating_duration_since(asked));
        state.next = now.checked_add(self.every.max(took.saturating_mul(SHARE)));
    }
}
