//! Layers with a memory of earlier steps.

mod delay;
mod low_pass;
mod sliding_window;
