//! Scores as rows, one for each target.

use ndarray::{ArrayView, ArrayView1, CowArray};

use crate::place::{Part, Place};
use neurobench_core::inputs::is_without;
use neurobench_core::prelude::*;

/// For every target a row of scores: of each class, or of class 1 or of a label alone.
///
/// What the shapes mean, for every metric that goes by them:
///
/// * scores `[samples]` or `[samples, 1]` with targets `[samples]`: those of class 1;
/// * scores and targets `[samples, labels]`: those of labels;
/// * scores `[samples, classes]` with targets `[samples]`: those of classes;
/// * scores with one axis more than the targets `[samples, ..]`, the class axis: those of classes, at every place of a sample.
pub(super) struct ScoreRows<'a> {
    rows: CowArray<'a, f64, Ix2>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Samples,
    /// So many of a sample.
    Labels(usize),
    /// So many of a sample.
    Places(usize),
}

impl<'a> ScoreRows<'a> {
    /// None of shapes that mean nothing, or that have no classes.
    pub(super) fn of(scores: &ArrayView<'a, f64, IxDyn>, targets: &[usize], class_axis: usize) -> Option<Self> {
        match (scores.shape(), targets) {
            ([samples] | [samples, 1], [labelled]) if samples == labelled => {
                Some(Self { rows: table(scores, *samples, 1)?, kind: Kind::Samples })
            }
            ([samples, labels], both) if both == scores.shape() => {
                Some(Self { rows: table(scores, samples * labels, 1)?, kind: Kind::Labels(*labels) })
            }
            _ => Self::of_classes(scores, targets, class_axis),
        }
    }

    /// Rows of classes, be it of one alone.
    pub(super) fn of_classes(scores: &ArrayView<'a, f64, IxDyn>, targets: &[usize], class_axis: usize) -> Option<Self> {
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

    /// How many scores a row has: 1 of class 1 or a label alone.
    pub(super) fn width(&self) -> usize {
        self.rows.ncols()
    }

    /// How many labels there are, if these are scores of labels.
    pub(super) fn labels(&self) -> Option<usize> {
        match self.kind {
            Kind::Labels(labels) => Some(labels),
            Kind::Samples | Kind::Places(_) => None,
        }
    }

    /// Every row with its place, in the order of the targets.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Place, ArrayView1<'_, f64>)> {
        let place = |at: usize| match self.kind {
            Kind::Samples => Place::sample(at),
            Kind::Labels(labels) => Place::part(at / labels, Part::Label(at % labels)),
            Kind::Places(places) => Place::part(at / places, Part::Place(at % places)),
        };
        self.rows.outer_iter().enumerate().map(move |(at, row)| (place(at), row))
    }
}

/// As rows, without a copy where they lie so.
fn table<'a>(scores: &ArrayView<'a, f64, IxDyn>, rows: usize, width: usize) -> Option<CowArray<'a, f64, Ix2>> {
    match scores.clone().into_shape_with_order((rows, width)) {
        Ok(rows) => Some(rows.into()),
        Err(_) => Some(scores.as_standard_layout().into_owned().into_shape_with_order((rows, width)).ok()?.into()),
    }
}
