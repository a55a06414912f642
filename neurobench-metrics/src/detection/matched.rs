//! Detections of a run, with the objects that they match.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::IouThresholds;
use super::boxes::{BoxRows, Detection, Object, Rectangle, detections, objects};
use super::matching::{AREAS, is_ignored, verdicts};
use neurobench_core::accumulate::MergeSum;
use neurobench_core::prelude::*;

/// Detection with its matches at each threshold of the overlap (one bit each) for each range of areas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct MatchedDetection {
    /// Class of the detection.
    pub(super) class: i64,
    /// Score of the detection.
    pub(super) score: f64,
    /// Rank among the detections of its class in its image, from 0 for the highest score.
    pub(super) rank: u64,
    /// Bits of the thresholds at which it matches an object.
    pub(super) matched: [u32; 4],
    /// Bits of the thresholds at which it does not count.
    pub(super) ignored: [u32; 4],
}

/// All detections of a run with their matches, and the number of objects to find.
///
/// Memory grows with the number of detections: precision at a score depends on all higher scores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct Matches {
    #[merge]
    pub(super) detections: Concat<MatchedDetection>,
    /// Number of objects by class, for each range of areas.
    #[merge(with = add_objects)]
    pub(super) objects: BTreeMap<i64, [u64; 4]>,
    #[merge(sum)]
    images: u64,
    /// Thresholds of the bits; none before any batch.
    #[merge(with = keep_thresholds)]
    thresholds: Option<IouThresholds>,
}

/// All parts of a run have the same thresholds.
fn keep_thresholds(own: &mut Option<IouThresholds>, other: Option<IouThresholds>) {
    *own = own.take().or(other);
}

fn add_objects(counts_by_class: &mut BTreeMap<i64, [u64; 4]>, others: BTreeMap<i64, [u64; 4]>) {
    for (class, counts) in others {
        for (sum, count) in counts_by_class.entry(class).or_default().iter_mut().zip(counts) {
            sum.merge_sum(count);
        }
    }
}

/// Totals of matched images, objects and detections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, MetricValue)]
pub struct MatchedTotals {
    /// Number of images that count.
    #[value(unit = "images")]
    pub images: u64,
    /// Number of objects to find, without crowds.
    #[value(unit = "objects")]
    pub objects: u64,
    /// Number of detections that count.
    #[value(unit = "detections")]
    pub detections: u64,
}

impl Finish for Matches {
    type Output = MatchedTotals;

    fn finish(&self) -> Result<MatchedTotals, MetricError> {
        let mut objects = 0_u64;
        for counts in self.objects.values() {
            objects.merge_sum(counts[0]);
        }
        Ok(MatchedTotals { images: self.images, objects, detections: self.detections.iter().count() as u64 })
    }
}

