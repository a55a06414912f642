//! Convolution driven by outputs: the sums of several adjacent positions and a few output channels stay in registers while all
//! their inputs are added.
//!
//! The inputs are first copied to a new layout, with the padding as zeros, so that all positions are equal. If the stride is
//! greater than one column, the columns are grouped by their remainder modulo the stride, so that the inputs of a tap for
//! neighboring positions are adjacent. A product with padding changes no sum: sums start from numbers that are not -0, and then
//! never become -0.

use crate::MOST_ELEMENTS;
use crate::aligned::Aligned;
use crate::layers::conv::AXES;
use crate::layers::window::Window;
use crate::real::Real;

/// Number of output channels that are summed together.
pub(super) const TOGETHER: usize = 4;
/// Maximum number of positions that are summed together. The inputs are followed by as many zeros: positions beyond the end of a
/// row are summed like the others, but not written.
const MOST_LANES: usize = 16;

/// Number of columns of each remainder that are copied at a time.
const BLOCK: usize = 16;

/// Locations of the inputs of every output.
pub(super) struct Gather {
    /// Lengths of the axes of the inputs.
    inputs: [usize; AXES],
    /// Positions of padding before the inputs.
    before: [usize; AXES],
    /// Distance from one plane to the next.
    plane: usize,
    /// Distance from one row to the next.
    row: usize,
    /// Distance from one channel to the next.
    channel: usize,
    channels: usize,
    /// Number of columns that the kernel moves by.
    stride: usize,
    /// Locations of the taps of all input channels of a group, relative to the first.
    taps: Vec<u32>,
    /// Distance from the first tap to the end of the last one.
    span: usize,
    /// Location of the first tap for the first output of every row.
    rows: Vec<u32>,
    /// Number of outputs in a row.
    columns: usize,
}

impl Gather {
    /// Creates the tables for a layer with `channels` input channels, in groups of `group_channels`; `None` if they need too much
    /// memory.
    pub(super) fn new(
        windows: &[Window; AXES],
        outputs: [usize; AXES],
        channels: usize,
        group_channels: usize,
    ) -> Option<Self> {
        let [depth, height, width] = windows.map(|window| window.inputs + window.padding[0] + window.padding[1]);
        let [planes, rows, columns] = windows;
        let phase_width = width.div_ceil(columns.stride);
        let row = phase_width.checked_mul(columns.stride)?;
        let plane = row.checked_mul(height)?;
        let channel_size = plane.checked_mul(depth)?;
        if channel_size.checked_mul(channels)?.checked_add(MOST_LANES)? > MOST_ELEMENTS {
            return None;
        }
        // Locations fit into 32 bits, since there are at most `MOST_ELEMENTS`.
        let along_planes = |step: usize, count: usize| (0..count).map(move |number| number * step * plane);
        let along_rows = move |step: usize, count: usize| (0..count).map(move |number| number * step * row);
        let column = |tap: usize| {
            let column = tap * columns.dilation;
            column % columns.stride * phase_width + column / columns.stride
        };
        let channel_taps: Vec<usize> = along_planes(planes.dilation, planes.taps)
            .flat_map(|plane| along_rows(rows.dilation, rows.taps).map(move |row| plane + row))
            .flat_map(|place| (0..columns.taps).map(move |tap| place + column(tap)))
            .collect();
        let taps: Vec<u32> = (0..group_channels)
            .flat_map(|channel| channel_taps.iter().map(move |tap| (channel * channel_size + tap) as u32))
            .collect();
        let rows = along_planes(planes.stride, outputs[0])
            .flat_map(|plane| along_rows(rows.stride, outputs[1]).map(move |row| (plane + row) as u32))
            .collect();
        Some(Self {
            inputs: windows.map(|window| window.inputs),
            before: windows.map(|window| window.padding[0]),
            plane,
            row,
            channel: channel_size,
            channels,
            stride: columns.stride,
            span: taps.iter().max().map_or(0, |last| *last as usize + 1),
            taps,
            rows,
            columns: outputs[2],
        })
    }

