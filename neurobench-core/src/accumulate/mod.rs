//! States: the accumulators that the batches of a run are folded into.
//!
//! **A state is a commutative monoid, bit for bit**: [`Default`] is the empty state, and merging depends neither on
//! order nor on grouping. Results are therefore the same bits on any number of workers, over any split into shards, and
//! after any interruption (Invariant 3). Counts are integers, float sums are [exact](ExactSum), and a state that must
//! keep an order keeps it by batch ([`Concat`], [`First`]).

mod averages;
mod collections;
mod concat;
mod confusion;
mod count;
mod distribution;
mod extrema;
mod first;
mod histogram;
mod mean;
mod merge;
mod pair_moments;
mod per_layer;
mod per_neuron;
mod per_output;
mod quantiles;
mod score_counts;

pub use crate::exact_sum::ExactSum;
pub use concat::Concat;
pub use confusion::ConfusionMatrix;
pub use count::{Count, Ratio};
pub use distribution::Distribution;
pub use extrema::{Max, Min};
pub use first::First;
pub use histogram::Histogram;
pub use mean::{Mean, MeanAndStd, Moments, Sum};
pub use merge::{MergeMax, MergeMin, MergeSum, TotalOrder};
pub use pair_moments::{PairMoments, PairSummary};
pub use per_layer::{LayerMap, PerLayer};
pub use per_neuron::PerNeuron;
pub use per_output::PerOutput;
pub use quantiles::Quantiles;
pub use score_counts::{SamplesAt, ScoreCounts, ScoreSummary};

pub use crate::metric::{Accumulator, Finish};
