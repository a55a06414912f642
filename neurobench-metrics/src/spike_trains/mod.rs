//! Spikes in time: what happens between them, how they vary, how neurons spike together, and how far trains are apart.
//!
//! What comes from hooks reads the spikes of each neuron within a sample; a model whose state flows from sample to sample has
//! trains that reach over batches, which no part of a batch can know, and is refused; so is a layer that runs several times in a
//! step, of whose runs none is before another. What compares predictions with targets
//! takes both as `[batch, step, neuron]`.

mod cosine;
mod pairs;
mod raster;
mod synchrony;
mod totals;
mod van_rossum;
mod variability;
mod victor_purpura;

pub use cosine::{SpikeTrainCosineSimilarity, WhenSilent, spike_train_cosine_similarity};
pub use synchrony::{Synchrony, SynchronyTotals, synchrony};
pub use totals::{NeuronTrainTotals, SpikeTrainCounts, SpikeTrainTotals, TrainCounts, spike_train_totals};
pub use van_rossum::{VanRossumDistance, van_rossum_distance};
pub use variability::{
    AcrossNeurons, FanoFactor, InterspikeIntervalCv, InterspikeIntervalCv2, MeanInterspikeInterval, fano_factor,
    interspike_interval_cv, interspike_interval_cv2, mean_interspike_interval,
};
pub use victor_purpura::{VictorPurpuraDistance, victor_purpura_distance};
