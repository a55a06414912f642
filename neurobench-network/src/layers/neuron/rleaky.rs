//! Leaky integrate-and-fire neurons with feedback of their spikes, in discrete time, like snnTorch's `RLeaky` and `RSynaptic`:
//! `rleaky` and `rsynaptic`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With membrane `m`, spike `s` and, for `rsynaptic`, synaptic current `i` (all zero at rest), input current `I`, decays `α` and
//! `β`, clamped to 0..=1, and threshold `θ`, a step is
//!
//! ```text
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! f = V·s, or weight·s + bias               (of the old spikes; weight·s may be a convolution)
//! rleaky:     u = (β·m + I) + f
//! rsynaptic:  i ← (α·i + I) + f             u = β·m + i                    (i is never reset)
//! subtract:  m ← u - r·θ
//! zero:      m ← u - r·u
//! none:      m ← u
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! Every operation is rounded; there is no fused multiply-add. Weighted sums start with the bias and add the neurons in ascending
//! order.
//!
//! Weights between all neurons, or of a convolution whose padding is half the number of its taps, are a separate connection layer,
//! `recurrent` below the layer's path, whose inputs are the spikes of the previous step; there are none at the first step. It runs
//! once in a step; snnTorch runs it twice if the reset is to zero, with the same result. `V`, one number for all neurons or one
//! for each, is a parameter of the neurons, as `β` may be. snnTorch multiplies by it outside any linear layer, so that NeuroBench
//! counts no operations for it; this layer counts none either, and `V` is not part of connection sparsity.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::feedback::{Connections, RecurrentRule, SpikeFeedback, StepInputs};
use crate::layers::neuron::leaky::LeakyConfig;
use crate::layers::neuron::synaptic::SynapticConfig;
use crate::layers::neuron::{Common, Constant, Constants, NeuronOutput, Reset, constant, fires};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

/// Leaky integrate-and-fire neurons with feedback of their spikes.
#[derive(Clone, Debug, Settings)]
struct RLeakyConfig {
    /// `β`: fraction of a membrane that remains after one step. Clamped to 0..=1. It may be a tensor of the layer
    /// instead.
    #[param(default = None)]
    beta: Option<Constant>,
    /// `θ`: a neuron spikes when its membrane exceeds it. It may be a tensor of the layer instead.
    #[param(default = None)]
    threshold: Option<Constant>,
    /// Factor of the feedback of each neuron to itself. It may be a tensor of the layer instead; there is none with
    /// recurrent weights.
    #[param(name = "V", default = None)]
    factor: Option<Constant>,
    /// Reset of a membrane in the step after its spike.
    reset: Reset,
    /// Outputs for the next layer.
    #[param(default = NeuronOutput::Spikes)]
    output: NeuronOutput,
}

/// Leaky integrate-and-fire neurons with a synaptic current and feedback of their spikes.
#[derive(Clone, Debug, Settings)]
struct RSynapticConfig {
    /// `α`: fraction of a synaptic current that remains after one step. Clamped to 0..=1. It may be a tensor of the
    /// layer instead.
    #[param(default = None)]
    alpha: Option<Constant>,
    /// `β`: fraction of a membrane that remains after one step. Clamped to 0..=1. It may be a tensor of the layer
    /// instead.
    #[param(default = None)]
    beta: Option<Constant>,
    /// `θ`: a neuron spikes when its membrane exceeds it. It may be a tensor of the layer instead.
    #[param(default = None)]
    threshold: Option<Constant>,
    /// Factor of the feedback of each neuron to itself. It may be a tensor of the layer instead; there is none with
    /// recurrent weights.
    #[param(name = "V", default = None)]
    factor: Option<Constant>,
    /// Reset of a membrane in the step after its spike.
    reset: Reset,
    /// Outputs for the next layer.
    #[param(default = NeuronOutput::Spikes)]
    output: NeuronOutput,
}

layer!("rleaky", RLeakyConfig, leaky);
layer!("rsynaptic", RSynapticConfig, synaptic);

fn leaky<R: Real>(config: RLeakyConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let RLeakyConfig { beta, threshold, factor, reset, output } = config;
    Keys { common: Common { reset, output }, alpha: None, beta, threshold, factor }.build(parts)
}

fn synaptic<R: Real>(config: RSynapticConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let RSynapticConfig { alpha, beta, threshold, factor, reset, output } = config;
    Keys { common: Common { reset, output }, alpha: Some(alpha), beta, threshold, factor }.build(parts)
}

