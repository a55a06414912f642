//! Events of event cameras: filters and cropping of [event tensors](neurobench_core::data::events), and frames of counts.

mod bin_events;
pub use bin_events::*;
mod crop_events;
pub use crop_events::*;
mod crop_time;
pub use crop_time::*;
mod denoise_events;
pub use denoise_events::*;
mod downsample_events;
pub use downsample_events::*;
mod recordings;
