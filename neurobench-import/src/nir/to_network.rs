//! Conversion of graphs to networks, which adds a time step and a discretization.

use std::collections::BTreeSet;

use ndarray::ArrayD;

use super::from_network::check_allowed;
use super::{Convolution, Graph, Loss, Metadata, NirError, Node, Padding, Parameter, Pooling, Primitive, Value};
use neurobench_core::names::{listed, shown};
use neurobench_network::format::{integer, integers};
use neurobench_network::{Constant, Dynamics, Extent, IntegratorConfig, Network, NetworkBuilder, Simulator};

/// Discretization of the neurons of a graph, which are defined in continuous time.
///
/// There is no default: fields that are `None` must be in the metadata of the node or of the graph, as `dt` and `dynamics`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stepping {
    /// Dynamics of the neurons, which override the metadata.
    pub dynamics: Option<Dynamics>,
    /// Time step in seconds, which overrides the metadata.
    pub dt: Option<f64>,
}

impl Graph {
    /// Converts the graph to a network with time steps, whose inputs are `[batch, step, ..]`.
    ///
    /// Every node becomes a layer with its name as path, and nested graphs are [flattened](Self::flattened). The inputs of a node
    /// are added in the order of their names. [Feedback](super::Order::feedback) comes from the previous step. Layers are in the
    /// order of [`order`](Self::order).
    ///
    /// `Affine` and `Linear` become weighted sums over the last axis, `Conv1d` and `Conv2d` convolutions, and `SumPool2d`,
    /// `AvgPool2d`, `Flatten`, `Scale` and `Threshold` the layers of the same name. A `Delay` must be a whole number of time steps.
    /// The [dynamics](Dynamics) define the steps of neurons. Parameters keep their shape, whatever their values: the footprint counts
    /// every number of an array in the file, in the precision of the network, and a parameter that a file lacks counts as its
    /// default for each neuron. An array is repeated along its axes of length one, such as `[channels, 1, 1]`. The
    /// network computes in double precision if a weight, a bias or a scale is stored in double precision or, if there are none of
    /// these, any parameter is. Otherwise everything is rounded to single precision, and a
    /// [note](neurobench_core::model::Model::notes) names the nodes whose parameters change by it;
    /// [`check_losses`](Self::check_losses) refuses them unless that is allowed.
    ///
    /// Files with neurons of snnTorch contain the reset in the metadata of a LIF or CubaLIF node: `reset_mechanism` is `subtract`,
    /// `zero` or `none`, and snnTorch resets one step after the spike. With the dynamics of snnTorch, such a node becomes the
    /// original layer. A LIF node becomes `lapicque` if the metadata contain `R` and `C` (and `time_step`, which defaults to 1),
    /// otherwise `leaky`; a CubaLIF node becomes `synaptic`. Decays are `alpha` and `beta` of the metadata, or `1 - dt/tau`. If a
    /// node scales its inputs by `r·dt/tau`, or by that and `w_in·dt/tau_syn`, the threshold is divided by this factor instead.
    /// With `output` = `membrane` in the metadata, the layer outputs its membrane.
    ///
    /// ```
    /// use neurobench::import::nir::{Graph, Stepping};
    /// use neurobench::network::Simulator;
    /// # let file = neurobench::import::nir::Graph {
    /// #     nodes: [("in", neurobench::import::nir::Primitive::Input { shape: vec![1] }), ("out", neurobench::import::nir::Primitive::Output { shape: vec![1] })]
    /// #         .map(|(name, primitive)| (name.to_owned(), neurobench::import::nir::Node { primitive, metadata: Default::default() })).into(),
    /// #     edges: vec![("in".to_owned(), "out".to_owned())],
    /// #     metadata: Default::default(),
    /// # }.to_bytes()?;
    ///
    /// let graph = Graph::from_bytes(file)?;
    /// let stepping = Stepping { dynamics: Some(Simulator::Norse.into()), dt: Some(1e-4) };
    /// let network = graph.to_network(&stepping)?.build()?;
    /// assert!(network.has_time_steps());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if a node has no counterpart in a network or lacks information, or if [`check`](Self::check) rejects the graph. Layers
    /// that do not fit each other are detected when the network is built.
    pub fn to_network(&self, stepping: &Stepping) -> Result<NetworkBuilder, NirError> {
        let graph = self.flattened()?;
        let input = graph.only("input", |primitive| match primitive {
            Primitive::Input { shape } => Some(shape),
            _ => None,
        })?;
        let output = graph.only("output", |primitive| match primitive {
            Primitive::Output { shape } => Some(shape),
            _ => None,
        })?;
        let mut builder = Network::builder(input.1.clone()).time_steps(true).with_output_shape(output.1.clone());
        if graph.is_double() {
            builder = builder.double_precision();
        }
        let predecessors = graph.predecessors();
        for name in graph.order().nodes {
            let before: Vec<&str> =
                predecessors[name].iter().map(|before| if *before == input.0 { "input" } else { before }).collect();
            if name == input.0 {
                continue;
            }
            if before.is_empty() {
                return Err(graph.unsupported(name, "no edge leads to it"));
            }
            if name == output.0 {
                builder = match before.as_slice() {
                    [layer] if *layer != "input" => builder.output(layer),
                    // A sum, or the input itself, needs a separate layer.
                    _ => builder.scale(name, 1.0).with_inputs(&before).output(name),
                };
                continue;
            }
            if name == "input" {
                return Err(graph.unsupported(name, "in a network, the name `input` is reserved for the input"));
            }
            let lowering = Lowering { graph: &graph, name, node: &graph.nodes[name], stepping };
            builder = lowering.layer(builder)?.with_inputs(&before);
        }
        Ok(graph.notes(stepping)?.into_iter().fold(builder, NetworkBuilder::with_note))
    }

