//! Leaky integrate-and-fire neurons in discrete time, like snnTorch's `Leaky`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With membrane `m` (zero at rest), input current `I`, decay `β`, clamped to 0..=1, and threshold `θ`, a step is
//!
//! ```text
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! subtract:  m ← (β·m + I) - r·θ
//! zero:      m ← β·((1 - r)·m) + I
//! none:      m ← β·m + I
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! in the network's precision. Every operation is rounded; there is no fused multiply-add.
//! With `output = "membrane"` the outputs are `m` after the step, but the recorded activation is still `s`.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::{
    self, Common, Constant, Constants, Membrane, NeuronOutput, Reset, Rule, StepCounts, constant, fires, firing,
};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

/// Leaky integrate-and-fire neurons.
#[derive(Clone, Debug, PartialEq, Settings)]
pub struct LeakyConfig {
    /// `β`: fraction of a membrane that remains after one step. Clamped to 0..=1. It may be a tensor of the layer
    /// instead.
    #[param(default = None)]
    pub beta: Option<Constant>,
    /// `θ`: a neuron spikes when its membrane exceeds it. It may be a tensor of the layer instead.
    #[param(default = None)]
    pub threshold: Option<Constant>,
    /// Reset of a membrane in the step after its spike.
    pub reset: Reset,
    /// Outputs for the next layer.
    #[param(default = NeuronOutput::Spikes)]
    pub output: NeuronOutput,
}

impl LeakyConfig {
    /// Creates neurons with this decay, threshold 1 and reset by subtraction.
    pub fn new(beta: impl Into<Constant>) -> Self {
        let (beta, threshold) = (Some(beta.into()), Some(Constant::Same(1.0)));
        Self { beta, threshold, reset: Reset::Subtract, output: NeuronOutput::Spikes }
    }
}

firing!(LeakyConfig);

layer!("leaky", LeakyConfig, build);

fn build<R: Real>(config: LeakyConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LeakyConfig { beta, threshold, reset, output } = config;
    let mut buffers = Vec::new();
    let beta = constant::<R>(&mut parts, "beta", beta, &mut buffers)?.map(|beta| beta.clamp(0.0, 1.0));
    let threshold = constant::<R>(&mut parts, "threshold", threshold, &mut buffers)?;
    let constants =
        Constants::new(parts.elements(), &[beta, threshold], |[beta, threshold]| NeuronConstants { beta, threshold });
    let built = Common { reset, output }.build(parts, buffers, Leaky { reset, constants })?;
    Ok(built.with_operations_per_update(reset.select(4, 4, 2)))
}

struct Leaky<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    beta: R,
    threshold: R,
}

impl<R: Real> Rule<R> for Leaky<R> {
    #[inline(always)]
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        _: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> StepCounts {
        neuron::step::<COUNT, _, _>(self.reset, &self.constants, currents, membranes, spikes)
    }
}

impl<R: Real> Membrane<R> for NeuronConstants<R> {
    #[inline(always)]
    fn threshold(self) -> R {
        self.threshold
    }

    #[inline(always)]
    fn without_reset(self, membrane: R, current: R) -> R {
        self.beta * membrane + current
    }

    #[inline(always)]
    fn zero_reset(self, membrane: R, current: R) -> R {
        self.beta * ((R::one() - fires(membrane, self.threshold)) * membrane) + current
    }
}

impl NetworkBuilder {
    /// Adds leaky integrate-and-fire neurons, one for each input. The inputs are currents; the outputs are spikes or membranes,
    /// depending on [`LeakyConfig::output`]. They store the same tensors as snnTorch's `Leaky`: `beta`, `threshold`,
    /// `graded_spikes_factor` and `reset_mechanism_val`, which take 20 bytes if the first two are the same for all neurons.
    #[must_use]
    pub fn leaky(self, path: &str, config: LeakyConfig) -> Self {
        let LeakyConfig { beta, threshold, reset, output } = config;
        self.layer(path, "leaky", Common { reset, output }.settings())
            .constants(path, [("beta", beta)])
            .common(path, threshold, reset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Membranes of one neuron for these currents, with β = 1/2 and θ = 1.
    fn membranes(rule: fn(NeuronConstants<f32>, f32, f32) -> f32, currents: &[f32]) -> Vec<f32> {
        let mut membrane = 0.0;
        currents
            .iter()
            .map(|current| {
                membrane = rule(NeuronConstants { beta: 0.5, threshold: 1.0 }, membrane, *current);
                membrane
            })
            .collect()
    }

    #[test]
    fn resets_match_hand_computed_membranes() {
        let currents = [1.5, 1.5, 0.25, 0.0];
        // 1.5 spikes; 0.75 + 1.5 - 1 spikes; 0.625 + 0.25 - 1; half of it.
        assert_eq!(membranes(NeuronConstants::subtract_reset, &currents), [1.5, 1.25, -0.125, -0.0625]);
        // 1.5 spikes; from zero 1.5, spikes; from zero 0.25; half of it.
        assert_eq!(membranes(NeuronConstants::zero_reset, &currents), [1.5, 1.5, 0.25, 0.125]);
        // 1.5; 0.75 + 1.5; 1.125 + 0.25; half of it.
        assert_eq!(membranes(NeuronConstants::without_reset, &currents), [1.5, 2.25, 1.375, 0.6875]);
    }

    #[test]
    fn a_step_counts_spikes_and_changed_membranes() {
        let constants = [vec![0.5, 1.0, 0.0].into(), vec![1.0, 5.0, 0.25].into()];
        let constants = Constants::new(3, &constants, |[beta, threshold]| NeuronConstants { beta, threshold });
        let leaky = Leaky { reset: Reset::Subtract, constants };
        let (mut membranes, mut spikes) = ([0.0, 2.0, 3.0], [9.0; 3]);
        let counted = leaky.step::<true>(&[1.5, 0.0, 0.5], &mut [], &mut membranes, &mut spikes);
        assert_eq!(membranes, [1.5, 2.0, 0.25]);
        assert_eq!(spikes, [1.0, 0.0, 0.0]);
        assert_eq!((counted.spikes, counted.changed), (1, 2));
    }
}
