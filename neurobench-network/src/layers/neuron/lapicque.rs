//! Leaky integrate-and-fire neurons as a circuit of a resistance and a capacitance, in discrete time, like snnTorch's `Lapicque`.
//!
//! Jason K. Eshraghian et al., "Training Spiking Neural Networks Using Lessons From Deep Learning", Proceedings of the IEEE
//! 111 (2023), doi [10.1109/JPROC.2023.3308088](https://doi.org/10.1109/JPROC.2023.3308088).
//!
//! With membrane `m` (zero at rest), input current `I`, resistance `R`, capacitance `C`, duration `T` of a step and threshold
//! `θ`, a step is
//!
//! ```text
//! r = 1 if m - θ > 0 else 0                 (of the old membrane: the reset comes one step after the spike)
//! u = ((I·R)·(1/(R·C)))·T + (1 - T/(R·C))·m
//! subtract:  m ← u - r·θ
//! zero:      m ← u - r·u
//! none:      m ← u
//! s = 1 if m - θ > 0 else 0                 (the output)
//! ```
//!
//! in the network's precision. Every operation is rounded; there is no fused multiply-add. `β` is also stored: if `R` or `C` is
//! missing, it is derived from `R = 1` and `R·C = T/ln(1/β)`; if both are given, `β` is not used in a step.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::{
    self, Common, Constant, Constants, Membrane, NeuronOutput, Reset, Rule, StepCounts, constant, firing,
    optional_constant,
};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

/// Leaky integrate-and-fire neurons as a circuit.
///
/// Each constant may be a tensor of the layer instead.
#[derive(Clone, Debug, PartialEq, Settings)]
pub struct LapicqueConfig {
    /// The resistance. If it is missing, it follows from `C` and `beta`; it is 1 if `C` is missing, too.
    #[param(name = "R", default = None)]
    pub resistance: Option<Constant>,
    /// The capacitance. If it is missing, it follows from `R` and `beta`.
    #[param(name = "C", default = None)]
    pub capacitance: Option<Constant>,
    /// `T`: duration of a step, in the unit of time of `R·C`. It is 1 if it is missing.
    #[param(default = None)]
    pub time_step: Option<Constant>,
    /// `β`: fraction of a membrane that remains after one step, `e^(-T/(R·C))`. It is not used in a step if both `R`
    /// and `C` are set.
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

impl LapicqueConfig {
    /// Creates neurons with this resistance and capacitance, steps of duration 1, threshold 1 and reset by subtraction.
    pub fn new(resistance: impl Into<Constant>, capacitance: impl Into<Constant>) -> Self {
        Self {
            resistance: Some(resistance.into()),
            capacitance: Some(capacitance.into()),
            time_step: Some(DEFAULT_TIME_STEP),
            beta: None,
            threshold: Some(Constant::Same(1.0)),
            reset: Reset::Subtract,
            output: NeuronOutput::Spikes,
        }
    }

    /// Sets the duration of a step.
    #[must_use]
    pub fn with_time_step(mut self, time_step: impl Into<Constant>) -> Self {
        self.time_step = Some(time_step.into());
        self
    }

    /// `e^(-T/(R·C))`, if all three are set.
    fn decay(&self) -> Option<Constant> {
        let constants = [self.resistance.clone()?, self.capacitance.clone()?, self.time_step.clone()?];
        let neurons = constants.iter().map(|constant| constant.values().len()).max().unwrap_or(1);
        let decay = |[resistance, capacitance, step]: [f64; 3]| libm::exp(-step / (resistance * capacitance));
        Some(match Constants::new(neurons, &constants, decay) {
            Constants::Same(beta) => Constant::Same(beta),
            Constants::Each(betas) => Constant::Each(betas),
        })
    }
}

firing!(LapicqueConfig);

layer!("lapicque", LapicqueConfig, build);

/// Duration of a step if it is missing.
const DEFAULT_TIME_STEP: Constant = Constant::Same(1.0);

fn build<R: Real>(config: LapicqueConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LapicqueConfig { resistance, capacitance, time_step, beta, threshold, reset, output } = config;
    let mut buffers = Vec::new();
    let beta = optional_constant::<R>(&mut parts, "beta", beta, &mut buffers)?;
    let resistance = optional_constant::<R>(&mut parts, "R", resistance, &mut buffers)?;
    let capacitance = optional_constant::<R>(&mut parts, "C", capacitance, &mut buffers)?;
    let time_step = optional_constant::<R>(&mut parts, "time_step", time_step, &mut buffers)?;
    let time_step = time_step.unwrap_or(DEFAULT_TIME_STEP);
    let threshold = constant::<R>(&mut parts, "threshold", threshold, &mut buffers)?;

    let (has_resistance, has_capacitance) = (resistance.is_some(), capacitance.is_some());
    if beta.is_none() && !(has_resistance && has_capacitance) {
        return Err(parts.problem("set `R` and `C`, or `beta`, as keys of the layer or as tensors"));
    }
    let [beta, resistance, capacitance] =
        [beta, resistance, capacitance].map(|constant| constant.unwrap_or(Constant::Same(1.0)));
    let make = |[beta, resistance, capacitance, step, threshold]: [R; 5]| {
        let missing = |other: R| step / (other * (R::one() / beta).ln());
        let resistance = if has_capacitance && !has_resistance { missing(capacitance) } else { resistance };
        let capacitance = if has_capacitance { capacitance } else { missing(resistance) };
        let rate = R::one() / (resistance * capacitance);
        let decay = R::one() - step / (resistance * capacitance);
        NeuronConstants { resistance, rate, step, decay, threshold }
    };
    let constants = Constants::new(parts.elements(), &[beta, resistance, capacitance, time_step, threshold], make);
    if !constants.all(|neuron| [neuron.resistance, neuron.rate, neuron.decay].iter().all(|value| value.is_finite())) {
        return Err(parts.problem("`R`·`C`, given or derived from `beta`, must be a finite number other than 0"));
    }
    let built = Common { reset, output }.build(parts, buffers, Lapicque { reset, constants })?;
    Ok(built.with_operations_per_update(reset.select(11, 11, 9)))
}

struct Lapicque<R> {
    reset: Reset,
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    resistance: R,
    /// `1/(R·C)`
    rate: R,
    step: R,
    /// `1 - T/(R·C)`
    decay: R,
    threshold: R,
}

impl<R: Real> Rule<R> for Lapicque<R> {
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
        current * self.resistance * self.rate * self.step + self.decay * membrane
    }
}

impl NetworkBuilder {
    /// Adds leaky integrate-and-fire neurons as a circuit, one for each input. The inputs are currents; the outputs are spikes or
    /// membranes, depending on [`LapicqueConfig::output`]. They store the same tensors as snnTorch's `Lapicque`: `R`, `C`,
    /// `time_step`, `beta`, `threshold`, `graded_spikes_factor` and `reset_mechanism_val`. A missing `beta` is computed from the first
    /// three.
    #[must_use]
    pub fn lapicque(self, path: &str, config: LapicqueConfig) -> Self {
        let beta = config.beta.clone().or_else(|| config.decay());
        let LapicqueConfig { resistance, capacitance, time_step, threshold, reset, output, .. } = config;
        self.layer(path, "lapicque", Common { reset, output }.settings())
            .constants(path, [("R", resistance), ("C", capacitance), ("time_step", time_step), ("beta", beta)])
            .common(path, threshold, reset)
    }
}
