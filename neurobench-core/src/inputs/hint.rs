//! Hints for predictions or targets of the wrong rank.

use std::borrow::Cow;

use crate::component::Settings;
use crate::metric::InputName;
use crate::process::{Aggregate, ChooseMaxCount};

/// A hint to append to a message; empty if there is none.
type Hint = Cow<'static, str>;

/// Names the step that produces or has removed this rank, if there is one.
pub(super) fn hint_for_rank(what: &InputName, shape: &[usize], needed: usize) -> Hint {
    match what {
        InputName::Predictions => hint_for_predictions(shape.len(), needed),
        InputName::Targets => match (shape, needed) {
            ([_, 1], 1) => "; save `targets[:, 0]`, which has no axis of length one".into(),
            ([_, _], 1) => "; for one-hot rows save `targets.argmax(axis=1)`".into(),
            _ => Hint::default(),
        },
        InputName::Inputs | InputName::DataInputs | InputName::Other(_) => Hint::default(),
    }
}

fn hint_for_predictions(rank: usize, needed: usize) -> Hint {
    let (sums, classes) = (Aggregate::ABOUT.name, ChooseMaxCount::ABOUT.name);
    match (rank, needed) {
        (3, 1) => format!("; the postprocessor `{classes}` turns [batch, step, class] into classes").into(),
        (3, 2) => format!("; the postprocessor `{sums}` sums [batch, step, class] over the steps").into(),
        (1, 2) => {
            format!("; the postprocessor `{sums}` keeps the scores of every class, `{classes}` leaves only one class")
                .into()
        }
        (1 | 2, 3) => format!("; they must keep their steps, which postprocessors such as `{classes}` remove").into(),
        _ => Hint::default(),
    }
}

/// Names the step that would make predictions match targets of this shape, or that made them differ, if there is one.
#[must_use]
pub fn hint_for_targets(predictions: &[usize], targets: &[usize]) -> Hint {
    match (predictions, targets) {
        ([_, _, classes], [_]) if *classes > 1 => hint_for_predictions(3, 2),
        ([samples, _, outputs @ ..], [others, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            format!("; the postprocessor `{}` sums [batch, step, ..] over the steps", Aggregate::ABOUT.name).into()
        }
        ([samples], [others, rest @ ..]) if samples == others && rest != [1] => hint_for_predictions(1, 2),
        ([samples, outputs @ ..], [others, _, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            hint_for_predictions(2, 3)
        }
        ([samples, 1], [others]) if samples == others => {
            "; save targets as `targets[:, None]`, with an axis of length one".into()
        }
        ([samples], [others, 1]) if samples == others => {
            "; save `targets[:, 0]`, which has no axis of length one".into()
        }
        _ => Hint::default(),
    }
}

/// Same as [`hint_for_targets`], for scores of classes, `[batch, class]`.
#[must_use]
pub fn hint_for_classes(predictions: &[usize], targets: &[usize]) -> Hint {
    match (predictions, targets) {
        ([samples, classes], [others, width]) if samples == others && (width == classes || *width == 1) => {
            hint_for_rank(&InputName::Targets, targets, 1)
        }
        _ => hint_for_targets(predictions, targets),
    }
}
