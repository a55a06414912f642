//! Interruption by a signal: the run ends early and keeps the completed batches.
//!
//! A signal only changes the answer of an observer, which every worker asks before each batch.

use std::io::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use neurobench_core::bench::Observer;

/// Says that a run is to end after the batches under way, once the process was told to end. Told a second time, it ends at once.
#[derive(Clone, Default)]
pub(crate) struct Interruption {
    /// The signal's number; 0 before there is one.
    signal: Arc<AtomicUsize>,
    /// Whether the next signal ends the process.
    armed: Arc<AtomicBool>,
}

impl Interruption {
    /// Takes the signals with which a terminal (Ctrl-C) and a system end a process.
    pub(crate) fn watch() -> Result<Self, Error> {
        let interruption = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let number = usize::try_from(signal).map_err(Error::other)?;
            // In this order: what the first signal arms ends the process with the second.
            flag::register_conditional_shutdown(signal, exit_code(number).into(), Arc::clone(&interruption.armed))?;
            flag::register(signal, Arc::clone(&interruption.armed))?;
            flag::register_usize(signal, Arc::clone(&interruption.signal), number)?;
        }
        Ok(interruption)
    }

    /// The exit code of a process that a signal ended, if there was one.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            number => Some(exit_code(number)),
        }
    }

    /// Takes one signal more before the process ends, so that a file that is being written is no half of it.
    pub(crate) fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }
}

/// As shells tell it: 130 after Ctrl-C.
fn exit_code(signal: usize) -> u8 {
    u8::try_from(signal).map_or(u8::MAX, |signal| signal.saturating_add(128))
}

impl Observer for Interruption {
    fn interrupts(&self) -> bool {
        self.exit_code().is_some()
    }
}
