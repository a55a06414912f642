//! The twelve figures of COCO.

use std::ops::Range;

use super::curve::{Selection, no_objects, rankings};
use super::{MatchedBoxes, Matches};
use neurobench_core::prelude::*;

/// COCO's twelve figures. A figure is missing if there are no objects of its size, or if its overlap is not among `iou_thresholds`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct CocoFigures {
    /// Average precision over the overlaps: .50, .55, .. .95 by default.
    #[value(higher_is_better = true)]
    pub ap: Option<f64>,
    /// Average precision at the overlap .50.
    #[value(higher_is_better = true)]
    pub ap_50: Option<f64>,
    /// Average precision at the overlap .75.
    #[value(higher_is_better = true)]
    pub ap_75: Option<f64>,
    /// Average precision of objects of up to 32² pixels.
    #[value(higher_is_better = true)]
    pub ap_small: Option<f64>,
    /// Average precision of objects of 32² to 96² pixels.
    #[value(higher_is_better = true)]
    pub ap_medium: Option<f64>,
    /// Average precision of objects of at least 96² pixels.
    #[value(higher_is_better = true)]
    pub ap_large: Option<f64>,
    /// Average recall of the best detection of each class in an image.
    #[value(higher_is_better = true)]
    pub ar_1: Option<f64>,
    /// Average recall of the ten best detections.
    #[value(higher_is_better = true)]
    pub ar_10: Option<f64>,
    /// Average recall of all detections, up to a hundred by default.
    #[value(higher_is_better = true)]
    pub ar: Option<f64>,
    /// Average recall of objects of up to 32² pixels.
    #[value(higher_is_better = true)]
    pub ar_small: Option<f64>,
    /// Average recall of objects of 32² to 96² pixels.
    #[value(higher_is_better = true)]
    pub ar_medium: Option<f64>,
    /// Average recall of objects of at least 96² pixels.
    #[value(higher_is_better = true)]
    pub ar_large: Option<f64>,
}

/// The twelve figures by which COCO compares detectors: average precision and average recall, by overlap, by size of the object
/// and by number of detections.
///
/// Average precision is that of `mean_average_precision`. Average recall is the share of objects that are found,
/// averaged over the overlaps and over the classes that have objects. Sizes are areas in pixels. Undefined without
/// objects.
#[accumulated_metric(
    unit = "fraction",
    of = MatchedBoxes,
    bounds = 0.0..=1.0,
    cite = "COCO, Detection evaluation, https://cocodataset.org/#detection-eval"
)]
pub fn coco_summary(matches: &Matches) -> Result<CocoFigures, MetricError> {
    let rankings = rankings(matches);
    if !rankings.iter().any(|ranking| ranking.has_objects(Selection::ALL)) {
        return Err(no_objects());
    }
    let all_with_size = |areas| Selection { areas, ..Selection::ALL };
    let best_detections = |detections| Selection { detections, ..Selection::ALL };
    let ranking_with_objects = |selection| rankings.iter().filter(move |ranking| ranking.has_objects(selection));
    let overlaps = matches.overlaps();
    let precision = |selection, overlaps: Range<usize>| {
        let mut mean = Mean::default();
        for ranking in ranking_with_objects(selection) {
            for overlap in overlaps.clone() {
                mean.add_slice(&ranking.precisions(selection, overlap));
            }
        }
        mean.value()
    };
    let recall = |selection| {
        let each = ranking_with_objects(selection);
        Mean::from_values(each.flat_map(|ranking| overlaps.clone().map(|overlap| ranking.recall(selection, overlap))))
            .value()
    };
    Ok(CocoFigures {
        ap: precision(Selection::ALL, overlaps.clone()),
        ap_50: precision(Selection::ALL, matches.overlap_at(0.5)),
        ap_75: precision(Selection::ALL, matches.overlap_at(0.75)),
        ap_small: precision(all_with_size(1), overlaps.clone()),
        ap_medium: precision(all_with_size(2), overlaps.clone()),
        ap_large: precision(all_with_size(3), overlaps.clone()),
        ar_1: recall(best_detections(1)),
        ar_10: recall(best_detections(10)),
        ar: recall(Selection::ALL),
        ar_small: recall(all_with_size(1)),
        ar_medium: recall(all_with_size(2)),
        ar_large: recall(all_with_size(3)),
    })
}
