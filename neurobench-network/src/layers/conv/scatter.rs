//! Convolution driven by spikes: every nonzero input is multiplied by its weights and added to all outputs that it reaches.

use crate::layers::conv::AXES;
use crate::layers::conv::meetings::{Meetings, SideBySide};
use crate::layers::conv::panels::add;
use crate::real::Real;

/// Connections from the inputs to the outputs of a channel.
pub(super) struct Scatter {
    pub(super) meetings: [Meetings; AXES],
    /// Lengths of the axes of the inputs.
    pub(super) inputs: [usize; AXES],
    /// Lengths of the axes of the kernel.
    pub(super) taps: [usize; AXES],
    /// Lengths of the axes of the outputs.
    pub(super) outputs: [usize; AXES],
}

impl Scatter {
    /// Adds the products of the inputs at `places` to the sums of a panel, which has one sum for each position and channel.
    /// `places` are the positions of the nonzero inputs of its group among all inputs, in ascending order, and `first` is the
    /// position of the first input of the group. The products of each sum are added in ascending order of the inputs.
    #[inline(always)]
    pub(super) fn add<R: Real, const LANES: usize>(
        &self,
        inputs: &[R],
        places: &[u32],
        first: u32,
        weights: &[[R; LANES]],
        sums: &mut [[R; LANES]],
    ) {
        let [_, height, width] = self.inputs;
        let [_, tap_rows, tap_columns] = self.taps;
        let [_, output_rows, output_columns] = self.outputs;
        let [in_depth, in_height, in_width] = &self.meetings;
        // No layer has 2³² inputs.
        let (positions, height, width) = (self.inputs.iter().product::<usize>() as u32, height as u32, width as u32);
        let taps: usize = self.taps.iter().product();
        for place in places {
            let input = inputs[*place as usize];
            let (channel, position) = ((place - first) / positions, (place - first) % positions);
            let (row, column) = (position / width, (position % width) as usize);
            let weights = &weights[channel as usize * taps..][..taps];
            for (tap_plane, plane) in in_depth.taps((row / height) as usize) {
                for (tap_row, row) in in_height.taps((row % height) as usize) {
                    let weights = &weights[(tap_plane * tap_rows + tap_row) * tap_columns..][..tap_columns];
                    let sums = &mut sums[(plane * output_rows + row) * output_columns..][..output_columns];
                    match in_width.side_by_side(column) {
                        Some(SideBySide { taps, outputs, reversed }) => {
                            add_each(input, &weights[taps], &mut sums[outputs], reversed);
                        }
                        None => {
                            for (tap, output) in in_width.taps(column) {
                                add(input, &weights[tap], &mut sums[output]);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the numbers of nonzero weights that the inputs meet, from those of each input channel and tap, and the number of
    /// pairs of taps and outputs of one input channel and one output channel, unless it overflows.
    pub(super) fn fan_out(&self, nonzero: &[u64]) -> (Vec<u64>, Option<u64>) {
        let [_, tap_rows, tap_columns] = self.taps;
        let [in_depth, in_height, in_width] = &self.meetings;
        let mut per_input = Vec::new();
        for nonzero in nonzero.chunks_exact(self.taps.iter().product()) {
            for plane in 0..self.inputs[0] {
                for row in 0..self.inputs[1] {
                    for column in 0..self.inputs[2] {
                        let taps = in_depth.taps(plane).flat_map(|(plane, _)| {
                            let rows = in_height.taps(row).map(move |(row, _)| plane * tap_rows + row);
                            rows.flat_map(|row| in_width.taps(column).map(move |(tap, _)| row * tap_columns + tap))
                        });
                        per_input.push(taps.map(|tap| nonzero[tap]).sum());
                    }
                }
            }
        }
        let pairs = self.meetings.iter().try_fold(1_u64, |pairs, meetings| pairs.checked_mul(meetings.pairs()));
        (per_input, pairs)
    }
}

/// Adds the products of an input and the weights of adjacent taps to the sums of as many adjacent outputs.
#[inline(always)]
fn add_each<R: Real, const LANES: usize>(input: R, weights: &[[R; LANES]], sums: &mut [[R; LANES]], reversed: bool) {
    let (mut place, step) = if reversed { (sums.len().wrapping_sub(1), usize::MAX) } else { (0, 1) };
    for weights in weights {
        // The early return keeps the compiler from turning this into a loop over many taps of one lane.
        let Some(sums) = sums.get_mut(place) else { return };
        add(input, weights, sums);
        place = place.wrapping_add(step);
    }
}
