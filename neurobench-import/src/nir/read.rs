//! Reading of graphs.

use std::collections::BTreeMap;

use ndarray::ArrayD;

use super::check::join_path;
use super::metadata::{Metadata, Value};
use super::stored::{File, Group, Member, Stored};
use super::{Convolution, DEPTH_LIMIT, Graph, NirError, Node, Padding, Parameter, Pooling, Primitive};
use neurobench_core::names::{did_you_mean, listed};

/// The types of nodes.
const TYPES: [&str; 19] = [
    "Input",
    "Output",
    "Affine",
    "Linear",
    "Scale",
    "Conv1d",
    "Conv2d",
    "SumPool2d",
    "AvgPool2d",
    "Flatten",
    "Threshold",
    "Delay",
    "I",
    "LI",
    "IF",
    "LIF",
    "CubaLI",
    "CubaLIF",
    "NIRGraph",
];

/// Reads the graph of a file.
pub(super) fn graph(bytes: Vec<u8>) -> Result<Graph, NirError> {
    let root = File::open(bytes)?.root()?;
    if let Some(Stored::Texts { texts, .. }) = root.read("version")? {
        let version = texts.concat();
        if !matches!(version.split('.').next(), Some("0" | "1")) {
            return Err(NirError::Version { found: version });
        }
    }
    let node = root.group("node")?.ok_or_else(|| missing(&root, "node"))?;
    match text(&node, "type")?.as_str() {
        "NIRGraph" => {
            let metadata = metadata(&node)?;
            Ok(Graph { metadata, ..inner_graph(&node, "", 1)? })
        }
        other => {
            Err(NirError::Layout { at: node.path, problem: format!("must be a graph, found a single node ({other})") })
        }
    }
}

fn missing(group: &Group, name: &str) -> NirError {
    NirError::Layout { at: group.member_path(name), problem: "is missing".to_owned() }
}

fn text(group: &Group, name: &str) -> Result<String, NirError> {
    match group.read(name)?.ok_or_else(|| missing(group, name))? {
        Stored::Texts { mut texts, shape } if shape.is_empty() && texts.len() == 1 => Ok(texts.swap_remove(0)),
        _ => Err(NirError::Layout { at: group.member_path(name), problem: "must be a single text".to_owned() }),
    }
}

/// Reads the nodes and edges of a graph; `at` is the path of its node.
fn inner_graph(group: &Group, at: &str, depth: usize) -> Result<Graph, NirError> {
    if depth > DEPTH_LIMIT {
        return Err(NirError::TooDeep { at: at.to_owned(), limit: DEPTH_LIMIT });
    }
    if let Some(name) =
        group.members.keys().find(|name| !["edges", "metadata", "nodes", "type"].contains(&name.as_str()))
    {
        return Err(NirError::Layout { at: group.member_path(name), problem: "is not part of a graph".to_owned() });
    }
    let all = group.group("nodes")?.ok_or_else(|| missing(group, "nodes"))?;
    let mut nodes = BTreeMap::new();
    for name in all.members.keys() {
        // It exists, since `members` contains it.
        let node = all.group(name)?.ok_or_else(|| missing(&all, name))?;
        nodes.insert(name.clone(), read_node(&node, join_path(at, name), depth)?);
    }
    Ok(Graph { nodes, edges: edges(group)?, metadata: Metadata::new() })
}

fn edges(group: &Group) -> Result<Vec<(String, String)>, NirError> {
    let wrong =
        || NirError::Layout { at: group.member_path("edges"), problem: "must be a list of pairs of names".to_owned() };
    match group.read("edges")?.ok_or_else(|| missing(group, "edges"))? {
        Stored::Texts { texts, shape } if shape.len() == 2 && shape[1] == 2 => {
            let mut texts = texts.into_iter();
            let mut edges = Vec::with_capacity(shape[0]);
            while let (Some(from), Some(to)) = (texts.next(), texts.next()) {
                edges.push((from, to));
            }
            Ok(edges)
        }
        // An empty list may have any type.
        Stored::Texts { texts, .. } if texts.is_empty() => Ok(vec![]),
        Stored::F64(values) if values.is_empty() => Ok(vec![]),
        _ => Err(wrong()),
    }
}

