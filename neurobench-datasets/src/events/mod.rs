//! Recordings of event cameras and other event-based sensors.

pub mod formats;
