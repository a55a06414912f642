//! Detection of objects as boxes: COCO's mean average precision.

mod boxes;
mod curve;
mod matched;
mod matching;
mod precision;
mod summary;

pub use boxes::BoxRows;
pub use matched::{MatchedBoxes, MatchedDetection, MatchedTotals, Matches, matched_boxes};
pub use precision::{
    BoxAveragePrecisionByClass, MeanAveragePrecision, box_average_precision_by_class, mean_average_precision,
};
pub use summary::{CocoFigures, CocoSummary, coco_summary};
