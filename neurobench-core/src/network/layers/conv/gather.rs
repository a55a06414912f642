//! Driven by outputs: the sums of several positions and output channels at a time go through all their inputs, and never leave
//! the registers.
//!
//! The padding is there in memory, as zeros, so that all positions are alike. A product with it changes no sum: sums start
//! from numbers that are not -0, and then never become -0.

use crate::network::MOST_ELEMENTS;
use crate::network::layers::conv::AXES;
use crate::network::layers::conv::panels::add;
use crate::network::layers::window::Window;
use crate::network::real::Real;

/// So many positions are summed together.
const TOGETHER: usize = 4;

/// Where the inputs of every output are.
pub(super) struct Gather {
    /// How long the axes of the inputs are, with the padding and without.
    padded: [usize; AXES],
    inputs: [usize; AXES],
    /// The positions of padding before the inputs.
    before: [usize; AXES],
    /// The places of the taps of all input channels of a group, from the first of them.
    taps: Vec<u32>,
    /// The place of the first tap of every output position.
    outputs: Vec<u32>,
    /// Over how many places the taps reach.
    span: usize,
}

impl Gather {
    /// For layers with so many input channels, in groups of so many; nothing if that is too much memory.
    pub(super) fn new(
        windows: &[Window; AXES],
        outputs: [usize; AXES],
        channels: usize,
        of_group: usize,
    ) -> Option<Self> {
        let padded = windows.map(|window| window.inputs + window.padding[0] + window.padding[1]);
        let plane = padded[1].checked_mul(padded[2])?;
        let of_channel = plane.checked_mul(padded[0])?;
        if of_channel.checked_mul(channels)? > MOST_ELEMENTS {
            return None;
        }
        // Places fit into 32 bits, since there are not more than `MOST_ELEMENTS`.
        let steps = [plane, padded[2], 1];
        let places = |lengths: [usize; AXES], step: fn(&Window) -> usize| -> Vec<u32> {
            let along =
                |axis: usize| (0..lengths[axis]).map(move |position| position * step(&windows[axis]) * steps[axis]);
            let planes = along(0);
            let rows = planes.flat_map(|plane| along(1).map(move |row| plane + row));
            rows.flat_map(|row| along(2).map(move |column| (row + column) as u32)).collect()
        };
        let of_one = places(windows.map(|window| window.taps), |window| window.dilation);
        let taps: Vec<u32> = (0..of_group)
            .flat_map(|channel| of_one.iter().map(move |tap| (channel * of_channel) as u32 + tap))
            .collect();
        let span = taps.last().map_or(0, |last| *last as usize + 1);
        Some(Self {
            padded,
            inputs: windows.map(|window| window.inputs),
            before: windows.map(|window| window.padding[0]),
            taps,
            outputs: places(outputs, |window| window.stride),
            span,
        })
    }

    /// How many inputs a channel has with its padding.
    fn of_channel(&self) -> usize {
        self.padded.iter().product()
    }

    /// The inputs of all channels with their padding: as they are, if there is none.
    #[inline(always)]
    pub(super) fn pad<'a, R: Real>(&self, inputs: &'a [R], memory: &'a mut Vec<R>) -> &'a [R] {
        if self.padded == self.inputs {
            return inputs;
        }
        let [depth, height, width] = self.inputs;
        let [_, padded_height, padded_width] = self.padded;
        let [before, above, left] = self.before;
        memory.clear();
        memory.resize(inputs.len() / (depth * height * width) * self.of_channel(), R::zero());
        let channels = inputs.chunks_exact(depth * height * width).zip(memory.chunks_exact_mut(self.of_channel()));
        for (inputs, padded) in channels {
            let planes = padded.chunks_exact_mut(padded_height * padded_width).skip(before);
            for (inputs, padded) in inputs.chunks_exact(height * width).zip(planes) {
                let rows = padded.chunks_exact_mut(padded_width).skip(above);
                for (inputs, padded) in inputs.chunks_exact(width).zip(rows) {
                    padded[left..left + width].copy_from_slice(inputs);
                }
            }
        }
        memory
    }

    /// The outputs of a panel, channel by channel, from the padded inputs of all channels: starts from the bias and adds the
    /// products in ascending order of (input channel, tap).
    #[inline(always)]
    pub(super) fn sum<R: Real, const LANES: usize>(
        &self,
        padded: &[R],
        first_channel: usize,
        weights: &[[R; LANES]],
        bias: &[R; LANES],
        outputs: &mut [R],
    ) {
        let padded = &padded[first_channel * self.of_channel()..];
        let (tiles, rest) = self.outputs.as_chunks::<TOGETHER>();
        for (tile, places) in tiles.iter().enumerate() {
            let sums = self.sum_together(padded, *places, weights, bias);
            self.write(&sums, tile * TOGETHER, outputs);
        }
        for (position, place) in rest.iter().enumerate() {
            let sums = self.sum_alone(padded, *place, weights, bias);
            self.write(&[sums], tiles.len() * TOGETHER + position, outputs);
        }
    }

    /// The sums of the positions whose first taps are at these places.
    #[inline(always)]
    fn sum_together<R: Real, const LANES: usize>(
        &self,
        padded: &[R],
        [first, second, third, fourth]: [u32; TOGETHER],
        weights: &[[R; LANES]],
        bias: &[R; LANES],
    ) -> [[R; LANES]; TOGETHER] {
        let window = |place: u32| &padded[place as usize..][..self.span];
        let (first, second, third, fourth) = (window(first), window(second), window(third), window(fourth));
        // An array of sums would be kept in memory.
        let (mut a, mut b, mut c, mut d) = (*bias, *bias, *bias, *bias);
        for (tap, weights) in self.taps.iter().zip(weights) {
            let tap = *tap as usize;
            add(first[tap], weights, &mut a);
            add(second[tap], weights, &mut b);
            add(third[tap], weights, &mut c);
            add(fourth[tap], weights, &mut d);
        }
        [a, b, c, d]
    }

    /// The sums of the position whose first tap is at this place.
    #[inline(always)]
    fn sum_alone<R: Real, const LANES: usize>(
        &self,
        padded: &[R],
        place: u32,
        weights: &[[R; LANES]],
        bias: &[R; LANES],
    ) -> [R; LANES] {
        let window = &padded[place as usize..][..self.span];
        let mut sums = *bias;
        for (tap, weights) in self.taps.iter().zip(weights) {
            add(window[*tap as usize], weights, &mut sums);
        }
        sums
    }

    /// Writes the sums of some positions, from this one on, to the outputs of a panel.
    #[inline(always)]
    fn write<R: Real, const LANES: usize>(&self, sums: &[[R; LANES]], first: usize, outputs: &mut [R]) {
        for (lane, outputs) in outputs.chunks_exact_mut(self.outputs.len()).enumerate() {
            for (output, sums) in outputs[first..].iter_mut().zip(sums) {
                *output = sums[lane];
            }
        }
    }
}
