//! Leaky integrate-and-fire neurons with a synaptic current, in discrete time, like snnTorch's `Synaptic`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With synaptic current `i` and membrane `m` (zero at rest), input current `I`, their decays `α` and `β`, clamped to 0..=1, and
//! threshold `θ`, a step is
//!
//! ```text
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! i ← α·i + I                               (never reset)
//! u = β·m + i
//! subtract:  m ← u - r·θ
//! zero:      m ← u - u·r
//! none:      m ← u
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! in the network's precision. Every operation is rounded; there is no fused multiply-add.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::{
    self, Common, Constant, Constants, Membrane, NeuronOutput, Reset, Rule, StepCounts, constant, firing,
};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::StoredTensor;

/// Leaky integrate-and-fire neurons with a synaptic current.
#[derive(Clone, Debug, PartialEq, Settings)]
pub struct SynapticConfig {
    /// `α`: fraction of a synaptic current that remains after one step. Clamped to 0..=1. It may be a tensor of the
    /// layer instead.
    #[param(default = None)]
    pub alpha: Option<Constant>,
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

impl SynapticConfig {
    /// Creates neurons with these decays of current and membrane, threshold 1 and reset by subtraction.
    pub fn new(alpha: impl Into<Constant>, beta: impl Into<Constant>) -> Self {
        let (alpha, beta, threshold) = (Some(alpha.into()), Some(beta.into()), Some(Constant::Same(1.0)));
        Self { alpha, beta, threshold, reset: Reset::Subtract, output: NeuronOutput::Spikes }
    }
}

firing!(SynapticConfig);

layer!("synaptic", SynapticConfig, build);

fn build<R: Real>(config: SynapticConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let (common, constants, buffers) = claim_decaying::<R>(config, &mut parts)?;
    let make = |[alpha, beta, threshold]: [R; 3]| NeuronConstants { alpha, beta, threshold };
    let constants = Constants::new(parts.elements(), &constants, make);
    let reset = common.reset;
    let built = common.build(parts, buffers, Synaptic { reset, constants })?;
    Ok(built.with_operations_per_update(reset.select(6, 8, 4)))
}

/// Claims the constants of neurons with two decays, `alpha`, `beta` and `threshold`, and the stored tensors.
pub(in crate::layers) fn claim_decaying<R: Real>(
    config: SynapticConfig,
    parts: &mut Parts<'_, '_>,
) -> Result<(Common, [Constant; 3], Vec<StoredTensor>), NetworkError> {
    let SynapticConfig { alpha, beta, threshold, reset, output } = config;
    let mut buffers = Vec::new();
    let alpha = constant::<R>(parts, "alpha", alpha, &mut buffers)?.map(|alpha| alpha.clamp(0.0, 1.0));
    let beta = constant::<R>(parts, "beta", beta, &mut buffers)?.map(|beta| beta.clamp(0.0, 1.0));
    let threshold = constant::<R>(parts, "threshold", threshold, &mut buffers)?;
    Ok((Common { reset, output }, [alpha, beta, threshold], buffers))
}

struct Synaptic<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    alpha: R,
    beta: R,
    threshold: R,
}

impl<R: Real> Rule<R> for Synaptic<R> {
    const SYNAPSES: usize = 1;

    #[inline(always)]
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        synapses: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> StepCounts {
        let decay = |((synapse, current), constants): ((&mut R, &R), &NeuronConstants<R>)| {
            *synapse = constants.alpha * *synapse + *current;
        };
        let lanes_of_synapses = synapses.iter_mut().zip(currents);
        match &self.constants {
            Constants::Same(constants) => lanes_of_synapses.zip(std::iter::repeat(constants)).for_each(decay),
            Constants::Each(each) => lanes_of_synapses.zip(each).for_each(decay),
        }
        // The synaptic current is the input of the membrane.
        neuron::step::<COUNT, _, _>(self.reset, &self.constants, synapses, membranes, spikes)
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
}

impl NetworkBuilder {
    /// Adds leaky integrate-and-fire neurons with a synaptic current, one for each input. The inputs are currents; the outputs are
    /// spikes or membranes, depending on [`SynapticConfig::output`]. They store the same tensors as snnTorch's `Synaptic`:
    /// `alpha`, `beta`, `threshold`, `graded_spikes_factor` and `reset_mechanism_val`.
    #[must_use]
    pub fn synaptic(self, path: &str, config: SynapticConfig) -> Self {
        self.decaying(path, "synaptic", config)
    }

    /// Adds neurons with two decays.
    pub(in crate::layers) fn decaying(self, path: &str, kind: &str, config: SynapticConfig) -> Self {
        let SynapticConfig { alpha, beta, threshold, reset, output } = config;
        self.layer(path, kind, Common { reset, output }.settings())
            .constants(path, [("alpha", alpha), ("beta", beta)])
            .common(path, threshold, reset)
    }
}
