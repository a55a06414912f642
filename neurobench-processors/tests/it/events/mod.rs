//! Processors of events.

mod bin_events;
mod tonic;
