//! Average precision over the thresholds of the overlap.

use std::collections::BTreeMap;

use super::curve::{Ranking, Selection, no_objects, rankings};
use super::{MatchedBoxes, Matches};
use neurobench_core::prelude::*;

/// COCO's mean average precision of boxes, mAP@[.50:.05:.95].
///
/// For each class and each of the ten overlaps .50, .55, .. .95 it takes the highest precision at each of the 101
/// recalls 0, 0.01, .. 1 or a higher one, and averages over recalls, overlaps and the classes that have objects.
/// `iou_thresholds` takes other overlaps: `[0.5]` gives mAP@.50.
/// Undefined without objects. It follows pycocotools (which adds 2⁻⁵² to denominators). `coco_map` leaves out the same
/// as NeuroBench: images in the first 0.5 s of a sequence, for times in microseconds, and boxes with a diagonal under
/// 60 pixels. See `matched_boxes` for the format of boxes and their matching.
#[accumulated_metric(
    unit = "fraction",
    of = MatchedBoxes,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Lin et al. 2014, Microsoft COCO: common objects in context, ECCV, doi 10.1007/978-3-319-10602-1_48"
)]
pub fn mean_average_precision(matches: &Matches) -> Result<f64, MetricError> {
    let rankings = rankings(matches);
    let mut mean = Mean::default();
    // Every class has the same number of precisions, so their mean is the mean of the classes' means, rounded once.
    for ranking in rankings.iter().filter(|ranking| ranking.has_objects(Selection::ALL)) {
        for overlap in matches.overlaps() {
            mean.add_slice(&ranking.precisions(Selection::ALL, overlap));
        }
    }
    mean.value().ok_or_else(no_objects)
}

variant!("coco_map", MeanAveragePrecision { core: neurobench_boxes() });

/// Filters of NeuroBench for the automotive data set.
fn neurobench_boxes() -> MatchedBoxes {
    MatchedBoxes { skip_time: 500_000.0, min_diagonal: 60.0, ..MatchedBoxes::default() }
}

/// Average precision of boxes by class, over the ten overlaps of COCO or those of `iou_thresholds`.
///
/// `mean_average_precision` is the mean of these. Classes without objects are left out.
#[accumulated_metric(
    unit = "fraction",
    of = MatchedBoxes,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Lin et al. 2014, Microsoft COCO: common objects in context, ECCV, doi 10.1007/978-3-319-10602-1_48"
)]
pub fn box_average_precision_by_class(matches: &Matches) -> Result<BTreeMap<i64, f64>, MetricError> {
    let rankings = rankings(matches);
    let with_objects = rankings.iter().filter(|ranking| ranking.has_objects(Selection::ALL));
    let class_precision = |ranking: &Ranking<'_>| {
        let precisions = matches.overlaps().flat_map(|overlap| ranking.precisions(Selection::ALL, overlap));
        Ok((ranking.class, Mean::from_values(precisions).finish()?))
    };
    let by_class: BTreeMap<i64, f64> = with_objects.map(class_precision).collect::<Result<_, MetricError>>()?;
    if by_class.is_empty() { Err(no_objects()) } else { Ok(by_class) }
}
