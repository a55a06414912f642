//! Lengths of axes and selections of channels.

mod crop;
pub use crop::*;
mod pad;
pub use pad::*;
mod select_channels;
pub use select_channels::*;
