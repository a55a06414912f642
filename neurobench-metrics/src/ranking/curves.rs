//! Curves of rankings: receiver operating characteristic, and precision against recall.

use super::RankedScores;
use super::area::area;
use super::precision::precision;
use super::scores::each_class;
use neurobench_core::accumulate::{PerOutput, SamplesAt, ScoreCounts};
use neurobench_core::figure::{Axis, Figure, Line, LineStyle, Plot};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Receiver operating characteristics of the classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct RocCurves {
    /// Curve of each class, in order.
    pub classes: Vec<Answer<ClassRoc>>,
}

/// Receiver operating characteristic of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct ClassRoc {
    /// Area under the whole curve.
    #[value(unit = "fraction", higher_is_better = true)]
    pub area: f64,
    /// Points of the curve, from (0, 0) to (1, 1).
    pub points: Vec<RocPoint>,
}

/// Rates of the samples whose scores are at least a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct RocPoint {
    /// Lowest score that counts as positive, in the unit of the scores; missing where no finite score does.
    pub threshold: Option<f64>,
    /// Part of the negative samples that count as positive.
    #[value(unit = "fraction")]
    pub false_positive_rate: f64,
    /// Part of the positive samples that count as positive.
    #[value(unit = "fraction")]
    pub true_positive_rate: f64,
}

/// A line for each class, with the chance level.
impl Plot for RocCurves {
    fn plot(&self) -> Figure {
        let axis = |label: &str| Axis::new(label).unit("fraction").range(0.0, 1.0);
        let chance = Line::new([(0.0, 0.0), (1.0, 1.0)]).style(LineStyle::Dashed).label("chance");
        let lines = drawn(&self.classes).map(|(class, curve)| {
            let points = curve.points.iter().map(|point| (point.false_positive_rate, point.true_positive_rate));
            Line::new(points).label(label(class, self.classes.len(), "area", curve.area))
        });
        let figure = Figure::new(axis("false positive rate"), axis("true positive rate")).mark(chance).marks(lines);
        with_note(figure, &self.classes)
    }
}

/// Receiver operating characteristic of each class: the rate of true positives against that of false positives.
///
/// For each different score, from the highest down, `true positives / positives` against `false positives / negatives`
/// of the samples with at least that score, starting at (0, 0). Points within a straight part of the curve are left
/// out (`roc_curve` of scikit-learn keeps some of them), and a curve longer than `max_points` keeps its first, its last
/// and evenly spaced points between them. The area is that of the whole curve, as in `auroc_by_class`. Each class is
/// compared against all others; a class without positive or negative samples is undefined and does not affect the
/// others.
#[accumulated_metric(
    of = RankedScores,
    alias = "receiver_operating_characteristic",
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn roc_curve(
    classes: &PerOutput<ScoreCounts>,
    /// Largest number of points of a curve.
    #[param(default = 500, range = 2..=1_000_000)]
    max_points: usize,
) -> Result<RocCurves, MetricError> {
    let curve = |counts: &ScoreCounts| {
        let area = area(counts)?;
        let (positives, negatives) = counts.totals();
        let reached = corners(cumulated(counts));
        let point = |at: &Reached| RocPoint {
            threshold: at.threshold,
            false_positive_rate: at.negatives as f64 / negatives as f64,
            true_positive_rate: at.positives as f64 / positives as f64,
        };
        Ok(ClassRoc { area, points: evenly(&reached, max_points).map(point).collect() })
    };
    Ok(RocCurves { classes: each_class(classes, curve)? })
}

/// Precision-recall curves of the classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct PrecisionRecallCurves {
    /// Curve of each class, in order.
    pub classes: Vec<Answer<ClassPrecisionRecall>>,
}

/// Precision-recall curve of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct ClassPrecisionRecall {
    /// Average precision over the whole curve.
    #[value(unit = "fraction", higher_is_better = true)]
    pub average_precision: f64,
    /// Part of the samples that are positive: the precision of a random order.
    #[value(unit = "fraction")]
    pub prevalence: f64,
    /// Points of the curve, from the highest threshold down.
    pub points: Vec<PrecisionRecallPoint>,
}

/// Precision and recall of the samples whose scores are at least a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct PrecisionRecallPoint {
    /// Lowest score that counts as positive, in the unit of the scores; missing where no finite score does.
    pub threshold: Option<f64>,
    /// Part of the samples that count as positive which are positive.
    #[value(unit = "fraction")]
    pub precision: f64,
    /// Part of the positive samples that count as positive.
    #[value(unit = "fraction")]
    pub recall: f64,
}

/// A line of steps for each class: the precision at a recall is that of the first threshold that reaches the recall.
impl Plot for PrecisionRecallCurves {
    fn plot(&self) -> Figure {
        let axis = |label: &str| Axis::new(label).unit("fraction").range(0.0, 1.0);
        let lines = drawn(&self.classes).map(|(class, curve)| {
            let points = curve.points.iter().map(|point| (point.recall, point.precision));
            // Average precision is the area of these steps: down or up at the recall before, then across.
            let steps = points.scan(0.0, |before, (recall, precision)| {
                let corners = [(*before, precision), (recall, precision)];
                *before = recall;
                Some(corners)
            });
            Line::new(steps.flatten()).label(label(class, self.classes.len(), "AP", curve.average_precision))
        });
        with_note(Figure::new(axis("recall"), axis("precision")).marks(lines), &self.classes)
    }
}