    /// Differences between this graph and its network that a reader of results should know.
    fn notes(&self, stepping: &Stepping) -> Result<Vec<String>, NirError> {
        let mut notes = Vec::new();
        let rounded = self.rounded();
        if !rounded.is_empty() {
            let nodes = nodes_listed(&rounded);
            notes.push(format!(
                "parameters of {nodes} are stored in double precision and were rounded to single precision, in which the network \
                 computes because all weights are stored in it"
            ));
        }
        let mut without_reset = Vec::new();
        for (name, node) in &self.nodes {
            let spikes = matches!(node.primitive, Primitive::Lif { .. } | Primitive::CubaLif { .. });
            if spikes && !node.metadata.contains_key("reset_mechanism") {
                let lowering = Lowering { graph: self, name, node, stepping };
                if lowering.dynamics()? == Dynamics::Simulator(Simulator::SnnTorch) {
                    without_reset.push(name.as_str());
                }
            }
        }
        if !without_reset.is_empty() {
            let nodes = nodes_listed(&without_reset);
            let resets = if without_reset.len() == 1 { "resets" } else { "reset" };
            notes.push(format!(
                "with `dynamics = \"snntorch\"`, {nodes} {resets} in the step of the spike, as in snnTorch's importer, because NIR does \
                 not store snnTorch's reset; a network with reset by subtraction spikes differently there: export it to a network \
                 file instead, or set `reset_mechanism` in the metadata of the node"
            ));
        }
        Ok(notes)
    }

    /// Names of the nodes with a parameter that single precision does not represent exactly, if the network computes in it.
    fn rounded(&self) -> Vec<&str> {
        let is_rounded = |parameter: &Parameter| match parameter {
            Parameter::F64(values) => values.iter().any(|value| f64::from(*value as f32) != *value),
            Parameter::F32(_) => false,
        };
        if self.is_double() {
            return Vec::new();
        }
        let nodes = self.nodes.iter().filter(|(_, node)| node.primitive.parameters().into_iter().any(is_rounded));
        nodes.map(|(name, _)| name.as_str()).collect()
    }

