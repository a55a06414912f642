//! Precision and recall of the detections of one class, as functions of the lowest score that counts.

use super::matched::{MatchedDetection, Matches};
use neurobench_core::metric::MetricError;

/// Number of recalls at which precision is read: 0, 0.01, .. 1.
const RECALLS: usize = 101;

/// Detections of one class in descending order of their scores; ties keep the order of the data set.
pub(super) struct Ranking<'a> {
    pub(super) class: i64,
    detections: Vec<&'a MatchedDetection>,
    objects: [u64; 4],
}

/// Objects, and the number of detections in an image, that count.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    /// Index of the range of areas.
    pub(super) areas: usize,
    /// Maximum number of detections of a class in an image.
    pub(super) detections: u64,
}

impl Selection {
    /// Objects of all sizes, and all stored detections.
    pub(super) const ALL: Self = Self { areas: 0, detections: u64::MAX };
}

/// Rankings of all classes that have objects.
pub(super) fn rankings(matches: &Matches) -> Vec<Ranking<'_>> {
    let mut rankings: Vec<Ranking<'_>> =
        matches.objects.iter().map(|(&class, &objects)| Ranking { class, detections: Vec::new(), objects }).collect();
    for detection in matches.detections.iter() {
        if let Ok(place) = rankings.binary_search_by_key(&detection.class, |ranking| ranking.class) {
            rankings[place].detections.push(detection);
        }
    }
    for ranking in &mut rankings {
        ranking.detections.sort_by(|left, right| right.score.total_cmp(&left.score));
    }
    rankings
}

impl Ranking<'_> {
    /// Returns true if there are objects to find.
    pub(super) fn has_objects(&self, selection: Selection) -> bool {
        self.objects[selection.areas] > 0
    }

    /// True and false positives among the detections up to each one that counts, at a threshold of the overlap.
    fn counts(&self, selection: Selection, overlap: usize) -> impl Iterator<Item = (u64, u64)> {
        let Selection { areas, detections } = selection;
        let counting = self
            .detections
            .iter()
            .filter(move |detection| detection.rank < detections && detection.ignored[areas] >> overlap & 1 == 0);
        counting.scan((0, 0), move |(right, wrong), detection| {
            if detection.matched[areas] >> overlap & 1 == 1 {
                *right += 1;
            } else {
                *wrong += 1;
            }
            Some((*right, *wrong))
        })
    }

    /// Highest precision at each of the 101 recalls or a higher one; 0 if no detection reaches that recall.
    pub(super) fn precisions(&self, selection: Selection, overlap: usize) -> [f64; RECALLS] {
        let mut points: Vec<(f64, f64)> = self
            .counts(selection, overlap)
            .map(|(right, wrong)| {
                let recall = right as f64 / self.objects[selection.areas] as f64;
                (recall, right as f64 / (right + wrong) as f64)
            })
            .collect();
        let mut highest = 0.0_f64;
        for (_, precision) in points.iter_mut().rev() {
            highest = highest.max(*precision);
            *precision = highest;
        }
        // The recalls equal those of pycocotools to the bit, because one may be reached exactly.
        std::array::from_fn(|at| {
            let reached = points.partition_point(|(recall, _)| *recall < at as f64 * 0.01);
            points.get(reached).map_or(0.0, |(_, precision)| *precision)
        })
    }

    /// Recall of all detections that count.
    pub(super) fn recall(&self, selection: Selection, overlap: usize) -> f64 {
        let found = self.counts(selection, overlap).last().map_or(0, |(right, _)| right);
        found as f64 / self.objects[selection.areas] as f64
    }
}

/// Error for a data set without objects.
pub(super) fn no_objects() -> MetricError {
    MetricError::undefined("there are no objects to detect")
}
