//! Networks as graphs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ndarray::ArrayD;

use super::{Convolution, Graph, Metadata, NirError, Node, Padding, Parameter, Pooling, Primitive, Value};
use crate::model::{Dtype, Model};
use crate::names::{did_you_mean, listed};
use crate::network::{Description, LayerEntry, Network, Precision, Time, Weights, load_described};

/// What a graph needs that a network does not say, and what of a network may be lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifting {
    /// The time step in seconds, for layers that are defined in steps: `leaky`, `synaptic`, `lapicque`, `delay`.
    pub dt: Option<f64>,
    /// What may be lost.
    pub lose: Vec<Loss>,
}

/// Something of networks that graphs do not have, or of graphs that networks do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// How snnTorch's neurons reset: one step after the spike, by subtraction, to zero or not at all, where NIR sets them to
    /// `v_reset` at once. It is noted in the metadata, which [`Graph::to_network`] reads and others need not.
    Reset,
    /// That neurons that spike hand on their membranes. It is noted in the metadata likewise.
    Output,
    /// Where time is in the inputs of a network that has no time steps or carries its state from sample to sample.
    Time,
    /// That a convolution has no bias: NIR's have one, which is zero.
    Bias,
    /// The order in which more than two inputs of a layer are added.
    Order,
    /// Layers that do nothing but in training.
    Dropout,
    /// Metadata of a graph that say nothing to a network.
    Metadata,
    /// The digits of parameters in double precision, in a network that computes in single precision.
    Precision,
    /// That tensors are stored in another type than the network computes in, as quantised weights are. Their numbers stay.
    Storage,
}

impl Loss {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Reset,
        Self::Output,
        Self::Time,
        Self::Bias,
        Self::Order,
        Self::Dropout,
        Self::Metadata,
        Self::Precision,
        Self::Storage,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Output => "output",
            Self::Time => "time",
            Self::Bias => "bias",
            Self::Order => "order",
            Self::Dropout => "dropout",
            Self::Metadata => "metadata",
            Self::Precision => "precision",
            Self::Storage => "storage",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Loss {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.iter().copied().map(Self::name);
        let known = Self::ALL.iter().copied().find(|loss| loss.name() == name);
        known.ok_or_else(|| {
            format!("no `{name}` can be lost; there are {}{}", listed(names()), did_you_mean(name, names()))
        })
    }
}

impl Graph {
    /// The graph of a network file.
    ///
    /// Every layer is a node of its path. The time step and the dynamics of neurons, which NIR does not have, go to the metadata of
    /// their nodes, where [`to_network`](Self::to_network) finds them: it gives back a network with the same outputs. The shapes of
    /// the inputs of convolutions are filled in, as the Python package needs them.
    ///
    /// # Errors
    ///
    /// Those of [`Network::load`]; layers that NIR has nothing for; a time step that is missing; and [`NirError::Lossy`] with
    /// everything that would be lost and may not.
    pub fn of_network_file(path: impl AsRef<Path>, lifting: &Lifting) -> Result<Self, NirError> {
        let (network, description, weights) = load_described(path.as_ref())?;
        let shapes: BTreeMap<&str, &[usize]> =
            network.layers().iter().map(crate::model::Layer::path).zip(network.layer_shapes()).collect();
        let lift = Lift { lifting, network: &network, shapes, weights: &weights, precision: description.precision };
        lift.graph(&description)
    }
}

/// A network that becomes a graph.
struct Lift<'a> {
    lifting: &'a Lifting,
    network: &'a Network,
    /// The shape of the outputs of each layer.
    shapes: BTreeMap<&'a str, &'a [usize]>,
    weights: &'a Weights<'static>,
    precision: Precision,
}

/// An error about what would be lost, unless all of it may be.
pub(super) fn refuse(by: &'static str, losses: &BTreeSet<(Loss, String)>, lose: &[Loss]) -> Result<(), NirError> {
    let lost = losses.iter().filter(|(loss, _)| !lose.contains(loss));
    let lost: Vec<String> = lost.map(|(loss, whose)| format!("`{loss}` of {whose}")).collect();
    if lost.is_empty() { Ok(()) } else { Err(NirError::Lossy { by, lost: listed(lost) }) }
}

