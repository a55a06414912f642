//! How well scores rank positive samples above negative ones.
//!
//! What a batch means follows from its shapes:
//!
//! | predictions | targets | |
//! |---|---|---|
//! | `[samples]` or `[samples, 1]` | `[samples]` of 0 and 1 | binary: the score of class 1 |
//! | `[samples, classes]` | `[samples]` of classes | one score a class, each ranked against all others (one-vs-rest) |
//! | `[samples, labels]` | `[samples, labels]` of 0 and 1 | multi-label: each label by itself |
//!
//! Scores are of any scale, higher for what is likelier: a ranking does not change under a growing function.

mod area;
mod binned;
mod precision;
mod scores;

pub use area::{
    Auroc, AurocByClass, BinnedAuroc, BinnedAurocByClass, auroc, auroc_by_class, binned_auroc, binned_auroc_by_class,
};
pub use binned::{BinnedScores, Thresholds, binned_scores};
pub use precision::{
    AveragePrecision, AveragePrecisionByClass, BinnedAveragePrecision, BinnedAveragePrecisionByClass,
    average_precision, average_precision_by_class, binned_average_precision, binned_average_precision_by_class,
};
pub use scores::{RankedScores, RankingAverage, ranked_scores};
