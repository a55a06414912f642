//! Matching of detections and objects in an image.

use super::IouThresholds;
use super::boxes::{Detection, Object, Rectangle};

/// Ranges of areas in square pixels, both ends included, with separate counts of objects: all, small, medium and large.
pub(super) const AREAS: [(f64, f64); 4] = [(0.0, 1e10), (0.0, 1024.0), (1024.0, 9216.0), (9216.0, 1e10)];

/// Outcome for a detection at each threshold of the overlap, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The detection matches an object.
    pub(super) matched: u32,
    /// The detection does not count: it matches a crowd or an object outside the range of areas, or matches nothing and
    /// lies outside the range.
    pub(super) ignored: u32,
}

fn outside((low, high): (f64, f64), area: f64) -> bool {
    area < low || area > high
}

/// Returns true if an object is not required.
pub(super) fn is_ignored(object: &Object, areas: (f64, f64)) -> bool {
    object.crowd || outside(areas, object.area)
}

/// Intersection over union; for a crowd, over the area of the detection.
fn shared(detection: &Rectangle, object: &Object) -> f64 {
    let intersection = detection.intersection(&object.rectangle);
    if intersection == 0.0 {
        return 0.0;
    }
    let area = detection.area();
    let union = if object.crowd { area } else { area + object.rectangle.area() - intersection };
    intersection / union
}

/// Verdicts on the detections of one class in an image, in descending order of their scores.
///
/// Every detection takes the free object that it overlaps most, at least by the threshold; required objects go before
/// others. Of equal ones the last is taken. A crowd is never used up.
pub(super) fn verdicts(
    detections: &[Detection],
    objects: &[Object],
    areas: (f64, f64),
    thresholds: &IouThresholds,
) -> Vec<Verdict> {
    let mut order: Vec<&Object> = objects.iter().collect();
    order.sort_by_key(|object| is_ignored(object, areas));
    let shares: Vec<Vec<f64>> = detections
        .iter()
        .map(|detection| order.iter().map(|object| shared(&detection.rectangle, object)).collect())
        .collect();
    let mut verdicts = vec![Verdict::default(); detections.len()];
    for (at, threshold) in thresholds.values().iter().enumerate() {
        let mut taken = vec![false; order.len()];
        for ((detection, shares), verdict) in detections.iter().zip(&shares).zip(&mut verdicts) {
            let mut best: Option<usize> = None;
            let mut most = *threshold;
            for (place, object) in order.iter().enumerate() {
                if taken[place] && !object.crowd {
                    continue;
                }
                if best.is_some_and(|best| !is_ignored(order[best], areas)) && is_ignored(object, areas) {
                    break;
                }
                if shares[place] >= most {
                    most = shares[place];
                    best = Some(place);
                }
            }
            let (matched, ignored) = match best {
                Some(place) => {
                    taken[place] = true;
                    (true, is_ignored(order[place], areas))
                }
                None => (false, outside(areas, detection.rectangle.area())),
            };
            verdict.matched |= u32::from(matched) << at;
            verdict.ignored |= u32::from(ignored) << at;
        }
    }
    verdicts
}
