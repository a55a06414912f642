//! One time step of a layer of neurons: the loop over neurons and the counts of spikes and changed membranes.

use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::STRETCH;
use crate::layers::neuron::{Constants, NeuronOutput, Reset};
use crate::real::Real;
use neurobench_core::model::{HookPoint, Needs};

/// Computation of a kind of neurons.
pub(in crate::layers) trait Rule<R>: Send + Sync {
    /// Number of synaptic currents of a neuron, in addition to the membrane.
    const SYNAPSES: usize = 0;

    /// Computes a step of all neurons; counts spikes and changed membranes if `COUNT` is true.
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        synapses: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> StepCounts;
}

pub(super) fn has_synapses<R, N: Rule<R>>(_: &N) -> bool {
    N::SYNAPSES > 0
}

/// Hook points that the kernels of neurons report row by row.
pub(in crate::layers) const ROW_POINTS: Needs =
    HookPoint::PreResetMembranes.either().union(HookPoint::SynapticCurrents.either());

/// The kernel. The inputs are currents. The state is the membranes, followed by the synaptic currents if there are any, one kind
/// after the other.
pub(in crate::layers) struct Neurons<N> {
    pub(super) neurons: usize,
    pub(super) output: NeuronOutput,
    pub(super) rule: N,
}

impl<R: Real, N: Rule<R>> Kernel<R> for Neurons<N> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        self.neurons * (1 + N::SYNAPSES)
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        (self.output == NeuronOutput::Spikes).then_some(1.0)
    }

    fn emits_spikes(&self) -> bool {
        self.output == NeuronOutput::Spikes
    }

    #[inline(always)]
    fn run(
        &self,
        currents: &[R],
        state: &mut [R],
        outputs: &mut [R],
        workspace: &mut Workspace<R>,
        hook: &mut Hook<'_>,
    ) {
        let counts = hook.wants(Needs::ACTIVATION_COUNTS.union(Needs::MEMBRANE_COUNTS));
        let reports_rows = hook.wants(ROW_POINTS);
        let (membranes, synapses) = state.split_at_mut(self.neurons);
        if self.output == NeuronOutput::Membrane {
            workspace.numbers.room(outputs.len());
        }
        let mut nonzero = 0;
        for (row, currents) in currents.chunks_exact(self.neurons).enumerate() {
            let row_range = row * self.neurons..(row + 1) * self.neurons;
            // If the outputs are membranes, the spikes are only reported to the probe.
            let spikes = match self.output {
                NeuronOutput::Spikes => &mut outputs[row_range.clone()],
                NeuronOutput::Membrane => &mut workspace.numbers[row_range.clone()],
            };
            let counted = if counts {
                self.rule.step::<true>(currents, synapses, membranes, spikes)
            } else {
                self.rule.step::<false>(currents, synapses, membranes, spikes)
            };
            nonzero += counted.spikes;
            hook.membranes(row, counted.changed, membranes);
            if reports_rows {
                // The reset happens in the next step.
                hook.report(HookPoint::PreResetMembranes, row, membranes);
                if N::SYNAPSES > 0 {
                    hook.report(HookPoint::SynapticCurrents, row, synapses);
                }
            }
            if self.output == NeuronOutput::Membrane {
                outputs[row_range].copy_from_slice(membranes);
            }
        }
        let spikes = match self.output {
            NeuronOutput::Spikes => outputs,
            NeuronOutput::Membrane => &mut workspace.numbers[..outputs.len()],
        };
        hook.activations(nonzero, spikes, self.neurons);
    }
}

/// Counts of a step.
#[derive(Debug, Default, PartialEq)]
pub(in crate::layers) struct StepCounts {
    pub(in crate::layers) spikes: u64,
    /// Number of membranes that changed.
    pub(in crate::layers) changed: u64,
}

/// Constants of a neuron whose new membrane depends only on these, the old membrane and the current.
pub(in crate::layers) trait Membrane<R: Real>: Copy {
    /// Threshold: the neuron spikes when its membrane exceeds it.
    fn threshold(self) -> R;

    /// Computes the new membrane without a reset.
    fn without_reset(self, membrane: R, current: R) -> R;

    /// Computes the new membrane with a reset by subtraction of the threshold.
    #[inline(always)]
    fn subtract_reset(self, membrane: R, current: R) -> R {
        self.without_reset(membrane, current) - fires(membrane, self.threshold()) * self.threshold()
    }

    /// Computes the new membrane with a reset to zero.
    #[inline(always)]
    fn zero_reset(self, membrane: R, current: R) -> R {
        let unreset = self.without_reset(membrane, current);
        unreset - fires(membrane, self.threshold()) * unreset
    }
}

/// Computes a step of all neurons. Each reset has its own loop, so that the loops have no branch for it.
#[inline(always)]
pub(in crate::layers) fn step<const COUNT: bool, R: Real, C: Membrane<R>>(
    reset: Reset,
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
) -> StepCounts {
    match reset {
        Reset::Subtract => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::subtract_reset),
        Reset::Zero => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::zero_reset),
        Reset::None => lanes::<COUNT, _, _>(constants, currents, membranes, spikes, C::without_reset),
    }
}

/// Computes a step of all neurons; `update` returns the new membrane from the neuron's constants, the old membrane and the
/// current.
#[inline(always)]
fn lanes<const COUNT: bool, R: Real, C: Membrane<R>>(
    constants: &Constants<C>,
    currents: &[R],
    membranes: &mut [R],
    spikes: &mut [R],
    update: impl Fn(C, R, R) -> R,
) -> StepCounts {
    let mut counted = StepCounts::default();
    let stretches = currents.chunks(STRETCH).zip(membranes.chunks_mut(STRETCH)).zip(spikes.chunks_mut(STRETCH));
    for (index, ((currents, membranes), spikes)) in stretches.enumerate() {
        let (mut fired, mut changed) = (0_u32, 0_u32);
        let mut neuron = |current: &R, membrane: &mut R, spike: &mut R, constants: C| {
            let after = update(constants, *membrane, *current);
            *spike = fires(after, constants.threshold());
            if COUNT {
                fired += u32::from(!spike.is_zero());
                changed += u32::from(after != *membrane);
            }
            *membrane = after;
        };
        let lanes = currents.iter().zip(membranes).zip(spikes);
        match constants {
            Constants::Same(constants) => {
                for ((current, membrane), spike) in lanes {
                    neuron(current, membrane, spike, *constants);
                }
            }
            Constants::Each(each) => {
                for (((current, membrane), spike), constants) in lanes.zip(each.iter().skip(index * STRETCH)) {
                    neuron(current, membrane, spike, *constants);
                }
            }
        }
        counted.spikes += u64::from(fired);
        counted.changed += u64::from(changed);
    }
    counted
}

/// Returns 1 if the membrane exceeds the threshold, otherwise 0.
#[inline(always)]
pub(in crate::layers) fn fires<R: Real>(membrane: R, threshold: R) -> R {
    if membrane - threshold > R::zero() { R::one() } else { R::zero() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membrane_on_the_threshold_does_not_spike() {
        assert_eq!(fires(1.0, 1.0), 0.0);
        assert_eq!(fires(1.0_f32.next_up(), 1.0), 1.0);
    }
}
