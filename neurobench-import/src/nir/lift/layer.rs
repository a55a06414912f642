//! A layer of a network as a node of a graph.

use ndarray::ArrayD;

use crate::nir::lift::{Found, Lift};
use crate::nir::{Convolution, Loss, Metadata, NirError, Padding, Parameter, Pooling, Primitive, Value};
use neurobench_network::format::{LayerEntry, Precision};

/// A layer that becomes a node.
pub(in crate::nir) struct Lifted<'a> {
    pub(super) lift: &'a Lift<'a>,
    pub(in crate::nir) entry: &'a LayerEntry,
    /// The shape of its inputs.
    pub(super) shape: &'a [usize],
    /// The keys that have not been seen to yet.
    pub(in crate::nir) keys: toml::Table,
    pub(in crate::nir) metadata: Metadata,
}

impl Lifted<'_> {
    pub(super) fn primitive(&mut self, found: &mut Found) -> Result<Primitive, NirError> {
        Ok(match self.entry.kind.as_str() {
            "linear" => self.linear()?,
            "conv1d" => Primitive::Conv1d(self.convolution(found)?),
            "conv2d" => Primitive::Conv2d(self.convolution(found)?),
            "sum_pool2d" => Primitive::SumPool2d(self.pooling()?),
            "avg_pool2d" => Primitive::AvgPool2d(self.pooling()?),
            "flatten" => Primitive::Flatten {
                start_dim: self.integer("start_axis")?.unwrap_or(0),
                end_dim: self.integer("end_axis")?.unwrap_or(-1),
                input_type: Some(self.shape.to_vec()),
            },
            "scale" => Primitive::Scale { scale: self.of_each("scale", None)? },
            "threshold" => Primitive::Threshold { threshold: self.of_each("threshold", None)? },
            "delay" => self.delay()?,
            "leaky" | "synaptic" | "lapicque" => self.snntorch(found)?,
            "alpha" => {
                return Err(self.problem("NIR has no neurons with an excitatory and an inhibitory current"));
            }
            "integrator" => {
                self.note_steps()?;
                Primitive::I { r: self.of_each("r", None)? }
            }
            "leaky_integrator" => {
                self.note_steps()?;
                let (tau, r) = (self.of_each("tau", None)?, self.of_each("r", None)?);
                Primitive::Li { tau, r, v_leak: self.of_each("v_leak", Some(0.0))? }
            }
            "integrate_and_fire" => {
                self.note_steps()?;
                let (r, v_threshold) = (self.of_each("r", None)?, self.of_each("v_threshold", None)?);
                Primitive::If { r, v_threshold, v_reset: self.of_each("v_reset", Some(0.0))? }
            }
            "leaky_integrate_and_fire" => {
                self.note_steps()?;
                Primitive::Lif {
                    tau: self.of_each("tau", None)?,
                    r: self.of_each("r", None)?,
                    v_leak: self.of_each("v_leak", Some(0.0))?,
                    v_threshold: self.of_each("v_threshold", None)?,
                    v_reset: self.of_each("v_reset", Some(0.0))?,
                }
            }
            "current_based_leaky_integrator" => {
                self.note_steps()?;
                Primitive::CubaLi {
                    tau_syn: self.of_each("tau_syn", None)?,
                    tau_mem: self.of_each("tau_mem", None)?,
                    r: self.of_each("r", None)?,
                    v_leak: self.of_each("v_leak", Some(0.0))?,
                    w_in: self.of_each("w_in", Some(1.0))?,
                }
            }
            "current_based_leaky_integrate_and_fire" => {
                self.note_steps()?;
                Primitive::CubaLif {
                    tau_syn: self.of_each("tau_syn", None)?,
                    tau_mem: self.of_each("tau_mem", None)?,
                    r: self.of_each("r", None)?,
                    v_leak: self.of_each("v_leak", Some(0.0))?,
                    v_threshold: self.of_each("v_threshold", None)?,
                    v_reset: self.of_each("v_reset", Some(0.0))?,
                    w_in: self.of_each("w_in", Some(1.0))?,
                }
            }
            kind => return Err(self.problem(format!("NIR has nothing for layers of kind `{kind}`"))),
        })
    }

    pub(in crate::nir) fn problem(&self, problem: impl Into<String>) -> NirError {
        NirError::Layer { layer: self.entry.path.clone(), problem: problem.into() }
    }

    /// A stored tensor with its shape.
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
        let (shape, values) = self.stored(name).ok_or_else(|| self.problem(format!("it stores no `{name}`")))?;
        self.parameter(shape, values)
    }

    /// The numbers of a constant, stored or a key, one or one for each input.
    pub(in crate::nir) fn constant(&mut self, name: &str) -> Result<Option<Vec<f64>>, NirError> {
        let key = self.keys.remove(name);
        if let Some((_, values)) = self.stored(name) {
            return Ok(Some(values));
        }
        let number = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|value| value as f64));
        let numbers = key.map(|key| match &key {
            toml::Value::Array(list) => list.iter().map(number).collect(),
            value => number(value).map(|value| vec![value]),
        });
        numbers.map(|numbers| numbers.ok_or_else(|| self.problem(format!("`{name}` holds no numbers")))).transpose()
    }

    /// A constant in the shape of the inputs.
    pub(in crate::nir) fn of_each(&mut self, name: &str, otherwise: Option<f64>) -> Result<Parameter, NirError> {
        let values = self.constant(name)?.or_else(|| otherwise.map(|value| vec![value]));
        let values = values.ok_or_else(|| self.problem(format!("it has no `{name}`")))?;
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
            Some(_) => Err(self.problem(format!("`{key}` is no whole number"))),
        }
    }

    /// Lengths along so many axes, the same for all or one for each.
    fn lengths<const AXES: usize>(&mut self, key: &str, otherwise: [usize; AXES]) -> Result<[usize; AXES], NirError> {
        let Some(value) = self.keys.remove(key) else { return Ok(otherwise) };
        let length = |value: &toml::Value| value.as_integer().and_then(|value| usize::try_from(value).ok());
        let lengths = match &value {
            toml::Value::Array(list) => list.iter().map(length).collect::<Option<Vec<_>>>(),
            value => length(value).map(|length| vec![length; AXES]),
        };
        let lengths = lengths.and_then(|lengths| lengths.try_into().ok());
        lengths.ok_or_else(|| self.problem(format!("`{key}` is no list of {AXES} lengths")))
    }

    fn linear(&mut self) -> Result<Primitive, NirError> {
        self.keys.remove("in_features");
        self.keys.remove("out_features");
        if self.shape.len() != 1 {
            return Err(self.problem(format!("its inputs have the shape {:?}; NIR's have one axis", self.shape)));
        }
        let weight = self.required("weight")?;
        Ok(match self.stored("bias") {
            Some((shape, bias)) => Primitive::Affine { weight, bias: self.parameter(shape, bias)? },
            None => Primitive::Linear { weight },
        })
    }

    fn convolution<const AXES: usize>(&mut self, found: &mut Found) -> Result<Convolution<AXES>, NirError> {
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
                found.losses.insert((Loss::Bias, format!("layer `{}`", self.entry.path)));
                self.parameter(vec![outputs], vec![0.0; outputs])?
            }
        };
        let input_shape = self.shape.get(1..).and_then(|axes| axes.try_into().ok());
        let [groups] = self.lengths("groups", [1])?;
        let (stride, dilation) = (self.lengths("stride", [1; AXES])?, self.lengths("dilation", [1; AXES])?);
        Ok(Convolution { input_shape, weight, stride, padding, dilation, groups, bias })
    }

    /// Drops keys that say what holds in NIR in any case, and refuses other values of them.
    fn only(&mut self, keys: &[(&str, bool)]) -> Result<(), NirError> {
        for (key, held) in keys {
            if let Some(value) = self.keys.remove(*key)
                && value.as_bool() != Some(*held)
            {
                return Err(self.problem(format!("NIR has nothing for `{key}` = {value}")));
            }
        }
        Ok(())
    }

    fn pooling(&mut self) -> Result<Pooling, NirError> {
        self.only(&[("ceil_mode", false), ("count_include_pad", true)])?;
        let kernel_size = self.lengths("kernel_size", [1; 2])?;
        let stride = self.lengths("stride", kernel_size)?;
        Ok(Pooling { kernel_size, stride, padding: self.lengths("padding", [0; 2])? })
    }

    fn delay(&mut self) -> Result<Primitive, NirError> {
        let dt = self.dt()?;
        let steps = self.constant("steps")?.ok_or_else(|| self.problem("it has no `steps`"))?;
        self.metadata.insert("dt".to_owned(), Value::Float(dt));
        Ok(Primitive::Delay { delay: self.spread(steps.into_iter().map(|steps| steps * dt).collect())? })
    }

    pub(in crate::nir) fn dt(&self) -> Result<f64, NirError> {
        match self.lift.lifting.dt {
            Some(dt) if dt.is_finite() && dt > 0.0 => Ok(dt),
            Some(dt) => Err(self.problem(format!("a time step of {dt} seconds cannot be"))),
            None => Err(NirError::NoLayerTimeStep { layer: self.entry.path.clone() }),
        }
    }

    /// Moves the time step and the dynamics to the metadata.
    fn note_steps(&mut self) -> Result<(), NirError> {
        let dt = self.keys.remove("dt");
        let dt = dt.and_then(|dt| dt.as_float().or_else(|| dt.as_integer().map(|dt| dt as f64)));
        let dt = dt.ok_or_else(|| self.problem("its `dt` is no number"))?;
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
        let dynamics = dynamics.ok_or_else(|| self.problem("its `dynamics` is neither a name nor a rule"))?;
        self.metadata.extend([("dt".to_owned(), Value::Float(dt)), ("dynamics".to_owned(), dynamics)]);
        Ok(())
    }
}
