//! Ranking of positive samples above negative ones by their scores.

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