fn read_node(group: &Group, node: String, depth: usize) -> Result<Node, NirError> {
    let found = text(group, "type")?;
    let Some(kind) = TYPES.iter().copied().find(|kind| *kind == found) else {
        let hint = did_you_mean(&found, TYPES);
        return Err(NirError::UnknownType { node, found, hint, known: listed(TYPES) });
    };
    let metadata = metadata(group)?;
    if kind == "NIRGraph" {
        let primitive = Primitive::Graph(inner_graph(group, &node, depth + 1)?);
        return Ok(Node { primitive, metadata });
    }
    let mut parameters = Parameters { group, node, kind, requested: vec![] };
    let primitive = parameters.primitive()?;
    parameters.check_all_read()?;
    Ok(Node { primitive, metadata })
}

/// The parameters of a node, which are read one by one.
struct Parameters<'a> {
    group: &'a Group,
    node: String,
    kind: &'static str,
    requested: Vec<&'static str>,
}

impl Parameters<'_> {
    fn primitive(&mut self) -> Result<Primitive, NirError> {
        Ok(match self.kind {
            "Input" => Primitive::Input { shape: self.shape("shape")? },
            "Output" => Primitive::Output { shape: self.shape("shape")? },
            "Affine" => Primitive::Affine { weight: self.numbers("weight")?, bias: self.numbers("bias")? },
            "Linear" => Primitive::Linear { weight: self.numbers("weight")? },
            "Scale" => Primitive::Scale { scale: self.numbers("scale")? },
            "Conv1d" => Primitive::Conv1d(self.convolution()?),
            "Conv2d" => Primitive::Conv2d(self.convolution()?),
            "SumPool2d" => Primitive::SumPool2d(self.pooling()?),
            "AvgPool2d" => Primitive::AvgPool2d(self.pooling()?),
            "Flatten" => Primitive::Flatten {
                start_dim: self.integer("start_dim")?,
                end_dim: self.integer("end_dim")?,
                input_type: self.has("input_type").then(|| self.shape("input_type")).transpose()?,
            },
            "Threshold" => Primitive::Threshold { threshold: self.numbers("threshold")? },
            "Delay" => Primitive::Delay { delay: self.numbers("delay")? },
            "I" => Primitive::I { r: self.numbers("r")? },
            "LI" => {
                let (tau, r, v_leak) = (self.numbers("tau")?, self.numbers("r")?, self.numbers("v_leak")?);
                Primitive::Li { tau, r, v_leak }
            }
            "IF" => {
                let (r, v_threshold) = (self.numbers("r")?, self.numbers("v_threshold")?);
                Primitive::If { v_reset: self.reset(&v_threshold)?, r, v_threshold }
            }
            "LIF" => {
                let (tau, r, v_leak) = (self.numbers("tau")?, self.numbers("r")?, self.numbers("v_leak")?);
                let v_threshold = self.numbers("v_threshold")?;
                Primitive::Lif { v_reset: self.reset(&v_threshold)?, tau, r, v_leak, v_threshold }
            }
            cuba => {
                let (tau_syn, tau_mem) = (self.numbers("tau_syn")?, self.numbers("tau_mem")?);
                let (r, v_leak) = (self.numbers("r")?, self.numbers("v_leak")?);
                let w_in = if self.has("w_in") {
                    self.numbers("w_in")?.spread(v_leak.shape())
                } else {
                    Parameter::filled_like(&v_leak, 1.0)
                };
                if cuba == "CubaLI" {
                    return Ok(Primitive::CubaLi { tau_syn, tau_mem, r, v_leak, w_in });
                }
                let v_threshold = self.numbers("v_threshold")?;
                Primitive::CubaLif {
                    v_reset: self.reset(&v_threshold)?,
                    tau_syn,
                    tau_mem,
                    r,
                    v_leak,
                    v_threshold,
                    w_in,
                }
            }
        })
    }

    fn convolution<const AXES: usize>(&mut self) -> Result<Convolution<AXES>, NirError> {
        Ok(Convolution {
            input_shape: self.has("input_shape").then(|| self.axes("input_shape")).transpose()?,
            weight: self.numbers("weight")?,
            stride: self.axes("stride")?,
            padding: self.padding()?,
            dilation: self.axes("dilation")?,
            groups: match self.axes("groups")? {
                [groups] => groups,
            },
            bias: self.numbers("bias")?,
        })
    }

    fn padding<const AXES: usize>(&mut self) -> Result<Padding<AXES>, NirError> {
        match self.stored("padding")? {
            Stored::Texts { texts, .. } => match texts.concat().as_str() {
                "same" => Ok(Padding::Same),
                "valid" => Ok(Padding::Valid),
                other => Err(self.wrong("padding", format!("must be `same`, `valid` or numbers, found `{other}`"))),
            },
            stored => self.lengths_of_axes("padding", stored).map(Padding::Explicit),
        }
    }

    fn pooling(&mut self) -> Result<Pooling, NirError> {
        let (kernel_size, stride) = (self.axes("kernel_size")?, self.axes("stride")?);
        Ok(Pooling { kernel_size, stride, padding: self.axes("padding")? })
    }

    /// Reads `v_reset`, which old files do not contain.
    fn reset(&mut self, v_threshold: &Parameter) -> Result<Parameter, NirError> {
        if self.has("v_reset") { self.numbers("v_reset") } else { Ok(Parameter::filled_like(v_threshold, 0.0)) }
    }

    fn wrong(&self, parameter: &'static str, problem: impl Into<String>) -> NirError {
        NirError::Parameter { node: self.node.clone(), kind: self.kind, parameter, problem: problem.into() }
    }

    fn has(&mut self, name: &'static str) -> bool {
        self.requested.push(name);
        self.group.members.contains_key(name)
    }

    fn stored(&mut self, name: &'static str) -> Result<Stored, NirError> {
        self.requested.push(name);
        let stored = self.group.read(name)?;
        let missing = || NirError::MissingParameter { node: self.node.clone(), kind: self.kind, parameter: name };
        stored.ok_or_else(missing)
    }

    fn numbers(&mut self, name: &'static str) -> Result<Parameter, NirError> {
        match self.stored(name)? {
            Stored::F32(values) => Ok(values.into()),
            Stored::F64(values) => Ok(values.into()),
            Stored::Integers(values) => {
                let inexact = values.iter().find(|value| value.unsigned_abs() > 1 << f64::MANTISSA_DIGITS);
                match inexact {
                    Some(value) => Err(self
                        .wrong(name, format!("contains {value}, which double precision does not represent exactly"))),
                    None => Ok(values.mapv(|value| value as f64).into()),
                }
            }
            _ => Err(self.wrong(name, "must be numbers")),
        }
    }

    fn integers(&self, name: &'static str, stored: Stored) -> Result<ArrayD<i64>, NirError> {
        match stored {
            Stored::Integers(values) => Ok(values),
            // numpy stores an empty list as floating-point numbers.
            Stored::F64(values) if values.is_empty() && values.ndim() == 1 => Ok(values.mapv(|_| 0)),
            _ => Err(self.wrong(name, "must be integers")),
        }
    }

    fn integer(&mut self, name: &'static str) -> Result<i64, NirError> {
        let stored = self.stored(name)?;
        let values = self.integers(name, stored)?;
        match (values.len(), values.first()) {
            (1, Some(value)) => Ok(*value),
            _ => Err(self.wrong(name, "must be a single integer")),
        }
    }

    fn shape(&mut self, name: &'static str) -> Result<Vec<usize>, NirError> {
        let stored = self.stored(name)?;
        let values = self.integers(name, stored)?;
        if values.ndim() != 1 {
            return Err(self.wrong(name, "must be a list of lengths"));
        }
        let lengths: Result<_, _> = values.iter().map(|value| usize::try_from(*value)).collect();
        lengths.map_err(|_| self.wrong(name, "contains a negative length"))
    }

    /// Reads a number for each axis; a single number applies to all.
    fn axes<const AXES: usize>(&mut self, name: &'static str) -> Result<[usize; AXES], NirError> {
        let stored = self.stored(name)?;
        self.lengths_of_axes(name, stored)
    }

    fn lengths_of_axes<const AXES: usize>(
        &self,
        name: &'static str,
        stored: Stored,
    ) -> Result<[usize; AXES], NirError> {
        let values = self.integers(name, stored)?;
        let mut axes = [0; AXES];
        if values.ndim() > 1 || (values.ndim() == 1 && values.len() != AXES) {
            return Err(
                self.wrong(name, format!("must be one number or {AXES} numbers, found shape {:?}", values.shape()))
            );
        }
        for (axis, value) in axes.iter_mut().zip(values.iter().cycle()) {
            *axis = usize::try_from(*value)
                .map_err(|_| self.wrong(name, format!("contains {value}, which is negative")))?;
        }
        Ok(axes)
    }

    /// Checks that everything in the group has been read.
    fn check_all_read(&self) -> Result<(), NirError> {
        let known = |name: &str| ["metadata", "type"].contains(&name) || self.requested.contains(&name);
        match self.group.members.keys().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err(NirError::UnknownParameter {
                node: self.node.clone(),
                kind: self.kind,
                parameter: name.clone(),
                hint: did_you_mean(name, self.requested.iter().copied()),
            }),
        }
    }
}

