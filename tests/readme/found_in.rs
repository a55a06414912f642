//! The README's own metric, as it stands there.

use neurobench::prelude::*;

/// Fraction of samples whose target is among the `k` classes with the highest scores; of equal scores, the first class comes first.
#[accumulated_metric(unit = "fraction", higher_is_better = true, variant("found_in_3", k = 3))]
pub fn found_in(scores: Predictions<'_, Ix2>, targets: TargetClasses<'_>, #[param(default = 1, range = 1..=100)] k: usize) -> Ratio {
    Ratio::from_bools(scores.rows().into_iter().zip(targets.iter()).map(|(row, target)| {
        let (target, own) = (*target as usize, row[*target as usize]);
        let before = |(class, score): &(usize, &f64)| **score > own || (**score == own && *class < target);
        row.iter().enumerate().filter(before).count() < k
    }))
}
