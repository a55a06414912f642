//! Validation of graphs, after reading and before writing.

use std::collections::BTreeSet;

use super::metadata::{Metadata, Value};
use super::node::Field;
use super::{Convolution, DEPTH_LIMIT, Graph, NirError, Parameter, Pooling, Primitive};
use neurobench_core::names::did_you_mean;

impl Graph {
    /// Checks that the graph is valid in NIR. Every edge connects two existing nodes and is unique, and no edge leads to an input
    /// or comes from an output. Parameters are finite, fit each other, and have no axis of length zero. Names can be written.
    /// Graphs and metadata are nested at most [`DEPTH_LIMIT`] levels deep.
    ///
    /// # Errors
    ///
    /// Describes the first problem and its location.
    pub fn check(&self) -> Result<(), NirError> {
        check_metadata(&self.metadata, "metadata", 1)?;
        check_graph(self, "", 1)
    }
}

/// Joins the path of a graph and the name of a node.
pub(super) fn join_path(graph: &str, name: &str) -> String {
    if graph.is_empty() { name.to_owned() } else { format!("{graph}/{name}") }
}

fn check_graph(graph: &Graph, at: &str, depth: usize) -> Result<(), NirError> {
    for (name, node) in &graph.nodes {
        check_name(name)?;
        let at = join_path(at, name);
        check_metadata(&node.metadata, &format!("{at}/metadata"), 1)?;
        match &node.primitive {
            Primitive::Graph(_) if depth == DEPTH_LIMIT => return Err(NirError::TooDeep { at, limit: DEPTH_LIMIT }),
            Primitive::Graph(inner) if !inner.metadata.is_empty() => return Err(NirError::NestedMetadata { node: at }),
            Primitive::Graph(inner) => check_graph(inner, &at, depth + 1)?,
            primitive => PrimitiveCheck { primitive, node: &at }.check()?,
        }
    }
    check_edges(graph, at)
}

fn check_edges(graph: &Graph, at: &str) -> Result<(), NirError> {
    let mut seen = BTreeSet::new();
    for (from, to) in &graph.edges {
        let edge = || (join_path(at, from), join_path(at, to));
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
            return Err(wrong_way("no edge may start at an output"));
        }
        if let Primitive::Input { .. } = node(to)?.primitive {
            return Err(wrong_way("no edge may lead to an input"));
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
            return Err(NirError::Encode { problem: format!("the text of `{at}/{key}` contains a NUL") });
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), NirError> {
    // HDF5 treats `/` as a path separator and `.` as the group itself, and ends a name at a NUL.
    let problem = match name {
        "" => "is empty",
        "." => "is a dot",
        _ if name.contains('/') => "contains a `/`",
        _ if name.contains('\0') => "contains a NUL",
        _ if name.len() > NAME_LIMIT => "is longer than 60000 bytes",
        _ => return Ok(()),
    };
    Err(NirError::Name { name: name.chars().take(100).collect(), problem })
}

/// Maximum length of a name: HDF5 stores names in messages of at most 64 KiB.
const NAME_LIMIT: usize = 60_000;

/// Check of a node that is not a graph.
struct PrimitiveCheck<'a> {
    primitive: &'a Primitive,
    node: &'a str,
}

impl PrimitiveCheck<'_> {
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
            Some((at, value)) => Err(self.wrong(
                name,
                format!("contains {value} at {:?}; every number must be finite", ndarray::Dimension::slice(&at)),
            )),
        }
    }

    fn storable(&self, name: &'static str, values: &[i128]) -> Result<(), NirError> {
        match values.iter().find(|value| i64::try_from(**value).is_err()) {
            None => Ok(()),
            Some(value) => Err(self.wrong(name, format!("contains {value}, which is too large"))),
        }
    }

    fn positive(&self, name: &'static str, values: &[usize]) -> Result<(), NirError> {
        if values.contains(&0) {
            return Err(self.wrong(name, format!("must not contain a zero: {values:?}")));
        }
        Ok(())
    }

    fn shape(&self, name: &'static str, parameter: &Parameter, expected: &[usize]) -> Result<(), NirError> {
        if parameter.shape() != expected {
            return Err(self.wrong(name, format!("must have shape {expected:?}, found {:?}", parameter.shape())));
        }
        Ok(())
    }

    /// Shape of the outputs of a matrix, or of several matrices.
    fn matrix(&self, weight: &Parameter) -> Result<Vec<usize>, NirError> {
        match weight.shape() {
            [outer @ .., outputs, _] => Ok([outer, &[*outputs]].concat()),
            shape => Err(self.wrong("weight", format!("must be a matrix, found shape {shape:?}"))),
        }
    }

    fn convolution<const AXES: usize>(&self, convolution: &Convolution<AXES>) -> Result<(), NirError> {
        let shape = convolution.weight.shape();
        if shape.len() != AXES + 2 {
            let problem = format!(
                "must have shape [output channels, input channels / groups] and {AXES} axes of taps, found {shape:?}"
            );
            return Err(self.wrong("weight", problem));
        }
        self.shape("bias", &convolution.bias, &shape[..1])?;
        self.positive("stride", &convolution.stride)?;
        self.positive("dilation", &convolution.dilation)?;
        self.positive("groups", &[convolution.groups])?;
        self.positive("input_shape", convolution.input_shape.as_ref().map_or(&[], |shape| shape.as_slice()))?;
        if !shape[0].is_multiple_of(convolution.groups) {
            let problem = format!("is {}, which does not divide the {} output channels", convolution.groups, shape[0]);
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
            axis.ok_or_else(|| self.wrong(name, format!("is {dim}, which is not an axis of {shape:?}")))
        };
        if axis("start_dim", start)? > axis("end_dim", end)? {
            return Err(self.wrong("end_dim", format!("is {end}, which is before `start_dim` = {start}")));
        }
        Ok(())
    }
}
