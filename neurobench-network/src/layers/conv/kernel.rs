//! Kernel of convolutions and transposed convolutions.
//!
//! There are two algorithms, which give the same bits: if few inputs are nonzero, these are [scattered](Scatter) to the outputs
//! that they reach; if many are, the outputs [gather](Gather) all their inputs.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::conv::gather::{Gather, TOGETHER};
use crate::layers::conv::operations::Operations;
use crate::layers::conv::panels::{Panel, Panels};
use crate::layers::conv::scatter::Scatter;
use crate::matrix::largest_magnitude;
use crate::real::Real;
use neurobench_core::model::{CallOperations, Needs};

/// Number of positions that are converted from channels last to channels first at a time.
const BLOCK: usize = 16;

/// Gathering is faster if at least one in this many inputs is nonzero: it computes all products, but several times as many in the
/// same time, since sums stay in registers.
const WORTH_GATHERING: usize = 5;
/// Number of inputs that are checked at a time.
const PART: usize = 512;

/// The kernel: sums start from the bias, and products are added in ascending order of the inputs. For each output of a
/// convolution this is the order of (channel, tap).
///
/// A product with a zero input is zero, since all weights are finite, so that adding it changes nothing.
pub(super) struct Convolution<R> {
    pub(super) panels: Panels<R>,
    /// One for each output channel; none is -0.
    pub(super) bias: Vec<R>,
    /// Number of input channels of a group.
    pub(super) group_channels: usize,
    pub(super) scatter: Scatter,
    /// Gathering, if it is worthwhile for dense inputs.
    pub(super) gather: Option<Gather>,
    pub(super) operations: Operations,
}

/// Returns true if enough inputs are nonzero, which is usually known after the first ones.
#[inline(always)]
fn is_worth_gathering<R: Real>(inputs: &[R]) -> bool {
    // Sums of 32 bits vectorize; a part cannot overflow one.
    let nonzero = |part: &[R]| part.iter().map(|input| u32::from(!input.is_zero())).sum::<u32>() as usize;
    let mut found = 0_usize;
    inputs.chunks(PART).any(|part| {
        found += nonzero(part);
        found.saturating_mul(WORTH_GATHERING) > inputs.len()
    })
}

impl<R: Real> Kernel<R> for Convolution<R> {
    fn outputs(&self) -> usize {
        self.bias.len() * self.positions()
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        // An output is a sum of at most one product for each pair of an input channel and a tap.
        let bound = self.panels.largest_sum() * inputs + largest_magnitude(&self.bias);
        bound.is_finite().then_some(bound)
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let counts = hook.wants(Needs::CONNECTION_COUNTS);
        let rows = inputs.chunks_exact(self.operations.inputs()).zip(outputs.chunks_exact_mut(self.outputs()));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let mut counted = CallOperations::new(0, true);
            match &self.gather {
                Some(gather) if is_worth_gathering(inputs) => {
                    if counts {
                        counted = self.operations.count_all(inputs);
                    }
                    self.gather(gather, inputs, outputs, &mut workspace.numbers);
                }
                _ => {
                    let places = workspace.places.find(inputs);
                    if counts {
                        counted = self.operations.count_places(inputs, places);
                    }
                    self.scatter(inputs, places, outputs, &mut workspace.numbers);
                }
            }
            hook.connection(0, row, counted, inputs);
        }
    }
}

impl<R: Real> Convolution<R> {
    /// Number of outputs of a channel.
    fn positions(&self) -> usize {
        self.scatter.outputs.iter().product()
    }

    #[inline(always)]
    fn gather(&self, gather: &Gather, inputs: &[R], outputs: &mut [R], memory: &mut Aligned<R>) {
        let laid_out = gather.lay_out(inputs, memory);
        for panel in self.panels.iter() {
            let outputs = &mut outputs[self.output_range(panel)];
            match panel.lanes {
                16 => self.gather_panel::<16>(gather, laid_out, panel, outputs),
                8 => self.gather_panel::<8>(gather, laid_out, panel, outputs),
                4 => self.gather_panel::<4>(gather, laid_out, panel, outputs),
                _ => {
                    let weights = self.panels.weights::<1>(panel).as_flattened();
                    let first = panel.group * self.group_channels;
                    gather.sum_alone(laid_out, first, weights, self.bias[panel.first], outputs);
                }
            }
        }
    }

    /// Gathers the channels of a panel, [`TOGETHER`] at a time.
    #[inline(always)]
    fn gather_panel<const LANES: usize>(&self, gather: &Gather, laid_out: &[R], panel: Panel, outputs: &mut [R]) {
        let outputs_together = TOGETHER * self.positions();
        for (number, outputs) in outputs.chunks_exact_mut(outputs_together).enumerate() {
            let weights =
                self.panels.weights::<LANES>(panel).iter().map(|weights| match weights.as_chunks().0.get(number) {
                    Some(weights) => weights,
                    None => unreachable!("{LANES} channels have no group {number} of {TOGETHER}"),
                });
            let bias: &[R; TOGETHER] = self.bias_from(panel.first + number * TOGETHER);
            gather.sum_together(laid_out, panel.group * self.group_channels, &weights, bias, outputs);
        }
    }

    #[inline(always)]
    fn scatter(&self, inputs: &[R], places: &[u32], outputs: &mut [R], memory: &mut Aligned<R>) {
        let group_inputs = self.group_channels * self.scatter.inputs.iter().product::<usize>();
        for panel in self.panels.iter() {
            // No layer has 2³² inputs.
            let first = (panel.group * group_inputs) as u32;
            let place = |limit: u32| places.partition_point(|place| *place < limit);
            let places = &places[place(first)..place(first + group_inputs as u32)];
            let outputs = &mut outputs[self.output_range(panel)];
            match panel.lanes {
                16 => self.scatter_panel::<16>(inputs, places, first, panel, outputs, memory),
                8 => self.scatter_panel::<8>(inputs, places, first, panel, outputs, memory),
                4 => self.scatter_panel::<4>(inputs, places, first, panel, outputs, memory),
                _ => self.scatter_panel::<1>(inputs, places, first, panel, outputs, memory),
            }
        }
    }

    #[inline(always)]
    fn scatter_panel<const LANES: usize>(
        &self,
        inputs: &[R],
        places: &[u32],
        first: u32,
        panel: Panel,
        outputs: &mut [R],
        memory: &mut Aligned<R>,
    ) {
        let positions = self.positions();
        // Sums have the channels last, so that they can be added in lanes.
        let (sums, _) = memory.room(positions * LANES).as_chunks_mut::<LANES>();
        sums.fill(*self.bias_from(panel.first));
        self.scatter.add(inputs, places, first, self.panels.weights::<LANES>(panel), sums);
        for (block, sums) in sums.chunks(BLOCK).enumerate() {
            for (lane, outputs) in outputs.chunks_exact_mut(positions).enumerate() {
                for (output, sums) in outputs[block * BLOCK..].iter_mut().zip(sums) {
                    *output = sums[lane];
                }
            }
        }
    }

    fn output_range(&self, panel: Panel) -> Range<usize> {
        let positions = self.positions();
        panel.first * positions..(panel.first + panel.lanes) * positions
    }

    /// Bias of `CHANNELS` channels, starting with `first`.
    #[inline(always)]
    fn bias_from<const CHANNELS: usize>(&self, first: usize) -> &[R; CHANNELS] {
        match self.bias[first..].first_chunk() {
            Some(bias) => bias,
            None => unreachable!("channels {first}.. of {}", self.bias.len()),
        }
    }
}
