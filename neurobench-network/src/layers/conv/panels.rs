//! Weights of a convolution in the order of the computation, with output channels side by side.

use crate::aligned::Aligned;
use crate::matrix::largest_magnitude;
use crate::real::Real;

/// Output channels of one group that are summed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) group: usize,
    /// Index of its first output channel among all.
    pub(super) first: usize,
    /// Number of output channels: 16 (not in double precision), 8, 4 or 1.
    pub(super) lanes: usize,
}

/// The weights, panel after panel. A panel has, for each input channel of the group and each tap, the weights of its output
/// channels.
pub(super) struct Panels<R> {
    numbers: Aligned<R>,
    /// Number of output channels of a group.
    width: usize,
    /// Number of input channels of a group, times taps.
    depth: usize,
    groups: usize,
}

impl<R: Real> Panels<R> {
    /// Creates the panels of `groups` groups of `width` output channels, each with `depth` pairs of an input channel and a tap.
    /// `weight` returns the weight of an output channel (among all) and a pair.
    pub(super) fn new(groups: usize, width: usize, depth: usize, weight: impl Fn(usize, usize) -> R) -> Self {
        let mut numbers = Vec::with_capacity(groups * width * depth);
        let mut panels = Self { numbers: Aligned::default(), width, depth, groups };
        for Panel { first, lanes, .. } in panels.iter() {
            for pair in 0..depth {
                numbers.extend((first..first + lanes).map(|output| weight(output, pair)));
            }
        }
        panels.numbers = Aligned::from_slice(&numbers);
        panels
    }

    /// All panels in order.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = Panel> + use<R> {
        let width = self.width;
        // At most the number of lanes of the widest vector.
        let most = 64 / size_of::<R>();
        (0..self.groups).flat_map(move |group| {
            let mut done = 0;
            std::iter::from_fn(move || {
                let lanes = match width - done {
                    0 => return None,
                    16.. if most >= 16 => 16,
                    8.. => 8,
                    4.. => 4,
                    _ => 1,
                };
                done += lanes;
                Some(Panel { group, first: group * width + done - lanes, lanes })
            })
        })
    }

    /// Weights of a panel of `LANES` lanes, one array for each pair of an input channel and a tap.
    #[inline(always)]
    pub(super) fn weights<const LANES: usize>(&self, panel: Panel) -> &[[R; LANES]] {
        let (weights, _) = self.numbers[panel.first * self.depth..][..LANES * self.depth].as_chunks();
        weights
    }

    /// Bound of the sum of the magnitudes of the weights of an output channel.
    pub(super) fn largest_sum(&self) -> f64 {
        self.depth as f64 * largest_magnitude(&self.numbers)
    }

    /// Numbers of nonzero weights of each input channel and tap.
    pub(super) fn nonzero(&self) -> Vec<u64> {
        let mut nonzero = vec![0; self.groups * self.depth];
        for Panel { group, first, lanes } in self.iter() {
            let weights = self.numbers[first * self.depth..][..lanes * self.depth].chunks_exact(lanes);
            for (count, weights) in nonzero[group * self.depth..].iter_mut().zip(weights) {
                *count += weights.iter().filter(|weight| !weight.is_zero()).count() as u64;
            }
        }
        nonzero
    }
}

/// Adds the product of an input and the weight of every lane.
#[inline(always)]
pub(super) fn add<R: Real, const LANES: usize>(input: R, weights: &[R; LANES], sums: &mut [R; LANES]) {
    // Read all before writing the first; otherwise the program would have to check at run time that they do not overlap.
    let (mut added, weights) = (*sums, *weights);
    for (sum, weight) in added.iter_mut().zip(weights) {
        *sum += input * weight;
    }
    *sums = added;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_in_one_panel() {
        let panels = Panels::new(2, 31, 3, |output, pair| (output * 10 + pair) as f32);
        let lanes: Vec<usize> = panels.iter().map(|panel| panel.lanes).collect();
        assert_eq!(lanes, [16, 8, 4, 1, 1, 1, 16, 8, 4, 1, 1, 1]);
        let double = Panels::new(1, 31, 1, |_, _| 1.0_f64);
        assert_eq!(double.iter().map(|panel| panel.lanes).collect::<Vec<_>>(), [8, 8, 8, 4, 1, 1, 1]);
        let fourth = panels.iter().nth(8).unwrap();
        assert_eq!(fourth, Panel { group: 1, first: 31 + 24, lanes: 4 });
        assert_eq!(panels.weights::<4>(fourth)[2], [552.0, 562.0, 572.0, 582.0]);
        // Only the weight of the first channel and pair is zero.
        assert_eq!(panels.nonzero(), [30, 31, 31, 31, 31, 31]);
    }
}