    /// Copies the inputs of all channels to the layout.
    #[inline(always)]
    pub(super) fn lay_out<'a, R: Real>(&self, inputs: &[R], memory: &'a mut Aligned<R>) -> &'a [R] {
        let [depth, height, width] = self.inputs;
        let [before, above, left] = self.before;
        let memory = memory.room(self.channels * self.channel + MOST_LANES);
        memory.fill(R::zero());
        let channels = inputs.chunks_exact(depth * height * width).zip(memory.chunks_exact_mut(self.channel));
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

    /// Copies a row with its columns grouped by remainder. A few columns of each remainder are copied at a time, so that the
    /// columns between them are still in the first-level cache when they are copied.
    #[inline(always)]
    fn lay_out_row<R: Real>(&self, inputs: &[R], laid_out: &mut [R]) {
        let (left, phase_width) = (self.before[2], self.row / self.stride);
        for block in (0..phase_width).step_by(BLOCK) {
            for (remainder, laid_out) in laid_out.chunks_exact_mut(phase_width).enumerate() {
                // The first column with this remainder that is not padding.
                let first = (remainder + self.stride - left % self.stride) % self.stride;
                let with_remainder = inputs.get(first + block * self.stride..).unwrap_or_default();
                let laid_out = laid_out.get_mut((first + left) / self.stride + block..).unwrap_or_default();
                let columns = laid_out.iter_mut().take(BLOCK).zip(with_remainder.iter().step_by(self.stride));
                columns.for_each(|(laid_out, input)| *laid_out = *input);
            }
        }
    }

    /// Computes the outputs of [`TOGETHER`] consecutive channels from the [layout](Self::lay_out) of all inputs: starts from the
    /// bias and adds the products in ascending order of (input channel, tap). There are weights for each tap.
    #[inline(always)]
    pub(super) fn sum_together<'w, R: Real + 'w>(
        &self,
        laid_out: &[R],
        first_channel: usize,
        weights: &(impl Iterator<Item = &'w [R; TOGETHER]> + Clone),
        bias: &[R; TOGETHER],
        outputs: &mut [R],
    ) {
        let inputs = &laid_out[first_channel * self.channel..];
        match self.columns {
            // One or more vectors of this length.
            9.. => self.sum_rows::<R, MOST_LANES>(inputs, weights, bias, outputs),
            5.. => self.sum_rows::<R, 8>(inputs, weights, bias, outputs),
            _ => self.sum_rows::<R, 4>(inputs, weights, bias, outputs),
        }
    }

    /// Computes the outputs, `LANES` positions at a time.
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
                let first = self.first_column::<LANES>(column);
                let window = &inputs[*place as usize + first..][..self.span - 1 + LANES];
                // An array of arrays would be stored in memory instead of registers.
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

    /// Computes the outputs of a single channel.
    #[inline(always)]
    pub(super) fn sum_alone<R: Real>(
        &self,
        laid_out: &[R],
        first_channel: usize,
        weights: &[R],
        bias: R,
        outputs: &mut [R],
    ) {
        let inputs = &laid_out[first_channel * self.channel..];
        for (row, place) in self.rows.iter().enumerate() {
            let mut column = 0;
            while column < self.columns {
                let first = self.first_column::<MOST_LANES>(column);
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

    /// First column of a vector of `LANES` columns, where the columns before `column` are done. The last vector of a row overlaps
    /// the one before instead of being shorter.
    #[inline(always)]
    fn first_column<const LANES: usize>(&self, column: usize) -> usize {
        column.min(self.columns.saturating_sub(LANES))
    }

    /// Writes sums to the outputs of their channels, starting at a column of a row.
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

/// Inputs of a tap for adjacent positions.
#[inline(always)]
fn inputs_of<R, const LANES: usize>(window: &[R], tap: u32) -> &[R; LANES] {
    let tap = tap as usize;
    match window.get(tap..tap + LANES).and_then(|inputs| inputs.first_chunk()) {
        Some(inputs) => inputs,
        // A message with the tap would keep the tap in memory in every iteration.
        None => unreachable!("a tap reaches beyond its window"),
    }
}

/// Adds the products of inputs and a weight to sums.
#[inline(always)]
fn add<R: Real, const LANES: usize>(inputs: &[R; LANES], weight: R, sums: &mut [R; LANES]) {
    for (sum, input) in sums.iter_mut().zip(inputs) {
        *sum += *input * weight;
    }
}
