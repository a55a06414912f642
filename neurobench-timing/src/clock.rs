//! Clocks of a measurement.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Clock that a measurement reads.
pub trait Clock: Send + Sync {
    /// Returns the time in nanoseconds since an arbitrary start. It never decreases.
    fn now(&self) -> u64;

    /// Waits until this time. It returns at once if the time has passed.
    fn wait_until(&self, nanoseconds: u64);
}

/// The monotonic clock of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Creates a clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Last part of a wait, in nanoseconds, in which the clock is read without sleeping: a sleep may end this much too late.
const SPIN: u64 = 200_000;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }

    fn wait_until(&self, nanoseconds: u64) {
        loop {
            let left = nanoseconds.saturating_sub(self.now());
            match left {
                0 => return,
                1..=SPIN => std::hint::spin_loop(),
                longer => std::thread::sleep(Duration::from_nanos(longer - SPIN)),
            }
        }
    }
}

/// Clock that stands still until it is advanced, for deterministic tests of code that measures.
///
/// A model under test advances it by the time that a forward pass is to take. A wait advances it to its end. All threads
/// share one time, so a measurement on this clock is only meaningful with one worker.
#[derive(Debug, Default)]
pub struct VirtualClock {
    nanoseconds: AtomicU64,
}

impl VirtualClock {
    /// Creates a clock at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances the clock.
    pub fn advance(&self, duration: Duration) {
        self.nanoseconds.fetch_add(nanoseconds(duration), Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> u64 {
        self.nanoseconds.load(Ordering::SeqCst)
    }

    fn wait_until(&self, nanoseconds: u64) {
        self.nanoseconds.fetch_max(nanoseconds, Ordering::SeqCst);
    }
}

/// A duration in nanoseconds; the highest number for one of more than 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds in seconds.
pub(crate) fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_at_its_time_and_not_before() {
        let clock = SystemClock::new();
        let end = clock.now() + 2_000_000;
        clock.wait_until(end);
        assert!(clock.now() >= end);
        clock.wait_until(0);
        let clock = VirtualClock::new();
        clock.wait_until(7);
        clock.wait_until(3);
        clock.advance(Duration::from_nanos(5));
        assert_eq!(clock.now(), 12);
    }
}