    /// Checks that a conversion to a network loses only what is `allowed`: metadata that [`to_network`](Self::to_network) does not
    /// read, and digits of parameters that are rounded to single precision.
    ///
    /// # Errors
    ///
    /// [`NirError::Lossy`] with everything that would be lost but is not `allowed`.
    pub fn check_losses(&self, allowed: &[Loss]) -> Result<(), NirError> {
        const READ: [&str; 10] =
            ["alpha", "beta", "C", "dt", "dynamics", "output", "R", "reset_mechanism", "threshold", "time_step"];
        let graph = self.flattened()?;
        let has_other_metadata = |metadata: &Metadata| metadata.keys().any(|key| !READ.contains(&key.as_str()));
        let rounded = graph.rounded();
        let mut losses = BTreeSet::new();
        if has_other_metadata(&graph.metadata) {
            losses.insert((Loss::Metadata, "the graph".to_owned()));
        }
        for (name, node) in &graph.nodes {
            if has_other_metadata(&node.metadata) {
                losses.insert((Loss::Metadata, format!("node `{name}`")));
            }
            if rounded.contains(&name.as_str()) {
                losses.insert((Loss::Precision, format!("node `{name}`")));
            }
        }
        check_allowed("a network file", &losses, allowed)
    }

    /// Name and shape of the only node of a kind.
    fn only<'a>(
        &'a self,
        what: &'static str,
        shape_of: impl Fn(&'a Primitive) -> Option<&'a Vec<usize>>,
    ) -> Result<(&'a str, &'a Vec<usize>), NirError> {
        let mut found = self.nodes.iter().filter_map(|(name, node)| Some((name.as_str(), shape_of(&node.primitive)?)));
        match (found.next(), found.count()) {
            (Some(found), 0) => Ok(found),
            (first, more) => Err(NirError::Ends { what, found: more + usize::from(first.is_some()) }),
        }
    }

    fn is_double(&self) -> bool {
        let is_double = |parameter: &Parameter| matches!(parameter, Parameter::F64(_));
        let weights = self.nodes.values().flat_map(|node| node.primitive.weights());
        let mut weights = weights.map(is_double).peekable();
        if weights.peek().is_some() {
            return weights.any(|double| double);
        }
        let primitives = self.nodes.values().map(|node| &node.primitive);
        primitives.flat_map(Primitive::parameters).any(is_double)
    }

    fn unsupported(&self, name: &str, problem: impl Into<String>) -> NirError {
        let kind = self.nodes.get(name).map_or("", |node| node.primitive.type_name());
        NirError::Unsupported { node: name.to_owned(), kind, problem: problem.into() }
    }
}

/// A node that is converted to a layer.
pub(super) struct Lowering<'a> {
    graph: &'a Graph,
    pub(super) name: &'a str,
    pub(super) node: &'a Node,
    stepping: &'a Stepping,
}

