//! What convolutions compute, transposed or not.
//!
//! There are two ways, which give the same bits: where few inputs are not zero, these are [scattered](Scatter) to the outputs
//! that they reach; where many are, the outputs [gather](Gather) all of theirs.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::conv::gather::{Gather, TOGETHER};
use crate::layers::conv::operations::Operations;
use crate::layers::conv::panels::{Panel, Panels};
use crate::layers::conv::scatter::Scatter;
use crate::real::Real;
use neurobench_core::model::{CallOperations, Needs};

/// So many positions at a time change from channels last to channels first.
const BLOCK: usize = 16;

/// If one input in so many is not zero, gathering is the faster way: it does all products, but several times as many in the same
/// time, since sums stay in registers.
const WORTH_GATHERING: usize = 5;
/// So many inputs at a time are gone through to find out.
const PART: usize = 512;

/// The kernel: sums start from the bias, and products are added in ascending order of the inputs. To each output of a
/// convolution this is the order of (channel, tap).
///
/// A product with a zero input is zero, since all weights are finite, and adding it changes nothing.
pub(super) struct Convolution<R> {
    pub(super) panels: Panels<R>,
    /// For each output channel; none is -0.
    pub(super) bias: Vec<R>,
    /// The input channels of a group.
    pub(super) of_group: usize,
    pub(super) scatter: Scatter,
    /// If it is worth its while for inputs that are not zero.
    pub(super) gather: Option<Gather>,
    pub(super) operations: Operations,
}

/// Whether enough of these inputs are not zero: of most inputs the first ones tell.
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

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let counts = hook.wants(Needs::CONNECTION_COUNTS);
        let rows = inputs.chunks_exact(self.operations.inputs()).zip(outputs.chunks_exact_mut(self.outputs()));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let mut counted = CallOperations::new(0, true);
            match &self.gather {
                Some(gather) if is_worth_gathering(inputs) => {
                    if counts {
                        counted = self.operations.of_all(inputs);
                    }
                    self.gather(gather, inputs, outputs, &mut workspace.numbers);
                }
                _ => {
                    let places = workspace.places.find(inputs);
                    if counts {
                        counted = self.operations.of_places(inputs, places);
                    }
                    self.scatter(inputs, places, outputs, &mut workspace.numbers);
                }
            }
            hook.connection(0, row, counted, inputs);
        }
    }
}

impl<R: Real> Convolution<R> {
    /// How many outputs a channel has.
    fn positions(&self) -> usize {
        self.scatter.outputs.iter().product()
    }

    #[inline(always)]
    fn gather(&self, gather: &Gather, inputs: &[R], outputs: &mut [R], memory: &mut Aligned<R>) {
        let laid_out = gather.lay_out(inputs, memory);
        for panel in self.panels.iter() {
            let outputs = &mut outputs[self.outputs_of(panel)];
            match panel.lanes {
                16 => self.gather_panel::<16>(gather, laid_out, panel, outputs),
                8 => self.gather_panel::<8>(gather, laid_out, panel, outputs),
                4 => self.gather_panel::<4>(gather, laid_out, panel, outputs),
                _ => {
                    let weights = self.panels.weights::<1>(panel).as_flattened();
                    let first = panel.group * self.of_group;
                    gather.sum_alone(laid_out, first, weights, self.bias[panel.first], outputs);
                }
            }
        }
    }

    /// Some channels of a panel after the other.
    #[inline(always)]
    fn gather_panel<const LANES: usize>(&self, gather: &Gather, laid_out: &[R], panel: Panel, outputs: &mut [R]) {
        let of_some = TOGETHER * self.positions();
        for (number, outputs) in outputs.chunks_exact_mut(of_some).enumerate() {
            let weights =
                self.panels.weights::<LANES>(panel).iter().map(|weights| match weights.as_chunks().0.get(number) {
                    Some(weights) => weights,
                    None => unreachable!("{LANES} channels are no {number} times {TOGETHER}"),
                });
            let bias: &[R; TOGETHER] = self.bias_of(panel.first + number * TOGETHER);
            gather.sum_together(laid_out, panel.group * self.of_group, &weights, bias, outputs);
        }
    }

    #[inline(always)]
    fn scatter(&self, inputs: &[R], places: &[u32], outputs: &mut [R], memory: &mut Aligned<R>) {
        let of_group = self.of_group * self.scatter.inputs.iter().product::<usize>();
        for panel in self.panels.iter() {
            // No layer has 2³² inputs.
            let first = (panel.group * of_group) as u32;
            let place = |limit: u32| places.partition_point(|place| *place < limit);
            let places = &places[place(first)..place(first + of_group as u32)];
            let outputs = &mut outputs[self.outputs_of(panel)];
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
        // Sums are gathered with the channels last, so that they can be added in lanes.
        let (sums, _) = memory.room(positions * LANES).as_chunks_mut::<LANES>();
        sums.fill(*self.bias_of(panel.first));
        self.scatter.add(inputs, places, first, self.panels.weights::<LANES>(panel), sums);
        for (block, sums) in sums.chunks(BLOCK).enumerate() {
            for (lane, outputs) in outputs.chunks_exact_mut(positions).enumerate() {
                for (output, sums) in outputs[block * BLOCK..].iter_mut().zip(sums) {
                    *output = sums[lane];
                }
            }
        }
    }

    fn outputs_of(&self, panel: Panel) -> Range<usize> {
        let positions = self.positions();
        panel.first * positions..(panel.first + panel.lanes) * positions
    }

    /// The bias of so many channels from this one on.
    #[inline(always)]
    fn bias_of<const CHANNELS: usize>(&self, first: usize) -> &[R; CHANNELS] {
        match self.bias[first..].first_chunk() {
            Some(bias) => bias,
            None => unreachable!("channels {first}.. of {}", self.bias.len()),
        }
    }
}
