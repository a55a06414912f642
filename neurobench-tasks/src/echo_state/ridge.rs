//! Ridge regression.

/// Columns of a matrix, all of the same length.
pub(super) type Columns = Vec<Vec<f64>>;

/// Returns the weights `w` that minimize `Σ (Σ_j w_j·features_j - target)² + ridge·Σ w_j²`, for each target column; `None` if
/// the features do not determine them.
///
/// Householder reflections reduce the features, with √ridge·I below them, to a triangle. This does not square the condition number of
/// the features as the normal equations do (Golub and Van Loan, "Matrix Computations", sections 5.3 and 6.1).
pub(super) fn ridge(mut features: Columns, mut targets: Columns, ridge: f64) -> Option<Columns> {
    let width = features.len();
    let root = libm::sqrt(ridge);
    for (index, column) in features.iter_mut().enumerate() {
        let length = column.len();
        column.resize(length + width, 0.0);
        column[length + index] = root;
    }
    for target in &mut targets {
        target.resize(target.len() + width, 0.0);
    }
    let mut diagonal = Vec::with_capacity(width);
    for index in 0..width {
        let (pivot, later) = features.split_at_mut(index + 1);
        let reflector = pivot.last_mut()?.get_mut(index..)?;
        let norm = libm::sqrt(dot(reflector, reflector));
        if norm <= 0.0 || !norm.is_finite() {
            return None;
        }
        let first = if reflector[0] > 0.0 { -norm } else { norm };
        reflector[0] -= first;
        // Twice the inverse of the squared norm of the reflector.
        let scale = -1.0 / (first * reflector[0]);
        for column in later.iter_mut().chain(&mut targets) {
            let column = &mut column[index..];
            let factor = scale * dot(reflector, column);
            column.iter_mut().zip(reflector.iter()).for_each(|(number, part)| *number -= factor * part);
        }
        diagonal.push(first);
    }
    Some(targets.iter().map(|target| back_substitute(&features, &diagonal, target)).collect())
}

fn back_substitute(triangle: &Columns, diagonal: &[f64], target: &[f64]) -> Vec<f64> {
    let mut weights = target[..diagonal.len()].to_vec();
    for index in (0..diagonal.len()).rev() {
        weights[index] /= diagonal[index];
        let weight = weights[index];
        for (rest, factor) in weights[..index].iter_mut().zip(&triangle[index]) {
            *rest -= weight * factor;
        }
    }
    weights
}

/// Number of partial sums. It is fixed, so that the bits do not depend on the width of the machine's vectors.
const LANES: usize = 8;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_solve_the_normal_equations() {
        // (XᵀX + λI)·w = Xᵀy with λ = 0.5, solved by hand: XᵀX = [[14, 32], [32, 77]], Xᵀy = [10, 25].
        let weights = ridge(vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]], vec![vec![2.0, 1.0, 2.0]], 0.5).unwrap();
        let determinant = 14.5 * 77.5 - 32.0 * 32.0;
        let expected = [(10.0 * 77.5 - 32.0 * 25.0) / determinant, (14.5 * 25.0 - 32.0 * 10.0) / determinant];
        for (weight, expected) in weights[0].iter().zip(expected) {
            assert!((weight - expected).abs() < 1e-14, "{weight} {expected}");
        }
    }

    #[test]
    fn without_ridge_an_exact_relation_is_found_and_equal_features_are_refused() {
        let features = vec![vec![1.0; 9], (0..9).map(f64::from).collect(), (0..9).map(|x| f64::from(x * x)).collect()];
        let target = (0..9).map(|x| 2.0 - 3.0 * f64::from(x) + 0.5 * f64::from(x * x)).collect();
        let weights = ridge(features, vec![target], 0.0).unwrap();
        for (weight, expected) in weights[0].iter().zip([2.0, -3.0, 0.5]) {
            assert!((weight - expected).abs() < 1e-12, "{weight} {expected}");
        }
        assert!(ridge(vec![vec![0.0; 3]], vec![vec![1.0; 3]], 0.0).is_none());
    }
}
