//! Conversion of a layer to a node.

use ndarray::ArrayD;

use crate::nir::from_network::{Findings, Lift};
use crate::nir::{Convolution, Loss, Metadata, NirError, Padding, Parameter, Pooling, Primitive, Value};
use neurobench_network::format::{LayerEntry, Precision};

/// A layer that is converted to a node.
pub(in crate::nir) struct LayerLift<'a> {
    pub(super) lift: &'a Lift<'a>,
    pub(in crate::nir) entry: &'a LayerEntry,
    /// Shape of its inputs.
    pub(super) shape: &'a [usize],
    /// Keys that have not been converted yet.
    pub(in crate::nir) keys: toml::Table,
    pub(in crate::nir) metadata: Metadata,
}

impl LayerLift<'_> {
    pub(super) fn primitive(&mut self, findings: &mut Findings) -> Result<Primitive, NirError> {
        Ok(match self.entry.kind.as_str() {
            "linear" => self.linear()?,
            "conv1d" => Primitive::Conv1d(self.convolution(findings)?),
            "conv2d" => Primitive::Conv2d(self.convolution(findings)?),
            "sum_pool2d" => Primitive::SumPool2d(self.pooling()?),
            "avg_pool2d" => Primitive::AvgPool2d(self.pooling()?),
            "flatten" => Primitive::Flatten {
                start_dim: self.integer("start_axis")?.unwrap_or(0),
                end_dim: self.integer("end_axis")?.unwrap_or(-1),
                input_type: Some(self.shape.to_vec()),
            },
            "scale" => Primitive::Scale { scale: self.per_input("scale", None)? },
            "threshold" => Primitive::Threshold { threshold: self.per_input("threshold", None)? },
            "delay" => self.delay()?,
            "leaky" | "synaptic" | "lapicque" => self.snntorch(findings)?,
            "alpha" => {
                return Err(self.problem("NIR does not support neurons with an excitatory and an inhibitory current"));
            }
            "integrator" => {
                self.note_steps()?;
                Primitive::I { r: self.per_input("r", None)? }
            }
            "leaky_integrator" => {
                self.note_steps()?;
                let (tau, r) = (self.per_input("tau", None)?, self.per_input("r", None)?);
                Primitive::Li { tau, r, v_leak: self.per_input("v_leak", Some(0.0))? }
            }
            "integrate_and_fire" => {
                self.note_steps()?;
                let (r, v_threshold) = (self.per_input("r", None)?, self.per_input("v_threshold", None)?);
                Primitive::If { r, v_threshold, v_reset: self.per_input("v_reset", Some(0.0))? }
            }
            "leaky_integrate_and_fire" => {
                self.note_steps()?;
                Primitive::Lif {
                    tau: self.per_input("tau", None)?,
                    r: self.per_input("r", None)?,
                    v_leak: self.per_input("v_leak", Some(0.0))?,
                    v_threshold: self.per_input("v_threshold", None)?,
                    v_reset: self.per_input("v_reset", Some(0.0))?,
                }
            }
            "current_based_leaky_integrator" => {
                self.note_steps()?;
                Primitive::CubaLi {
                    tau_syn: self.per_input("tau_syn", None)?,
                    tau_mem: self.per_input("tau_mem", None)?,
                    r: self.per_input("r", None)?,
                    v_leak: self.per_input("v_leak", Some(0.0))?,
                    w_in: self.per_input("w_in", Some(1.0))?,
                }
            }
            "current_based_leaky_integrate_and_fire" => {
                self.note_steps()?;
                Primitive::CubaLif {
                    tau_syn: self.per_input("tau_syn", None)?,
                    tau_mem: self.per_input("tau_mem", None)?,
                    r: self.per_input("r", None)?,
                    v_leak: self.per_input("v_leak", Some(0.0))?,
                    v_threshold: self.per_input("v_threshold", None)?,
                    v_reset: self.per_input("v_reset", Some(0.0))?,
                    w_in: self.per_input("w_in", Some(1.0))?,
                }
            }
            kind => return Err(self.problem(format!("NIR does not support layers of kind `{kind}`"))),
        })
    }

    pub(in crate::nir) fn problem(&self, problem: impl Into<String>) -> NirError {
        NirError::Layer { layer: self.entry.path.clone(), problem: problem.into() }
    }

    /// Reads a stored tensor with its shape.
    fn stored(&self, name: &str) -> Option<(Vec<usize>, Vec<f64>)> {
        let (shape, values) = self.lift.weights.read(&format!("{}.{name}", self.entry.path))?;
        Some((shape.to_vec(), values))
    }

    fn parameter(&self, shape: Vec<usize>, values: Vec<f64>) -> Result<Parameter, NirError> {
        let array = ArrayD::from_shape_vec(shape, values).map_err(|error| self.problem(error.to_string()))?;
        Ok(match self.lift.precision {
            Precision::F32 => array.mapv(|value| value as f32).into(),
            Precision::F64 => array.into(),
        })
    }

    fn required(&self, name: &str) -> Result<Parameter, NirError> {
        let (shape, values) = self.stored(name).ok_or_else(|| self.problem(format!("missing tensor `{name}`")))?;
        self.parameter(shape, values)
    }

    /// Reads the numbers of a constant from a tensor or a key: a single number, or one for each input.
    pub(in crate::nir) fn constant(&mut self, name: &str) -> Result<Option<Vec<f64>>, NirError> {
        let key = self.keys.remove(name);
        if let Some((shape, values)) = self.stored(name) {
            return Ok(Some(self.repeated(&shape, values)));
        }
        let number = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|value| value as f64));
        let numbers = key.map(|key| match &key {
            toml::Value::Array(list) => list.iter().map(number).collect(),
            value => number(value).map(|value| vec![value]),
        });
        numbers.map(|numbers| numbers.ok_or_else(|| self.problem(format!("`{name}` must be numbers")))).transpose()
    }

    /// Repeats an array along its axes of length one to the shape of the inputs. A single number stays one.
    fn repeated(&self, shape: &[usize], values: Vec<f64>) -> Vec<f64> {
        if values.len() == 1 {
            return values;
        }
        match ArrayD::from_shape_vec(shape, values.clone()) {
            Ok(array) => array.broadcast(self.shape).map_or(values, |array| array.iter().copied().collect()),
            Err(_) => values,
        }
    }

    /// Reads a constant and expands it to the shape of the inputs.
    pub(in crate::nir) fn per_input(&mut self, name: &str, default: Option<f64>) -> Result<Parameter, NirError> {
        let values = self.constant(name)?.or_else(|| default.map(|value| vec![value]));
        let values = values.ok_or_else(|| self.problem(format!("missing `{name}`")))?;
        self.spread(values)
    }

    pub(in crate::nir) fn spread(&self, mut values: Vec<f64>) -> Result<Parameter, NirError> {
        if let [value] = *values {
            values = vec![value; self.shape.iter().product()];
        }
        self.parameter(self.shape.to_vec(), values)
    }

    fn integer(&mut self, key: &str) -> Result<Option<i64>, NirError> {
        match self.keys.remove(key) {
            None => Ok(None),
            Some(toml::Value::Integer(value)) => Ok(Some(value)),
            Some(_) => Err(self.problem(format!("`{key}` must be a whole number"))),
        }
    }

    /// Reads lengths along `AXES` axes: the same for all, or one for each.
    fn lengths<const AXES: usize>(&mut self, key: &str, default: [usize; AXES]) -> Result<[usize; AXES], NirError> {
        let Some(value) = self.keys.remove(key) else { return Ok(default) };
        let length = |value: &toml::Value| value.as_integer().and_then(|value| usize::try_from(value).ok());
        let lengths = match &value {
            toml::Value::Array(list) => list.iter().map(length).collect::<Option<Vec<_>>>(),
            value => length(value).map(|length| vec![length; AXES]),
        };
        let lengths = lengths.and_then(|lengths| lengths.try_into().ok());
        lengths.ok_or_else(|| self.problem(format!("`{key}` must be a list of {AXES} lengths")))
    }

    fn linear(&mut self) -> Result<Primitive, NirError> {
        self.keys.remove("in_features");
        self.keys.remove("out_features");
        if self.shape.len() != 1 {
            return Err(self.problem(format!("NIR needs inputs with one axis, found shape {:?}", self.shape)));
        }
        let weight = self.required("weight")?;
        Ok(match self.stored("bias") {
            Some((shape, bias)) => Primitive::Affine { weight, bias: self.parameter(shape, bias)? },
            None => Primitive::Linear { weight },
        })
    }

    fn convolution<const AXES: usize>(&mut self, findings: &mut Findings) -> Result<Convolution<AXES>, NirError> {
        for key in ["in_channels", "out_channels", "kernel_size"] {
            self.keys.remove(key);
        }
        let weight = self.required("weight")?;
        let outputs = weight.shape()[0];
        let padding = match self.keys.get("padding").and_then(toml::Value::as_str).map(str::to_owned) {
            Some(name) => {
                self.keys.remove("padding");
                if name == "same" { Padding::Same } else { Padding::Valid }
            }
            None => Padding::Explicit(self.lengths("padding", [0; AXES])?),
        };
        let bias = match self.stored("bias") {
            Some((shape, bias)) => self.parameter(shape, bias)?,
            None => {
                findings.losses.insert((Loss::Bias, format!("layer `{}`", self.entry.path)));
                self.parameter(vec![outputs], vec![0.0; outputs])?
            }
        };
        let input_shape = self.shape.get(1..).and_then(|axes| axes.try_into().ok());
        let [groups] = self.lengths("groups", [1])?;
        let (stride, dilation) = (self.lengths("stride", [1; AXES])?, self.lengths("dilation", [1; AXES])?);
        Ok(Convolution { input_shape, weight, stride, padding, dilation, groups, bias })
    }

    /// Removes keys that have a fixed value in NIR, and rejects other values.
    fn remove_fixed(&mut self, keys: &[(&str, bool)]) -> Result<(), NirError> {
        for (key, fixed) in keys {
            if let Some(value) = self.keys.remove(*key)
                && value.as_bool() != Some(*fixed)
            {
                return Err(self.problem(format!("NIR does not support `{key}` = {value}")));
            }
        }
        Ok(())
    }

    fn pooling(&mut self) -> Result<Pooling, NirError> {
        self.remove_fixed(&[("ceil_mode", false), ("count_include_pad", true)])?;
        let kernel_size = self.lengths("kernel_size", [1; 2])?;
        let stride = self.lengths("stride", kernel_size)?;
        Ok(Pooling { kernel_size, stride, padding: self.lengths("padding", [0; 2])? })
    }

    fn delay(&mut self) -> Result<Primitive, NirError> {
        let dt = self.dt()?;
        let steps = self.constant("steps")?.ok_or_else(|| self.problem("missing `steps`"))?;
        self.metadata.insert("dt".to_owned(), Value::Float(dt));
        Ok(Primitive::Delay { delay: self.spread(steps.into_iter().map(|steps| steps * dt).collect())? })
    }

    pub(in crate::nir) fn dt(&self) -> Result<f64, NirError> {
        match self.lift.lifting.dt {
            Some(dt) if dt.is_finite() && dt > 0.0 => Ok(dt),
            Some(dt) => Err(self.problem(format!("invalid time step: {dt} s"))),
            None => Err(NirError::NoLayerTimeStep { layer: self.entry.path.clone() }),
        }
    }

    /// Moves the time step and the dynamics from the keys to the metadata.
    fn note_steps(&mut self) -> Result<(), NirError> {
        let dt = self.keys.remove("dt");
        let dt = dt.and_then(|dt| dt.as_float().or_else(|| dt.as_integer().map(|dt| dt as f64)));
        let dt = dt.ok_or_else(|| self.problem("`dt` must be a number"))?;
        let value = |value: &toml::Value| match value {
            toml::Value::Boolean(value) => Some(Value::Boolean(*value)),
            value => value.as_str().map(|text| Value::Text(text.to_owned())),
        };
        let dynamics = match self.keys.remove("dynamics") {
            Some(toml::Value::Table(rule)) => {
                Some(Value::Map(rule.iter().filter_map(|(key, part)| Some((key.clone(), value(part)?))).collect()))
            }
            Some(name) => value(&name),
            None => None,
        };
        let dynamics = dynamics.ok_or_else(|| self.problem("`dynamics` must be a name or a rule"))?;
        self.metadata.extend([("dt".to_owned(), Value::Float(dt)), ("dynamics".to_owned(), dynamics)]);
        Ok(())
    }
}
