//! Processors of events.

mod bin_events;
