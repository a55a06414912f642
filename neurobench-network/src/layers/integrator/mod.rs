//! The neurons of NIR: `integrator`, `leaky_integrator`, `integrate_and_fire`, `leaky_integrate_and_fire`,
//! `current_based_leaky_integrator`, `current_based_leaky_integrate_and_fire`.
//!
//! ```text
//! without leak    v̇ = r·x
//! leaky           tau·v̇ = (v_leak - v) + r·x
//! current based   tau_syn·i̇ = -i + w_in·x,   tau_mem·v̇ = (v_leak - v) + r·i
//! and fire        if v > v_threshold: a spike, and v ← v_reset
//! ```
//!
//! Neurons that do not fire output `v`. [`StepRule`] defines a step of length `dt` and the order of its operations.

mod config;
mod dynamics;

use std::collections::BTreeMap;

pub use config::IntegratorConfig;
pub use dynamics::{
    Current, Dynamics, Integration, Simulator, Spikes, StepReset, StepRule, StepTiming, UnknownDynamics,
};

use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::neuron::{Constant, Constants, constant, optional_constant};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{HookPoint, Layer, StoredTensor};

/// Features of a kind of neurons.
#[derive(Clone, Copy)]
struct Features {
    leak: bool,
    synapses: bool,
    spikes: bool,
}

