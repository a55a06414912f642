//! Rows of scores, one for each target.

use ndarray::{ArrayView, ArrayView1, CowArray};

use crate::place::{Part, Place};
use neurobench_core::inputs::is_without;
use neurobench_core::prelude::*;

/// A row of scores for every target: of each class, or only of class 1 or of a label.
///
/// Meaning of the shapes, for all metrics that depend on them:
///
/// * scores `[samples]` or `[samples, 1]` with targets `[samples]`: scores of class 1;
/// * scores and targets `[samples, labels]`: scores of labels;
/// * scores `[samples, classes]` with targets `[samples]`: scores of classes;
/// * scores with one axis more than the targets `[samples, ..]`, the class axis: scores of classes, at every position
///   of a sample.
pub(super) struct ScoreRows<'a> {
    rows: CowArray<'a, f64, Ix2>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Samples,
    /// Number of labels of a sample.
    Labels(usize),
    /// Number of positions of a sample.
    Places(usize),
}

impl<'a> ScoreRows<'a> {
    /// Returns `None` for shapes without a meaning, or without classes.
    pub(super) fn from_scores(
        scores: &ArrayView<'a, f64, IxDyn>,
        targets: &[usize],
        class_axis: usize,
    ) -> Option<Self> {
        match (scores.shape(), targets) {
            ([samples] | [samples, 1], [labeled]) if samples == labeled => {
                Some(Self { rows: table(scores, *samples, 1)?, kind: Kind::Samples })
            }
            ([samples, labels], both) if both == scores.shape() => {
                Some(Self { rows: table(scores, samples * labels, 1)?, kind: Kind::Labels(*labels) })
            }
            _ => Self::from_class_scores(scores, targets, class_axis),
        }
    }

    /// Creates rows of classes, even of a single one.
    pub(super) fn from_class_scores(
        scores: &ArrayView<'a, f64, IxDyn>,
        targets: &[usize],
        class_axis: usize,
    ) -> Option<Self> {
        let (class_axis, kind) = match targets {
            [] => return None,
            [_] => (1, Kind::Samples),
            [_, places @ ..] => (class_axis, Kind::Places(places.iter().product())),
        };
        let classes = *scores.shape().get(class_axis).filter(|classes| **classes > 0)?;
        if !is_without(scores.shape(), class_axis, targets) {
            return None;
        }
        let mut order: Vec<usize> = (0..scores.ndim()).filter(|axis| *axis != class_axis).collect();
        order.push(class_axis);
        Some(Self { rows: table(&scores.clone().permuted_axes(order), targets.iter().product(), classes)?, kind })
    }

    /// Number of scores in a row: 1 for class 1 or a label only.
    pub(super) fn width(&self) -> usize {
        self.rows.ncols()
    }

    /// Number of labels, if these are scores of labels.
    pub(super) fn labels(&self) -> Option<usize> {
        match self.kind {
            Kind::Labels(labels) => Some(labels),
            Kind::Samples | Kind::Places(_) => None,
        }
    }

    /// Iterates over the rows with their places, in the order of the targets.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, ArrayView1<'_, f64>)> {
        let place = |at: usize| match self.kind {
            Kind::Samples => Place::sample(at),
            Kind::Labels(labels) => Place::part(at / labels, Part::Label(at % labels)),
            Kind::Places(places) => Place::part(at / places, Part::Position(at % places)),
        };
        self.rows.outer_iter().enumerate().map(move |(at, row)| (place(at), row))
    }
}

/// Reshapes to rows, without a copy if the memory order allows it.
fn table<'a>(scores: &ArrayView<'a, f64, IxDyn>, rows: usize, width: usize) -> Option<CowArray<'a, f64, Ix2>> {
    match scores.clone().into_shape_with_order((rows, width)) {
        Ok(rows) => Some(rows.into()),
        Err(_) => Some(scores.as_standard_layout().into_owned().into_shape_with_order((rows, width)).ok()?.into()),
    }
}