/// Reads the metadata of a node.
fn metadata(group: &Group) -> Result<Metadata, NirError> {
    group.group("metadata")?.map_or_else(|| Ok(Metadata::new()), |group| values(&group, 1))
}

fn values(group: &Group, depth: usize) -> Result<Metadata, NirError> {
    if depth > DEPTH_LIMIT {
        return Err(NirError::TooDeep { at: group.path.clone(), limit: DEPTH_LIMIT });
    }
    let mut metadata = Metadata::new();
    for (name, member) in &group.members {
        let value = match member {
            Member::Group(_) => {
                let inner = group.group(name)?.ok_or_else(|| missing(group, name))?;
                Value::Map(values(&inner, depth + 1)?)
            }
            Member::Dataset(_) => {
                let stored = group.read(name)?.ok_or_else(|| missing(group, name))?;
                let unsupported = || NirError::Layout {
                    at: group.member_path(name),
                    problem: "is an array of a type that metadata do not support".to_owned(),
                };
                value(stored).ok_or_else(unsupported)?
            }
        };
        metadata.insert(name.clone(), value);
    }
    Ok(metadata)
}

fn value(stored: Stored) -> Option<Value> {
    Some(match stored {
        Stored::Texts { mut texts, shape } => match shape.len() {
            0 => Value::Text(texts.pop()?),
            1 => Value::Texts(texts),
            _ => return None,
        },
        Stored::F32(values) if values.ndim() == 0 => Value::Float(f64::from(*values.first()?)),
        Stored::F32(values) => Value::Numbers(values.into()),
        Stored::F64(values) if values.ndim() == 0 => Value::Float(*values.first()?),
        Stored::F64(values) => Value::Numbers(values.into()),
        Stored::Integers(values) if values.ndim() == 0 => Value::Integer(*values.first()?),
        Stored::Integers(values) => Value::Integers(values),
        Stored::Booleans(values) if values.ndim() == 0 => Value::Boolean(*values.first()?),
        Stored::Booleans(_) => return None,
    })
}
