//! Split of a recording into reaches for training, validation and test.

use std::ops::Range;

use super::ReachingSplit;

/// Rule by which reaches are split.
pub(super) struct Sections {
    /// Number of sections of equally many reaches; the reaches that remain are in none.
    pub(super) count: usize,
    /// Fraction of each section that is for training.
    pub(super) train_ratio: f64,
    /// Number of time steps from which on a reach is left out.
    pub(super) max_steps: Option<usize>,
}

impl Sections {
    /// Returns the time steps of the samples of a split, section by section.
    pub(super) fn samples(&self, reaches: &[Range<usize>], split: ReachingSplit, stride: usize) -> Vec<usize> {
        let length = reaches.len() / self.count.max(1);
        let train = ((self.train_ratio * length as f64).floor() as usize).min(length);
        let validation = (length - train) / 2;
        let wanted = match split {
            ReachingSplit::Train => 0..train,
            ReachingSplit::Validation => train..train + validation,
            ReachingSplit::Test => train + validation..length,
        };
        let mut samples = Vec::new();
        for section in reaches.chunks_exact(length.max(1)).take(self.count) {
            for place in wanted.clone() {
                // The reference looks the place in the section up among all reaches.
                if self.is_active(&reaches[place]) {
                    samples.extend(section[place].clone().step_by(stride.max(1)));
                }
            }
        }
        samples
    }

    fn is_active(&self, reach: &Range<usize>) -> bool {
        self.max_steps.is_none_or(|most| reach.len() < most)
    }
}

/// Finds the reaches in the positions of the target: each ends at the last time step before the target moves, which is the
/// first time step of the next reach.
pub(super) fn find(positions: &[[f64; 2]]) -> Vec<Range<usize>> {
    // A difference that is NaN is a movement.
    let moves = |from: [f64; 2], to: [f64; 2]| (to[0] - from[0]).abs() + (to[1] - from[1]).abs() != 0.0;
    let pairs = positions.iter().zip(positions.iter().skip(1)).enumerate();
    let ends = pairs.filter(|(_, (from, to))| moves(**from, **to)).map(|(index, _)| index).chain([positions.len()]);
    let mut start = 0;
    ends.map(|end| std::mem::replace(&mut start, end)..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_begins_where_the_target_is_about_to_move() {
        let positions = [0.0, 0.0, 1.0, 1.0, 1.0, 2.0].map(|x| [x, 5.0]);
        assert_eq!(find(&positions), [0..1, 1..4, 4..6]);
        assert_eq!(find(&[[0.0, 5.0]; 3]).as_slice(), std::slice::from_ref(&(0..3)));
    }

    #[test]
    fn each_section_is_split_by_itself() {
        let reaches: Vec<_> = (0..11).map(|index| 10 * index..10 * index + 4).collect();
        let sections = Sections { count: 2, train_ratio: 0.5, max_steps: None };
        let samples = |split| sections.samples(&reaches, split, 3);
        assert_eq!(samples(ReachingSplit::Train), [0, 3, 10, 13, 50, 53, 60, 63]);
        assert_eq!(samples(ReachingSplit::Validation), [20, 23, 70, 73]);
        assert_eq!(samples(ReachingSplit::Test), [30, 33, 40, 43, 80, 83, 90, 93]);
    }

    #[test]
    fn fewer_reaches_than_sections_leave_no_samples() {
        let sections = Sections { count: 3, train_ratio: 1.0, max_steps: None };
        assert_eq!(sections.samples(&[0..4, 4..9], ReachingSplit::Train, 1), [0_usize; 0]);
    }
}
