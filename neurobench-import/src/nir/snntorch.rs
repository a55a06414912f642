//! Conversion of snnTorch's neurons to nodes and back.
//!
//! A step of length `dt` by forward Euler is equal to theirs with
//!
//! ```text
//! leaky      LIF       tau = dt/(1 - β)                                 r = tau/dt
//! synaptic   CubaLIF   tau_mem = dt/(1 - β)    tau_syn = dt/(1 - α)     r = tau_mem/dt    w_in = tau_syn/dt
//! lapicque   LIF       tau = dt·R·C/T                                   r = R
//! ```
//!
//! except for the reset, which NIR does immediately and to `v_reset`. The metadata contain the reset and also the constants, because
//! the time constants do not determine them to the last bit, and because NIR has one number for each neuron where a layer may have
//! a single one.

use ndarray::ArrayD;

use super::from_network::{Findings, LayerLift};
use super::to_network::{Lowering, constant, number, with_shape};
use super::{Loss, NirError, Parameter, Primitive, Value};
use neurobench_network::SynapticConfig;
use neurobench_network::{
    Constant, Dynamics, LapicqueConfig, LeakyConfig, NetworkBuilder, NeuronOutput, Reset, Simulator,
};

impl LayerLift<'_> {
    /// Converts a neuron of snnTorch to a primitive.
    pub(super) fn snntorch(&mut self, findings: &mut Findings) -> Result<Primitive, NirError> {
        let dt = self.dt()?;
        self.note_reset(findings)?;
        self.note("dt", Value::Float(dt));
        self.note("dynamics", Value::Text(Simulator::SnnTorch.name().to_owned()));
        let threshold = self.constant("threshold")?.ok_or_else(|| self.problem("missing `threshold`"))?;
        // A single number becomes a single number again, although NIR stores one for each neuron.
        self.note_constant("threshold", &threshold);
        let v_threshold = self.spread(threshold)?;
        let zeros = self.spread(vec![0.0])?;
        let (v_leak, v_reset) = (zeros.clone(), zeros);
        if self.entry.kind == "lapicque" {
            let (tau, r) = self.circuit(dt)?;
            return Ok(Primitive::Lif { tau: self.spread(tau)?, r: self.spread(r)?, v_leak, v_threshold, v_reset });
        }
        let tau = self.time_constants("beta", dt)?;
        let r = self.spread(tau.iter().map(|tau| tau / dt).collect())?;
        let tau = self.spread(tau)?;
        if self.entry.kind == "leaky" {
            return Ok(Primitive::Lif { tau, r, v_leak, v_threshold, v_reset });
        }
        let tau_syn = self.time_constants("alpha", dt)?;
        let w_in = self.spread(tau_syn.iter().map(|tau| tau / dt).collect())?;
        Ok(Primitive::CubaLif { tau_syn: self.spread(tau_syn)?, tau_mem: tau, r, v_leak, v_threshold, v_reset, w_in })
    }

    /// Stores the reset and the output in the metadata.
    fn note_reset(&mut self, findings: &mut Findings) -> Result<(), NirError> {
        let Some(toml::Value::String(reset)) = self.keys.remove("reset") else {
            return Err(self.problem("missing `reset`"));
        };
        let layer = format!("layer `{}`", self.entry.path);
        findings.losses.insert((Loss::Reset, layer.clone()));
        self.note("reset_mechanism", Value::Text(reset));
        if let Some(output) = self.keys.remove("output")
            && output.as_str() == Some("membrane")
        {
            findings.losses.insert((Loss::Output, layer));
            self.note("output", Value::Text("membrane".to_owned()));
        }
        Ok(())
    }

    fn note(&mut self, key: &str, value: Value) {
        self.metadata.insert(key.to_owned(), value);
    }

    /// Stores a constant in the metadata: a single number, or one for each neuron.
    fn note_constant(&mut self, key: &str, values: &[f64]) {
        let value = match *values {
            [value] => Value::Float(value),
            _ => Value::Numbers(Parameter::F64(ArrayD::from_shape_fn(vec![values.len()], |at| values[at[0]]))),
        };
        self.note(key, value);
    }

    /// Converts a decay to time constants, and stores the decay in the metadata.
    fn time_constants(&mut self, name: &str, dt: f64) -> Result<Vec<f64>, NirError> {
        let decay = self.constant(name)?.ok_or_else(|| self.problem(format!("missing `{name}`")))?;
        let decay: Vec<f64> = decay.into_iter().map(|decay| decay.clamp(0.0, 1.0)).collect();
        if decay.contains(&1.0) {
            return Err(self.problem(format!("`{name}` must be below 1 to have a time constant")));
        }
        self.note_constant(name, &decay);
        Ok(decay.iter().map(|decay| dt / (1.0 - decay)).collect())
    }

    /// Converts the constants of circuits to time constants and resistances, and stores the constants in the metadata.
    fn circuit(&mut self, dt: f64) -> Result<(Vec<f64>, Vec<f64>), NirError> {
        let (Some(resistance), Some(capacitance)) = (self.constant("R")?, self.constant("C")?) else {
            return Err(self.problem("`R` and `C` are required, because a LIF node of NIR needs the time constant and the resistance of the circuit"));
        };
        let step = self.constant("time_step")?.unwrap_or_else(|| vec![1.0]);
        // `beta` is used only if `R` and `C` are missing.
        self.constant("beta")?;
        for (key, values) in [("R", &resistance), ("C", &capacitance), ("time_step", &step)] {
            self.note_constant(key, values);
        }
        // A single number applies to every neuron.
        let neurons = resistance.len().max(capacitance.len()).max(step.len());
        let each = |values: &[f64]| values.iter().copied().cycle().take(neurons).collect::<Vec<_>>();
        let (resistance, capacitance, step) = (each(&resistance), each(&capacitance), each(&step));
        let circuits = resistance.iter().zip(&capacitance).zip(&step);
        let tau: Vec<f64> =
            circuits.map(|((resistance, capacitance), step)| dt * resistance * capacitance / step).collect();
        match tau.iter().find(|tau| !(tau.is_finite() && **tau > 0.0)) {
            Some(_) => Err(self.problem("`R`·`C` and `time_step` must be above 0 for a time constant")),
            None => Ok((tau, resistance)),
        }
    }
}