/// The settings of both kinds.
struct Keys {
    common: Common,
    /// `None` if there is no synaptic current.
    alpha: Option<Option<Constant>>,
    beta: Option<Constant>,
    threshold: Option<Constant>,
    factor: Option<Constant>,
}

impl Keys {
    fn build<R: Real>(self, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
        let Self { common, alpha, beta, threshold, factor } = self;
        let mut buffers = Vec::new();
        let synaptic = alpha.is_some();
        let alpha = match alpha {
            Some(alpha) => constant::<R>(&mut parts, "alpha", alpha, &mut buffers)?.map(|alpha| alpha.clamp(0.0, 1.0)),
            None => Constant::Same(0.0),
        };
        let beta = constant::<R>(&mut parts, "beta", beta, &mut buffers)?.map(|beta| beta.clamp(0.0, 1.0));
        let threshold = constant::<R>(&mut parts, "threshold", threshold, &mut buffers)?;
        common.claim::<R>(&mut parts, &mut buffers)?;
        let make = |[alpha, beta, threshold]: [R; 3]| NeuronConstants { alpha, beta, threshold };
        let constants = Constants::new(parts.elements(), &[alpha, beta, threshold], make);
        let connections = Connections::claim(&mut parts, factor)?;
        let (reset, output) = (common.reset, common.output);
        // The products with an elementwise `V` are counted here; recurrent weights count their own operations.
        let operations = 3 + u64::from(connections.is_elementwise()) + 2 * u64::from(synaptic) + reset.select(2, 2, 0);
        let built = if synaptic {
            connections.build(&parts, buffers, output, Synaptic { reset, constants })
        } else {
            connections.build(&parts, buffers, output, Leaky { reset, constants })
        };
        Ok(built.with_operations_per_update(operations))
    }
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    alpha: R,
    beta: R,
    threshold: R,
}

impl<R: Real> NeuronConstants<R> {
    /// Membrane after a reset, from the membrane before the step and the membrane without a reset.
    fn reset_membrane(&self, reset: Reset, before: R, unreset: R) -> R {
        match reset {
            Reset::Subtract => unreset - fires(before, self.threshold) * self.threshold,
            Reset::Zero => unreset - fires(before, self.threshold) * unreset,
            Reset::None => unreset,
        }
    }
}

struct Leaky<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

impl<R: Real> RecurrentRule<R> for Leaky<R> {
    fn step(&self, neuron: usize, inputs: StepInputs<R>, _: &mut R) -> R {
        let constants = self.constants.get(neuron);
        let unreset = constants.beta * inputs.membrane + inputs.current + inputs.feedback;
        constants.reset_membrane(self.reset, inputs.membrane, unreset)
    }

    fn threshold(&self, neuron: usize) -> R {
        self.constants.get(neuron).threshold
    }
}

struct Synaptic<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

impl<R: Real> RecurrentRule<R> for Synaptic<R> {
    const IS_SYNAPTIC: bool = true;

    fn step(&self, neuron: usize, inputs: StepInputs<R>, synapse: &mut R) -> R {
        let constants = self.constants.get(neuron);
        *synapse = constants.alpha * *synapse + inputs.current + inputs.feedback;
        let unreset = constants.beta * inputs.membrane + *synapse;
        constants.reset_membrane(self.reset, inputs.membrane, unreset)
    }

    fn threshold(&self, neuron: usize) -> R {
        self.constants.get(neuron).threshold
    }
}

impl NetworkBuilder {
    /// Adds leaky integrate-and-fire neurons with feedback of their spikes, one for each input. The inputs are currents; the
    /// outputs are spikes or membranes, depending on [`LeakyConfig::output`]. They store the same tensors as snnTorch's `RLeaky`.
    #[must_use]
    pub fn rleaky(self, path: &str, config: LeakyConfig, feedback: SpikeFeedback) -> Self {
        let LeakyConfig { beta, threshold, reset, output } = config;
        self.layer(path, "rleaky", Common { reset, output }.settings())
            .constants(path, [("beta", beta)])
            .common(path, threshold, reset)
            .feedback(path, feedback)
    }

    /// Adds leaky integrate-and-fire neurons with a synaptic current and feedback of their spikes, one for each input. The inputs
    /// are currents; the outputs are spikes or membranes, depending on [`SynapticConfig::output`]. They store the same tensors as
    /// snnTorch's `RSynaptic`.
    #[must_use]
    pub fn rsynaptic(self, path: &str, config: SynapticConfig, feedback: SpikeFeedback) -> Self {
        self.decaying(path, "rsynaptic", config).feedback(path, feedback)
    }
}
