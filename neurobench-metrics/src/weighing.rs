//! Weights of classes, labels and outputs in a mean.

/// Values that take part in a weighted mean, each with its weight, in order.
///
/// An item with the weight 0 does not take part, and so needs no value. If no item with a value has a weight, all that
/// have a value count equally. This is scikit-learn's rule for precision, recall and F-measures, and for R². `None`
/// stands for a value that a convention leaves out.
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
    fn items_of_weight_zero_count_only_if_no_other_item_counts() {
        let values = [Ok(Some(0.5)), Err("no value"), Ok(None), Ok(Some(1.0))];
        let weighted = |weights: [u64; 4]| weighing(&weights, |at| values[at]);
        assert_eq!(weighted([2, 0, 3, 0]), Ok(vec![(2, 0.5)]));
        assert_eq!(weighted([2, 1, 0, 0]), Err("no value"));
        assert_eq!(weighted([0, 0, 0, 0]), Err("no value"));
        assert_eq!(weighing(&[0.0, 7.0], |at| values[2 * at]), Ok(vec![(1.0, 0.5)]));
        assert_eq!(weighing(&[7_u64], |_| values[2]), Ok(vec![]));
    }
}