impl Lowering<'_> {
    fn layer(&self, builder: NetworkBuilder) -> Result<NetworkBuilder, NirError> {
        let name = self.name;
        Ok(match &self.node.primitive {
            Primitive::Affine { weight, bias } => self.linear(builder, weight, Some(bias))?,
            Primitive::Linear { weight } => self.linear(builder, weight, None)?,
            Primitive::Scale { scale } => builder.scale(name, constant(scale)).with_constant_shape(scale.shape()),
            Primitive::Conv1d(convolution) => self.convolution(builder, "conv1d", convolution),
            Primitive::Conv2d(convolution) => self.convolution(builder, "conv2d", convolution),
            Primitive::SumPool2d(pooling) => self.pooling(builder, "sum_pool2d", pooling),
            Primitive::AvgPool2d(pooling) => self.pooling(builder, "avg_pool2d", pooling),
            Primitive::Flatten { start_dim, end_dim, input_type } => {
                let mut settings = toml::Table::new();
                let axes = input_type.as_ref().map_or(0, Vec::len) as i64;
                if *start_dim != 0 && *start_dim != -axes {
                    settings.insert("start_axis".to_owned(), (*start_dim).into());
                }
                if *end_dim != -1 && *end_dim != axes - 1 {
                    settings.insert("end_axis".to_owned(), (*end_dim).into());
                }
                let builder = builder.layer(name, "flatten", settings);
                match input_type {
                    Some(shape) => builder.with_input_shape(shape.as_slice()),
                    None => builder,
                }
            }
            Primitive::Threshold { threshold } => {
                builder.threshold(name, constant(threshold)).with_constant_shape(threshold.shape())
            }
            Primitive::Delay { delay } => builder.delay(name, self.steps(delay)?),
            neuron => match self.snntorch_reset()? {
                Some(reset) if matches!(neuron, Primitive::Lif { .. } | Primitive::CubaLif { .. }) => {
                    self.snntorch(builder, reset)?
                }
                _ => self.neurons(builder, neuron)?,
            },
        })
    }

    pub(super) fn unsupported(&self, problem: impl Into<String>) -> NirError {
        self.graph.unsupported(self.name, problem)
    }

    fn linear(
        &self,
        builder: NetworkBuilder,
        weight: &Parameter,
        bias: Option<&Parameter>,
    ) -> Result<NetworkBuilder, NirError> {
        let [outputs, inputs] = weight.shape() else {
            return Err(
                self.unsupported(format!("its weight must be a single matrix, found shape {:?}", weight.shape()))
            );
        };
        let settings = table([("in_features", integer(*inputs)), ("out_features", integer(*outputs))]);
        let builder = builder.layer(self.name, "linear", settings);
        let builder = builder.tensor(self.name, "weight", weight.shape(), weight.values());
        Ok(match bias {
            Some(bias) => builder.tensor(self.name, "bias", bias.shape(), bias.values()),
            None => builder,
        })
    }

    fn convolution<const AXES: usize>(
        &self,
        builder: NetworkBuilder,
        kind: &str,
        convolution: &Convolution<AXES>,
    ) -> NetworkBuilder {
        let Convolution { input_shape, weight, stride, padding, dilation, groups, bias } = convolution;
        let [outputs, group_channels, taps @ ..] = weight.shape() else {
            unreachable!("the shape of the weight has been checked")
        };
        let padding = match padding {
            Padding::Explicit(zeros) => integers(zeros),
            Padding::Same => "same".into(),
            Padding::Valid => "valid".into(),
        };
        let channels = group_channels.saturating_mul(*groups);
        let settings = [
            ("in_channels", integer(channels)),
            ("out_channels", integer(*outputs)),
            ("kernel_size", integers(taps)),
            ("stride", integers(stride)),
            ("padding", padding),
            ("dilation", integers(dilation)),
            ("groups", integer(*groups)),
        ];
        let builder = builder
            .layer(self.name, kind, table(settings))
            .tensor(self.name, "weight", weight.shape(), weight.values())
            .tensor(self.name, "bias", bias.shape(), bias.values());
        match input_shape {
            Some(axes) => builder.with_input_shape([&[channels], axes.as_slice()].concat()),
            None => builder,
        }
    }

    fn pooling(&self, builder: NetworkBuilder, kind: &str, pooling: &Pooling) -> NetworkBuilder {
        let Pooling { kernel_size, stride, padding } = pooling;
        let settings = [("kernel_size", kernel_size), ("stride", stride), ("padding", padding)];
        builder.layer(self.name, kind, table(settings.map(|(key, axes)| (key, integers(axes)))))
    }

    /// Converts a delay to steps.
    fn steps(&self, delay: &Parameter) -> Result<Extent, NirError> {
        let dt = self.dt()?;
        let steps = |seconds: f64| {
            let steps = seconds / dt;
            let whole = steps.round();
            // Delays in single precision have a relative error of 6e-8, and so may the time step. If the error is close to half a
            // step, the intended number of steps is ambiguous.
            if steps < 0.0 || (steps - whole).abs() > (2e-7 * steps).clamp(1e-6, 0.25) {
                let problem = format!("its delay of {seconds} seconds is not a whole number of steps of {dt} seconds");
                return Err(self.unsupported(problem));
            }
            Ok(whole as usize)
        };
        // A layer needs a number of steps for each input, unless it is the same for all. Axes of length one may be repeated.
        let repeats = delay.shape().contains(&1);
        Ok(match constant(delay) {
            Constant::Same(seconds) => Extent::Same(steps(seconds)?),
            Constant::Each(seconds) if repeats && seconds.iter().all(|other| *other == seconds[0]) => {
                Extent::Same(steps(seconds[0])?)
            }
            Constant::Each(seconds) => Extent::Each(seconds.into_iter().map(steps).collect::<Result<_, _>>()?),
        })
    }

    fn neurons(&self, builder: NetworkBuilder, neuron: &Primitive) -> Result<NetworkBuilder, NirError> {
        let name = self.name;
        let (dt, dynamics) = (self.dt()?, self.dynamics()?);
        let parameters = neuron.neuron().into_iter().map(|(name, parameter)| (name, constant(parameter)));
        let config =
            parameters.fold(IntegratorConfig::new(), |config, (name, value)| config.with_parameter(name, value));
        let shape = neuron.neuron().first().map_or(&[][..], |(_, parameter)| parameter.shape());
        let builder = match neuron {
            Primitive::I { .. } => builder.integrator(name, dt, dynamics, config),
            Primitive::Li { .. } => builder.leaky_integrator(name, dt, dynamics, config),
            Primitive::If { .. } => builder.integrate_and_fire(name, dt, dynamics, config),
            Primitive::Lif { .. } => builder.leaky_integrate_and_fire(name, dt, dynamics, config),
            Primitive::CubaLi { .. } => builder.current_based_leaky_integrator(name, dt, dynamics, config),
            Primitive::CubaLif { .. } => builder.current_based_leaky_integrate_and_fire(name, dt, dynamics, config),
            _ => return Err(self.unsupported("a network has no such layer")),
        };
        Ok(builder.with_constant_shape(shape))
    }

    pub(super) fn dt(&self) -> Result<f64, NirError> {
        let stored = || number(&self.node.metadata, "dt").or_else(|| number(&self.graph.metadata, "dt"));
        match self.stepping.dt.or_else(stored) {
            Some(dt) if dt.is_finite() && dt > 0.0 => Ok(dt),
            Some(dt) => Err(self.unsupported(format!("invalid time step: {dt} s"))),
            None => Err(NirError::NoTimeStep { node: self.name.to_owned(), kind: self.node.primitive.type_name() }),
        }
    }

    pub(super) fn dynamics(&self) -> Result<Dynamics, NirError> {
        if let Some(dynamics) = self.stepping.dynamics {
            return Ok(dynamics);
        }
        let stored = self.node.metadata.get("dynamics").or_else(|| self.graph.metadata.get("dynamics"));
        let wrong = |problem: String| self.unsupported(format!("invalid `dynamics` in its metadata: {problem}"));
        match stored {
            Some(Value::Text(name)) => name.parse().map_err(|error| wrong(format!("{error}"))),
            Some(Value::Map(rule)) => {
                let value = |value: &Value| match value {
                    Value::Text(text) => Some(toml::Value::from(text.as_str())),
                    Value::Boolean(value) => Some(toml::Value::from(*value)),
                    _ => None,
                };
                let table = rule.iter().filter_map(|(key, stored)| Some((key.clone(), value(stored)?)));
                let rule = toml::Value::Table(table.collect()).try_into();
                rule.map_err(|error: toml::de::Error| wrong(error.message().to_owned()))
            }
            Some(_) => Err(wrong("expected a name or a rule".to_owned())),
            None => Err(NirError::NoDynamics { node: self.name.to_owned(), kind: self.node.primitive.type_name() }),
        }
    }
}

