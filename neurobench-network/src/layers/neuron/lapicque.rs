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

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::neuron::{
    self, Common, Constant, Constants, Membrane, NeuronOutput, Reset, Rule, StepCounts, constant, firing,
    optional_constant,
};
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::real::Real;

static KIND: Kind = Kind::new("lapicque", build, build);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&KIND));

/// Constants of leaky integrate-and-fire neurons as a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct LapicqueConfig {
    /// `R`: the resistance.
    pub resistance: Constant,
    /// `C`: the capacitance.
    pub capacitance: Constant,
    /// `T`: duration of a step, in the unit of time of `R·C`.
    pub time_step: Constant,
    /// `θ`: a neuron spikes when its membrane exceeds it.
    pub threshold: Constant,
    /// Reset of a membrane in the step after its spike.
    pub reset: Reset,
    /// Outputs for the next layer.
    pub output: NeuronOutput,
}

impl LapicqueConfig {
    /// Creates neurons with this resistance and capacitance, steps of duration 1, threshold 1 and reset by subtraction.
    pub fn new(resistance: impl Into<Constant>, capacitance: impl Into<Constant>) -> Self {
        let (resistance, capacitance) = (resistance.into(), capacitance.into());
        let (time_step, threshold) = (Constant::Same(1.0), Constant::Same(1.0));
        Self { resistance, capacitance, time_step, threshold, reset: Reset::Subtract, output: NeuronOutput::Spikes }
    }

    /// Sets the duration of a step.
    #[must_use]
    pub fn with_time_step(mut self, time_step: impl Into<Constant>) -> Self {
        self.time_step = time_step.into();
        self
    }
}

firing!(LapicqueConfig);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    reset: Reset,
    #[serde(default)]
    output: NeuronOutput,
    beta: Option<Constant>,
    #[serde(rename = "R")]
    resistance: Option<Constant>,
    #[serde(rename = "C")]
    capacitance: Option<Constant>,
    time_step: Option<Constant>,
    threshold: Option<Constant>,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let Config { reset, output, beta, resistance, capacitance, time_step, threshold } = parts.settings()?;
    let mut buffers = Vec::new();
    let beta = optional_constant::<R>(&mut parts, "beta", beta, &mut buffers)?;
    let resistance = optional_constant::<R>(&mut parts, "R", resistance, &mut buffers)?;
    let capacitance = optional_constant::<R>(&mut parts, "C", capacitance, &mut buffers)?;
    let time_step = optional_constant::<R>(&mut parts, "time_step", time_step, &mut buffers)?;
    let time_step = time_step.unwrap_or(Constant::Same(1.0));
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
    /// `time_step`, `beta`, `threshold`, `graded_spikes_factor` and `reset_mechanism_val`.
    #[must_use]
    pub fn lapicque(self, path: &str, config: LapicqueConfig) -> Self {
        let LapicqueConfig { resistance, capacitance, time_step, threshold, reset, output } = config;
        let constants = [&resistance, &capacitance, &time_step];
        let neurons = constants.iter().map(|constant| constant.values().len()).max().unwrap_or(1);
        let decay = |[resistance, capacitance, step]: [f64; 3]| libm::exp(-step / (resistance * capacitance));
        let beta = match Constants::new(neurons, &constants.map(Constant::clone), decay) {
            Constants::Same(beta) => Constant::Same(beta),
            Constants::Each(betas) => Constant::Each(betas),
        };
        self.layer(path, KIND.name, Common { reset, output }.settings())
            .constant(path, "R", resistance)
            .constant(path, "C", capacitance)
            .constant(path, "time_step", time_step)
            .constant(path, "beta", beta)
            .common(path, threshold, reset)
    }
}
