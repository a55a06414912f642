//! What a graph must be like, whether it comes from a file or goes into one.

use std::collections::BTreeSet;

use super::metadata::{Metadata, Value};
use super::node::Field;
use super::{Convolution, DEPTH_LIMIT, Graph, NirError, Parameter, Pooling, Primitive};
use neurobench_core::names::did_you_mean;

impl Graph {
    /// Whether it is a graph that NIR knows: every edge leads from a node to a node and is there once, none leads to an input or
    /// from an output; parameters are finite, fit each other, and have no axis of length zero; names can be written; graphs and
    /// metadata are no deeper than [`DEPTH_LIMIT`].
    ///
    /// # Errors
    ///
    /// What is wrong, and where.
    pub fn check(&self) -> Result<(), NirError> {
        check_metadata(&self.metadata, "metadata", 1)?;
        check_graph(self, "", 1)
    }
}

/// The name of a node with those of the graphs around it.
pub(super) fn within(graph: &str, name: &str) -> String {
    if graph.is_empty() { name.to_owned() } else { format!("{graph}/{name}") }
}

fn check_graph(graph: &Graph, at: &str, depth: usize) -> Result<(), NirError> {
    for (name, node) in &graph.nodes {
        check_name(name)?;
        let at = within(at, name);
        check_metadata(&node.metadata, &format!("{at}/metadata"), 1)?;
        match &node.primitive {
            Primitive::Graph(_) if depth == DEPTH_LIMIT => return Err(NirError::TooDeep { at, limit: DEPTH_LIMIT }),
            Primitive::Graph(inner) if !inner.metadata.is_empty() => return Err(NirError::NestedMetadata { node: at }),
            Primitive::Graph(inner) => check_graph(inner, &at, depth + 1)?,
            primitive => Checked { primitive, node: &at }.check()?,
        }
    }
    check_edges(graph, at)
}

fn check_edges(graph: &Graph, at: &str) -> Result<(), NirError> {
    let mut seen = BTreeSet::new();
    for (from, to) in &graph.edges {
        let edge = || (within(at, from), within(at, to));
        let node = |name: &str| {
            graph.nodes.get(name).ok_or_else(|| {
                let ((from, to), hint) = (edge(), did_you_mean(name, graph.nodes.keys().map(String::as_str)));
                NirError::DanglingEdge { from, to, missing: name.to_owned(), hint }
            })
        };
        let wrong_way = |problem| {
            let (from, to) = edge();
            NirError::WrongWay { from, to, problem }
        };
        if let Primitive::Output { .. } = node(from)?.primitive {
            return Err(wrong_way("nothing comes from an output"));
        }
        if let Primitive::Input { .. } = node(to)?.primitive {
            return Err(wrong_way("nothing leads to an input"));
        }
        if !seen.insert((from, to)) {
            let (from, to) = edge();
            return Err(NirError::DuplicateEdge { from, to });
        }
    }
    Ok(())
}

