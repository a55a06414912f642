//! Hints for predictions or targets of the wrong rank.

/// Names the step that produces or has removed this rank, if there is one.
pub(super) fn hint_for_rank(what: &str, shape: &[usize], needed: usize) -> &'static str {
    match (what, shape.len(), needed) {
        ("predictions", 3, 1) => "; the postprocessor `choose_max_count` turns [batch, step, class] into classes",
        ("predictions", 3, 2) => "; the postprocessor `aggregate` sums [batch, step, class] over the steps",
        ("predictions", 1, 2) => {
            "; the postprocessor `aggregate` keeps the scores of every class, `choose_max_count` leaves only one class"
        }
        ("predictions", 1 | 2, 3) => {
            "; they must keep their steps, which postprocessors such as `choose_max_count` remove"
        }
        ("targets", 2, 1) if shape[1] == 1 => "; save `targets[:, 0]`, which has no axis of length one",
        ("targets", 2, 1) => "; for one-hot rows save `targets.argmax(axis=1)`",
        _ => "",
    }
}

/// Names the step that would make predictions match targets of this shape, or that made them differ, if there is one.
#[must_use]
pub fn hint_for_targets(predictions: &[usize], targets: &[usize]) -> &'static str {
    match (predictions, targets) {
        ([_, _, classes], [_]) if *classes > 1 => hint_for_rank("predictions", predictions, 2),
        ([samples, _, outputs @ ..], [others, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            "; the postprocessor `aggregate` sums [batch, step, ..] over the steps"
        }
        ([samples], [others, rest @ ..]) if samples == others && rest != [1] => {
            hint_for_rank("predictions", predictions, 2)
        }
        ([samples, outputs @ ..], [others, _, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            hint_for_rank("predictions", &[0; 2], 3)
        }
        ([samples, 1], [others]) if samples == others => {
            "; save targets as `targets[:, None]`, with an axis of length one"
        }
        ([samples], [others, 1]) if samples == others => "; save `targets[:, 0]`, which has no axis of length one",
        _ => "",
    }
}

/// Same as [`hint_for_targets`], for scores of classes, `[batch, class]`.
#[must_use]
pub fn hint_for_classes(predictions: &[usize], targets: &[usize]) -> &'static str {
    match (predictions, targets) {
        ([samples, classes], [others, width]) if samples == others && (width == classes || *width == 1) => {
            hint_for_rank("targets", targets, 1)
        }
        _ => hint_for_targets(predictions, targets),
    }
}
