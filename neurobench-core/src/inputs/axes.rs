//! Comparison of the shapes of scores and targets.

/// Returns true if a shape without one of its axes equals another.
///
/// ```
/// use neurobench::inputs::is_without;
/// assert!(is_without(&[8, 10, 3], 1, &[8, 3]));
/// ```
#[must_use]
pub fn is_without(shape: &[usize], axis: usize, fewer: &[usize]) -> bool {
    shape.len() == fewer.len() + 1
        && axis < shape.len()
        && shape[..axis] == fewer[..axis]
        && shape[axis + 1..] == fewer[axis..]
}

#[cfg(test)]
mod tests {
    use super::is_without;

    #[test]
    fn any_axis_can_be_the_additional_one() {
        for (axis, fewer) in [(0, [3, 5]), (1, [2, 5]), (2, [2, 3])] {
            assert!(is_without(&[2, 3, 5], axis, &fewer));
            assert!(!is_without(&[2, 3, 5], (axis + 1) % 3, &fewer));
        }
        assert!(!is_without(&[2, 3], 2, &[2, 3]) && !is_without(&[2, 3], 1, &[2, 3]) && !is_without(&[2], 1, &[2]));
    }
}
