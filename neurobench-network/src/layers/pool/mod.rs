//! Pooling over windows.

mod adaptive;
mod kernel;
mod windows;

pub use windows::PoolConfig;