/// Precision against recall of each class, over the thresholds of its scores.
///
/// For each different score, from the highest down, `TP / (TP + FP)` against `TP / positives` of the samples with at
/// least that score. These are the points of scikit-learn's `precision_recall_curve`, without the point (0, 1) that it
/// adds, and only up to the first point with a recall of 1. A curve longer than `max_points` keeps its first, its last
/// and evenly spaced points between them. The average precision is that of the whole curve, as in
/// `average_precision_by_class`. Each class is compared against all others; a class without positive samples is
/// undefined and does not affect the others.
#[accumulated_metric(
    of = RankedScores,
    cite = "Davis & Goadrich 2006, The relationship between precision-recall and ROC curves, ICML, doi 10.1145/1143844.1143874"
)]
pub fn precision_recall_curve(
    classes: &PerOutput<ScoreCounts>,
    /// Largest number of points of a curve.
    #[param(default = 500, range = 2..=1_000_000)]
    max_points: usize,
) -> Result<PrecisionRecallCurves, MetricError> {
    let curve = |counts: &ScoreCounts| {
        let average_precision = precision(counts)?;
        let (positives, negatives) = counts.totals();
        let mut reached: Vec<Reached> = cumulated(counts).collect();
        let complete = reached.iter().position(|at| at.positives == u128::from(positives));
        reached.truncate(complete.map_or(reached.len(), |at| at + 1));
        let point = |at: &Reached| PrecisionRecallPoint {
            threshold: at.threshold,
            precision: at.positives as f64 / (at.positives + at.negatives) as f64,
            recall: at.positives as f64 / positives as f64,
        };
        Ok(ClassPrecisionRecall {
            average_precision,
            prevalence: positives as f64 / (u128::from(positives) + u128::from(negatives)) as f64,
            points: evenly(&reached, max_points).map(point).collect(),
        })
    };
    Ok(PrecisionRecallCurves { classes: each_class(classes, curve)? })
}

/// Number of samples whose scores are at least a threshold.
#[derive(Clone, Copy)]
struct Reached {
    threshold: Option<f64>,
    positives: u128,
    negatives: u128,
}

/// Numbers of samples at each different score, from the highest score down.
fn cumulated(counts: &ScoreCounts) -> impl Iterator<Item = Reached> {
    counts.highest_first().scan((0_u128, 0_u128), |(positives, negatives), at: SamplesAt| {
        *positives += u128::from(at.positives);
        *negatives += u128::from(at.negatives);
        let threshold = Some(at.score()).filter(|score| score.is_finite());
        Some(Reached { threshold, positives: *positives, negatives: *negatives })
    })
}

/// The first point, (0, 0), the last one, and the points between them at which the direction of the curve changes.
fn corners(reached: impl Iterator<Item = Reached>) -> Vec<Reached> {
    let mut corners = vec![Reached { threshold: None, positives: 0, negatives: 0 }];
    let mut last: Option<Reached> = None;
    for next in reached {
        if let (Some(at), Some(before)) = (last, corners.last().copied()) {
            let cross = |a: u128, b: u128| a.checked_mul(b);
            let left = cross(at.positives - before.positives, next.negatives - at.negatives);
            let right = cross(at.negatives - before.negatives, next.positives - at.positives);
            if left.is_none() || left != right {
                corners.push(at);
            }
        }
        last = Some(next);
    }
    corners.extend(last);
    corners
}

/// At most `limit` items: the first, the last and evenly spaced ones between them.
fn evenly<T>(items: &[T], limit: usize) -> impl Iterator<Item = &T> {
    let shown = items.len().min(limit);
    (0..shown).map(move |at| match shown < items.len() {
        true => &items[at * (items.len() - 1) / (shown - 1).max(1)],
        false => &items[at],
    })
}

/// Largest number of curves that are drawn: more cannot be told apart.
const MAX_CURVES: usize = 10;

/// The first curves that have a value, with their classes.
fn drawn<V>(classes: &[Answer<V>]) -> impl Iterator<Item = (usize, &V)> {
    let answers = classes.iter().enumerate();
    answers.filter_map(|(class, answer)| Some((class, answer.value().ok()?))).take(MAX_CURVES)
}

/// Adds the number of classes if not all of them are drawn.
fn with_note<V>(figure: Figure, classes: &[Answer<V>]) -> Figure {
    match classes.iter().filter(|answer| answer.value().is_ok()).count() {
        count if count > MAX_CURVES => figure.note(format!("The first {MAX_CURVES} of {count} classes.")),
        _ => figure,
    }
}

/// Label of a curve with its summary.
fn label(class: usize, classes: usize, name: &str, value: f64) -> String {
    match classes {
        1 => format!("{name} {value:.3}"),
        _ => format!("class {class} ({name} {value:.3})"),
    }
}
