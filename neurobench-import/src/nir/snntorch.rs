//! The neurons of snnTorch as nodes, and such nodes as the neurons that they were.
//!
//! A step of length `dt` by forward Euler is theirs with
//!
//! ```text
//! leaky      LIF       tau = dt/(1 - β)                                 r = tau/dt
//! synaptic   CubaLIF   tau_mem = dt/(1 - β)    tau_syn = dt/(1 - α)     r = tau_mem/dt    w_in = tau_syn/dt
//! lapicque   LIF       tau = dt·R·C/T                                   r = R
//! ```
//!
//! but for the reset, which NIR makes at once and to `v_reset`. It is noted in the metadata, and the constants with it: they do not
//! follow from the time constants to the last bit.

use ndarray::ArrayD;

use super::lift::{Found, Lifted};
use super::lower::{Lowering, collapsed, constant, number};
use super::{Loss, NirError, Parameter, Primitive, Value};
use neurobench_network::SynapticConfig;
use neurobench_network::{
    Constant, Dynamics, LapicqueConfig, LeakyConfig, NetworkBuilder, NeuronOutput, Reset, Simulator,
};

impl Lifted<'_> {
    /// Neurons of snnTorch that have a primitive.
    pub(super) fn snntorch(&mut self, found: &mut Found) -> Result<Primitive, NirError> {
        let dt = self.dt()?;
        self.note_reset(found)?;
        self.note("dt", Value::Float(dt));
        self.note("dynamics", Value::Text(Simulator::SnnTorch.name().to_owned()));
        let v_threshold = self.of_each("threshold", None)?;
        let zeros = self.spread(vec![0.0])?;
        let (v_leak, v_reset) = (zeros.clone(), zeros);
        if self.entry.kind == "lapicque" {
            let (tau, r) = self.circuit(dt)?;
            return Ok(Primitive::Lif { tau: self.spread(tau)?, r: self.spread(r)?, v_leak, v_threshold, v_reset });
        }
        let tau = self.decaying("beta", dt)?;
        let r = self.spread(tau.iter().map(|tau| tau / dt).collect())?;
        let tau = self.spread(tau)?;
        if self.entry.kind == "leaky" {
            return Ok(Primitive::Lif { tau, r, v_leak, v_threshold, v_reset });
        }
        let tau_syn = self.decaying("alpha", dt)?;
        let w_in = self.spread(tau_syn.iter().map(|tau| tau / dt).collect())?;
        Ok(Primitive::CubaLif { tau_syn: self.spread(tau_syn)?, tau_mem: tau, r, v_leak, v_threshold, v_reset, w_in })
    }

    /// Notes how they reset and what they give.
    fn note_reset(&mut self, found: &mut Found) -> Result<(), NirError> {
        let Some(toml::Value::String(reset)) = self.keys.remove("reset") else {
            return Err(self.problem("it has no `reset`"));
        };
        let layer = format!("layer `{}`", self.entry.path);
        found.losses.insert((Loss::Reset, layer.clone()));
        self.note("reset_mechanism", Value::Text(reset));
        if let Some(output) = self.keys.remove("output")
            && output.as_str() == Some("membrane")
        {
            found.losses.insert((Loss::Output, layer));
            self.note("output", Value::Text("membrane".to_owned()));
        }
        Ok(())
    }

    fn note(&mut self, key: &str, value: Value) {
        self.metadata.insert(key.to_owned(), value);
    }

    /// Notes a constant, one or one for each neuron.
    fn note_constant(&mut self, key: &str, values: &[f64]) {
        let value = match *values {
            [value] => Value::Float(value),
            _ => Value::Numbers(Parameter::F64(ArrayD::from_shape_fn(vec![values.len()], |at| values[at[0]]))),
        };
        self.note(key, value);
    }

    /// The time constants of what is left of something after a step, which is noted.
    fn decaying(&mut self, name: &str, dt: f64) -> Result<Vec<f64>, NirError> {
        let left = self.constant(name)?.ok_or_else(|| self.problem(format!("it has no `{name}`")))?;
        let left: Vec<f64> = left.into_iter().map(|left| left.clamp(0.0, 1.0)).collect();
        if left.contains(&1.0) {
            return Err(self.problem(format!("where `{name}` is 1 there is no time constant")));
        }
        self.note_constant(name, &left);
        Ok(left.iter().map(|left| dt / (1.0 - left)).collect())
    }

    /// The time constants and resistances of circuits, whose constants are noted.
    fn circuit(&mut self, dt: f64) -> Result<(Vec<f64>, Vec<f64>), NirError> {
        let (Some(resistance), Some(capacitance)) = (self.constant("R")?, self.constant("C")?) else {
            return Err(self.problem("a LIF of NIR has the time constant and the resistance of a circuit, and not both `R` and `C` are there"));
        };
        let step = self.constant("time_step")?.unwrap_or_else(|| vec![1.0]);
        // It stands for `R` and `C` where these are not there, and for nothing where they are.
        self.constant("beta")?;
        for (key, values) in [("R", &resistance), ("C", &capacitance), ("time_step", &step)] {
            self.note_constant(key, values);
        }
        // One of a constant is that of every neuron.
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
    /// The reset that snnTorch's neurons note, if they are to be stepped as such.
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
                    "the `reset_mechanism` of its metadata is {text:?}; there are \"subtract\", \"zero\" and \"none\""
                ))),
            },
            _ => Err(self.unsupported("the `reset_mechanism` of its metadata is no text")),
        }
    }

    /// The neurons of snnTorch that a node was, with the reset that it notes.
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
                let threshold = unscaled(v_threshold, gains);
                let (alpha, beta) = (self.decay("alpha", dt, tau_syn)?, self.decay("beta", dt, tau_mem)?);
                Ok(builder.synaptic(self.name, SynapticConfig { alpha, beta, threshold, reset, output }))
            }
            Primitive::Lif { tau, r, v_leak, v_threshold, v_reset } => {
                self.check_at_zero([("v_leak", v_leak), ("v_reset", v_reset)])?;
                if let (Some(resistance), Some(capacitance)) = (self.noted("R")?, self.noted("C")?) {
                    // Steps of another length are another part of the same time constant.
                    let longer = number(&self.node.metadata, "dt").map_or(1.0, |noted| dt / noted);
                    let time_step = self.noted("time_step")?.unwrap_or(Constant::Same(1.0)).map(|step| step * longer);
                    let threshold = constant(v_threshold);
                    let config = LapicqueConfig { resistance, capacitance, time_step, threshold, reset, output };
                    return Ok(builder.lapicque(self.name, config));
                }
                let (beta, threshold) = (self.decay("beta", dt, tau)?, unscaled(v_threshold, gains(dt, tau, r)));
                Ok(builder.leaky(self.name, LeakyConfig { beta, threshold, reset, output }))
            }
            _ => Err(self.unsupported("it is neither LIF nor CubaLIF")),
        }
    }

    fn check_at_zero(&self, parameters: [(&str, &Parameter); 2]) -> Result<(), NirError> {
        for (name, parameter) in parameters {
            if let Some(value) = parameter.values().find(|value| *value != 0.0) {
                return Err(self.unsupported(format!("`{name}` has {value}; with snnTorch's reset it must be zero")));
            }
        }
        Ok(())
    }

    /// What is left after a step: as noted for steps of this length, else what follows from the time constants.
    fn decay(&self, name: &str, dt: f64, tau: &Parameter) -> Result<Constant, NirError> {
        let of_this_length = number(&self.node.metadata, "dt").is_none_or(|noted| noted == dt);
        let noted = if of_this_length { self.noted(name)? } else { None };
        Ok(noted.unwrap_or_else(|| collapsed(tau.values().map(|tau| 1.0 - dt / tau).collect())))
    }

    /// A constant of the metadata.
    fn noted(&self, name: &str) -> Result<Option<Constant>, NirError> {
        match self.node.metadata.get(name) {
            None => Ok(None),
            Some(Value::Float(value)) => Ok(Some(Constant::Same(*value))),
            Some(Value::Integer(value)) => Ok(Some(Constant::Same(*value as f64))),
            Some(Value::Numbers(values)) => Ok(Some(constant(values))),
            Some(_) => Err(self.unsupported(format!("the `{name}` of its metadata is no number"))),
        }
    }
}

/// What inputs are multiplied by in a step.
fn gains(dt: f64, tau: &Parameter, factor: &Parameter) -> impl Iterator<Item = f64> {
    tau.values().zip(factor.values()).map(move |(tau, factor)| factor * dt / tau)
}

/// The threshold of membranes whose inputs are not multiplied by these.
fn unscaled(threshold: &Parameter, gains: impl Iterator<Item = f64>) -> Constant {
    // Of a threshold by a factor that is 1 but for rounding nothing is to be lost.
    let unscaled =
        |(threshold, gain): (f64, f64)| if (gain - 1.0).abs() <= 1e-6 { threshold } else { threshold / gain };
    collapsed(threshold.values().zip(gains).map(unscaled).collect())
}
