//! What to do about predictions or targets of another rank than is needed.

/// What makes this rank of them, or has taken it away, if something does.
pub(super) fn of_rank(what: &str, shape: &[usize], needed: usize) -> &'static str {
    match (what, shape.len(), needed) {
        ("predictions", 3, 1) => "; of [batch, step, class] the postprocessor `choose_max_count` makes classes",
        ("predictions", 3, 2) => "; of [batch, step, class] the postprocessor `aggregate` makes sums over the steps",
        ("predictions", 1, 2) => {
            "; the postprocessor `aggregate` leaves the scores of every class, `choose_max_count` one class alone"
        }
        ("predictions", 1 | 2, 3) => {
            "; they must keep their steps, which postprocessors such as `choose_max_count` take away"
        }
        ("targets", 2, 1) if shape[1] == 1 => "; save `targets[:, 0]`, which has no axis of length one",
        ("targets", 2, 1) => "; of one-hot rows save `targets.argmax(axis=1)`",
        _ => "",
    }
}

/// What makes predictions fit targets of this shape, or has changed them so that they do not, if something does.
#[must_use]
pub fn hint_for_targets(predictions: &[usize], targets: &[usize]) -> &'static str {
    match (predictions, targets) {
        ([_, _, classes], [_]) if *classes > 1 => of_rank("predictions", predictions, 2),
        ([samples, _, outputs @ ..], [others, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            "; of [batch, step, ..] the postprocessor `aggregate` makes sums over the steps"
        }
        ([samples], [others, rest @ ..]) if samples == others && rest != [1] => of_rank("predictions", predictions, 2),
        ([samples, outputs @ ..], [others, _, left @ ..])
            if samples == others && outputs == left && !left.is_empty() =>
        {
            of_rank("predictions", &[0; 2], 3)
        }
        ([samples, 1], [others]) if samples == others => {
            "; save targets as `targets[:, None]`, with an axis of length one"
        }
        ([samples], [others, 1]) if samples == others => "; save `targets[:, 0]`, which has no axis of length one",
        _ => "",
    }
}

/// The advice of [`hint_for_targets`] for scores of classes, `[batch, class]`.
#[must_use]
pub fn hint_for_classes(predictions: &[usize], targets: &[usize]) -> &'static str {
    match (predictions, targets) {
        ([samples, classes], [others, width]) if samples == others && (width == classes || *width == 1) => {
            of_rank("targets", targets, 1)
        }
        _ => hint_for_targets(predictions, targets),
    }
}
