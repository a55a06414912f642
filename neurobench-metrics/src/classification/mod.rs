//! Predicted classes against target classes.
//!
//! All metrics except classification accuracy, top-k accuracy and the exact match ratio read one core, [`Confusion`]:
//! with equal settings they share one count.

mod accuracy;
pub use accuracy::*;
mod agreement;
pub use agreement::*;
mod average;
pub use average::*;
mod confusion;
pub use confusion::*;
mod diagnostic;
pub use diagnostic::*;
mod exact_match;
pub use exact_match::*;
mod overlap;
pub use overlap::*;
mod rates;
pub use rates::*;
