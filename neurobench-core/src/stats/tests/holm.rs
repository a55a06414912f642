//! Several tests at once.

/// Holm's step-down correction (1979, <https://www.jstor.org/stable/4615733>). Returns adjusted p-values in the order
/// of the given ones. If those below α are called significant, the probability of any false positive is at most α, even
/// for dependent tests.
///
/// The i-th smallest of m becomes the largest (m − j + 1)·pⱼ over j ≤ i, at most 1.
///
/// ```
/// let adjusted = neurobench::stats::tests::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (step, at) in order.into_iter().enumerate() {
        let tests_left = (p_values.len() - step) as f64;
        largest = largest.max((tests_left * p_values[at]).min(1.0));
        adjusted[at] = largest;
    }
    adjusted
}
