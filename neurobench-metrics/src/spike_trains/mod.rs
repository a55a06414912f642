//! Spikes in time: intervals, variability, synchrony and distances between trains.
//!
//! Metrics that use hooks read the spikes of each neuron within a sample, so that parts of a run merge. They reject a
//! model whose state carries over from sample to sample, because its trains extend over several batches, which no
//! single batch contains; cutting the trains instead would change the values. They also reject a layer that runs
//! several times in a step, because these runs have no order in time. Metrics that compare predictions with targets
//! take both as `[batch, step, neuron]`.

mod cosine;
mod pairs;
mod raster;
mod synchrony;
mod totals;
mod van_rossum;
mod variability;
mod victor_purpura;

pub use cosine::{SilencePolicy, SpikeTrainCosineSimilarity, spike_train_cosine_similarity};
pub use synchrony::{Synchrony, SynchronyTotals, synchrony};
pub use totals::{NeuronTrainTotals, SpikeTrainCounts, SpikeTrainTotals, TrainCounts, spike_train_totals};
pub use van_rossum::{VanRossumDistance, van_rossum_distance};
pub use variability::{
    FanoFactor, InterspikeIntervalCv, InterspikeIntervalCv2, MeanInterspikeInterval, NeuronDistribution, fano_factor,
    interspike_interval_cv, interspike_interval_cv2, mean_interspike_interval,
};
pub use victor_purpura::{VictorPurpuraDistance, victor_purpura_distance};