/// What was found on the way.
#[derive(Default)]
pub(super) struct Found {
    pub(super) losses: BTreeSet<(Loss, String)>,
}

impl Lift<'_> {
    fn graph(&self, description: &Description) -> Result<Graph, NirError> {
        let mut found = Found::default();
        if description.time != Time::Steps {
            found.losses.insert((Loss::Time, "the network".to_owned()));
        }
        let mut taken: BTreeSet<&str> = description.layers.iter().map(|entry| entry.path.as_str()).collect();
        taken.insert("input");
        let mut end = "output".to_owned();
        while taken.contains(end.as_str()) {
            end.push('_');
        }

        let mut graph = Graph::default();
        let mut add =
            |name: &str, primitive, metadata| graph.nodes.insert(name.to_owned(), Node { primitive, metadata });
        add("input", Primitive::Input { shape: self.network.input_shape().to_vec() }, Metadata::new());
        add(&end, Primitive::Output { shape: self.network.output_shape().to_vec() }, Metadata::new());
        let connections = Connections::of(description);
        let mut edges: Vec<(&str, &str)> = vec![];
        for (entry, inputs) in description.layers.iter().zip(&connections.inputs) {
            if connections.left_out.contains_key(entry.path.as_str()) {
                if entry.kind == "dropout" {
                    found.losses.insert((Loss::Dropout, format!("layer `{}`", entry.path)));
                }
                continue;
            }
            let left = inputs.iter().map(|input| connections.left(input, Some(&entry.path)));
            let left = left.collect::<Result<Vec<_>, _>>()?;
            if left.len() > 2 && !left.is_sorted() {
                found.losses.insert((Loss::Order, format!("layer `{}`", entry.path)));
            }
            let shape = match (&entry.input_shape, inputs.first()) {
                (Some(shape), _) => shape.as_slice(),
                (None, Some(&"input")) => self.network.input_shape(),
                (None, Some(input)) => self.shapes.get(input).copied().unwrap_or_default(),
                (None, None) => &[],
            };
            let mut layer =
                Lifted { lift: self, entry, shape, keys: entry.settings.clone(), metadata: Metadata::new() };
            let primitive = layer.primitive(&mut found)?;
            if let Some(key) = layer.keys.keys().next() {
                return Err(layer.problem(format!("NIR has nothing for its key `{key}`")));
            }
            add(&entry.path, primitive, layer.metadata);
            edges.extend(left.into_iter().map(|input| (input, entry.path.as_str())));
        }
        let last = description.layers.last().map_or("input", |entry| entry.path.as_str());
        edges.push((connections.left(description.output.as_deref().unwrap_or(last), None)?, &end));
        graph.edges = edges.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        self.note_storage(&mut found);
        check_feedback(&graph, description)?;
        refuse("NIR", &found.losses, &self.lifting.lose)?;
        graph.check()?;
        Ok(graph)
    }

    /// The tensors whose type a graph does not keep. snnTorch's number of a reset is an integer in either.
    fn note_storage(&self, found: &mut Found) {
        let own = match self.precision {
            Precision::F32 => Dtype::F32,
            Precision::F64 => Dtype::F64,
        };
        let others = self
            .weights
            .dtypes()
            .filter(|(name, dtype)| *dtype != Some(own) && !name.ends_with(".reset_mechanism_val"));
        found.losses.extend(others.map(|(name, _)| (Loss::Storage, format!("tensor `{name}`"))));
    }
}

/// How the layers of a network are connected, with and without those that do nothing.
struct Connections<'a> {
    /// The place of each layer in the file.
    places: BTreeMap<&'a str, usize>,
    /// What each layer takes.
    inputs: Vec<Vec<&'a str>>,
    /// The layers that do nothing, and what each of them takes.
    left_out: BTreeMap<&'a str, &'a str>,
}

