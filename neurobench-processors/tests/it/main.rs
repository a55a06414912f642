//! The tests of the processors, in one binary, which links once.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod audio;
mod events;