/// Defines the settings of a kind of neurons: the step and these constants.
macro_rules! settings {
    ($(#[$doc:meta])* $settings:ident: $($constant:ident)*) => {
        settings!(@ [$(#[$doc])* $settings] [] $($constant)*);
    };
    (@ [$(#[$doc:meta])* $settings:ident] [$($constants:tt)*]) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Settings)]
        struct $settings {
            /// Time step in seconds.
            dt: f64,
            /// Name of a simulator whose steps the neurons take, or a table with the rule of a step.
            dynamics: Dynamics,
            $($constants)*
        }
    };
    (@ $head:tt [$($done:tt)*] $constant:ident = $doc:tt; $($rest:ident)*) => {
        settings!(@ $head [
            $($done)*
            #[doc = $doc]
            #[param(default = None)]
            $constant: Option<Constant>,
        ] $($rest)*);
    };
    (@ $head:tt $done:tt r $($rest:ident)*) => {
        settings!(@ $head $done r = "Resistance. It may be a tensor of the layer instead."; $($rest)*);
    };
    (@ $head:tt $done:tt tau $($rest:ident)*) => {
        settings!(@ $head $done tau =
            "Time constant of the membrane, in seconds. It may be a tensor of the layer instead."; $($rest)*);
    };
    (@ $head:tt $done:tt tau_mem $($rest:ident)*) => {
        settings!(@ $head $done tau_mem =
            "Time constant of the membrane, in seconds. It may be a tensor of the layer instead."; $($rest)*);
    };
    (@ $head:tt $done:tt tau_syn $($rest:ident)*) => {
        settings!(@ $head $done tau_syn =
            "Time constant of the synaptic current, in seconds. It may be a tensor of the layer instead."; $($rest)*);
    };
    (@ $head:tt $done:tt w_in $($rest:ident)*) => {
        settings!(@ $head $done w_in =
            "Factor of the inputs. It may be a tensor of the layer instead; it is 1 if it is missing."; $($rest)*);
    };
    (@ $head:tt $done:tt v_leak $($rest:ident)*) => {
        settings!(@ $head $done v_leak =
            "Resting value of the membrane. It may be a tensor of the layer instead; it is 0 if it is missing."; $($rest)*);
    };
    (@ $head:tt $done:tt v_threshold $($rest:ident)*) => {
        settings!(@ $head $done v_threshold =
            "Threshold of the membrane. It may be a tensor of the layer instead."; $($rest)*);
    };
    (@ $head:tt $done:tt v_reset $($rest:ident)*) => {
        settings!(@ $head $done v_reset =
            "Value of the membrane after a spike. It may be a tensor of the layer instead; it is 0 if it is missing."; $($rest)*);
    };
}

/// Registers a kind of neurons with these features and constants.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $build:ident = $name:literal, $settings:ident ($leak:literal, $synapses:literal, $spikes:literal):
        $($constant:ident)*;
    )*) => { $(
        settings!($(#[$doc])* $settings: $($constant)*);
        layer!($name, $settings, $build);

        fn $build<R: Real>(settings: $settings, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
            let $settings { dt, dynamics, $($constant),* } = settings;
            let features = Features { leak: $leak, synapses: $synapses, spikes: $spikes };
            let keys = BTreeMap::from([$((stringify!($constant), $constant)),*]);
            build(parts, features, dt, dynamics, keys)
        }
    )* };
}
kinds! {
    /// Integrators.
    integrator = "integrator", Integrator (false, false, false): r;
    /// Leaky integrators.
    leaky_integrator = "leaky_integrator", LeakyIntegrator (true, false, false): tau r v_leak;
    /// Integrate-and-fire neurons.
    integrate_and_fire = "integrate_and_fire", IntegrateAndFire (false, false, true): r v_threshold v_reset;
    /// Leaky integrate-and-fire neurons.
    leaky_integrate_and_fire = "leaky_integrate_and_fire", LeakyIntegrateAndFire (true, false, true):
        tau r v_leak v_threshold v_reset;
    /// Leaky integrators of a synaptic current.
    current_based_leaky_integrator = "current_based_leaky_integrator", CurrentBasedLeakyIntegrator (true, true, false):
        tau_syn tau_mem r v_leak w_in;
    /// Leaky integrate-and-fire neurons on a synaptic current.
    current_based_leaky_integrate_and_fire = "current_based_leaky_integrate_and_fire",
        CurrentBasedLeakyIntegrateAndFire (true, true, true): tau_syn tau_mem r v_leak v_threshold v_reset w_in;
}

fn build<R: Real>(
    mut parts: Parts<'_, '_>,
    features: Features,
    dt: f64,
    dynamics: Dynamics,
    keys: BTreeMap<&'static str, Option<Constant>>,
) -> Result<BuiltLayer<R>, NetworkError> {
    if !(dt.is_finite() && dt > 0.0) {
        return Err(parts.problem(format!("`dt` must be longer than 0 seconds, found {dt}")));
    }
    let mut parameters = Parameters { keys, buffers: Vec::new() };
    let tau = if features.synapses { "tau_mem" } else { "tau" };
    let ones = Constant::Same(1.0);
    let zeros = Constant::Same(0.0);
    let r = parameters.required::<R>(&mut parts, "r")?;
    let tau_mem = if features.leak { parameters.time_constant::<R>(&mut parts, tau)? } else { ones.clone() };
    let v_leak = if features.leak { parameters.optional::<R>(&mut parts, "v_leak", 0.0)? } else { zeros.clone() };
    let (tau_syn, w_in) = if features.synapses {
        (parameters.time_constant::<R>(&mut parts, "tau_syn")?, parameters.optional::<R>(&mut parts, "w_in", 1.0)?)
    } else {
        (ones.clone(), ones)
    };
    let (v_threshold, v_reset) = if features.spikes {
        (parameters.required::<R>(&mut parts, "v_threshold")?, parameters.optional::<R>(&mut parts, "v_reset", 0.0)?)
    } else {
        (zeros.clone(), zeros)
    };
    let Parameters { buffers, .. } = parameters;
    let rule = dynamics.rule(features.leak);
    if features.spikes {
        check_spiking(&parts, rule, &v_threshold, &v_reset)?;
    }
    let longest = |tau: &Constant| tau.values().iter().all(|tau| dt <= *tau);
    if rule.integration == Integration::Euler
        && features.leak
        && !(longest(&tau_mem) && (!features.synapses || longest(&tau_syn)))
    {
        return Err(
            parts.problem(format!("`dt` = {dt} is longer than a time constant, which forward Euler does not support"))
        );
    }
    let neurons = parts.elements();
    let constants = [tau_syn, w_in, tau_mem, r, v_leak, v_threshold, v_reset];
    let constants = Constants::new(neurons, &constants, |[tau_syn, w_in, tau_mem, r, v_leak, v_threshold, v_reset]| {
        let synapse = Step::new(rule.integration, dt / tau_syn);
        let membrane = if features.leak {
            Step::new(rule.integration, dt / tau_mem)
        } else {
            Step { keep: 1.0, input: dt, leak: 0.0 }
        };
        NeuronConstants {
            synapse_keep: R::nearest(synapse.keep),
            synapse_gain: R::nearest(synapse.input * w_in),
            keep: R::nearest(membrane.keep),
            gain: R::nearest(membrane.input * r),
            rest: R::nearest(membrane.leak * v_leak),
            threshold: R::nearest(v_threshold),
            reset: R::nearest(if rule.reset == StepReset::ToReset { v_reset } else { 0.0 }),
        }
    });
    if !constants.all(NeuronConstants::is_finite) {
        let causes = "check `dt`, the time constants, `r`, `w_in` and `v_leak`";
        return Err(parts.problem(format!("a constant of a step is out of range for {}: {causes}", R::NAME)));
    }
    let layer = buffers.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_buffer);
    let layer = if features.spikes { layer } else { layer.without_spikes() };
    let layer = layer.with_hook_point(HookPoint::PreResetMembranes);
    let layer = if features.synapses { layer.with_hook_point(HookPoint::SynapticCurrents) } else { layer };
    let built = BuiltLayer::new(layer, Integrators { neurons, features, rule, constants }, parts.shape.to_vec());
    Ok(built.with_operations_per_update(operations_per_update(features, rule)))
}

/// Number of multiplications, divisions, additions and subtractions of a step of [`StepRule`]. As for the other neurons,
/// comparisons do not count, constants are precomputed, and a reset is written in terms of the spikes `s`:
/// `v - s·v_threshold`, `(1 - s)·v` and `v - s·(v - v_reset)`.
fn operations_per_update(features: Features, rule: StepRule) -> u64 {
    let current = if features.synapses { 3 } else { 0 };
    let membrane = if features.leak { 4 } else { 2 };
    if !features.spikes {
        return current + membrane;
    }
    let spikes = match (rule.several, rule.spikes) {
        (false, _) => 0,
        // Floor of v/v_threshold, or its ceiling minus one.
        (true, Spikes::AtOrAbove) => 1,
        (true, Spikes::Above) => 2,
    };
    let reset = match rule.reset {
        StepReset::Subtract | StepReset::ToZero => 2,
        StepReset::ToReset => 3,
        StepReset::None => 0,
    };
    current + membrane + spikes + reset
}

fn check_spiking(
    parts: &Parts<'_, '_>,
    rule: StepRule,
    v_threshold: &Constant,
    v_reset: &Constant,
) -> Result<(), NetworkError> {
    let resets_to_zero = matches!(rule.reset, StepReset::ToZero | StepReset::Subtract);
    if let Some(value) = v_reset.values().iter().find(|value| resets_to_zero && **value != 0.0) {
        return Err(parts.problem(format!(
            "`v_reset` contains {value}, but these dynamics reset to zero or by subtraction; the dynamics of norse reset to `v_reset`"
        )));
    }
    if let Some(value) = v_threshold.values().iter().find(|value| (rule.several || rule.floor) && **value <= 0.0) {
        return Err(parts.problem(format!("`v_threshold` must be above zero for these dynamics, found {value}")));
    }
    Ok(())
}

/// Constants among the settings of a layer, and the tensors that were claimed.
struct Parameters {
    keys: BTreeMap<&'static str, Option<Constant>>,
    buffers: Vec<StoredTensor>,
}

impl Parameters {
    fn required<R: Real>(&mut self, parts: &mut Parts<'_, '_>, name: &str) -> Result<Constant, NetworkError> {
        let key = self.keys.remove(name).flatten();
        constant::<R>(parts, name, key, &mut self.buffers)
    }

    fn optional<R: Real>(
        &mut self,
        parts: &mut Parts<'_, '_>,
        name: &str,
        value: f64,
    ) -> Result<Constant, NetworkError> {
        let key = self.keys.remove(name).flatten();
        let constant = optional_constant::<R>(parts, name, key, &mut self.buffers)?;
        Ok(constant.unwrap_or(Constant::Same(value)))
    }

    fn time_constant<R: Real>(&mut self, parts: &mut Parts<'_, '_>, name: &str) -> Result<Constant, NetworkError> {
        let constant = self.required::<R>(parts, name)?;
        match constant.values().iter().find(|tau| **tau <= 0.0) {
            Some(tau) => {
                Err(parts.problem(format!("the time constant `{name}` must be longer than 0 seconds, found {tau}")))
            }
            None => Ok(constant),
        }
    }
}

/// Factors of a step of a leaky quantity: of the quantity itself, its input and its resting value.
struct Step {
    keep: f64,
    input: f64,
    leak: f64,
}

impl Step {
    /// Creates the factors for a step whose length is `steps` time constants.
    fn new(integration: Integration, steps: f64) -> Self {
        let (decay, gone) = (libm::exp(-steps), -libm::expm1(-steps));
        match integration {
            Integration::Euler => Self { keep: 1.0 - steps, input: steps, leak: steps },
            Integration::Exponential => Self { keep: decay, input: gone, leak: gone },
            Integration::Impulse => Self { keep: decay, input: steps, leak: gone },
        }
    }
}

/// The kernel. The state is the membranes, the synaptic currents if there are any, and the outputs that are delayed by a step.
struct Integrators<R> {
    neurons: usize,
    features: Features,
    rule: StepRule,
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    synapse_keep: R,
    synapse_gain: R,
    keep: R,
    gain: R,
    rest: R,
    threshold: R,
    /// Value of a membrane after a spike, unless the threshold is subtracted.
    reset: R,
}

impl<R: Real> NeuronConstants<R> {
    fn is_finite(&self) -> bool {
        let Self { synapse_keep, synapse_gain, keep, gain, rest, threshold, reset } = *self;
        [synapse_keep, synapse_gain, keep, gain, rest, threshold, reset].into_iter().all(Real::is_finite)
    }
}

impl<R: Real> Kernel<R> for Integrators<R> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        self.neurons * (1 + usize::from(self.features.synapses) + usize::from(self.rule.output == StepTiming::NextStep))
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        (self.features.spikes && !self.rule.several).then_some(1.0)
    }

    fn emits_spikes(&self) -> bool {
        self.features.spikes
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        if hook.wants(HookPoint::PreResetMembranes.either()) {
            let before_reset = workspace.numbers.room(self.neurons);
            self.run_rows::<true>(inputs, state, outputs, before_reset, hook);
        } else {
            self.run_rows::<false>(inputs, state, outputs, &mut [], hook);
        }
    }
}

impl<R: Real> Integrators<R> {
    /// Runs all rows. With `TRACED`, the membranes before the reset are written for each row and reported.
    fn run_rows<const TRACED: bool>(
        &self,
        inputs: &[R],
        state: &mut [R],
        outputs: &mut [R],
        before_reset: &mut [R],
        hook: &mut Hook<'_>,
    ) {
        let (membranes, others) = state.split_at_mut(self.neurons);
        let (currents, delayed) = others.split_at_mut(if self.features.synapses { self.neurons } else { 0 });
        let reports_currents = self.features.synapses && hook.wants(HookPoint::SynapticCurrents.either());
        let mut nonzero = 0;
        let rows = inputs.chunks_exact(self.neurons).zip(outputs.chunks_exact_mut(self.neurons));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let mut changed = 0;
            for (index, (input, output)) in inputs.iter().zip(&mut *outputs).enumerate() {
                let neuron = self.constants.get(index);
                let membrane = &mut membranes[index];
                let drive = match currents.get_mut(index) {
                    Some(current) => {
                        let before = *current;
                        *current = neuron.synapse_keep * before + neuron.synapse_gain * *input;
                        if self.rule.current == Current::Old { before } else { *current }
                    }
                    None => *input,
                };
                let charged = self.charged(*membrane, drive, neuron);
                if TRACED {
                    before_reset[index] = charged;
                }
                let (after, result) = self.fired(charged, neuron);
                changed += u64::from(after != *membrane);
                *membrane = after;
                *output = match delayed.get_mut(index) {
                    Some(delayed) => std::mem::replace(delayed, result),
                    None => result,
                };
                nonzero += u64::from(!output.is_zero());
            }
            hook.membranes(row, changed, membranes);
            if TRACED {
                hook.report(HookPoint::PreResetMembranes, row, before_reset);
            }
            if reports_currents {
                hook.report(HookPoint::SynapticCurrents, row, currents);
            }
        }
        hook.activations(nonzero, outputs, self.neurons);
    }

    /// Returns the membrane that is compared with the threshold in a step.
    #[inline]
    fn charged(&self, membrane: R, drive: R, neuron: &NeuronConstants<R>) -> R {
        let next = |membrane: R| (neuron.keep * membrane + neuron.gain * drive) + neuron.rest;
        if !self.features.spikes {
            return next(membrane);
        }
        let charged = match self.rule.reset_at {
            StepTiming::SameStep => next(membrane),
            StepTiming::NextStep => {
                let spikes = self.spikes(membrane, neuron);
                match self.rule.reset {
                    StepReset::Subtract => next(membrane) - spikes * neuron.threshold,
                    StepReset::ToReset | StepReset::ToZero if !spikes.is_zero() => next(neuron.reset),
                    _ => next(membrane),
                }
            }
        };
        if self.rule.floor && charged < -neuron.threshold { -neuron.threshold } else { charged }
    }

    /// Returns the membrane after a step and the output, from the membrane that is compared with the threshold.
    #[inline]
    fn fired(&self, charged: R, neuron: &NeuronConstants<R>) -> (R, R) {
        if !self.features.spikes {
            return (charged, charged);
        }
        let spikes = self.spikes(charged, neuron);
        if self.rule.reset_at == StepTiming::NextStep || spikes.is_zero() {
            return (charged, spikes);
        }
        let membrane = match self.rule.reset {
            StepReset::Subtract => charged - spikes * neuron.threshold,
            StepReset::ToReset | StepReset::ToZero => neuron.reset,
            StepReset::None => charged,
        };
        (membrane, spikes)
    }

    /// Number of spikes of a membrane.
    fn spikes(&self, membrane: R, neuron: &NeuronConstants<R>) -> R {
        let fires = match self.rule.spikes {
            Spikes::Above => membrane > neuron.threshold,
            Spikes::AtOrAbove => membrane >= neuron.threshold,
        };
        if !fires {
            return R::zero();
        }
        if !self.rule.several {
            return R::one();
        }
        let thresholds = (membrane / neuron.threshold).as_f64();
        let passed = match self.rule.spikes {
            Spikes::Above => thresholds.ceil() - 1.0,
            Spikes::AtOrAbove => thresholds.floor(),
        };
        R::nearest(passed.max(1.0))
    }
}
