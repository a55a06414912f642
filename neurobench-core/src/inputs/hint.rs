//! What to do about predictions of another rank than is needed.

/// Which postprocessor makes predictions of this rank, or takes it away, if one does.
pub(super) fn of_rank(what: &str, shape: &[usize], needed: usize) -> &'static str {
    match (what, shape.len(), needed) {
        ("predictions", 3, 1) => "; of [batch, step, class] the postprocessor `choose_max_count` makes classes",
        ("predictions", 3, 2) => "; of [batch, step, class] the postprocessor `aggregate` makes sums over the steps",
        ("predictions", 1 | 2, 3) => "; they must keep their steps, which postprocessors such as `choose_max_count` take away",
        _ => "",
    }
}
