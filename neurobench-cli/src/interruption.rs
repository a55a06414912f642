//! Interruption by a signal: the run ends early and keeps the completed batches.
//!
//! A signal only changes the answer of an observer, which every worker asks before each batch.

use std::io::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::Exit;
use neurobench_core::bench::Observer;

/// Ends a run after the batches under way when the process receives a signal to end. A second signal ends the process at once.
#[derive(Clone, Default)]
pub(crate) struct Interruption {
    /// Number of the signal; 0 before the first.
    signal: Arc<AtomicUsize>,
    /// True if the next signal ends the process.
    armed: Arc<AtomicBool>,
}

impl Interruption {
    /// Handles the signals by which a terminal (Ctrl-C) or the system ends a process.
    pub(crate) fn watch() -> Result<Self, Error> {
        let interruption = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let number = usize::try_from(signal).map_err(Error::other)?;
            // The order matters: the first signal arms the shutdown, which the second one triggers.
            flag::register_conditional_shutdown(signal, exit(number).code().into(), Arc::clone(&interruption.armed))?;
            flag::register(signal, Arc::clone(&interruption.armed))?;
            flag::register_usize(signal, Arc::clone(&interruption.signal), number)?;
        }
        Ok(interruption)
    }

    /// Returns the outcome for the signal, if there was one.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            number => Some(exit(number)),
        }
    }

    /// Lets one more signal pass before the process ends, so that a file under way is written completely.
    pub(crate) fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }
}

fn exit(signal: usize) -> Exit {
    Exit::Signal(u8::try_from(signal).unwrap_or(u8::MAX))
}

impl Observer for Interruption {
    fn interrupts(&self) -> bool {
        self.exit().is_some()
    }
}
