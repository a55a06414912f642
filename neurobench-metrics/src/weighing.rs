//! What has a part in a weighted mean: one rule for classes, labels and outputs.

/// The values that have a part in a weighted mean, each with its weight, in order.
///
/// What weighs nothing has no part, and so needs no value. But where nothing that has a value weighs anything, the weights say
/// nothing, and all that have a value count alike. That is scikit-learn's rule for precision, recall and F-measures, and for R².
/// None stands for a value that a convention leaves out.
pub(super) fn weighing<W, E>(
    weights: &[W],
    mut value: impl FnMut(usize) -> Result<Option<f64>, E>,
) -> Result<Vec<(W, f64)>, E>
where
    W: Copy + Default + PartialOrd + From<u8>,
{
    let mut have_part = Vec::new();
    for (at, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > W::default()) {
        have_part.extend(value(at)?.map(|value| (*weight, value)));
    }
    if have_part.is_empty() {
        for at in 0..weights.len() {
            have_part.extend(value(at)?.map(|value| (W::from(1), value)));
        }
    }
    Ok(have_part)
}

#[cfg(test)]
mod tests {
    use super::weighing;

    #[test]
    fn what_weighs_nothing_counts_only_where_nothing_else_does() {
        let values = [Ok(Some(0.5)), Err("no value"), Ok(None), Ok(Some(1.0))];
        let of = |weights: [u64; 4]| weighing(&weights, |at| values[at]);
        assert_eq!(of([2, 0, 3, 0]), Ok(vec![(2, 0.5)]));
        assert_eq!(of([2, 1, 0, 0]), Err("no value"));
        assert_eq!(of([0, 0, 0, 0]), Err("no value"));
        assert_eq!(weighing(&[0.0, 7.0], |at| values[2 * at]), Ok(vec![(1.0, 0.5)]));
        assert_eq!(weighing(&[7_u64], |_| values[2]), Ok(vec![]));
    }
}
