//! Encoding of numbers as spikes.