fn check_metadata(metadata: &Metadata, at: &str, depth: usize) -> Result<(), NirError> {
    for (key, value) in metadata {
        check_name(key)?;
        if let Value::Map(inner) = value {
            if depth == DEPTH_LIMIT {
                return Err(NirError::TooDeep { at: format!("{at}/{key}"), limit: DEPTH_LIMIT });
            }
            check_metadata(inner, &format!("{at}/{key}"), depth + 1)?;
        }
        let texts = match value {
            Value::Text(text) => std::slice::from_ref(text),
            Value::Texts(texts) => texts.as_slice(),
            _ => &[],
        };
        if texts.iter().any(|text| text.contains('\0')) {
            return Err(NirError::Encode { problem: format!("the text of `{at}/{key}` has a NUL") });
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), NirError> {
    // HDF5 reads `/` as a path and `.` as the group itself, and ends a name at a NUL.
    let problem = match name {
        "" => "is empty",
        "." => "is a dot",
        _ if name.contains('/') => "has a `/`",
        _ if name.contains('\0') => "has a NUL",
        _ if name.len() > NAME_LIMIT => "is longer than 60000 bytes",
        _ => return Ok(()),
    };
    Err(NirError::Name { name: name.chars().take(100).collect(), problem })
}

/// An HDF5 file holds a name in a message of at most 64 KiB.
const NAME_LIMIT: usize = 60_000;

/// A node that is no graph.
struct Checked<'a> {
    primitive: &'a Primitive,
    node: &'a str,
}

impl Checked<'_> {
    fn check(&self) -> Result<(), NirError> {
        for (name, field) in self.primitive.fields() {
            match field {
                Field::Numbers(parameter) => self.numbers(name, parameter)?,
                Field::Integer(value) => self.storable(name, &[value])?,
                Field::Integers(values) => self.storable(name, &values)?,
                Field::Text(_) => {}
            }
        }
        match self.primitive {
            Primitive::Input { shape } | Primitive::Output { shape } => self.positive("shape", shape),
            Primitive::Affine { weight, bias } => {
                let outputs = self.matrix(weight)?;
                self.shape("bias", bias, &outputs)
            }
            Primitive::Linear { weight } => self.matrix(weight).map(|_| ()),
            Primitive::Conv1d(convolution) => self.convolution(convolution),
            Primitive::Conv2d(convolution) => self.convolution(convolution),
            Primitive::SumPool2d(Pooling { kernel_size, stride, .. })
            | Primitive::AvgPool2d(Pooling { kernel_size, stride, .. }) => {
                self.positive("kernel_size", kernel_size)?;
                self.positive("stride", stride)
            }
            Primitive::Flatten { start_dim, end_dim, input_type } => {
                self.flatten(*start_dim, *end_dim, input_type.as_deref())
            }
            neuron => {
                let parameters = neuron.neuron();
                let Some((_, first)) = parameters.first() else { return Ok(()) };
                parameters.iter().try_for_each(|(name, parameter)| self.shape(name, parameter, first.shape()))
            }
        }
    }

    fn wrong(&self, parameter: &'static str, problem: String) -> NirError {
        NirError::Parameter { node: self.node.to_owned(), kind: self.primitive.type_name(), parameter, problem }
    }

    fn numbers(&self, name: &'static str, parameter: &Parameter) -> Result<(), NirError> {
        if parameter.shape().contains(&0) {
            return Err(self.wrong(name, format!("has an axis of length zero: {:?}", parameter.shape())));
        }
        let infinite = match parameter {
            Parameter::F32(values) => {
                values.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(at, value)| (at, f64::from(*value)))
            }
            Parameter::F64(values) => {
                values.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(at, value)| (at, *value))
            }
        };
        match infinite {
            None => Ok(()),
            Some((at, value)) => Err(self.wrong(name, format!("has {value} at {:?}", ndarray::Dimension::slice(&at)))),
        }
    }

    fn storable(&self, name: &'static str, values: &[i128]) -> Result<(), NirError> {
        match values.iter().find(|value| i64::try_from(**value).is_err()) {
            None => Ok(()),
            Some(value) => Err(self.wrong(name, format!("has {value}, which is too large"))),
        }
    }

    fn positive(&self, name: &'static str, values: &[usize]) -> Result<(), NirError> {
        if values.contains(&0) {
            return Err(self.wrong(name, format!("must not have a zero: {values:?}")));
        }
        Ok(())
    }

    fn shape(&self, name: &'static str, parameter: &Parameter, expected: &[usize]) -> Result<(), NirError> {
        if parameter.shape() != expected {
            return Err(self.wrong(name, format!("has the shape {:?}, not {expected:?}", parameter.shape())));
        }
        Ok(())
    }

    /// The shape of what a matrix, or several of them, gives.
    fn matrix(&self, weight: &Parameter) -> Result<Vec<usize>, NirError> {
        match weight.shape() {
            [outer @ .., outputs, _] => Ok([outer, &[*outputs]].concat()),
            shape => Err(self.wrong("weight", format!("has the shape {shape:?}, which is no matrix"))),
        }
    }

    fn convolution<const AXES: usize>(&self, convolution: &Convolution<AXES>) -> Result<(), NirError> {
        let shape = convolution.weight.shape();
        if shape.len() != AXES + 2 {
            let problem =
                format!("has the shape {shape:?}, not [output channels, input channels / groups] and {AXES} taps");
            return Err(self.wrong("weight", problem));
        }
        self.shape("bias", &convolution.bias, &shape[..1])?;
        self.positive("stride", &convolution.stride)?;
        self.positive("dilation", &convolution.dilation)?;
        self.positive("groups", &[convolution.groups])?;
        self.positive("input_shape", convolution.input_shape.as_ref().map_or(&[], |shape| shape.as_slice()))?;
        if !shape[0].is_multiple_of(convolution.groups) {
            let problem = format!("is {}, of which {} output channels are no multiple", convolution.groups, shape[0]);
            return Err(self.wrong("groups", problem));
        }
        Ok(())
    }

    fn flatten(&self, start: i64, end: i64, input: Option<&[usize]>) -> Result<(), NirError> {
        let Some(shape) = input else { return Ok(()) };
        self.positive("input_type", shape)?;
        let axis = |name, dim: i64| {
            let axis = if dim < 0 { dim.saturating_add_unsigned(shape.len() as u64) } else { dim };
            let axis = usize::try_from(axis).ok().filter(|axis| *axis < shape.len());
            axis.ok_or_else(|| self.wrong(name, format!("is {dim}, which is no axis of {shape:?}")))
        };
        if axis("start_dim", start)? > axis("end_dim", end)? {
            return Err(self.wrong("end_dim", format!("is {end}, which is before the first axis to flatten, {start}")));
        }
        Ok(())
    }
}
