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
