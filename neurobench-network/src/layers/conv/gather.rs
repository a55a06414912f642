//! Driven by outputs: the sums of several positions side by side, for some output channels at a time, go through all their
//! inputs and never leave the registers.
//!
//! Inputs are laid out anew for it: with the padding as zeros, so that all positions are alike, and where the kernel moves by
//! more than one column, with the columns apart by their remainders, so that what a tap meets lies side by side for
//! neighbouring positions. A product with padding changes no sum: sums start from numbers that are not -0, and then never
//! become -0.

use crate::MOST_ELEMENTS;
use crate::aligned::Aligned;
use crate::layers::conv::AXES;
use crate::layers::window::Window;
use crate::real::Real;

/// So many output channels are summed together.
pub(super) const TOGETHER: usize = 4;
/// So many positions at most are summed together. Behind the inputs there are so many zeros: positions beyond the end of a row
/// are summed like the others, and left out.
const MOST_LANES: usize = 16;

/// So many columns at a time are laid out apart by their remainders.
const BLOCK: usize = 16;

/// Where the inputs of every output are.
pub(super) struct Gather {
    /// How long the axes of the inputs are.
    inputs: [usize; AXES],
    /// The positions of padding before the inputs.
    before: [usize; AXES],
    /// How many places there are from one plane to the next, and from one row to the next.
    plane: usize,
    row: usize,
    of_channel: usize,
    channels: usize,
    /// By how many columns the kernel moves.
    stride: usize,
    /// The places of the taps of all input channels of a group, from the first of them.
    taps: Vec<u32>,
    /// Over how many places the taps reach.
    span: usize,
    /// The place of the first tap for the first output of every row.
    rows: Vec<u32>,
    /// How many outputs a row has.
    columns: usize,
}

impl Gather {
    /// For layers with so many input channels, in groups of so many; nothing if that is too much memory.
    pub(super) fn new(
        windows: &[Window; AXES],
        outputs: [usize; AXES],
        channels: usize,
        of_group: usize,
    ) -> Option<Self> {
        let [depth, height, width] = windows.map(|window| window.inputs + window.padding[0] + window.padding[1]);
        let [planes, rows, columns] = windows;
        let of_phase = width.div_ceil(columns.stride);
        let row = of_phase.checked_mul(columns.stride)?;
        let plane = row.checked_mul(height)?;
        let of_channel = plane.checked_mul(depth)?;
        if of_channel.checked_mul(channels)?.checked_add(MOST_LANES)? > MOST_ELEMENTS {
            return None;
        }
        // Places fit into 32 bits, since there are not more than `MOST_ELEMENTS`.
        let along_planes = |step: usize, count: usize| (0..count).map(move |number| number * step * plane);
        let along_rows = move |step: usize, count: usize| (0..count).map(move |number| number * step * row);
        let column = |tap: usize| {
            let column = tap * columns.dilation;
            column % columns.stride * of_phase + column / columns.stride
        };
        let of_one: Vec<usize> = along_planes(planes.dilation, planes.taps)
            .flat_map(|plane| along_rows(rows.dilation, rows.taps).map(move |row| plane + row))
            .flat_map(|place| (0..columns.taps).map(move |tap| place + column(tap)))
            .collect();
        let taps: Vec<u32> = (0..of_group)
            .flat_map(|channel| of_one.iter().map(move |tap| (channel * of_channel + tap) as u32))
            .collect();
        let rows = along_planes(planes.stride, outputs[0])
            .flat_map(|plane| along_rows(rows.stride, outputs[1]).map(move |row| (plane + row) as u32))
            .collect();
        Some(Self {
            inputs: windows.map(|window| window.inputs),
            before: windows.map(|window| window.padding[0]),
            plane,
            row,
            of_channel,
            channels,
            stride: columns.stride,
            span: taps.iter().max().map_or(0, |last| *last as usize + 1),
            taps,
            rows,
            columns: outputs[2],
        })
    }