impl<'a> Connections<'a> {
    fn of(description: &'a Description) -> Self {
        let (mut inputs, mut left_out, mut last) = (Vec::new(), BTreeMap::new(), "input");
        for entry in &description.layers {
            let own: Vec<&str> = match &entry.inputs {
                Some(inputs) => inputs.iter().map(String::as_str).collect(),
                None => vec![last],
            };
            last = &entry.path;
            if let ("dropout" | "identity", [input]) = (entry.kind.as_str(), own.as_slice()) {
                left_out.insert(last, *input);
            }
            inputs.push(own);
        }
        let places = description.layers.iter().enumerate().map(|(place, entry)| (entry.path.as_str(), place));
        Self { places: places.collect(), inputs, left_out }
    }

    /// Whether a layer takes from another what it gave at the step before: it does not come after it.
    fn is_late(&self, from: &str, to: &str) -> bool {
        matches!((self.places.get(from), self.places.get(to)), (Some(from), Some(to)) if from >= to)
    }

    /// What stands for a layer's input, or for the network's output, when the layers that do nothing are left out: it must come
    /// as many steps late as what it stands for.
    fn left(&self, input: &'a str, layer: Option<&str>) -> Result<&'a str, NirError> {
        let late = |from: &str, to: Option<&str>| usize::from(to.is_some_and(|to| self.is_late(from, to)));
        let (mut from, mut steps) = (input, late(input, layer));
        // Not further than there are layers to leave out: they may lead to each other.
        for _ in 0..self.left_out.len() {
            let Some(before) = self.left_out.get(from) else { break };
            steps += late(before, Some(from));
            from = before;
        }
        let problem = |problem: &str| Err(NirError::Layer { layer: input.to_owned(), problem: problem.to_owned() });
        if self.left_out.contains_key(from) {
            return problem("it does nothing, and it and others that do nothing lead to each other");
        }
        if steps != late(from, layer) {
            return problem(
                "it delays what it is given by a step, as its place in the file says; in NIR only a `delay` does",
            );
        }
        Ok(from)
    }
}

/// That the graph's cycles are closed where the network's are.
fn check_feedback(graph: &Graph, description: &Description) -> Result<(), NirError> {
    let place = |path: &str| description.layers.iter().position(|entry| entry.path == path);
    let back = |from: &str, to: &str| matches!((place(from), place(to)), (Some(from), Some(to)) if from >= to);
    let theirs: BTreeSet<(&str, &str)> = graph.order().feedback.into_iter().collect();
    for (from, to) in &graph.edges {
        if back(from, to) != theirs.contains(&(from.as_str(), to.as_str())) {
            let problem = format!(
                "`{from}` leads to `{to}` on a cycle, and a graph does not say which of its edges is a step late"
            );
            return Err(NirError::Layer { layer: to.clone(), problem });
        }
    }
    Ok(())
}

/// A layer that becomes a node.
pub(super) struct Lifted<'a> {
    lift: &'a Lift<'a>,
    pub(super) entry: &'a LayerEntry,
    /// The shape of its inputs.
    shape: &'a [usize],
    /// The keys that have not been seen to yet.
    pub(super) keys: toml::Table,
    pub(super) metadata: Metadata,
}

impl Lifted<'_> {
    fn primitive(&mut self, found: &mut Found) -> Result<Primitive, NirError> {
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

    pub(super) fn problem(&self, problem: impl Into<String>) -> NirError {
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
    pub(super) fn constant(&mut self, name: &str) -> Result<Option<Vec<f64>>, NirError> {
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
    pub(super) fn of_each(&mut self, name: &str, otherwise: Option<f64>) -> Result<Parameter, NirError> {
        let values = self.constant(name)?.or_else(|| otherwise.map(|value| vec![value]));
        let values = values.ok_or_else(|| self.problem(format!("it has no `{name}`")))?;
        self.spread(values)
    }

    pub(super) fn spread(&self, mut values: Vec<f64>) -> Result<Parameter, NirError> {
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

    pub(super) fn dt(&self) -> Result<f64, NirError> {
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
