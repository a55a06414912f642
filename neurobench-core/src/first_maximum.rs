//! First of the largest values, which is the rule for predictions everywhere.

/// Returns the first of the largest values with its index; `None` for no values.
///
/// Comparisons with NaN are false: callers reject NaN first.
///
/// ```
/// use neurobench::inputs::first_maximum;
/// assert_eq!(first_maximum([0.25, 0.5, 0.5]), Some((1, 0.5)));
/// ```
pub fn first_maximum<T: PartialOrd>(values: impl IntoIterator<Item = T>) -> Option<(usize, T)> {
    let mut best: Option<(usize, T)> = None;
    for (place, value) in values.into_iter().enumerate() {
        if best.as_ref().is_none_or(|(_, most)| value > *most) {
            best = Some((place, value));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::first_maximum;

    #[test]
    fn the_first_maximum_is_found_if_there_are_values() {
        assert_eq!(first_maximum([1, 3, 2, 3]), Some((1, 3)));
        assert_eq!(first_maximum([f64::NEG_INFINITY; 2]), Some((0, f64::NEG_INFINITY)));
        assert_eq!(first_maximum::<i64>([]), None);
    }
}