/// Reads a number from the metadata.
pub(super) fn number(metadata: &Metadata, key: &str) -> Option<f64> {
    match metadata.get(key)? {
        Value::Float(value) => Some(*value),
        Value::Integer(value) => Some(*value as f64),
        Value::Numbers(parameter) if parameter.values().count() == 1 => parameter.values().next(),
        _ => None,
    }
}

/// "node `a`", "nodes `a` and `b`"
fn nodes_listed(names: &[&str]) -> String {
    let noun = if names.len() == 1 { "node" } else { "nodes" };
    format!("{noun} {}", listed(names.iter().map(|name| format!("`{}`", shown(name)))))
}

fn table<const KEYS: usize>(settings: [(&str, toml::Value); KEYS]) -> toml::Table {
    settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Converts a parameter of neurons to a constant with as many numbers.
pub(super) fn constant(parameter: &Parameter) -> Constant {
    with_shape(parameter.shape(), parameter.values().collect())
}

/// Converts the numbers of an array of this shape to a constant.
pub(super) fn with_shape(shape: &[usize], values: Vec<f64>) -> Constant {
    match values.as_slice() {
        [value] if shape.is_empty() => Constant::Same(*value),
        _ => Constant::Each(values),
    }
}

impl Parameter {
    /// Numbers in memory order.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        let single = |values: &ArrayD<f32>| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
        let values = match self {
            Self::F32(values) => single(values),
            Self::F64(values) => values.iter().copied().collect(),
        };
        values.into_iter()
    }
}