impl Lowering<'_> {
    /// Reset of a neuron of snnTorch from the metadata, if the dynamics are those of snnTorch.
    pub(super) fn snntorch_reset(&self) -> Result<Option<Reset>, NirError> {
        let Some(mechanism) = self.node.metadata.get("reset_mechanism") else { return Ok(None) };
        if self.dynamics()? != Dynamics::Simulator(Simulator::SnnTorch) {
            return Ok(None);
        }
        match mechanism {
            Value::Text(text) => match text.as_str() {
                "subtract" => Ok(Some(Reset::Subtract)),
                "zero" => Ok(Some(Reset::Zero)),
                "none" => Ok(Some(Reset::None)),
                _ => Err(self.unsupported(format!(
                    "the `reset_mechanism` of its metadata must be \"subtract\", \"zero\" or \"none\", found {text:?}"
                ))),
            },
            _ => Err(self.unsupported("the `reset_mechanism` of its metadata must be text")),
        }
    }

    /// Converts a node to the neurons of snnTorch, with this reset.
    pub(super) fn snntorch(&self, builder: NetworkBuilder, reset: Reset) -> Result<NetworkBuilder, NirError> {
        let dt = self.dt()?;
        let output = match self.node.metadata.get("output") {
            Some(Value::Text(text)) if text == "membrane" => NeuronOutput::Membrane,
            _ => NeuronOutput::Spikes,
        };
        match &self.node.primitive {
            Primitive::CubaLif { tau_syn, tau_mem, r, w_in, v_leak, v_threshold, v_reset } => {
                self.check_at_zero([("v_leak", v_leak), ("v_reset", v_reset)])?;
                let gains =
                    gains(dt, tau_syn, w_in).zip(gains(dt, tau_mem, r)).map(|(synapse, membrane)| synapse * membrane);
                let threshold = self.noted_threshold(unscaled(v_threshold, gains))?;
                let (alpha, beta) = (self.decay("alpha", dt, tau_syn)?, self.decay("beta", dt, tau_mem)?);
                let config = SynapticConfig::new(alpha, beta).with_threshold(threshold).with_reset(reset);
                Ok(builder.synaptic(self.name, config.with_output(output)).with_constant_shape(tau_mem.shape()))
            }
            Primitive::Lif { tau, r, v_leak, v_threshold, v_reset } => {
                self.check_at_zero([("v_leak", v_leak), ("v_reset", v_reset)])?;
                if let (Some(resistance), Some(capacitance)) = (self.stored("R")?, self.stored("C")?) {
                    // Steps of another length are another fraction of the same time constant.
                    let longer = number(&self.node.metadata, "dt").map_or(1.0, |stored| dt / stored);
                    let time_step = self.stored("time_step")?.unwrap_or(Constant::Same(1.0)).map(|step| step * longer);
                    let config = LapicqueConfig::new(resistance, capacitance).with_time_step(time_step);
                    let threshold = self.noted_threshold(constant(v_threshold))?;
                    let config = config.with_threshold(threshold).with_reset(reset).with_output(output);
                    return Ok(builder.lapicque(self.name, config).with_constant_shape(tau.shape()));
                }
                let threshold = self.noted_threshold(unscaled(v_threshold, gains(dt, tau, r)))?;
                let beta = self.decay("beta", dt, tau)?;
                let config = LeakyConfig::new(beta).with_threshold(threshold).with_reset(reset);
                Ok(builder.leaky(self.name, config.with_output(output)).with_constant_shape(tau.shape()))
            }
            _ => Err(self.unsupported("expected LIF or CubaLIF")),
        }
    }

    fn check_at_zero(&self, parameters: [(&str, &Parameter); 2]) -> Result<(), NirError> {
        for (name, parameter) in parameters {
            if let Some(value) = parameter.values().find(|value| *value != 0.0) {
                return Err(self.unsupported(format!("`{name}` must be zero with snnTorch's reset, found {value}")));
            }
        }
        Ok(())
    }

    /// Decay of a step: from the metadata if `dt` is the same, otherwise from the time constants.
    fn decay(&self, name: &str, dt: f64, tau: &Parameter) -> Result<Constant, NirError> {
        let is_same_length = number(&self.node.metadata, "dt").is_none_or(|stored| stored == dt);
        let stored = if is_same_length { self.stored(name)? } else { None };
        Ok(stored.unwrap_or_else(|| with_shape(tau.shape(), tau.values().map(|tau| 1.0 - dt / tau).collect())))
    }

    /// The threshold as a single number if the metadata contain it so and all neurons have it.
    fn noted_threshold(&self, threshold: Constant) -> Result<Constant, NirError> {
        Ok(match (self.stored("threshold")?, threshold) {
            (Some(Constant::Same(noted)), Constant::Each(values)) if values.iter().all(|value| *value == noted) => {
                Constant::Same(noted)
            }
            (_, threshold) => threshold,
        })
    }

    /// Reads a constant from the metadata.
    fn stored(&self, name: &str) -> Result<Option<Constant>, NirError> {
        match self.node.metadata.get(name) {
            None => Ok(None),
            Some(Value::Float(value)) => Ok(Some(Constant::Same(*value))),
            Some(Value::Integer(value)) => Ok(Some(Constant::Same(*value as f64))),
            Some(Value::Numbers(values)) => Ok(Some(constant(values))),
            Some(_) => Err(self.unsupported(format!("the `{name}` of its metadata must be numbers"))),
        }
    }
}

/// Factors of the inputs in a step.
fn gains(dt: f64, tau: &Parameter, factor: &Parameter) -> impl Iterator<Item = f64> {
    tau.values().zip(factor.values()).map(move |(tau, factor)| factor * dt / tau)
}

/// Threshold of membranes whose inputs are not multiplied by these factors.
fn unscaled(threshold: &Parameter, gains: impl Iterator<Item = f64>) -> Constant {
    // Keep the threshold unchanged if the factor differs from 1 only by rounding.
    let unscaled =
        |(threshold, gain): (f64, f64)| if (gain - 1.0).abs() <= 1e-6 { threshold } else { threshold / gain };
    with_shape(threshold.shape(), threshold.values().zip(gains).map(unscaled).collect())
}
