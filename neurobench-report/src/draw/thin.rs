//! Fewer marks than a figure has, by rules that the drawing states.

use super::scale::number_text;

/// Largest number of points of a set of points.
pub(super) const POINTS: usize = 2000;
/// Largest number of events of a raster.
pub(super) const EVENTS: usize = 12_000;
/// Largest number of points beside a box.
pub(super) const BOX_POINTS: usize = 400;
/// Largest number of points of a line.
pub(super) const LINE_POINTS: usize = 2000;

/// Indices of one of every `every` items, from a different place of each group, so that items in a regular order stay even.
pub(super) fn one_of_every(count: usize, every: usize) -> impl Iterator<Item = usize> {
    let chosen = move |group: usize| {
        let size = every.min(count - group * every);
        // Multiples of the golden ratio modulo 1 are spread evenly.
        let part = (group as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        group * every + ((part as usize * size) >> 32)
    };
    (0..count.div_ceil(every.max(1))).map(chosen)
}

/// Indices of at most `limit` items of a list that is sorted: the first, the last and evenly spaced ones.
pub(super) fn evenly(count: usize, limit: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(limit);
    (0..shown).map(move |at| if shown < count { at * (count - 1) / (shown - 1).max(1) } else { at })
}

/// Points of a line: the lowest and the highest of every `2 · length / LINE_POINTS`, so that no peak is lost.
pub(super) fn line(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= LINE_POINTS {
        return points.to_vec();
    }
    let group = points.len().div_ceil(LINE_POINTS / 2 - 2);
    let mut chosen = vec![0];
    for start in (0..points.len()).step_by(group) {
        let all = start..(start + group).min(points.len());
        let low = all.clone().min_by(|a, b| points[*a].1.total_cmp(&points[*b].1));
        let high = all.max_by(|a, b| points[*a].1.total_cmp(&points[*b].1));
        let (Some(low), Some(high)) = (low, high) else { continue };
        chosen.extend([low.min(high), low.max(high)]);
    }
    chosen.push(points.len() - 1);
    chosen.dedup();
    chosen.into_iter().map(|at| points[at]).collect()
}

/// States that not everything is drawn.
pub(super) fn note(shown: usize, count: usize, what: &str, rule: &str) -> String {
    format!("{} of {} {what} drawn: {rule}.", number_text(shown as f64), number_text(count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_of_every_group_is_chosen() {
        let chosen: Vec<usize> = one_of_every(10, 3).collect();
        assert_eq!(chosen.len(), 4);
        assert!(chosen.iter().enumerate().all(|(group, item)| item / 3 == group), "{chosen:?}");
        assert_eq!(one_of_every(5, 1).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn sorted_items_keep_both_ends() {
        assert_eq!(evenly(1001, 5).collect::<Vec<_>>(), [0, 250, 500, 750, 1000]);
        assert_eq!(evenly(3, 5).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_line_keeps_its_peaks_and_its_ends() {
        let mut points: Vec<(f64, f64)> = (0..50_000).map(|at| (f64::from(at), 0.0)).collect();
        points[31_234].1 = 9.0;
        points[7].1 = -4.0;
        let thinned = line(&points);
        assert!(thinned.len() <= LINE_POINTS, "{}", thinned.len());
        assert!(thinned.contains(&(31_234.0, 9.0)) && thinned.contains(&(7.0, -4.0)));
        assert_eq!((thinned[0], thinned[thinned.len() - 1]), ((0.0, 0.0), (49_999.0, 0.0)));
        assert!(thinned.is_sorted_by(|a, b| a.0 < b.0));
    }
}