    /// Lays out the inputs of all channels.
    #[inline(always)]
    pub(super) fn lay_out<'a, R: Real>(&self, inputs: &[R], memory: &'a mut Aligned<R>) -> &'a [R] {
        let [depth, height, width] = self.inputs;
        let [before, above, left] = self.before;
        let memory = memory.room(self.channels * self.of_channel + MOST_LANES);
        memory.fill(R::zero());
        let channels = inputs.chunks_exact(depth * height * width).zip(memory.chunks_exact_mut(self.of_channel));
        for (inputs, laid_out) in channels {
            let planes = laid_out.chunks_exact_mut(self.plane).skip(before);
            for (inputs, laid_out) in inputs.chunks_exact(height * width).zip(planes) {
                let rows = laid_out.chunks_exact_mut(self.row).skip(above);
                for (inputs, laid_out) in inputs.chunks_exact(width).zip(rows) {
                    if self.stride == 1 {
                        laid_out[left..left + width].copy_from_slice(inputs);
                    } else {
                        self.lay_out_row(inputs, laid_out);
                    }
                }
            }
        }
        memory
    }

    /// Lays out a row with its columns apart by their remainders: some columns of each at a time, so that what lies between them
    /// is still in the first cache when its turn comes.
    #[inline(always)]
    fn lay_out_row<R: Real>(&self, inputs: &[R], laid_out: &mut [R]) {
        let (left, of_phase) = (self.before[2], self.row / self.stride);
        for block in (0..of_phase).step_by(BLOCK) {
            for (remainder, laid_out) in laid_out.chunks_exact_mut(of_phase).enumerate() {
                // The first column with this remainder that is not padding.
                let first = (remainder + self.stride - left % self.stride) % self.stride;
                let with_remainder = inputs.get(first + block * self.stride..).unwrap_or_default();
                let laid_out = laid_out.get_mut((first + left) / self.stride + block..).unwrap_or_default();
                let columns = laid_out.iter_mut().take(BLOCK).zip(with_remainder.iter().step_by(self.stride));
                columns.for_each(|(laid_out, input)| *laid_out = *input);
            }
        }
    }

    /// The outputs of [`TOGETHER`] channels that follow each other, from the inputs of all channels as they are [laid
    /// out](Self::lay_out): starts from the bias and adds the products in ascending order of (input channel, tap). There are
    /// weights for each tap.
    #[inline(always)]
    pub(super) fn sum_together<'w, R: Real + 'w>(
        &self,
        laid_out: &[R],
        first_channel: usize,
        weights: &(impl Iterator<Item = &'w [R; TOGETHER]> + Clone),
        bias: &[R; TOGETHER],
        outputs: &mut [R],
    ) {
        let inputs = &laid_out[first_channel * self.of_channel..];
        match self.columns {
            // Vectors of so many, or several of them.
            9.. => self.sum_rows::<R, MOST_LANES>(inputs, weights, bias, outputs),
            5.. => self.sum_rows::<R, 8>(inputs, weights, bias, outputs),
            _ => self.sum_rows::<R, 4>(inputs, weights, bias, outputs),
        }
    }

    /// With so many positions at a time.
    #[inline(always)]
    fn sum_rows<'w, R: Real + 'w, const LANES: usize>(
        &self,
        inputs: &[R],
        weights: &(impl Iterator<Item = &'w [R; TOGETHER]> + Clone),
        bias: &[R; TOGETHER],
        outputs: &mut [R],
    ) {
        for (row, place) in self.rows.iter().enumerate() {
            let mut column = 0;
            while column < self.columns {
                let first = self.first_of::<LANES>(column);
                let window = &inputs[*place as usize + first..][..self.span - 1 + LANES];
                // An array of sums would be kept in memory.
                let [mut a, mut b, mut c, mut d] =
                    [[bias[0]; LANES], [bias[1]; LANES], [bias[2]; LANES], [bias[3]; LANES]];
                for (tap, weights) in self.taps.iter().zip(weights.clone()) {
                    let inputs = inputs_of(window, *tap);
                    add(inputs, weights[0], &mut a);
                    add(inputs, weights[1], &mut b);
                    add(inputs, weights[2], &mut c);
                    add(inputs, weights[3], &mut d);
                }
                self.write(&[a, b, c, d], row, first, outputs);
                column += LANES;
            }
        }
    }

    /// The same of a single channel.
    #[inline(always)]
    pub(super) fn sum_alone<R: Real>(
        &self,
        laid_out: &[R],
        first_channel: usize,
        weights: &[R],
        bias: R,
        outputs: &mut [R],
    ) {
        let inputs = &laid_out[first_channel * self.of_channel..];
        for (row, place) in self.rows.iter().enumerate() {
            let mut column = 0;
            while column < self.columns {
                let first = self.first_of::<MOST_LANES>(column);
                let window = &inputs[*place as usize + first..][..self.span - 1 + MOST_LANES];
                let mut sums = [bias; MOST_LANES];
                for (tap, weight) in self.taps.iter().zip(weights) {
                    add(inputs_of(window, *tap), *weight, &mut sums);
                }
                self.write(&[sums], row, first, outputs);
                column += MOST_LANES;
            }
        }
    }

    /// The column that vectors of so many begin with, of which those before this one are done: the last ones are summed once
    /// more rather than fewer at a time.
    #[inline(always)]
    fn first_of<const LANES: usize>(&self, column: usize) -> usize {
        column.min(self.columns.saturating_sub(LANES))
    }

    /// Writes sums to the outputs of their channels, from a column of a row on.
    #[inline(always)]
    fn write<R: Real, const LANES: usize>(&self, sums: &[[R; LANES]], row: usize, first: usize, outputs: &mut [R]) {
        let positions = self.rows.len() * self.columns;
        for (outputs, sums) in outputs.chunks_exact_mut(positions).zip(sums) {
            let outputs = &mut outputs[row * self.columns + first..];
            match outputs.first_chunk_mut() {
                Some(outputs) if LANES <= self.columns => *outputs = *sums,
                _ => outputs.iter_mut().zip(sums).take(self.columns).for_each(|(output, sum)| *output = *sum),
            }
        }
    }
}

/// What a tap meets for positions side by side.
#[inline(always)]
fn inputs_of<R, const LANES: usize>(window: &[R], tap: u32) -> &[R; LANES] {
    let tap = tap as usize;
    match window.get(tap..tap + LANES).and_then(|inputs| inputs.first_chunk()) {
        Some(inputs) => inputs,
        // To tell which, the tap would have to be kept in memory at every turn.
        None => unreachable!("a tap reaches beyond its window"),
    }
}

/// Adds the products of inputs with a weight.
#[inline(always)]
fn add<R: Real, const LANES: usize>(inputs: &[R; LANES], weight: R, sums: &mut [R; LANES]) {
    for (sum, input) in sums.iter_mut().zip(inputs) {
        *sum += *input * weight;
    }
}
