//! Recordings of sound.
