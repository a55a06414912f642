//! Normalization.

mod batch;
mod layer;

pub use batch::BatchNormConfig;
pub use layer::LayerNormConfig;
