//! Functions of single numbers.

mod clip;
pub use clip::*;
mod inverse_scale;
pub use inverse_scale::*;
mod min_max;
pub use min_max::*;
mod normalize;
pub use normalize::*;
mod threshold;
pub use threshold::*;
