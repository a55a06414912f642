//! Neurons whose membrane follows the difference of two synaptic currents, in discrete time, like snnTorch's `Alpha`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With excitatory current `e`, inhibitory current `i` and membrane `m` (zero at rest), input current `I`, decays `α > β` in
//! 0..=1 of the two currents, and threshold `θ`, a step is
//!
//! ```text
//! τ = ln α / (ln β - ln α) + 1
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! e' = α·e + I        i' = β·i - I        m' = τ·(e' + i')
//! subtract:  e ← e' - θ·r     m ← m' - (-i)·r (of the old i)     i ← i' - i'·r
//! zero:      e ← e' - e'·r    m ← m' - m'·r                      i ← i' - i'·r
//! none:      e ← e'           m ← m'                             i ← i'
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! Every operation is rounded; there is no fused multiply-add.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::synaptic::{SynapticConfig, claim_decaying};
use crate::layers::neuron::{Constant, Constants, NeuronOutput, Reset, Rule, StepCounts, fires, firing};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

/// Neurons with an excitatory and an inhibitory current.
#[derive(Clone, Debug, PartialEq, Settings)]
pub struct AlphaConfig {
    /// `α`: fraction of an excitatory current that remains after one step. Clamped to 0..=1. It may be a tensor of the
    /// layer instead.
    #[param(default = None)]
    pub alpha: Option<Constant>,
    /// `β`: fraction of an inhibitory current that remains after one step. Clamped to 0..=1; must be below `α`. It may
    /// be a tensor of the layer instead.
    #[param(default = None)]
    pub beta: Option<Constant>,
    /// `θ`: a neuron spikes when its membrane exceeds it. It may be a tensor of the layer instead.
    #[param(default = None)]
    pub threshold: Option<Constant>,
    /// Reset of a neuron in the step after its spike.
    pub reset: Reset,
    /// Outputs for the next layer.
    #[param(default = NeuronOutput::Spikes)]
    pub output: NeuronOutput,
}

impl AlphaConfig {
    /// Creates neurons with these decays of the two currents, threshold 1 and reset to zero.
    pub fn new(alpha: impl Into<Constant>, beta: impl Into<Constant>) -> Self {
        let (alpha, beta, threshold) = (Some(alpha.into()), Some(beta.into()), Some(Constant::Same(1.0)));
        Self { alpha, beta, threshold, reset: Reset::Zero, output: NeuronOutput::Spikes }
    }

    /// The same settings for neurons with two decays of another kind.
    fn into_decaying(self) -> SynapticConfig {
        let Self { alpha, beta, threshold, reset, output } = self;
        SynapticConfig { alpha, beta, threshold, reset, output }
    }
}

firing!(AlphaConfig);

layer!("alpha", AlphaConfig, build);

fn build<R: Real>(config: AlphaConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let (common, constants, buffers) = claim_decaying::<R>(config.into_decaying(), &mut parts)?;
    let make = |[alpha, beta, threshold]: [R; 3]| {
        let scale = alpha.ln() / (beta.ln() - alpha.ln()) + R::one();
        NeuronConstants { alpha, beta, scale, threshold }
    };
    let constants = Constants::new(parts.elements(), &constants, make);
    if !constants.all(|neuron| neuron.alpha > neuron.beta && neuron.scale.is_finite()) {
        return Err(parts.problem("`alpha` must be greater than `beta`, for every neuron"));
    }
    let reset = common.reset;
    let built = common.build(parts, buffers, Alpha { reset, constants })?;
    Ok(built.with_operations_per_update(reset.select(18, 24, 16)))
}

struct Alpha<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    alpha: R,
    beta: R,
    /// `τ`
    scale: R,
    threshold: R,
}

impl<R: Real> Rule<R> for Alpha<R> {
    const SYNAPSES: usize = 2;

    #[inline(always)]
    fn step<const COUNT: bool>(
        &self,
        currents: &[R],
        synapses: &mut [R],
        membranes: &mut [R],
        spikes: &mut [R],
    ) -> StepCounts {
        let (excitatory, inhibitory) = synapses.split_at_mut(membranes.len());
        let mut counted = StepCounts::default();
        let lanes = currents.iter().zip(excitatory.iter_mut().zip(inhibitory)).zip(membranes.iter_mut().zip(spikes));
        for (neuron, ((current, (excitatory, inhibitory)), (membrane, spike))) in lanes.enumerate() {
            let NeuronConstants { alpha, beta, scale, threshold } = *self.constants.get(neuron);
            let reset = fires(*membrane, threshold);
            let excited = alpha * *excitatory + *current;
            let inhibited = beta * *inhibitory - *current;
            let unreset = scale * (excited + inhibited);
            let after = match self.reset {
                Reset::Subtract => {
                    let after = unreset - -*inhibitory * reset;
                    (*excitatory, *inhibitory) = (excited - threshold * reset, inhibited - inhibited * reset);
                    after
                }
                Reset::Zero => {
                    (*excitatory, *inhibitory) = (excited - excited * reset, inhibited - inhibited * reset);
                    unreset - unreset * reset
                }
                Reset::None => {
                    (*excitatory, *inhibitory) = (excited, inhibited);
                    unreset
                }
            };
            *spike = fires(after, threshold);
            if COUNT {
                counted.spikes += u64::from(!spike.is_zero());
                counted.changed += u64::from(after != *membrane);
            }
            *membrane = after;
        }
        counted
    }
}

impl NetworkBuilder {
    /// Adds neurons with an excitatory and an inhibitory current, one for each input. The inputs are currents; the outputs are
    /// spikes or membranes, depending on [`AlphaConfig::output`]. They store the same tensors as snnTorch's `Alpha`: `alpha`,
    /// `beta`, `threshold`, `graded_spikes_factor` and `reset_mechanism_val`.
    #[must_use]
    pub fn alpha(self, path: &str, config: AlphaConfig) -> Self {
        self.decaying(path, "alpha", config.into_decaying())
    }
}