/// Detections with the objects that they match, image by image and class by class: the core of `mean_average_precision`
/// and `coco_summary`.
///
/// A sample is an image or a sequence of images. Its boxes are rows, padded to a common number of rows:
///
/// * predictions `[samples, boxes, 7]`: time, x, y, width, height, class, score;
/// * targets `[samples, boxes, 6 to 8]`: time, x, y, width, height, class, and optionally crowd and area.
///
/// x and y are the upper left corner, in pixels like width and height. Time counts from the start of the sequence, in
/// any unit; for single images it may be 0 throughout. Classes are whole numbers from 0; a row with the class −1 is not
/// a box. Crowd is 1 for a region of many objects, which is not required and may be found any number of times, else 0.
/// The area, such as the area of a mask, decides on the size of the object; its default is width · height.
///
/// An image is a time that a target of the sample names. A target with the class −1 names an empty image by its time,
/// in which all detections are wrong; with a negative time it is padding. Detections at other times are left out,
/// because their truth is unknown. Boxes are matched within an image, and an image lies within a sample, so any batch
/// size gives the same result.
///
/// In descending order of scores, every detection takes the object of its class with which it overlaps most, if
/// intersection over union reaches the threshold and no earlier detection took that object. Objects that are not
/// required (crowds, and objects outside the range of areas) come last, and detections that take them do not count.
/// Matches equal those of pycocotools to the bit. Memory grows with the number of detections.
///
/// The filters are those of Prophesee's automotive data sets. Small boxes are left out of both targets and detections,
/// as in Prophesee's toolbox; NeuroBench 2.3.0 has its data loader leave out only small targets, which
/// `keep_small_detections` reproduces. A target that is left out still names its image, like a labeled frame in these
/// tools.
#[accumulated_metric(
    cite = "Lin et al. 2014, Microsoft COCO: common objects in context, ECCV, doi 10.1007/978-3-319-10602-1_48",
    cite = "Perot et al. 2020, Learning to detect objects with a 1 megapixel event camera, NeurIPS, arXiv:2009.13436"
)]
#[expect(clippy::too_many_arguments, reason = "each is a setting with a name")]
pub fn matched_boxes(
    rows: BoxRows<'_>,
    /// Leave out images before this time of their sequence.
    #[param(default = 0.0, range = 0.0..=1e300)]
    skip_time: f64,
    /// Leave out boxes whose diagonal is shorter, in pixels.
    #[param(default = 0.0, range = 0.0..=1e100)]
    min_diagonal: f64,
    /// Leave out boxes with a side that is shorter, in pixels.
    #[param(default = 0.0, range = 0.0..=1e100)]
    min_side: f64,
    /// Keep small detections, and leave out only small targets.
    #[param(default = false)]
    keep_small_detections: bool,
    /// Largest distance in time between a detection and its image, in the unit of time (Prophesee's tools take 40 or 50
    /// ms). A detection within reach of several images belongs to each of them.
    #[param(default = 0.0, range = 0.0..=1e300)]
    time_tolerance: f64,
    /// Maximum number of detections of a class in an image; those with the highest scores count.
    #[param(default = 100, range = 1..=1_000_000)]
    max_detections: u64,
    /// Thresholds of intersection over union at which boxes match, up to 32 in ascending order; 0.8999999999999999 is that of
    /// pycocotools.
    #[param]
    iou_thresholds: IouThresholds,
) -> Result<Matches, MetricError> {
    let is_small = |rectangle: &Rectangle| {
        let Rectangle { width, height, .. } = *rectangle;
        width * width + height * height < min_diagonal * min_diagonal || width.min(height) < min_side
    };
    let mut matches = Matches { thresholds: Some(iou_thresholds.clone()), ..Matches::default() };
    for (sample, (predicted, there)) in rows.samples().enumerate() {
        let mut objects = objects(sample, &there)?;
        let mut detections = detections(sample, &predicted)?;
        // Stable sort by time.
        objects.sort_by(|left, right| left.time.total_cmp(&right.time));
        detections.sort_by(|left, right| left.time.total_cmp(&right.time));
        if !keep_small_detections {
            detections.retain(|detection| !is_small(&detection.rectangle));
        }
        for image in objects.chunk_by(|left, right| left.time == right.time) {
            let time = image[0].time;
            if time < skip_time {
                continue;
            }
            let first = detections.partition_point(|detection| detection.time < time - time_tolerance);
            let end = detections.partition_point(|detection| detection.time <= time + time_tolerance);
            let found: Vec<Object> = image.iter().filter(|object| !is_small(&object.rectangle)).copied().collect();
            matches.add_image(&detections[first..end], &found, max_detections, &iou_thresholds);
        }
    }
    Ok(matches)
}

impl Matches {
    /// Indices of the thresholds of the overlap.
    pub(super) fn overlaps(&self) -> Range<usize> {
        0..self.thresholds.as_ref().map_or(0, |thresholds| thresholds.values().len())
    }

    /// Index of one threshold; empty if it is not among them.
    pub(super) fn overlap_at(&self, threshold: f64) -> Range<usize> {
        let values = self.thresholds.as_ref().map_or(&[][..], IouThresholds::values);
        values.iter().position(|value| *value == threshold).map_or(0..0, |at| at..at + 1)
    }

    fn add_image(
        &mut self,
        detections: &[Detection],
        objects: &[Object],
        max_detections: u64,
        thresholds: &IouThresholds,
    ) {
        self.images.merge_sum(1);
        let of_detections = detections.iter().map(|detection| detection.class);
        let classes: BTreeSet<i64> = objects.iter().filter_map(|object| object.class).chain(of_detections).collect();
        for class in classes {
            let objects: Vec<Object> = objects.iter().filter(|object| object.class == Some(class)).copied().collect();
            let mut detections: Vec<Detection> =
                detections.iter().filter(|detection| detection.class == class).copied().collect();
            detections.sort_by(|left, right| right.score.total_cmp(&left.score));
            detections.truncate(usize::try_from(max_detections).unwrap_or(usize::MAX));
            if !objects.is_empty() {
                let required = |areas| objects.iter().filter(|object| !is_ignored(object, areas)).count() as u64;
                add_objects(&mut self.objects, BTreeMap::from([(class, AREAS.map(required))]));
            }
            let verdicts = AREAS.map(|areas| verdicts(&detections, &objects, areas, thresholds));
            self.detections.extend(detections.iter().enumerate().map(|(rank, detection)| MatchedDetection {
                class,
                score: detection.score,
                rank: rank as u64,
                matched: [0, 1, 2, 3].map(|areas| verdicts[areas][rank].matched),
                ignored: [0, 1, 2, 3].map(|areas| verdicts[areas][rank].ignored),
            }));
        }
    }
}
