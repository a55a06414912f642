//! The twelve figures of COCO.

use std::ops::Range;

use super::curve::{Selection, no_objects, overlaps, rankings};
use super::{MatchedBoxes, Matches};
use neurobench_core::prelude::*;

/// COCO's twelve figures. One is missing where there are no objects of its size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct CocoFigures {
    /// Average precision over the overlaps .50, .55, .. .95.
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
    /// Average recall of the ten best.
    #[value(higher_is_better = true)]
    pub ar_10: Option<f64>,
    /// Average recall of all that are kept, a hundred by default.
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
/// Average precision is that of `mean_average_precision`; average recall is the mean over the overlaps and over the classes that
/// have objects of the share of objects that are found. Sizes are areas in pixels. Undefined without objects.
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
    let of_size = |areas| Selection { areas, ..Selection::ALL };
    let of_the_best = |detections| Selection { detections, ..Selection::ALL };
    let looked_for = |selection| rankings.iter().filter(move |ranking| ranking.has_objects(selection));
    let precision = |selection, overlaps: Range<usize>| {
        let mut mean = Mean::default();
        for ranking in looked_for(selection) {
            for overlap in overlaps.clone() {
                mean.add_slice(&ranking.precisions(selection, overlap));
            }
        }
        mean.value()
    };
    let recall = |selection| {
        let each = looked_for(selection);
        Mean::of(each.flat_map(|ranking| overlaps().map(|overlap| ranking.recall(selection, overlap)))).value()
    };
    Ok(CocoFigures {
        ap: precision(Selection::ALL, overlaps()),
        ap_50: precision(Selection::ALL, 0..1),
        ap_75: precision(Selection::ALL, 5..6),
        ap_small: precision(of_size(1), overlaps()),
        ap_medium: precision(of_size(2), overlaps()),
        ap_large: precision(of_size(3), overlaps()),
        ar_1: recall(of_the_best(1)),
        ar_10: recall(of_the_best(10)),
        ar: recall(Selection::ALL),
        ar_small: recall(of_size(1)),
        ar_medium: recall(of_size(2)),
        ar_large: recall(of_size(3)),
    })
}
